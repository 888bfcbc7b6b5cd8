from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from effects.compression.files import to_bytes
from effects.federation.cover import cover_sheet
from effects.federation.making import make
from effects.plan import AnalysisPlan
from tests.effects.designs import outcome
from tests.effects.federation.pilot import ROLES, csv, made, pilot, plan
from tests.effects.federation.test_products import trial, trial_of


def sheet(frame: pd.DataFrame, folder: Path, stated: AnalysisPlan) -> str:
    return "\n".join(str(line) for line in cover_sheet(made(frame, folder, stated, "Aarhus"), stated))


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return pilot(1, 20)[0]


def test_the_sheet_says_whose_what_and_how_to_check_it(frame: pd.DataFrame, tmp_path: Path) -> None:
    moments = made(frame, tmp_path, plan(), "Aarhus")
    said = "\n".join(str(line) for line in cover_sheet(moments, plan()))
    for words in ("A pilot of persons", plan().fingerprint, "From: Aarhus", sha256(to_bytes(moments)).hexdigest()):
        assert words in said
    assert f"The number of rows, {len(frame)}, and of those that count, {len(frame)}." in said
    assert "score: sums for each cluster" in said
    assert "(clusters: 1; people: 20; in the smallest: 20)" in said
    assert "The periods covered: 0, 1, 2, 3." in said
    assert "Fingerprint and SHA-256 are check numbers" in said
    assert "score is summed by 0, 1, 2, 3." in said
    assert "Independent sums of score for each of them: at most 3" in said
    assert "rests on 5 people or more" in said


def test_headings_part_what_leaves_from_what_does_not(frame: pd.DataFrame, tmp_path: Path) -> None:
    lines = cover_sheet(made(frame, tmp_path, plan()), plan())
    headings = [str(line) for line in lines if line.template.endswith(":")]
    assert len(headings) == 4
    assert headings[1:] == ["What leaves the house:", "What does not leave:", "What to know before it is sent:"]
    assert "From nobody named" in [str(line) for line in lines]


def test_squares_and_covariates_are_told_where_they_leave(frame: pd.DataFrame, tmp_path: Path) -> None:
    plain, adjusted = sheet(frame, tmp_path, plan()), sheet(frame, tmp_path, plan("iid", ["age"]))
    assert "squares" not in plain
    assert "though not who" not in plain
    assert "The sum of the squares of score." in adjusted
    assert "Sums of products of score and of age with each other." in adjusted
    assert "Products of two 0/1 covariates" in adjusted
    assert "Products of two 0/1 covariates" not in plain


def test_squares_that_stay_are_told(frame: pd.DataFrame, tmp_path: Path) -> None:
    stated = plan(model={"working_model": "fixed_effects", "fixed_effects": ["cluster", "period"]})
    frame.loc[frame["person"] == "0-7", "score"] = 900_000.0
    leaving, staying = sheet(frame, tmp_path, stated).split("What does not leave:")
    assert "The sum of the squares of score" not in leaving
    assert "The sum of the squares of happy." in leaving
    assert "can tell how many people have each value, though not who" in staying
    assert "The sum of the squares of score, which would tell too much about few people." in staying
    assert "The sum of the squares of happy" not in staying


def test_rows_that_do_not_count_are_told_by_reason(frame: pd.DataFrame, tmp_path: Path) -> None:
    gaps = frame.copy()
    gaps.loc[[1, 2], "score"] = np.nan
    gaps.loc[4, "treated"] = np.nan
    said = sheet(gaps, tmp_path, plan())
    assert "Rows that do not count for score (the outcome is missing): 2." in said
    assert "Rows that do not count for happy (treatment, unit, period or cluster is missing): 1." in said


def test_merged_clusters_are_told(tmp_path: Path) -> None:
    rows = csv(pd.concat(pilot(5, 14, small={0: 3})), tmp_path)
    said = [str(line) for line in cover_sheet(make(plan(), [rows], merged={"0101": "0104"}), plan())]
    place = said.index("The cluster 0101 is counted as part of 0104.")
    assert said[place + 1] == "The pooled analysis then has fewer clusters; the difference is 1."


def test_outcomes_are_told_by_their_names_beside_their_columns(frame: pd.DataFrame, tmp_path: Path) -> None:
    gaps = frame.assign(score=frame["score"].where(frame.index > 1))
    stated = plan(outcome=[{**outcome("score"), "name": "Well-being"}, {**outcome("happy"), "role": "secondary"}])
    said = sheet(gaps, tmp_path, stated)
    for words in ("Well-being (score): sums", "happy: sums", "Rows that do not count for Well-being (score)"):
        assert words in said


def test_a_cluster_in_which_nobody_changed_is_told(frame: pd.DataFrame, tmp_path: Path) -> None:
    assert "Nobody in 0101 changed in happy" in sheet(frame.assign(happy=1), tmp_path, plan())
    assert "Nobody" not in sheet(frame, tmp_path, plan()).replace("nobody", "")


@pytest.mark.parametrize("value", [0, 1])
def test_a_cluster_in_which_everybody_is_alike_is_told(value: int, frame: pd.DataFrame, tmp_path: Path) -> None:
    roles = {key: ROLES[key] for key in ("unit", "cluster", "treated")}
    both = pd.concat([frame.assign(happy=value), frame.assign(municipality="0102", person="b" + frame["person"])])
    both["treated"] = (both["municipality"] == "0101").astype(int)
    said = sheet(both, tmp_path, plan("cr1", (), "cluster_randomised", data=roles))
    assert "Everybody in 0101 is alike in happy" in said
    assert "0102 is alike" not in said


def test_many_names_are_counted_and_not_all_listed(tmp_path: Path) -> None:
    rows = csv(pd.concat(pilot(14, 12, lost=0.0)), tmp_path)
    said = "\n".join(str(line) for line in cover_sheet(make(plan(), [rows]), plan()))
    assert "0112 … (14)." in said
    assert "0113" not in said


def test_arms_have_no_names_to_tell(tmp_path: Path) -> None:
    frame = pilot(1, 40, lost=0.0)[0].drop_duplicates("person").assign(treated=[0, 1] * 20)
    said = sheet(frame, tmp_path, plan("hc2", (), "individual_randomised", data={"treated": "treated"}))
    assert "names of the clusters" not in said
    assert "(arms: 2; people: 40; in the smallest: 20)" in said
    assert "The sums are not divided by period." in said


def test_every_number_of_people_on_the_sheet_is_that_of_the_file(tmp_path: Path) -> None:
    frames = pilot(3, 20, small={1: 14})
    moments = make(plan(), [csv(pd.concat(frames), tmp_path)])
    said = "\n".join(str(line) for line in cover_sheet(moments, plan()))
    people = [frame["person"].nunique() for frame in frames]
    assert all(f"{name}: sums for each cluster" in said for name in ("score", "happy"))
    assert said.count(f"(clusters: 3; people: {sum(people)}; in the smallest: {min(people)})") == 2


def test_the_same_file_has_the_same_sheet(frame: pd.DataFrame, tmp_path: Path) -> None:
    assert sheet(frame, tmp_path, plan()) == sheet(frame.sample(frac=1.0, random_state=3), tmp_path, plan())


def test_a_stratified_trial_is_summed_by_stratum(tmp_path: Path) -> None:
    frame = pd.concat(pilot(4, 12), ignore_index=True)
    frame["treated"] = frame["municipality"].isin(["0101", "0103"]).astype(int)
    frame["stratum"] = np.where(frame["municipality"] < "0103", "north", "south")
    roles = {"unit": "person", "cluster": "municipality", "treated": "treated", "strata": "stratum"}
    strata: dict[str, object] = {"fixed_effects": ["strata"]}
    said = sheet(frame, tmp_path, plan("cr1", (), "cluster_randomised", data=roles, model=strata))
    assert "score is summed by north, south." in said
    assert "distance from the mean" not in said


@pytest.mark.parametrize(("end", "low", "high"), [(5, 1, 5), (1, 1, 6), (-3, -3, 2)])
def test_everybody_at_the_end_of_a_scale_is_told_for_any_outcome(end: int, low: int, high: int, tmp_path: Path) -> None:
    frame = trial()
    random = np.random.Generator(np.random.PCG64(9))
    frame["score"] = np.where(frame["school"] == "B", end, random.integers(low, high + 1, len(frame)))
    said = sheet(frame, tmp_path, trial_of())
    assert f"than {end} in score, everybody in B has it" in said or "Everybody in B is alike in score" in said
    assert "everybody in A" not in said
    assert "in happy, everybody" not in said


def test_a_mean_in_the_midst_of_others_says_nothing_about_anybody(tmp_path: Path) -> None:
    frame = trial()
    frame["score"] = np.where(frame["school"] == "B", 3, np.where(frame["school"] == "A", 1.5, 4.5))
    assert "than 3 in score" not in sheet(frame, tmp_path, trial_of())


def test_outcomes_that_few_people_tell_apart_are_told(tmp_path: Path) -> None:
    frame = trial()
    frame.loc[7, "happy"] = np.nan
    words = "In A, score and happy differ by the rows of few people (the fewest: 1)"
    assert words in sheet(frame, tmp_path, trial_of())
    frame.loc[[8, 9, 10, 11], "happy"] = np.nan
    assert "differ by the rows" not in sheet(frame, tmp_path, trial_of())


def test_one_person_of_a_panel_whom_two_outcomes_tell_apart_is_told(tmp_path: Path) -> None:
    frame = pilot(1, 30, lost=0.0)[0]
    frame["happy"] = frame["happy"].where(frame["person"] != "0-4")
    assert "differ by the rows of few people (the fewest: 1)" in sheet(frame, tmp_path, plan())


def test_what_somebody_who_knows_the_covariates_can_work_out_is_told(frame: pd.DataFrame, tmp_path: Path) -> None:
    assert "Whoever knows the covariates of each person" in sheet(frame, tmp_path, plan("cr1", ["age"]))
    assert "Whoever knows the covariates" not in sheet(frame, tmp_path, plan())


def test_people_that_a_column_states_are_said_to_be_counted_by_nobody(frame: pd.DataFrame, tmp_path: Path) -> None:
    stated = plan(data={**ROLES, "persons": "present"})
    told = "People are counted as the column present states them; nobody has counted them here."
    assert told in sheet(frame.assign(present=2), tmp_path, stated)
    assert "nobody has counted" not in sheet(frame, tmp_path, plan())
