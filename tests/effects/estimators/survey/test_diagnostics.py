import numpy as np
import pandas as pd
import pytest

from effects import analyse
from effects.plan import AnalysisPlan
from effects.results import Diagnostic
from tests.effects.designs import outcome, plan_for
from tests.effects.estimators.survey.schools import plan, schools

KINDS = {"kind": {"E": 300.0, "H": 220.0, "M": 200.0}}


def check(frame: pd.DataFrame, stated: AnalysisPlan, name: str) -> Diagnostic:
    (found,) = [one for one in analyse(frame, stated).diagnostics if one.name == name and one.outcome == "y"]
    return found


def silenced(rows: pd.Series) -> pd.DataFrame:
    frame = schools()
    return frame.assign(y=frame["y"].mask(rows))


def test_the_response_rate_is_that_of_the_poorer_wave() -> None:
    frame = schools()
    found = check(silenced((frame["wave"] == 1) & (frame.index % 2 == 0)), plan(), "response_rate")
    assert found.statistic == 0.5
    assert found.verdict == "warn"
    assert str(found.detail) == "100.0% before and 50.0% after"


def test_everybody_answered_and_nothing_is_wrong() -> None:
    for name in ("response_rate", "nonresponse_bound"):
        found = check(schools(), plan(), name)
        assert found.verdict == "pass", name
    assert check(schools(), plan(), "nonresponse_bound").statistic == 0.0


def test_the_group_that_answers_least_is_named() -> None:
    frame = schools()
    stated = plan(calibration="poststratification", margins=KINDS)
    found = check(silenced((frame["kind"] == "H") & (frame.index % 3 != 0)), stated, "response_by_group")
    assert found.verdict == "warn"
    assert found.statistic is not None
    assert found.statistic > 0.5
    assert "where kind = H" in str(found.detail)


def test_strata_and_subgroups_are_groups() -> None:
    frame = schools()
    stated = plan_for(
        "survey_before_after",
        data={"strata": "layer"},
        outcome=[outcome("y")],
        survey={"wave": "wave"},
        subgroup=[{"column": "area"}],
    )
    assert "where layer = 1" in str(check(silenced(frame["layer"] == 1), stated, "response_by_group").detail)
    land = (frame["area"] == "land") & (frame.index % 2 == 0)
    assert "where area = land" in str(check(silenced(land), stated, "response_by_group").detail)


def test_without_groups_there_is_nothing_to_compare() -> None:
    assert check(schools(), plan(), "response_by_group").verdict == "inapplicable"


def test_answers_in_part_are_counted_over_all_outcomes() -> None:
    frame = schools().assign(z=lambda own: own["y"].where(own.index % 10 != 0))
    stated = plan_for("survey_before_after", outcome=[outcome("y"), outcome("z")], survey={"wave": "wave"})
    found = check(frame, stated, "partial_responses")
    assert (found.statistic, found.verdict) == (0.1, "warn")
    assert str(found.detail) == "12 of 120 answered in part"


def test_simple_random_samples_have_no_design_effect() -> None:
    found = check(schools(), plan_for("survey_before_after"), "design_effect")
    assert found.statistic == pytest.approx(1.0)
    assert "1.00" in str(found.detail)


def test_clusters_that_differ_cost_precision_where_the_waves_do_not_share_them() -> None:
    frame = schools()
    apart = frame.assign(district=frame["district"] + 100 * frame["wave"])
    apart["y"] += 10 * np.sin(apart["district"])
    found = check(apart, plan(), "design_effect")
    assert found.statistic is not None
    assert found.statistic > 2.0
    assert found.verdict == "warn"


def test_unequal_weights_cost_what_kish_says() -> None:
    found = check(schools(), plan(), "design_effect")
    weights = schools().loc[:59, "w"]
    expected = len(weights) * np.sum(weights**2) / np.sum(weights) ** 2
    assert f"{expected:.2f}" in str(found.detail)


def test_the_silent_are_bounded_by_the_range_of_the_answers() -> None:
    """By hand: answers 0 and 1, half silent after; the mean of 1 may be anything from 0.5 to 1."""
    frame = pd.DataFrame({"wave": [0] * 4 + [1] * 4, "y": [0.0, 0.0, 0.0, 1.0, 1.0, 1.0, np.nan, np.nan]})
    found = check(frame, plan_for("survey_before_after"), "nonresponse_bound")
    assert found.statistic == pytest.approx(0.5)
    assert str(found.detail) == "the change lies from 0.25 to 0.75"
    assert found.verdict == "pass"


def test_a_small_change_among_many_silent_is_warned_about() -> None:
    found = check(silenced(schools().index.to_series() % 2 == 0), plan(), "nonresponse_bound")
    assert found.verdict == "warn"


def test_weights_that_greg_makes_negative_are_warned_about() -> None:
    far = {"last": {"total": 720 * 89.0}, "kind": KINDS["kind"]}
    stated = plan(calibration="greg", margins=far)
    found = check(schools(), stated, "calibrated_weights")
    assert found.verdict == "warn"
    assert found.statistic is not None
    assert found.statistic < 0.0
    entry = analyse(schools(), stated).to_dict()["estimates"]
    assert "Some calibrated weights are negative." in str(entry)


def test_weights_that_hardly_change_pass() -> None:
    stated = plan(calibration="poststratification", margins=KINDS)
    assert check(schools(), stated, "calibrated_weights").verdict == "pass"
    assert "calibrated_weights" not in {one.name for one in analyse(schools(), plan()).diagnostics}
