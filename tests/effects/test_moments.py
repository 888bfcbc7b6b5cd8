from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from effects.errors import DataError
from effects.moments import CONSTANT, OUTCOME, TREATED, Grams, total
from tests.effects.compression.panels import Shape, moments, panel, plan, split_by_unit

SHAPE = Shape(seed=3, clusters=6, units=4, periods=4, lost=0.1, level=10.0, parts=2)


def grams(rows: np.ndarray, origin: float, cluster: str = "a") -> Grams:
    """Of a constant and a column of numbers less their origin."""
    columns = np.column_stack([rows[:, 0], np.ones(len(rows)), rows[:, 1] - origin])
    return Grams(
        clusters=(cluster,),
        names=(TREATED, CONSTANT, OUTCOME),
        products=(columns.T @ columns)[None],
        rows=np.array([len(rows)]),
        treated=np.array([int(rows[:, 0].sum())]),
        units=np.array([len(rows)]),
        demeaned=False,
        squared=True,
        base=(TREATED, CONSTANT, CONSTANT),
        origin=np.array([0.0, 0.0, origin]),
    )


def empty(names: tuple[str, ...]) -> Grams:
    """Of one cluster with these dummies, nothing in them."""
    width = len(names) + 1
    return Grams(
        ("a",),
        (*names, OUTCOME),
        np.zeros((1, width, width)),
        *(np.ones(1, dtype=np.int64) for _ in range(3)),
        demeaned=True,
        squared=False,
        base=(*names, OUTCOME),
        origin=np.zeros(width),
    )


ROWS = st.lists(st.tuples(st.sampled_from([0.0, 1.0]), st.floats(-10, 10)), min_size=1, max_size=8).map(np.array)


@settings(max_examples=60)
@given(ROWS, ROWS, st.floats(-10, 10), st.floats(-10, 10))
def test_parts_with_other_origins_add_to_the_products_of_all_rows(
    one: np.ndarray, other: np.ndarray, first: float, second: float
) -> None:
    together = grams(one, first) + grams(other, second)
    assert together.products == pytest.approx(grams(np.vstack([one, other]), first).products, abs=1e-9)
    assert (together.rows[0], together.treated[0]) == (len(one) + len(other), one[:, 0].sum() + other[:, 0].sum())


def test_clusters_and_levels_that_one_part_lacks_are_zero_there(tmp_path: Path) -> None:
    frame = panel(SHAPE)
    stated = plan("stepped_wedge", "cr1", model={"working_model": "fixed_effects", "fixed_effects": ["period"]})
    early, late = frame[frame["period"] < 2], frame[frame["cluster"] != "c0"]
    parts = [moments(part, tmp_path, stated, name).outcomes[0].grams for part, name in ((early, "a"), (late, "b"))]
    together = parts[0] + parts[1]
    assert together.levels("period") == ("period:0", "period:1", "period:2", "period:3")
    assert together.names[-1] == OUTCOME
    assert together.clusters == tuple(f"c{place}" for place in range(6))
    late_only = together.products[0, together.column("period:3")]
    assert not late_only.any()


def test_periods_stand_in_the_order_of_their_numbers() -> None:
    names = ("period:10", "period:9", "period:2")
    part = empty(names)
    assert (part + part).levels("period") == ("period:2", "period:9", "period:10")


def test_moments_of_another_plan_are_refused(tmp_path: Path) -> None:
    first, second = split_by_unit(panel(SHAPE), 2, 1)
    one = moments(first, tmp_path, plan("stepped_wedge", "cr1"), "a")
    other = moments(second, tmp_path, plan("stepped_wedge", "cr2"), "b")
    with pytest.raises(DataError, match="different plans"):
        one + other


def test_a_part_given_twice_is_refused(tmp_path: Path) -> None:
    part = moments(panel(SHAPE), tmp_path, plan("stepped_wedge", "cr1"))
    with pytest.raises(DataError, match="in two parts"):
        total([part, part])


def test_units_cut_by_period_are_refused_where_their_effects_matter(tmp_path: Path) -> None:
    frame = panel(SHAPE)
    halves = [frame[frame["period"] < 2], frame[frame["period"] >= 2]]
    parts = [moments(half, tmp_path, plan("stepped_wedge", "cr1"), str(place)) for place, half in enumerate(halves)]
    with pytest.raises(DataError, match="Split the rows by unit"):
        total(parts)
    free = plan("stepped_wedge", "cr1", model={"working_model": "fixed_effects", "fixed_effects": ["period"]})
    kept = total([moments(half, tmp_path, free, str(place)) for place, half in enumerate(halves)])
    assert kept.rows == len(frame)


def test_counts_add_and_the_larger_statistic_gives_its_name(tmp_path: Path) -> None:
    stated = plan("stepped_wedge", "cr1")
    frame = panel(replace(SHAPE, lost=0.0))
    whole, ragged = frame[frame["cluster"] < "c3"], frame[frame["cluster"] >= "c3"].iloc[1:]
    together = total([moments(part, tmp_path, stated, name) for part, name in ((whole, "a"), (ragged, "b"))])
    outcome = together.outcomes[0]
    assert outcome.statistic == "masked_cells"
    assert outcome.cells == together.rows == len(frame) - 1
    assert sum(outcome.people) == len(frame) - 1


LEVELS = ["-2", "0", "1.5", "10", "-", "--1", "10m²", "a", "²"]


def test_levels_that_only_resemble_numbers_stand_after_them() -> None:
    """A stratum may be called anything; numbers come first, in their order."""
    names = tuple(f"strata:{level}" for level in reversed(LEVELS))
    part = empty(names)
    assert [name.removeprefix("strata:") for name in (part + part).levels("strata")] == LEVELS


@settings(max_examples=40)
@given(ROWS, ROWS, ROWS, st.floats(-10, 10), st.floats(-10, 10))
def test_the_sum_of_three_parts_does_not_depend_on_their_order(
    one: np.ndarray, two: np.ndarray, three: np.ndarray, first: float, second: float
) -> None:
    parts = grams(one, first, "a"), grams(two, second, "b"), grams(three, 0.0, "a")
    forth, back = (parts[0] + parts[1]) + parts[2], parts[2] + (parts[1] + parts[0])
    assert back.clusters == forth.clusters == ("a", "b")
    assert back.moved_to({OUTCOME: first}).products == pytest.approx(forth.products, abs=1e-9)
    assert back.rows.tolist() == forth.rows.tolist() == [len(one) + len(three), len(two)]


@settings(max_examples=40)
@given(ROWS, st.floats(-100, 100), st.floats(-100, 100))
def test_what_was_subtracted_can_be_put_back(rows: np.ndarray, origin: float, other: float) -> None:
    there = grams(rows, origin).moved_to({OUTCOME: other})
    assert there.products == pytest.approx(grams(rows, other).products, abs=1e-7)
    assert there.origin.tolist() == [0.0, 0.0, other]
    again = there.moved_to({OUTCOME: origin})
    assert again.products == pytest.approx(grams(rows, origin).products, abs=1e-7)
    assert grams(rows, origin).moved_to({}).products.tolist() == grams(rows, origin).products.tolist()


def test_a_square_that_one_part_does_not_know_is_unknown_of_both() -> None:
    rows = np.array([[1.0, 2.0], [0.0, 3.0]])
    together = grams(rows, 0.0) + replace(grams(rows, 0.0), squared=False)
    assert not together.squared
    assert together.products[0, -1, -1] == 0.0
    assert (grams(rows, 0.0) + grams(rows, 0.0)).products[0, -1, -1] == 2.0 * (4.0 + 9.0)


def test_a_square_that_is_not_known_stays_nothing_whatever_is_subtracted() -> None:
    kept = replace(grams(np.array([[1.0, 2.0], [0.0, 3.0]]), 0.0), squared=False)
    assert kept.moved_to({OUTCOME: 2.5}).products[0, -1, -1] == 0.0


def test_a_column_that_is_not_there_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="not in tuple"):
        grams(np.array([[1.0, 2.0]]), 0.0).column("period:1")


def test_people_losses_and_files_of_both_parts_are_told(tmp_path: Path) -> None:
    frame = panel(SHAPE)
    frame.loc[frame.index[::7], "y"] = None
    stated = plan("cluster_randomised", "cr1")
    trial = frame.assign(treated=frame["cluster"].isin(["c0", "c1", "c2"]).astype(int))
    parts = [moments(part, tmp_path, stated, str(place)) for place, part in enumerate(split_by_unit(trial, 3, 5))]
    whole, together = moments(trial, tmp_path, stated, "whole"), total(parts)
    assert (together.rows, together.rows_used, together.dropped) == (whole.rows, whole.rows_used, whole.dropped)
    one, other = together.outcomes[0], whole.outcomes[0]
    assert (one.people, one.rows_in_arm, one.missing_in_arm) == (other.people, other.rows_in_arm, other.missing_in_arm)
    assert one.missing == other.missing == int(trial["y"].isna().sum())
    assert one.grams.units.tolist() == other.grams.units.tolist()
    assert together.sha256 == tuple(sorted(part.sha256[0] for part in parts))


def test_people_behind_shared_clusters_add_and_the_least_stays_the_least(tmp_path: Path) -> None:
    frame, stated = panel(SHAPE), plan("cluster_randomised", "cr1")
    trial = frame.assign(treated=frame["cluster"].isin(["c0", "c1", "c2"]).astype(int))
    pieces = trial[trial["cluster"] < "c3"], trial[trial["cluster"] >= "c2"]
    parts = [moments(piece, tmp_path, stated, str(place)) for place, piece in enumerate(pieces)]
    told = [
        replace(
            part,
            authority=name,
            merged=(("x", name),),
            outcomes=(
                replace(
                    part.outcomes[0],
                    people_by_cluster=tuple(float(rows) for rows in part.outcomes[0].grams.rows),
                    least=tuple(float(place + 5) for place in range(len(part.outcomes[0].grams.clusters))),
                ),
            ),
        )
        for part, name in zip(parts, ("A", "B"), strict=True)
    ]
    together = total(told)
    assert together.outcomes[0].people_by_cluster == tuple(together.outcomes[0].grams.rows.astype(float))
    assert together.outcomes[0].least == (5.0, 6.0, 5.0, 6.0, 7.0, 8.0)
    assert (together.authority, together.merged) == ("", (("x", "A"), ("x", "B")))
    assert total([told[0], parts[1]]).outcomes[0].least is None
