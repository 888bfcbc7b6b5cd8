from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from effects.design_answers import Asked
from effects.estimators.survey.waves import Frame, Waves, frame_of, paired, shared_scale, waves_of
from effects.linear_model import Obstacle
from effects.plan import AnalysisPlan
from effects.planning.settings import settle
from effects.rows.roles import read_roles
from effects.rows.samples import KEPT, draw, why_dropped
from effects.sources import open_source
from tests.effects.estimators.survey.schools import plan, schools


def asked(frame: pd.DataFrame, stated: AnalysisPlan) -> Asked:
    roles = read_roles(open_source(frame), stated)
    outcome = roles.outcomes[0]
    sample = draw(roles, outcome, why_dropped(roles, outcome) == KEPT)
    return Asked(outcome=outcome, roles=roles, plan=stated, settings=settle(stated)[0], sample=sample)


def framed(frame: pd.DataFrame, stated: AnalysisPlan) -> tuple[Frame, Waves]:
    question = asked(frame, stated)
    found = frame_of(question)
    waves = waves_of(question, found)
    assert isinstance(waves, Waves), waves
    return found, waves


def test_the_same_clusters_in_both_waves_are_drawn_once() -> None:
    frame, waves = framed(schools(), plan(fpc="districts"))
    assert waves.sampling.df == 9
    assert waves.sampling.drawn is not None
    assert waves.sampling.drawn.tolist() == [10.0]
    assert waves.sampling.population is not None
    assert waves.sampling.population.tolist() == [40.0]
    assert frame.answered.all()


def test_waves_without_a_common_cluster_are_drawn_apart() -> None:
    rows = schools()
    rows["district"] += 100 * rows["wave"]
    _, waves = framed(rows, plan())
    assert waves.sampling.df == 18
    assert len(np.unique(waves.sampling.strata)) == 2


def test_strata_are_strata_in_both_waves() -> None:
    _, waves = framed(schools(), plan({"strata": "layer"}))
    assert waves.sampling.df == 8


def test_without_clusters_each_row_is_drawn_by_itself() -> None:
    stated = plan()
    rows = schools()
    alone = AnalysisPlan.from_mapping(
        {**plan_mapping(stated), "data": {"weight": "w"}},
    )
    _, waves = framed(rows, alone)
    assert waves.sampling.df == len(rows) - 2


def plan_mapping(stated: AnalysisPlan) -> dict[str, object]:
    return {
        "schema": "virkning-plan/1",
        "title": stated.title,
        "design": "survey_before_after",
        "estimand": "att",
        "outcome": [
            {"column": "y", "role": "primary", "domain": "citizen", "better": "higher", "minimal_important": 1}
        ],
        "survey": {"wave": "wave"},
    }


def test_without_weights_the_population_gives_them() -> None:
    frame, _ = framed(
        schools(),
        AnalysisPlan.from_mapping(
            {**plan_mapping(plan()), "data": {"cluster": "district"}, "survey": {"wave": "wave", "fpc": "districts"}}
        ),
    )
    assert set(frame.weights.tolist()) == {4.0}


def test_people_who_did_not_answer_stay_in_the_frame() -> None:
    rows = schools()
    rows.loc[:2, "y"] = np.nan
    frame, waves = framed(rows, plan(fpc="districts"))
    assert int((~frame.answered).sum()) == 3
    sampling = waves.sampling
    assert sampling.silent is not None
    assert sampling.incomplete is not None
    assert not sampling.silent.any()
    assert int(sampling.incomplete.sum()) == 3


def test_a_cluster_that_says_nothing_silences_its_stratum() -> None:
    rows = schools()
    rows.loc[(rows["district"] == 0) & (rows["wave"] == 1), "y"] = np.nan
    _, waves = framed(rows, plan({"strata": "layer"}, fpc="districts"))
    assert waves.sampling.silent is not None
    assert waves.sampling.silent.tolist() == [True, False]


def test_more_clusters_than_the_population_holds_are_refused() -> None:
    question = asked(schools().assign(districts=9), plan(fpc="districts"))
    found = waves_of(question, frame_of(question))
    assert isinstance(found, Obstacle)
    assert found.reason == "sampling"


@pytest.mark.parametrize("wave", [0, 1])
def test_a_wave_in_which_nobody_answered_is_named(wave: int) -> None:
    rows = schools()
    question = asked(rows.assign(y=rows["y"].where(rows["wave"] != wave)), plan())
    found = waves_of(question, frame_of(question))
    assert isinstance(found, Obstacle)
    assert str(found.detail) == f"nobody answered in wave {wave}"


def test_pairs_are_numbered_in_order() -> None:
    assert paired(np.array([0, 0, 2, 2, 0]), np.array([1, 0, 5, 5, 1])).tolist() == [1, 0, 2, 2, 1]


def test_the_same_number_in_two_strata_is_two_clusters() -> None:
    rows = schools().assign(district=lambda own: own["district"] // 2)
    _, waves = framed(rows, plan({"strata": "layer"}))
    assert waves.sampling.df == 8


def test_a_stratum_that_one_wave_lacks_is_drawn_in_the_other() -> None:
    rows = schools()
    rows = rows[(rows["wave"] == 0) | (rows["layer"] == 0)]
    _, waves = framed(rows, plan({"strata": "layer"}, fpc="districts"))
    assert waves.sampling.drawn is not None
    assert sorted(waves.sampling.drawn.tolist()) == [5.0, 5.0]


def test_waves_that_share_some_clusters_are_one_sample_of_all_of_them() -> None:
    """A rotating panel: what counts as drawn is the smaller wave."""
    rows = schools()
    rows = rows[((rows["wave"] == 0) & (rows["district"] < 7)) | ((rows["wave"] == 1) & (rows["district"] >= 4))]
    _, waves = framed(rows, plan(fpc="districts"))
    assert waves.sampling.df == 9
    assert waves.sampling.drawn is not None
    assert waves.sampling.drawn.tolist() == [6.0]


def test_strata_are_shared_or_apart_each_by_itself() -> None:
    rows = schools()
    moved = (rows["layer"] == 1) & (rows["wave"] == 1)
    rows["district"] = rows["district"].where(~moved, rows["district"] + 100)
    _, waves = framed(rows, plan({"strata": "layer"}))
    assert len(np.unique(waves.sampling.strata)) == 3
    assert waves.sampling.df == 5 + 5 + 5 - 3


def test_the_scale_of_the_weights_matters_to_numeric_totals_alone() -> None:
    counted = plan(calibration="greg", margins={"kind": {"E": 1.0, "H": 1.0, "M": 1.0}, "last": {"total": 9.0}})
    numeric = plan(calibration="greg", margins={"last": {"total": 9.0}})
    assert shared_scale(asked(schools(), counted))
    assert shared_scale(asked(schools(), plan()))
    assert not shared_scale(asked(schools(), numeric))
    frame, _ = framed(schools(), numeric)
    assert frame.weights.max() == schools()["w"].max()


def test_the_parts_are_about_the_rows_that_are_asked_for() -> None:
    question = asked(schools(), plan())
    some = question.sample.part(np.arange(question.sample.size) % 3 == 0)
    part = replace(question, sample=some)
    waves = waves_of(part, frame_of(part))
    assert isinstance(waves, Waves)
    assert len(waves.values) == 120
    assert int(waves.before.about.sum() + waves.after.about.sum()) == 40
