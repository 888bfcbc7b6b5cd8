from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from effects.errors import DataError, Finding
from effects.federation.products import Rows, Shared, shared, squares
from effects.plan import AnalysisPlan
from effects.rows.columns import Numbers
from tests.effects.federation.pilot import made, pilot, plan

TRIAL = {"unit": "person", "cluster": "school", "treated": "treated"}


def trial(people: int = 40, seed: int = 2) -> pd.DataFrame:
    """Four schools of pupils with one row each, two of them treated."""
    random = np.random.Generator(np.random.PCG64(seed))
    frame = pd.DataFrame({"school": np.repeat(["A", "B", "C", "D"], people), "person": np.arange(4 * people)})
    frame["treated"] = frame["school"].isin(["A", "B"]).astype(int)
    frame["age"], frame["happy"] = random.integers(18, 70, len(frame)), random.normal(size=len(frame)).round(2)
    frame["income"] = random.integers(100, 900, len(frame)) * 1000
    frame["score"] = random.normal(size=len(frame)).round(2)
    return frame


def trial_of(*covariates: str) -> AnalysisPlan:
    return plan("cr1", covariates, "cluster_randomised", data=TRIAL)


def refused(frame: pd.DataFrame, folder: Path, stated: AnalysisPlan) -> list[Finding]:
    with pytest.raises(DataError) as caught:
        made(frame, folder, stated)
    return list(caught.value.findings)


def rows(covariates: dict[str, Numbers], outcome: Numbers, each: int = 1) -> Rows:
    number = len(outcome)
    one, person = np.zeros(number, dtype=np.int64), np.arange(number) // each
    return Rows(one, person, np.ones(number), covariates, {"treated": (person % 2).astype(float)}, ("y", outcome))


def test_one_case_of_a_rare_outcome_beside_covariates_is_found(tmp_path: Path) -> None:
    frame = trial().assign(score=0)
    frame.loc[[11, 50, 90, 130], "score"] = 1
    found = refused(frame, tmp_path, trial_of("age", "income"))
    assert [one.where for one in found] == ["A", "B", "C", "D"]
    assert "People of cluster A whose age and score together could be worked out: 1" in found[0].text()


def test_a_rare_outcome_alone_is_a_count_of_cases(tmp_path: Path) -> None:
    frame = trial().assign(score=0)
    frame.loc[[11, 50, 90, 130], "score"] = 1
    assert made(frame, tmp_path, trial_of()).clusters == {"A", "B", "C", "D"}


def test_the_benefit_of_the_one_who_is_sick_and_has_it_is_found(tmp_path: Path) -> None:
    frame, place = trial(), np.arange(160) % 40
    frame["sick"] = (place < 8).astype(int)
    frame["benefit"] = np.where((place >= 7) & (place < 16), frame["income"], 0)
    assert "whose sick and benefit together" in refused(frame, tmp_path, trial_of("sick", "benefit"))[0].text()
    well = frame.assign(benefit=np.where(place >= 3, frame["income"], 0))
    assert made(well, tmp_path, trial_of("sick", "benefit")).clusters == {"A", "B", "C", "D"}


def test_the_few_who_have_one_thing_and_not_the_other_are_found_however_it_is_coded(tmp_path: Path) -> None:
    place = np.arange(160) % 40
    frame = trial().assign(one=np.where(place < 12, 2, 1), other=np.where((place < 10) | (place == 20), 7, 3))
    assert "together could be worked out: 1" in refused(frame, tmp_path, trial_of("one", "other"))[0].text()


def test_a_covariate_that_is_the_outcome_but_for_one_row_is_found(tmp_path: Path) -> None:
    frame = trial()
    frame["copy"] = frame["score"] + 3.0 + (frame["person"] == 4)
    assert (
        "People of cluster A whose copy and score together could be worked out: 1"
        in refused(frame, tmp_path, trial_of("copy"))[0].text()
    )
    panel = pilot(1, 30)[0]
    panel["copy"] = panel["score"] + ((panel["person"] == "0-4") & (panel["term"] == 3))
    assert "together could be worked out: 1" in refused(panel, tmp_path, plan("cr1", ["copy"]))[0].text()


def test_a_covariate_that_one_person_dominates_is_found(tmp_path: Path) -> None:
    frame = trial()
    frame["flag"] = np.where(frame["person"] == 3, 1e9, frame["happy"])
    (found,) = refused(frame, tmp_path, trial_of("flag"))
    assert "People of cluster A who make up nearly all that flag tells: 1." in found.text()
    assert "logarithm" in found.text()


def test_a_merge_adds_the_people_behind_a_product(tmp_path: Path) -> None:
    frame = trial()
    frame["sick"] = (frame["person"] % 40 < 8).astype(int)
    frame["score"] = ((frame["person"] % 40 < 3) | (frame["person"] % 40 > 30)).astype(int)
    found = refused(frame, tmp_path, trial_of("sick"))
    assert [one.where for one in found] == ["A", "B", "C", "D"]
    assert "Add --merge A=B." in found[0].text()


def test_harmless_covariates_of_a_panel_pass_with_ten_of_them(tmp_path: Path) -> None:
    (frame,) = pilot(1, 200, 8, lost=0.1)
    random = np.random.Generator(np.random.PCG64(4))
    names = [f"x{place}" for place in range(8)] + ["b0", "b1"]
    for name in names:
        values = random.normal(size=len(frame)).round(2)
        frame[name] = values if name.startswith("x") else (values > 1.2).astype(int)
    assert made(frame, tmp_path, plan("cr1", names)).clusters == {"0101"}


@pytest.mark.parametrize("each", [1, 4])
def test_counts_are_those_of_people_and_not_of_rows(each: int) -> None:
    rare, other = np.zeros(40 * each), np.zeros(40 * each)
    rare[: 8 * each], other[6 * each : 20 * each] = 1.0, 5.0
    (found,) = shared(rows({"rare": rare, "other": other}, np.arange(40.0 * each), each), demeaned=False)
    assert found.least() == (2.0, ("rare", "other"))


def test_of_distances_from_means_only_those_who_change_in_both_count() -> None:
    turn = np.tile([0.0, 1.0, 0.0, 0.0], 40)
    one, other = turn * np.repeat(np.arange(40) < 9, 4), np.roll(turn, 1) * np.repeat(np.arange(40) >= 6, 4)
    answers = np.random.Generator(np.random.PCG64(1)).normal(size=160)
    (found,) = shared(rows({"one": one, "other": other}, answers, 4), demeaned=True)
    assert found.least() == (3.0, ("one", "other"))


def test_nobody_is_behind_columns_that_nobody_has_together() -> None:
    assert Shared((("a", "b"),), (0.0,)).least() is None
    assert Shared().least() is None


def test_two_clusters_as_one_have_the_people_of_both() -> None:
    one, other = Shared((("a", "b"),), (2.0,)), Shared((("a", "b"),), (4.0,))
    assert (one + other).least() == (6.0, ("a", "b"))
    assert one + Shared() == Shared() + one == one


def behind_squares(outcome: Numbers, *, demeaned: bool = False) -> tuple[float, ...]:
    """The people of one cluster, two rows each: those who alone make up the square, and the one who nearly does."""
    (found,) = squares(rows({}, outcome, each=2), demeaned=demeaned)
    assert set(found.pairs) == {("y", "y")}
    return found.people


def test_people_in_nearly_all_squares_of_an_outcome_are_found_however_many_rows_are_theirs() -> None:
    spread, person = np.random.Generator(np.random.PCG64(4)).normal(size=40), np.arange(40) // 2
    assert behind_squares(spread) == (20.0, 0.0)
    assert behind_squares(spread + 100.0 * (person == 3)) == (20.0, 1.0)
    assert behind_squares(spread + 100.0 * (person == 3), demeaned=True) == (20.0, 0.0)
    assert behind_squares(np.where(person < 2, 30.0 + person, 7.0)) == (2.0, 0.0)
    assert behind_squares(np.where(person < 2, spread, 7.0), demeaned=True)[0] == 2.0


@pytest.mark.parametrize(("values", "people"), [([0, 1], 0.0), ([1, 2], 0.0), ([0, 2], 1.0), ([0, 0.5], 1.0)])
def test_the_one_case_of_a_count_is_no_more_in_its_square_than_in_its_sum(values: list[float], people: float) -> None:
    assert behind_squares(np.where(np.arange(40) // 2 == 3, values[1], values[0])) == (people, people)


def test_what_is_common_in_one_cluster_alone_hides_nobody_there() -> None:
    rent = np.concatenate([np.full(17, 5719.0), np.arange(6000.0, 6007.0), np.arange(7000.0, 7200.0)])
    cluster, person = (np.arange(224) >= 24).astype(np.int64), np.arange(224)
    benefit = np.isin(person, [20, *range(3), *range(30, 90)]).astype(np.float64)
    given = Rows(cluster, person, np.ones(224), {"rent": rent, "benefit": benefit}, {}, ("y", np.arange(224.0)))
    one, other = shared(given, demeaned=False)
    assert one.least() == (1.0, ("rent", "benefit"))
    assert (other.least() or (0.0,))[0] == 60.0
