from pathlib import Path

import pandas as pd
import pytest

from effects.compression.relation import open_relation
from effects.federation.merging import Path as Treatment
from effects.federation.merging import alike, helping, joined, others_alike, paths_of, wrong_merges
from effects.federation.people import Members
from effects.plan import AnalysisPlan
from effects.planning.settings import settle
from tests.effects.compression.panels import parquet
from tests.effects.federation.pilot import ROLES, pilot, plan
from tests.effects.federation.test_judging import members, panel

EARLY: Treatment = {"0": frozenset({0.0}), "1": frozenset({1.0})}
LATE: Treatment = {"0": frozenset({0.0}), "1": frozenset({0.0})}


def behind(**people: float) -> dict[str, dict[str, Members]]:
    return {cluster: {"score": members(panel(number))} for cluster, number in people.items()}


def paths(frame: pd.DataFrame, folder: Path, stated: AnalysisPlan) -> dict[str, Treatment]:
    with open_relation([parquet(frame, folder / "rows.parquet")]) as relation:
        return paths_of(relation, stated)


def faults(merged: dict[str, str], stated: AnalysisPlan) -> list[str]:
    known = {"a": EARLY, "b": EARLY, "c": LATE}
    return [found.code for found in wrong_merges(merged, known, stated, settle(stated)[0])]


def test_a_path_holds_the_treatment_of_a_cluster_in_each_period(tmp_path: Path) -> None:
    found = paths(pd.concat(pilot(3, lost=0.0)), tmp_path, plan())
    assert list(found["0101"]) == ["0", "1", "2", "3"]
    assert [min(doses) for doses in found["0102"].values()] == [0.0, 0.0, 1.0, 1.0]
    assert all(len(doses) == 1 for path in found.values() for doses in path.values())


def test_a_path_of_a_trial_is_an_arm_in_each_stratum(tmp_path: Path) -> None:
    frame = pd.concat(pilot(4)).assign(stratum="north")
    frame["treated"] = frame["municipality"].isin(["0101", "0102"]).astype(int)
    roles = {"unit": "person", "cluster": "municipality", "treated": "treated"}
    plain = paths(frame, tmp_path, plan("cr1", (), "cluster_randomised", data=roles))
    assert plain["0101"] == {"": frozenset({1.0})}
    stratified = paths(frame, tmp_path, plan("cr1", (), "cluster_randomised", data={**roles, "strata": "stratum"}))
    assert stratified["0104"] == {"north": frozenset({0.0})}


def test_a_plan_without_clusters_has_no_paths(tmp_path: Path) -> None:
    stated = plan("hc2", (), "individual_randomised", data={"treated": "treated"})
    assert paths(pilot(1)[0], tmp_path, stated) == {}


def test_clusters_are_alike_where_both_were_observed() -> None:
    assert alike(EARLY, {"1": frozenset({1.0}), "2": frozenset({1.0})})
    assert not alike(EARLY, LATE)
    assert not alike(EARLY, {"7": frozenset({1.0})})


@pytest.mark.parametrize(
    ("merged", "codes"),
    [
        ({}, []),
        ({"a": "b"}, []),
        ({"a": "c"}, ["other_treatment"]),
        ({"x": "b"}, ["no_such_cluster"]),
        ({"x": "y"}, ["no_such_cluster", "no_such_cluster"]),
        ({"a": "b", "b": "c"}, ["merged_twice", "other_treatment"]),
        ({"a": "b", "b": "a"}, ["merged_twice", "merged_twice"]),
    ],
)
def test_every_wrong_merge_is_said(merged: dict[str, str], codes: list[str]) -> None:
    assert faults(merged, plan()) == codes


@pytest.mark.parametrize(
    ("stated", "code"),
    [
        (
            plan("cr1", model={"working_model": "fixed_effects", "fixed_effects": ["cluster", "period"]}),
            "cluster_effects",
        ),
        (plan("cr1", data={"unit": "municipality", "period": "term", "treated": "treated"}), "cluster_effects"),
        (plan("hc2", (), "individual_randomised", data={"treated": "treated"}), "no_clusters"),
    ],
)
def test_clusters_with_effects_of_their_own_or_none_cannot_be_merged(stated: AnalysisPlan, code: str) -> None:
    assert faults({"a": "b"}, stated) == [code]


def test_the_smallest_cluster_that_is_treated_alike_helps() -> None:
    same = dict.fromkeys("abcd", EARLY)
    assert helping("a", behind(a=3.0, b=9.0, c=4.0, d=5.0), same, 5) == ["c"]
    assert helping("a", behind(a=3.0, b=9.0, c=4.0), {**same, "c": LATE}, 5) == ["b"]


def test_several_clusters_help_where_one_does_not() -> None:
    same = dict.fromkeys("abcd", EARLY)
    assert helping("a", behind(a=1.0, b=2.0, c=1.0, d=2.0), same, 5) == ["c", "b", "d"]
    assert helping("a", behind(a=1.0, b=2.0), same, 5) == []
    assert helping("a", behind(a=1.0, b=20.0), {"a": EARLY, "b": LATE}, 5) == []
    assert helping("a", behind(a=1.0, b=20.0), {}, 5) == []


def test_joined_clusters_stand_on_the_people_of_both() -> None:
    found = joined([*behind(a=3.0, b=4.0).values(), {"happy": members(panel(2.0))}])
    assert {outcome: own.people for outcome, own in found.items()} == {"score": 7.0, "happy": 2.0}


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (LATE, "never treated"),
        ({"0": frozenset({1.0})}, "treated throughout"),
        (EARLY, "treated from 1 on"),
    ],
)
def test_who_else_would_help_is_said_by_the_treatment(path: Treatment, words: str) -> None:
    assert words in str(others_alike(path))


def test_the_roles_of_the_pilot_name_its_clusters() -> None:
    assert plan().data.assignment == ROLES["cluster"]


def test_a_path_of_staggered_adoption_is_when_treatment_starts(tmp_path: Path) -> None:
    frame = pd.concat([one.assign(start=start) for one, start in zip(pilot(3), (2.0, None, 0.0), strict=True)])
    roles = {"unit": "person", "period": "term", "cluster": "municipality", "first_treated": "start"}
    stated = plan("influence_small", (), "staggered_adoption", data=roles, estimand="att")
    found = paths(frame, tmp_path, stated)
    assert found["0101"] == {"": frozenset({0.0}), "2": frozenset({1.0})}
    assert found["0102"] == found["0103"] == {"": frozenset({0.0})}
    assert alike(found["0102"], found["0103"])
    assert not alike(found["0101"], found["0102"])
    assert "treated from 2 on" in str(others_alike(found["0101"]))
    assert "never treated" in str(others_alike(found["0102"]))


def test_rows_without_a_place_have_no_path(tmp_path: Path) -> None:
    frame = pd.concat(pilot(2), ignore_index=True).astype({"treated": float})
    frame.loc[frame["municipality"] == "0102", "treated"] = float("nan")
    assert list(paths(frame, tmp_path, plan())) == ["0101"]


def test_a_cluster_treated_differently_within_helps_only_its_like() -> None:
    mixed: Treatment = {"0": frozenset({0.0}), "1": frozenset({0.0, 1.0})}
    assert not alike(mixed, EARLY)
    assert alike(mixed, dict(mixed))
