from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from effects.compression.compress import compress
from effects.compression.relation import open_relation
from effects.errors import DataError
from effects.federation.making import make
from effects.federation.twins import twins
from effects.moments import Moments
from effects.plan import AnalysisPlan
from effects.planning.settings import settle
from tests.effects.compression.panels import parquet
from tests.effects.designs import outcome
from tests.effects.federation.pilot import csv, pilot, plan
from tests.effects.federation.test_products import TRIAL, trial

BY_CLUSTER: dict[str, object] = {"working_model": "fixed_effects", "fixed_effects": ["cluster", "period"]}
DID: dict[str, object] = {"unit": "person", "period": "wave", "cluster": "school", "treated": "treated"}
START: dict[str, object] = {"unit": "person", "period": "wave", "cluster": "school", "first_treated": "first"}


def of(
    one: str, other: str, design: str = "cluster_randomised", error: str = "cr1", **sections: object
) -> AnalysisPlan:
    """A plan of two outcomes."""
    sections = {"data": TRIAL, **sections} if design == "cluster_randomised" else sections
    return plan(error, (), design, outcome=[outcome(one), {**outcome(other), "role": "secondary"}], **sections)


def told(frame: pd.DataFrame, folder: Path, stated: AnalysisPlan) -> str:
    """What is said of the first cluster that must not leave; nothing where all may."""
    try:
        make(stated, [csv(frame, folder)])
    except DataError as error:
        return error.findings[0].text()
    return ""


def changed(frame: pd.DataFrame, *places: int, by: float = 1.5) -> pd.DataFrame:
    """The rows with another outcome that is the score but in some of them."""
    return frame.assign(other=frame["score"] + by * np.isin(np.arange(len(frame)), places))


def panel(people: int = 60, waves: int = 3) -> pd.DataFrame:
    """Four schools of pupils over waves, two of them treated from the second wave on."""
    frame = trial(people).loc[lambda rows: rows.index.repeat(waves)].reset_index(drop=True)
    random = np.random.Generator(np.random.PCG64(5))
    frame["wave"], frame["score"] = np.arange(len(frame)) % waves, random.normal(size=len(frame)).round(2)
    frame["first"] = frame["treated"]
    return frame.assign(treated=frame["treated"] * (frame["wave"] > 0))


WORKED_OUT = "People of cluster {} whose score and other together could be worked out: {}, fewer than 5."


def test_the_one_whose_outcome_was_corrected_is_found(tmp_path: Path) -> None:
    assert told(changed(trial(), 5), tmp_path, of("score", "other")).startswith(WORKED_OUT.format("A", 1))
    assert told(changed(trial(), 45, 46, 47, 48), tmp_path, of("score", "other")).startswith(WORKED_OUT.format("B", 4))
    assert told(changed(trial(), 1, 2, 3, 4, 5), tmp_path, of("score", "other")) == ""
    assert told(changed(trial()), tmp_path, of("score", "other")) == "", "the same twice tells nothing more"


def test_what_was_capped_for_one_person_is_found(tmp_path: Path) -> None:
    frame = trial().assign(cost=lambda rows: rows["income"])
    frame.loc[50, "cost"] = 1_140_000
    frame["cost_capped"] = frame["cost"].clip(upper=1_000_000)
    assert "of cluster B whose cost and cost_capped together" in told(frame, tmp_path, of("cost", "cost_capped"))


@pytest.mark.parametrize("turn", [lambda score: -score, lambda score: 100.0 - score, lambda score: score + 7.1])
def test_an_outcome_turned_round_or_moved_is_the_same(turn: object, tmp_path: Path) -> None:
    assert callable(turn)
    frame = changed(trial(), 5).assign(other=lambda rows: turn(rows["other"]))
    assert told(frame, tmp_path, of("score", "other")).startswith(WORKED_OUT.format("A", 1))


def test_each_cluster_may_have_a_constant_of_its_own(tmp_path: Path) -> None:
    frame = changed(trial(), 85)
    frame["other"] += frame["school"].map({"A": 0.0, "B": 1.3, "C": 2.0, "D": 7.0})
    assert told(frame, tmp_path, of("score", "other")).startswith(WORKED_OUT.format("C", 1))


def test_the_one_who_lacks_a_copy_is_found(tmp_path: Path) -> None:
    frame = changed(trial()).assign(other=lambda rows: rows["other"].where(rows.index != 5))
    assert told(frame, tmp_path, of("score", "other")).startswith(WORKED_OUT.format("A", 1))


def test_outcomes_of_their_own_are_not_met(tmp_path: Path) -> None:
    assert told(trial(), tmp_path, of("score", "happy")) == ""
    likert = trial().assign(one=lambda rows: rows["age"] % 5, other=lambda rows: (rows["age"] // 5) % 5)
    assert told(likert, tmp_path, of("one", "other")) == ""


def test_cases_of_two_kinds_are_counts(tmp_path: Path) -> None:
    frame = trial().assign(score=lambda rows: rows["age"] % 2)
    assert told(changed(frame, *np.flatnonzero(frame["score"] == 0)[:2], by=1), tmp_path, of("score", "other")) == ""
    odd = frame.assign(score=lambda rows: rows["score"] * 3)
    assert told(changed(odd, 5, by=3), tmp_path, of("score", "other")).startswith(WORKED_OUT.format("A", 1))


def test_a_covariate_is_met_with_a_corrected_one_of_another_outcome(tmp_path: Path) -> None:
    frame = trial().assign(other=lambda rows: rows["age"].where(rows.index != 5, 17))
    outcomes = [
        outcome("score", covariates=["age"]),
        {**outcome("happy"), "role": "secondary", "covariates": ["other"]},
    ]
    stated = plan("cr1", (), "cluster_randomised", outcome=outcomes, data=TRIAL)
    assert "People of cluster A whose age and other together could be worked out: 1" in told(frame, tmp_path, stated)


def test_a_merge_adds_people(tmp_path: Path) -> None:
    frame, stated = changed(trial(), 1, 2, 3, 41, 42, 43), of("score", "other")
    assert "Add --merge A=B." in told(frame, tmp_path, stated)
    assert make(stated, [csv(frame, tmp_path)], merged={"A": "B"}).merged == (("A", "B"),)


def test_people_are_counted_in_each_period_and_each_arm(tmp_path: Path) -> None:
    (frame,) = pilot(1, 40, lost=0.0)
    stated = of("score", "other", "stepped_wedge", model=BY_CLUSTER)
    early, late = [4 * person + 1 for person in range(6)], [4 * person + 3 for person in range(10, 16)]
    assert told(changed(frame, *early, *late), tmp_path, stated) == ""
    assert told(changed(frame, *early, late[0]), tmp_path, stated).startswith(WORKED_OUT.format("0101", 1))
    some = trial().assign(treated=lambda rows: rows["person"] % 2)
    by_school = of("score", "other", "individual_randomised", data=TRIAL)
    assert told(changed(some, 1, 3, 5, 7, 9, 11), tmp_path, by_school) == ""
    assert told(changed(some, 1, 3, 5, 7, 9, 12), tmp_path, by_school).startswith(WORKED_OUT.format("A", 1))


def test_the_four_cells_of_two_groups_in_two_periods_are_looked_at(tmp_path: Path) -> None:
    frame = panel(waves=2)
    frame["treated"] = (frame["person"] % 2) * frame["wave"]
    stated = of("score", "other", "two_period_did", "cr1", data=DID, estimand="att")
    before = [4 * place for place in range(6)]
    assert told(changed(frame, *before), tmp_path, stated) == ""
    assert told(changed(frame, *before, 2), tmp_path, stated).startswith(WORKED_OUT.format("A", 1))


def test_less_their_mean_only_what_changes_within_a_person_tells(tmp_path: Path) -> None:
    frame, stated = pilot(1, 40, lost=0.1)[0], of("score", "other", "stepped_wedge")
    rows = np.flatnonzero(frame["person"] == "0-4")
    assert told(changed(frame, rows[0]), tmp_path, stated).startswith(WORKED_OUT.format("0101", 1))
    assert told(changed(frame, *rows), tmp_path, stated) == "", "moved throughout is moved by a constant"
    five = np.flatnonzero(frame["person"].isin([f"0-{person}" for person in range(9)]) & (frame["term"] == 1))
    assert told(changed(frame, *five), tmp_path, stated) == ""


def test_changes_of_one_person_between_two_periods_are_found(tmp_path: Path) -> None:
    frame, stated = panel(), of("score", "other", "staggered_adoption", "influence_small", data=START, estimand="att")
    assert told(changed(frame, 4), tmp_path, stated).startswith(WORKED_OUT.format("A", 1))
    assert told(changed(frame, 3, 4, 5), tmp_path, stated) == ""
    first, last = [3 * person for person in range(6)], [3 * person + 2 for person in range(6, 9)]
    assert told(changed(frame, *first), tmp_path, stated) == ""
    assert told(changed(frame, *first, *last), tmp_path, stated).startswith(WORKED_OUT.format("A", 3))


def sparse(*places: int) -> pd.DataFrame:
    days = np.where(np.isin(np.arange(160), places), np.arange(160) + 3, 0)
    return trial().assign(days=days, ever=(days > 0).astype(int))


def fewest(frame: pd.DataFrame, folder: Path, stated: AnalysisPlan) -> dict[str, float]:
    """The fewest people told apart in each cluster where there are any."""
    path = parquet(frame, folder / "rows.parquet")
    found = compress([path], stated, settle(stated)[0])
    assert isinstance(found, Moments), str(found)
    with open_relation([path]) as relation:
        told = twins(relation, stated, found)
    least = {cluster: shared.least() for cluster, own in told.items() for shared in own.values()}
    return {cluster: one[0] for cluster, one in least.items() if one is not None}


@pytest.mark.parametrize("names", [("days", "ever"), ("ever", "days")])
def test_days_of_the_few_who_had_any_are_found(names: tuple[str, str], tmp_path: Path) -> None:
    assert fewest(sparse(5, 47, 48), tmp_path, of(*names)) == {"A": 1.0, "B": 2.0}
    never = sparse(5).assign(ever=lambda rows: 3 * (1 - rows["ever"]))
    assert fewest(never, tmp_path, of(*names)) == {"A": 1.0}
    assert told(sparse(5, 6), tmp_path, of(*names)) != ""
    assert told(sparse(1, 2, 3, 4, 5), tmp_path, of(*names)) == ""


def test_days_that_others_have_too_hide_the_one_who_had_any(tmp_path: Path) -> None:
    frame = sparse(5).assign(days=lambda rows: rows["days"].where(rows["person"] % 5 != 0, 2))
    assert told(frame, tmp_path, of("days", "ever")) == ""


@pytest.mark.parametrize("effects", ["cluster", "unit"])
def test_rare_things_that_have_nothing_to_do_with_each_other_are_not_met(effects: str, tmp_path: Path) -> None:
    (frame,) = pilot(1, 60, lost=0.1)
    random = np.random.Generator(np.random.PCG64(8))
    falls, days, seldom = (random.uniform(size=len(frame)) < share for share in (0.03, 0.03, 0.05))
    counts = {"falls": falls * random.integers(1, 4, len(frame)), "days": days * random.integers(1, 30, len(frame))}
    frame = frame.assign(**counts, seldom=seldom.astype(int))
    model = {"working_model": "fixed_effects", "fixed_effects": [effects, "period"]}
    for one, other in (("falls", "days"), ("days", "seldom"), ("falls", "seldom"), ("score", "seldom")):
        assert fewest(frame, tmp_path, of(one, other, "stepped_wedge", model=model)) == {}


def test_days_of_one_period_are_found(tmp_path: Path) -> None:
    (frame,) = pilot(1, 40, lost=0.0)
    place = np.arange(len(frame))
    days = np.where((place % 4 == 1) & (place < 40) | (place == 3), place + 2, 0)
    frame = frame.assign(days=days, ever=(days > 0).astype(int))
    for model in (BY_CLUSTER, {"working_model": "fixed_effects", "fixed_effects": ["unit", "period"]}):
        stated = of("days", "ever", "stepped_wedge", model=model)
        assert "People of cluster 0101 whose days and ever together" in told(frame, tmp_path, stated)


def test_people_behind_rows_count_where_the_plan_states_them(tmp_path: Path) -> None:
    stated = of("score", "other", data={**TRIAL, "persons": "people"})
    assert told(changed(trial(), 5).assign(people=6), tmp_path, stated) == ""
    assert told(changed(trial(), 5).assign(people=4), tmp_path, stated).startswith(WORKED_OUT.format("A", 4))


def test_an_outcome_that_a_cluster_lacks_tells_nothing_there(tmp_path: Path) -> None:
    frame = changed(trial(), 45)
    frame["score"] = frame["score"].where(frame["school"] != "A")
    assert told(frame, tmp_path, of("score", "other")).startswith(WORKED_OUT.format("B", 1))
