import csv
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare, kstest

from effects.inference.assignment import Assignment, all_assignments, possible, random_assignments
from effects.inference.permutation import permutation, sums_of_rows
from effects.rollout.order import Order, draw_order
from effects.rollout.places import Place, RolloutError
from tests.effects.rollout.some_places import EVEN, places

SEEDED = Path(__file__).parents[3] / "seeds" / "municipalities.csv"
SHAPES = st.dictionaries(
    st.tuples(st.sampled_from(["1081", "1082", "1083", "1084"]), st.sampled_from(["small", "medium", "large"])),
    st.integers(1, 7),
    min_size=2,
)


def redrawn(order: Order) -> Assignment:
    """The order as an analysis reads it back from its rows: stages, their paths, strata."""
    names = [stratum.name for stratum in order.strata]
    strata = np.array([names.index(one.stratum) for one in order.placed])
    observed = np.array([one.stage - 1 for one in order.placed])
    paths = np.array([[float(period > stage) for period in range(order.stages + 1)] for stage in range(order.stages)])
    return Assignment(observed, paths, strata)


def null_p_value(seed: int, cells: Mapping[tuple[str, str], int] = EVEN, stages: int = 4, effect: float = 0.0) -> float:
    """Places differ by stratum and by themselves, and all change over time; nobody is affected but by `effect`."""
    order = draw_order(places(cells), stages, seed)
    assignment = redrawn(order)
    count, periods = len(order.placed), order.stages + 1
    random = np.random.Generator(np.random.PCG64([seed, 1]))
    own = assignment.strata * 0.5 + random.standard_normal(count)
    outcome = (own[:, None] + np.arange(periods) * 0.3 + random.standard_normal((count, periods))).ravel()
    outcome += effect * assignment.paths[assignment.observed].ravel()
    unit, period = np.repeat(np.arange(count), periods), np.tile(np.arange(periods), count)
    nuisance = np.column_stack([unit[:, None] == np.arange(count), period[:, None] == np.arange(1, periods)])
    sums = sums_of_rows(unit, period, nuisance.astype(np.float64), outcome, np.ones(len(outcome)))
    return float(permutation(sums, assignment, 99, seed).p_values[0])


@given(SHAPES, st.integers(2, 6), st.integers(0, 2**32))
def test_stages_are_balanced_within_tolerance(cells: dict[tuple[str, str], int], stages: int, seed: int) -> None:
    listed = places(cells)
    if len(listed) < stages:
        stages = 2
    order = draw_order(listed, stages, seed)
    assert order.within
    merged = any(len(stratum.cells) > 1 for stratum in order.strata)
    for one in order.balance:
        if one.kind in ("all", "stratum") or not merged:
            assert one.tolerance == 1
    for kind in ("all", "region", "size_class", "stratum"):
        assert sum(sum(one.places) for one in order.balance if one.kind == kind) == len(listed)


@given(SHAPES, st.integers(0, 2**32), st.randoms(use_true_random=False))
def test_the_same_places_and_seed_give_the_same_order_however_they_are_listed(
    cells: dict[tuple[str, str], int], seed: int, shuffled: Random
) -> None:
    listed = places(cells)
    first = draw_order(listed, 2, seed)
    shuffled.shuffle(listed)
    assert draw_order(listed, 2, seed) == first


def test_another_seed_gives_another_order() -> None:
    orders = {tuple(draw_order(places(EVEN), 4, seed).stage_of.values()) for seed in range(20)}
    assert len(orders) == 20


def test_every_place_starts_in_one_of_the_stages() -> None:
    order = draw_order(places(EVEN), 4, 1)
    assert set(order.stage_of) == {place.code for place in places(EVEN)}
    assert set(order.stage_of.values()) == {1, 2, 3, 4}


def test_places_that_were_merged_widen_the_tolerance_of_what_they_belong_to() -> None:
    cells = {("1081", "small"): 8, ("1081", "large"): 1, ("1082", "large"): 8}
    balance = {(one.kind, one.name): one.tolerance for one in draw_order(places(cells), 4, 1).balance}
    assert balance["size_class", "small"] == balance["size_class", "large"] == 2
    assert balance["region", "1081"] == balance["region", "1082"] == 1


def test_the_table_counts_inhabitants_by_stage() -> None:
    order = draw_order(places(EVEN), 4, 1)
    everybody = order.balance[0]
    assert everybody.places == (6, 6, 6, 6)
    assert sum(everybody.population) == sum(place.population for place in places(EVEN))


def test_a_group_out_of_its_tolerance_would_be_told() -> None:
    order = draw_order(places(EVEN), 4, 1)
    crowded = replace(order.balance[0], places=(9, 5, 5, 5))
    assert crowded.difference == 4
    assert not replace(order, balance=(crowded,)).within


def test_every_place_of_a_stratum_is_as_likely_in_every_stage() -> None:
    listed = places({("1081", "small"): 3, ("1082", "small"): 4})
    counts = Counter(
        (code, stage) for seed in range(400) for code, stage in draw_order(listed, 3, seed).stage_of.items()
    )
    observed = [counts[place.code, stage] for place in listed for stage in (1, 2, 3)]
    assert chisquare(observed).pvalue > 0.01


def test_all_orders_with_the_same_numbers_are_equally_likely() -> None:
    """Three places over three stages, beside another stratum that is spread with them."""
    listed = places({("1081", "small"): 3, ("1082", "small"): 4})
    counts = Counter(tuple(draw_order(listed, 3, seed).stage_of.values())[:3] for seed in range(600))
    assert set(counts) == set(permutations((1, 2, 3)))
    assert chisquare(list(counts.values())).pvalue > 0.01


def test_a_permutation_within_strata_is_uniform_where_nobody_is_affected() -> None:
    found = [null_p_value(seed) for seed in range(300)]
    assert kstest(found, "uniform").pvalue > 0.05
    assert np.mean(np.array(found) <= 0.05) <= 0.08


def test_an_order_leaves_a_test_many_others_to_compare_with() -> None:
    assert possible(redrawn(draw_order(places(EVEN), 4, 1))) == 24**6


def test_the_order_is_json_that_names_stage_and_stratum_of_every_place() -> None:
    read = json.loads(json.dumps(draw_order(places(EVEN), 4, 9).to_mapping(), allow_nan=False))
    assert read["schema"] == "virkning-order/1"
    assert (read["seed"], read["stages"]) == (9, 4)
    assert len(read["placed"]) == 24
    assert read["placed"][0]["place"]["region"] == "1081"
    assert read["strata"][0]["cells"] == [{"region": "1081", "size_class": "medium", "places": 4}]


def test_places_that_cannot_be_ordered_are_refused_with_every_finding() -> None:
    listed = places({("1081", "small"): 2})
    with pytest.raises(RolloutError) as refused:
        draw_order([*listed, listed[0]], 5, 1)
    assert [finding.code for finding in refused.value.findings] == ["too_few_places", "repeated_place"]


# ---- the municipalities of the country -------------------------------------------------------------------------------


def municipalities() -> list[Place]:
    with SEEDED.open(encoding="utf-8", newline="") as lines:
        return [
            Place(row["code"], row["region_code"], row["size_class_2023"], int(row["population_2023"]))
            for row in csv.DictReader(lines)
        ]


@pytest.mark.parametrize("stages", [2, 3, 4, 5, 7, 14, 98])
def test_all_municipalities_are_spread_over_any_number_of_stages(stages: int) -> None:
    order = draw_order(municipalities(), stages, 2026)
    assert len(order.placed) == 98
    assert order.within
    by_kind = {kind: [one for one in order.balance if one.kind == kind] for kind in ("region", "size_class")}
    assert [one.tolerance for one in by_kind["region"]] == [1] * 5
    assert {one.name: one.tolerance for one in by_kind["size_class"]}["small"] == 1
    assert max(one.tolerance for one in by_kind["size_class"]) <= 3


def test_only_municipalities_alone_in_their_cell_are_merged() -> None:
    merged = [one.name for one in draw_order(municipalities(), 4, 1).strata if len(one.cells) > 1]
    assert merged == ["1081 medium + large", "1082 medium + large"]


@given(st.integers(0, 2**32))
def test_as_many_stages_as_places_start_one_each(seed: int) -> None:
    order = draw_order(places(EVEN), 24, seed)
    assert sorted(order.stage_of.values()) == list(range(1, 25))


# ---- the test that goes with the order -------------------------------------------------------------------------------

SCATTERED = {
    ("1081", "small"): 5,
    ("1081", "medium"): 1,
    ("1082", "small"): 4,
    ("1082", "large"): 3,
    ("1083", "small"): 1,
}


def test_the_test_stays_uniform_where_strata_were_merged_and_stages_do_not_divide_the_places() -> None:
    found = [null_p_value(seed, SCATTERED, 3) for seed in range(200)]
    assert kstest(found, "uniform").pvalue > 0.05
    assert np.mean(np.array(found) <= 0.05) <= 0.09


def test_an_effect_is_found_more_often_than_nothing() -> None:
    found = [null_p_value(seed, EVEN, 4, effect=0.8) for seed in range(40)]
    assert np.mean(np.array(found) <= 0.05) > 0.6


def test_an_analysis_reads_the_same_assignment_back_as_was_drawn() -> None:
    order = draw_order(places(EVEN), 4, 5)
    assignment = redrawn(order)
    for piece in random_assignments(assignment, 50, 1):
        for own in np.unique(assignment.strata):
            members = assignment.strata == own
            drawn = np.sort(piece[:, members], axis=1)
            assert (drawn == np.sort(assignment.observed[members])).all()


def test_every_order_that_could_have_been_drawn_is_one_of_those_an_analysis_may_draw() -> None:
    """Two strata of two places over two stages: 4 assignments with the numbers drawn, and each is drawn."""
    listed = places({("1081", "small"): 2, ("1082", "small"): 2})
    orders = [draw_order(listed, 2, seed) for seed in range(60)]
    drawn = {tuple(one.stage - 1 for one in order.placed) for order in orders}
    enumerated = {tuple(row) for piece in all_assignments(redrawn(orders[0])) for row in piece.tolist()}
    assert drawn == enumerated
    assert len(drawn) == 4
