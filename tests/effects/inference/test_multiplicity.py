import tomllib
from itertools import combinations
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from effects.codes import Adjustment
from effects.inference.multiplicity import (
    adjust,
    benjamini_hochberg,
    bonferroni,
    holm,
    partial_conjunction,
    unadjusted,
)

P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=12)
PUBLISHED = [0.000323, 0.002186, 0.000450, 0.000107]


def test_the_published_example_is_met() -> None:
    assert holm(PUBLISHED) == pytest.approx([0.000969, 0.002186, 0.000969, 0.000428])
    assert benjamini_hochberg(PUBLISHED) == pytest.approx([0.000600, 0.002186, 0.000600, 0.000428])


@given(P_VALUES)
def test_the_step_up_correction_meets_scipy(p_values: list[float]) -> None:
    judge = false_discovery_control(p_values, method="bh").tolist()
    assert benjamini_hochberg(p_values) == pytest.approx(judge, abs=1e-12)


@given(P_VALUES, st.floats(0.001, 0.999))
def test_the_step_down_correction_rejects_what_holms_procedure_rejects(p_values: list[float], level: float) -> None:
    rejected: set[int] = set()
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        if p_values[place] * (len(p_values) - rank) > level:
            break
        rejected.add(place)
    assert {place for place, value in enumerate(holm(p_values)) if value <= level} == rejected


@given(P_VALUES)
def test_corrections_only_ever_raise_p_values_and_order_by_strength(p_values: list[float]) -> None:
    for raw, false_discovery, step_down, all_tests in zip(
        p_values, benjamini_hochberg(p_values), holm(p_values), bonferroni(p_values), strict=True
    ):
        assert raw <= false_discovery + 1e-15
        assert false_discovery <= step_down + 1e-15
        assert step_down <= all_tests + 1e-15
        assert all_tests <= 1.0


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6), st.floats(0.001, 0.999))
def test_holm_is_the_closed_test_of_bonferroni(p_values: list[float], level: float) -> None:
    """Every intersection of hypotheses that holds the one in question is rejected, written out over all subsets."""
    places = range(len(p_values))
    subsets = [subset for size in places for subset in combinations(places, size + 1)]
    for place, adjusted in enumerate(holm(p_values)):
        worst = max(min(1.0, len(own) * min(p_values[one] for one in own)) for own in subsets if place in own)
        assert adjusted == pytest.approx(worst, rel=1e-12)
        assert (adjusted <= level) == (worst <= level) or adjusted == pytest.approx(level)


@given(P_VALUES, st.randoms(use_true_random=False))
def test_the_order_of_the_questions_does_not_matter(p_values: list[float], random: Random) -> None:
    order = list(range(len(p_values)))
    random.shuffle(order)
    for method in (holm, benjamini_hochberg, bonferroni):
        adjusted = method(p_values)
        assert method([p_values[place] for place in order]) == [adjusted[place] for place in order]


@given(P_VALUES, st.integers(0, 11), st.floats(0, 1))
def test_a_smaller_p_value_never_hurts_any_question(p_values: list[float], place: int, factor: float) -> None:
    smaller = [value * factor if at == place else value for at, value in enumerate(p_values)]
    for method in (holm, benjamini_hochberg, bonferroni):
        assert all(new <= old + 1e-15 for new, old in zip(method(smaller), method(p_values), strict=True))


@given(P_VALUES, st.floats(0, 1))
def test_asking_one_question_more_never_helps_the_others_by_holm(p_values: list[float], further: float) -> None:
    more = holm([*p_values, further])
    assert all(new >= old - 1e-15 for new, old in zip(more, holm(p_values), strict=False))


@given(P_VALUES)
def test_adjusted_values_stand_in_the_order_of_the_raw_ones(p_values: list[float]) -> None:
    for method in (holm, benjamini_hochberg):
        paired = sorted(zip(p_values, method(p_values), strict=True))
        assert [adjusted for _, adjusted in paired] == sorted(adjusted for _, adjusted in paired)


@given(st.floats(0, 1), st.integers(1, 12))
def test_equal_p_values_are_adjusted_alike(p_value: float, number: int) -> None:
    assert len(set(holm([p_value] * number))) == 1
    assert benjamini_hochberg([p_value] * number) == pytest.approx([p_value] * number)


@given(st.floats(0, 1))
def test_a_single_test_needs_no_correction(p_value: float) -> None:
    assert holm([p_value]) == bonferroni([p_value]) == benjamini_hochberg([p_value]) == [p_value]


@pytest.mark.parametrize("method", [Adjustment.WESTFALL_YOUNG, Adjustment.ROMANO_WOLF])
def test_a_method_that_would_resample_the_rows_is_holm_without_them(method: Adjustment) -> None:
    assert adjust([0.1, 0.02], method) == holm([0.1, 0.02])


@pytest.mark.parametrize(
    ("p_values", "required", "expected"),
    [
        ([0.01, 0.02, 0.03, 0.04], 1, 0.04),
        ([0.01, 0.02, 0.03, 0.04], 2, 0.06),
        ([0.01, 0.02, 0.03, 0.04], 4, 0.04),
        ([0.04, 0.01], 2, 0.04),
        ([0.9, 0.9], 1, 1.0),
        ([0.01], 2, 1.0),
        ([], 1, 1.0),
    ],
)
def test_partial_conjunction(p_values: list[float], required: int, expected: float) -> None:
    assert partial_conjunction(p_values, required) == pytest.approx(expected)


@given(P_VALUES, st.integers(1, 12))
def test_all_but_the_strongest_are_held_against_bonferroni(p_values: list[float], required: int) -> None:
    """ "Fewer than r of n hold" is every choice of n - r + 1 true nulls: the largest of their Bonferroni p-values."""
    if required <= len(p_values):
        chosen = combinations(p_values, len(p_values) - required + 1)
        worst = max(min(1.0, len(own) * min(own)) for own in chosen)
        assert partial_conjunction(p_values, required) == pytest.approx(worst)


def test_the_outside_numbers_are_met(reference: Path) -> None:
    for case in tomllib.loads((reference / "reference.toml").read_text("utf-8"))["multiplicity"]:
        assert holm(case["p"]) == pytest.approx(case["holm"])
        assert benjamini_hochberg(case["p"]) == pytest.approx(case["benjamini_hochberg"])


def test_the_stated_method_is_applied() -> None:
    assert adjust([0.01, 0.02], Adjustment.HOLM) == [0.02, 0.02]
    assert adjust([0.01, 0.02], Adjustment.BONFERRONI) == [0.02, 0.04]
    assert adjust([0.01, 0.02], Adjustment.NONE) == unadjusted([0.01, 0.02]) == [0.01, 0.02]
    assert adjust([], Adjustment.HOLM) == []
