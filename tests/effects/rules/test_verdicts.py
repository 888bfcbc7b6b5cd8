from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from effects.codes import Better, Claim, Role
from effects.rules.tristate import Tristate
from effects.rules.verdicts import (
    Interval,
    Verdict,
    excludes_importance,
    predictive_high,
    predictive_low,
    reaches,
    short_of,
    shows_no_harm,
    states_no_gain,
    turned,
    verdict,
)
from tests.effects.sound_case import indicator

ENDS = st.floats(min_value=-5, max_value=5)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (1.0, 2.0, Verdict.IMPORTANT_BENEFIT),
        (0.1, 0.9, Verdict.BENEFIT_BELOW_IMPORTANCE),
        (0.1, 1.0, Verdict.BENEFIT_SIZE_UNCERTAIN),
        (0.1, 3.0, Verdict.BENEFIT_SIZE_UNCERTAIN),
        (-2.0, -1.0, Verdict.IMPORTANT_HARM),
        (-2.0, -0.9, Verdict.HARM),
        (-0.9, -0.1, Verdict.HARM),
        (-0.9, 0.0, Verdict.LITTLE_OR_NO_EFFECT),
        (0.0, 0.9, Verdict.LITTLE_OR_NO_EFFECT),
        (-0.9, 0.9, Verdict.LITTLE_OR_NO_EFFECT),
        (-1.0, 0.9, Verdict.INCONCLUSIVE),
        (-0.9, 1.0, Verdict.INCONCLUSIVE),
        (-3.0, 3.0, Verdict.INCONCLUSIVE),
    ],
)
def test_the_ladder_with_a_minimal_important_difference_of_one(low: float, high: float, expected: Verdict) -> None:
    assert verdict(indicator(estimate=(low + high) / 2, low=low, high=high)) is expected


@pytest.mark.parametrize(
    ("high", "role", "expected"),
    [
        (-0.5, Role.GUARDRAIL, Verdict.IMPORTANT_HARM),
        (-0.4, Role.GUARDRAIL, Verdict.HARM),
        (-0.5, Role.PRIMARY, Verdict.HARM),
        (-0.5, Role.SECONDARY, Verdict.HARM),
    ],
)
def test_a_guardrail_is_held_against_its_margin(high: float, role: Role, expected: Verdict) -> None:
    assert verdict(indicator(role=role, margin=0.5, estimate=-1.0, low=-1.5, high=high)) is expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"low": None, "high": None, "estimate": None}, None),
        ({"minimal_important": None, "low": 0.1}, None),
        ({"minimal_important": None, "margin": None, "low": -3.0, "high": -2.0, "estimate": -2.5}, None),
        ({"minimal_important": None, "low": -1.0, "high": 1.0, "estimate": 0.0}, None),
    ],
)
def test_an_unknown_part_that_decides_leaves_the_verdict_open(
    facts: dict[str, float | None], expected: Verdict | None
) -> None:
    assert verdict(indicator(**facts)) is expected


def test_fewer_is_better_turns_the_signs() -> None:
    falls = indicator(better=Better.LOWER, estimate=-1.5, low=-2.0, high=-1.1)
    assert turned(falls) == Interval(1.5, 1.1, 2.0)
    assert verdict(falls) is Verdict.IMPORTANT_BENEFIT


def test_more_is_better_leaves_them() -> None:
    assert turned(indicator(estimate=1.5, low=1.1, high=2.0)) == Interval(1.5, 1.1, 2.0)


def test_an_estimate_that_is_not_stated_lies_in_the_middle() -> None:
    assert turned(indicator(estimate=None, low=1.0, high=3.0)).estimate == 2.0


def test_without_an_interval_there_is_none() -> None:
    assert turned(indicator(estimate=None, low=None, high=None)) == Interval(None, None, None)


@pytest.mark.parametrize(
    ("better", "expected"),
    [(Better.HIGHER, -0.5), (Better.LOWER, -3.0)],
)
def test_the_unfavourable_end_of_the_predictive_interval(better: Better, expected: float) -> None:
    assert predictive_low(indicator(better=better, predictive_low=-0.5, predictive_high=3.0)) == expected


@pytest.mark.parametrize(
    ("low", "margin", "expected"),
    [
        (-0.4, 0.5, True),
        (-0.5, 0.5, False),
        (-0.9, None, True),
        (None, 0.5, None),
    ],
)
def test_harm_is_excluded_by_the_whole_interval(low: float | None, margin: float | None, expected: Tristate) -> None:
    assert shows_no_harm(indicator(low=low, margin=margin)) is expected


@pytest.mark.parametrize(
    ("value", "bound", "reached", "short"),
    [
        (1.0, 1.0, True, False),
        (0.9, 1.0, False, True),
        (None, 1.0, None, None),
        (1.0, None, None, None),
    ],
)
def test_comparisons_with_a_bound_that_may_be_unknown(
    value: float | None, bound: float | None, reached: Tristate, short: Tristate
) -> None:
    assert reaches(value, bound) is reached
    assert short_of(value, bound) is short


@given(st.tuples(ENDS, ENDS).map(sorted))
def test_every_interval_has_one_verdict(ends: list[float]) -> None:
    low, high = ends
    assert verdict(indicator(estimate=(low + high) / 2, low=low, high=high)) is not None


@given(st.tuples(ENDS, ENDS).map(sorted))
def test_mirrored_intervals_have_mirrored_verdicts(ends: list[float]) -> None:
    low, high = ends
    seen = indicator(estimate=(low + high) / 2, low=low, high=high)
    mirrored = indicator(better=Better.LOWER, estimate=-(low + high) / 2, low=-high, high=-low)
    assert verdict(mirrored) is verdict(seen)


@given(st.tuples(ENDS, ENDS).map(sorted), st.sampled_from(["minimal_important", "margin"]))
def test_not_knowing_a_bound_never_changes_a_verdict_to_another(ends: list[float], bound: str) -> None:
    low, high = ends
    known = indicator(role=Role.GUARDRAIL, estimate=(low + high) / 2, low=low, high=high)
    blind = indicator(role=Role.GUARDRAIL, estimate=(low + high) / 2, low=low, high=high, **{bound: None})
    assert verdict(blind) in (verdict(known), None)


@pytest.mark.parametrize(
    ("facts", "excluded", "no_gain"),
    [
        ({"low": -1.5, "high": 0.4}, True, True),
        ({"low": 0.1, "high": 0.9}, True, False),
        ({"low": -0.5, "high": 1.0}, False, False),
        ({"low": -0.5, "high": 0.5, "claim": Claim.NOT_WORSE}, True, False),
        ({"low": -0.5, "high": 0.5, "role": Role.GUARDRAIL}, True, False),
        ({"low": -0.5, "high": 0.5, "minimal_important": None}, None, None),
        ({"low": 0.5, "high": 0.6, "minimal_important": None}, None, False),
    ],
)
def test_whether_an_important_benefit_is_excluded_and_nothing_is_gained(
    facts: dict[str, Any], excluded: Tristate, no_gain: Tristate
) -> None:
    seen = indicator(estimate=None, **facts)
    assert (excludes_importance(seen), states_no_gain(seen)) == (excluded, no_gain)


@pytest.mark.parametrize(("better", "expected"), [(Better.HIGHER, 3.0), (Better.LOWER, 0.5)])
def test_the_favourable_end_of_the_predictive_interval(better: Better, expected: float) -> None:
    assert predictive_high(indicator(better=better, predictive_low=-0.5, predictive_high=3.0)) == expected
