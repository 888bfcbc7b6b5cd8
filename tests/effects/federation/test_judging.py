from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from effects.federation.judging import Standing, exposed, holds, product_rank, standing
from effects.federation.people import Members
from effects.federation.products import Shared
from effects.federation.spanning import Alike
from tests.effects.federation.pilot import counted, made, pilot, plan


def panel(people: float, periods: int = 4) -> Alike:
    """People observed in every period."""
    return Alike(np.eye(periods) - 1.0 / periods, people)


def members(*groups: Alike, squared: bool = False) -> Members:
    return Members(sum(group.people for group in groups), groups, squared)


def test_five_people_of_three_sums_stand_and_four_do_not() -> None:
    assert standing(members(panel(5.0)), 5) == Standing(5.0, 3, 5.0)
    assert holds({"score": members(panel(5.0))}, 5)
    assert not holds({"score": members(panel(4.0))}, 5)


def test_people_must_be_more_than_the_sums_that_leave_the_square_among_them() -> None:
    assert standing(members(panel(7.0, 8)), 5).rank == 7
    assert not standing(members(panel(7.0, 8)), 5).holds(5)
    assert standing(members(panel(8.0, 8)), 5).holds(5)
    assert not standing(members(panel(8.0, 8), squared=True), 5).holds(5)


def test_a_cluster_stands_only_where_it_stands_in_every_outcome() -> None:
    assert not holds({"score": members(panel(9.0)), "happy": members(panel(4.0))}, 5)
    assert holds({}, 5)


def test_the_last_sum_counts_however_many_the_people_are() -> None:
    early, late = Alike(panel(1.0).vectors[:2] * 0 + np.array([[0.5, -0.5, 0, 0], [-0.5, 0.5, 0, 0]]), 40.0), panel(3.0)
    found = standing(members(early, late), 5)
    assert (found.people, found.least) == (43.0, 3.0)
    assert not found.holds(5)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Standing(3.0, 2, 3.0), "People behind cluster 0851: 3, fewer than 5."),
        (Standing(30.0, 2, 3.0), "People of cluster 0851 over whom a sum could be worked out: 3, fewer than 5."),
        (
            Standing(30.0, 2, 2.0, ("age", "sick")),
            "People of cluster 0851 whose age and sick together could be worked out: 2, fewer than 5.",
        ),
        (
            Standing(12.0, 7, 5.0, None, (5.0, 6)),
            "People of cluster 0851 who bring sums that nobody else does: 5, no more than those sums: 6.",
        ),
        (Standing(6.0, 7, 5.0), "People behind cluster 0851: 6, no more than the sums that would leave: 7."),
    ],
)
def test_each_fault_is_said_in_figures(found: Standing, words: str) -> None:
    said = found.finding("score", {"cluster": "0851"}, "Do something.", 5)
    assert said.text() == f"{words} Do something."
    assert (said.code, said.where) == ("small_group", "score")


def test_a_column_that_one_person_dominates_has_a_remedy_of_its_own() -> None:
    said = Standing(30.0, 2, 1.0, ("age", "age")).finding("score", {"cluster": "0851"}, "Do something.", 5)
    assert "People of cluster 0851 who make up nearly all that age tells: 1." in said.text()
    assert "Leave age out of the plan" in said.text()
    assert "Do something" not in said.text()


def test_products_count_where_they_rest_on_fewer_people_than_sums() -> None:
    few, many = Shared((("age", "sick"),), (3.0,)), Shared((("age", "sick"),), (9.0,))
    own = replace(members(panel(20.0)), shared=few)
    assert standing(own, 5) == Standing(20.0, 3, 3.0, ("age", "sick"))
    assert not holds({"score": own}, 5)
    assert standing(replace(own, shared=many), 5) == Standing(20.0, 3, 5.0)
    assert holds({"score": own + replace(own, shared=many)}, 5)


def test_the_one_who_makes_up_a_square_counts_until_it_is_kept_back() -> None:
    dominated = replace(members(panel(9.0), squared=True), square=Shared((("score", "score"),), (1.0,)))
    found = standing(dominated + members(panel(9.0), squared=True), 5)
    assert (found.least, found.pair, found.holds(5)) == (1.0, ("score", "score"), False)
    assert standing(dominated.without_square(), 5) == standing(members(panel(9.0)), 5)


def test_people_seen_once_do_not_make_up_for_few_seen_throughout() -> None:
    once = Alike(np.zeros((1, 8)), 7.0)
    found = standing(members(panel(5.0, 8), once), 5)
    assert found.tight == (5.0, 7)
    assert not found.holds(5)


def test_a_file_that_holds_is_not_exposed_and_one_that_nobody_counted_is(tmp_path: Path) -> None:
    sound = made(pilot(1)[0], tmp_path, plan())
    assert exposed(sound) == []
    (found,) = exposed(replace(sound, outcomes=(replace(sound.outcomes[0], least=None), sound.outcomes[1])))
    assert found.code == "small_group"
    assert "Nobody counted" in found.text()


@pytest.mark.parametrize(("people", "least"), [(4.0, 5.0), (40.0, 4.0), (2.0, 5.0)])
def test_too_few_people_are_found_in_the_file_alone_once_for_each_cluster(
    people: float, least: float, tmp_path: Path
) -> None:
    moments = made(pilot(1, 20)[0], tmp_path, plan())
    (found,) = exposed(counted(moments, people, least))
    assert found.params["cluster"] == "0101"
    assert "merged" in found.text()


def test_the_sums_of_a_file_are_counted_again(tmp_path: Path) -> None:
    moments = made(pilot(1, 20, 8)[0], tmp_path, plan())
    rank = product_rank(moments.outcomes[0].grams.products[0])
    assert rank == 7
    assert exposed(counted(moments, 8.0)) == []
    (found,) = exposed(counted(moments, 7.0))
    assert found.params["rank"] == 7


def test_a_higher_minimum_is_asked_for_by_whoever_judges(tmp_path: Path) -> None:
    moments = counted(made(pilot(1, 20)[0], tmp_path, plan()), 20.0, 5.0)
    assert exposed(moments, 5) == []
    assert [found.params["minimum"] for found in exposed(moments, 10)] == [10]


def test_the_rank_of_products_is_blind_to_the_size_of_columns() -> None:
    rows = np.random.Generator(np.random.PCG64(2)).normal(size=(30, 3)) * [1e-6, 1.0, 1e6]
    wide = np.column_stack([rows, rows[:, 0] * 3.0, np.zeros(30)])
    assert product_rank(wide.T @ wide) == 3
    assert product_rank(np.zeros((2, 2))) == 0


def test_nobody_is_exposed_by_a_cluster_of_which_nothing_leaves() -> None:
    once = Alike(np.zeros((1, 4)), 6.0)
    assert standing(members(once), 5) == Standing(6.0, 0, 5.0)
    assert holds({"score": members(once)}, 5)


def test_a_cluster_is_named_once_however_many_outcomes_it_fails_in(tmp_path: Path) -> None:
    moments = counted(made(pilot(1, 20)[0], tmp_path, plan()), 3.0)
    assert [found.where for found in exposed(moments)] == ["score"]
    second = replace(moments, outcomes=(counted(moments, 30.0).outcomes[0], moments.outcomes[1]))
    assert [found.where for found in exposed(second)] == ["happy"]


def test_every_cluster_of_a_file_is_judged(tmp_path: Path) -> None:
    frames = pilot(3, 20)
    parts = [made(frame, tmp_path, plan(), name) for frame, name in zip(frames, "abc", strict=True)]
    together = parts[0] + counted(parts[1], 2.0) + counted(parts[2], 30.0, 1.0)
    assert [found.params["cluster"] for found in exposed(together)] == ["0102", "0103"]
