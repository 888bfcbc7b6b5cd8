import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from effects.codes import Better, Claim, Domain, Role
from effects.inference.multiplicity import partial_conjunction
from effects.rules.claims import (
    alpha_now,
    claim_p,
    inverse_normal,
    primary_claims,
    secondary_claims,
    standard_error,
)
from effects.rules.indicator import Indicator
from effects.rules.ruleset import load_ruleset
from effects.rules.tristate import Tristate
from tests.effects.sound_case import indicator, sound_case

RULES = load_ruleset()
LEVEL = 0.95
SHARES = st.floats(0, 1)


def claims(*p_values: float | None, **facts: object) -> tuple[Indicator, ...]:
    return tuple(indicator(name=f"claim {n}", p_value=p, low=None, high=None, **facts) for n, p in enumerate(p_values))


def proven(*p_values: float | None, **facts: object) -> list[Tristate]:
    tests, _ = primary_claims(sound_case(*claims(*p_values, **facts)), RULES)
    return [test.proven for test in tests]


def holm_by_definition(p_values: list[float]) -> list[float]:
    """Holm (1979): the largest (n - j + 1) p_(j) over all p values that are not larger, at most 1."""
    ordered = sorted(p_values)
    steps = [min(1.0, (len(ordered) - n) * p) for n, p in enumerate(ordered)]
    return [max(steps[: ordered.index(p) + 1]) for p in p_values]


def test_a_stated_p_is_taken_as_it_is() -> None:
    assert claim_p(indicator(p_value=0.03), LEVEL) == 0.03


@pytest.mark.parametrize(
    ("better", "estimate", "low", "high"),
    [
        (Better.HIGHER, -1.0, -2.0, -0.5),
        (Better.LOWER, 1.0, 0.5, 2.0),
        (Better.HIGHER, 0.0, -1.0, 1.0),
    ],
)
def test_the_wrong_direction_is_never_proven(better: Better, estimate: float, low: float, high: float) -> None:
    seen = indicator(better=better, estimate=estimate, low=low, high=high, p_value=0.0001)
    assert claim_p(seen, LEVEL) == 1.0


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"estimate": 1.96, "standard_error": 1.0}, 0.05),
        ({"estimate": 1.96, "low": 0.0, "high": 3.92}, 0.05),
        ({"estimate": 2.5758, "standard_error": 1.0}, 0.01),
        ({"estimate": 2.2281, "standard_error": 1.0, "df": 10.0}, 0.05),
        ({"estimate": 1.6449, "low": 0.0, "high": 3.2897, "level": 0.9}, 0.10),
        ({"estimate": 2.2281, "low": 0.0, "high": 4.4563, "df": 10.0}, 0.05),
    ],
)
def test_a_p_that_is_not_stated_is_worked_out(facts: dict[str, float], expected: float) -> None:
    bare = {"p_value": None, "low": None, "high": None}
    assert claim_p(indicator(**(bare | facts)), LEVEL) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(
    "facts",
    [
        {"estimate": None, "low": None, "high": None, "p_value": 0.01},
        {"p_value": None, "low": None, "high": None},
        {"p_value": None, "low": 1.5, "high": 1.5},
        {"claim": Claim.NOT_WORSE, "margin": None, "minimal_important": None},
    ],
)
def test_without_an_estimate_or_an_error_there_is_no_p(facts: dict[str, object]) -> None:
    assert claim_p(indicator(**facts), LEVEL) is None


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [
        (-0.4, 0.4, True),
        (-0.49, 0.1, True),
        (-0.51, 0.1, False),
        (-2.0, 2.0, False),
        (-2.0, -1.0, False),
    ],
)
def test_non_inferiority_is_proven_with_an_interval_above_the_margin(low: float, high: float, shown: bool) -> None:
    seen = indicator(
        claim=Claim.NOT_WORSE,
        margin=0.5,
        estimate=(low + high) / 2,
        low=low,
        high=high,
        p_value=0.9,
    )
    p = claim_p(seen, LEVEL)
    assert p is not None
    assert (p <= 0.05) is shown


def test_the_standard_error_as_stated_or_out_of_the_interval() -> None:
    assert standard_error(indicator(standard_error=0.3), LEVEL) == 0.3
    worked_out = standard_error(indicator(low=-1.4, high=1.7), LEVEL)
    assert worked_out == pytest.approx(3.1 / 2 / 1.959964)
    assert standard_error(indicator(low=None, high=None), LEVEL) is None


@given(st.lists(SHARES, min_size=1, max_size=8))
def test_claims_are_proven_by_holm(p_values: list[float]) -> None:
    expected = holm_by_definition(p_values)
    tests, _ = primary_claims(sound_case(*claims(*p_values)), RULES)
    assert [test.p_adjusted for test in tests] == pytest.approx(list(expected))
    assert [test.proven for test in tests] == [p <= 0.05 for p in expected]


@pytest.mark.parametrize(
    ("p_values", "expected"),
    [
        ((0.02, 0.03), [True, True]),
        ((0.02, 0.06), [True, False]),
        ((0.03, 0.03), [False, False]),
        ((0.02, None), [True, None]),
        ((0.04, None), [None, None]),
        ((0.06, None), [False, None]),
        ((None, None), [None, None]),
    ],
)
def test_an_unknown_p_leaves_open_what_depends_on_it(
    p_values: tuple[float | None, ...], expected: list[Tristate]
) -> None:
    assert proven(*p_values) == expected


@given(st.lists(SHARES, min_size=1, max_size=5), st.integers(0, 4), SHARES)
def test_a_known_answer_holds_whatever_the_unknown_p_turns_out_to_be(
    p_values: list[float], place: int, value: float
) -> None:
    place %= len(p_values)
    blind: list[float | None] = [None if n == place else p for n, p in enumerate(p_values)]
    full = [value if n == place else p for n, p in enumerate(p_values)]
    for said, true in zip(proven(*blind), proven(*full), strict=True):
        assert said in (None, true)


def test_what_may_not_have_stood_in_the_plan_leaves_claims_open() -> None:
    planned = claims(0.03)
    doubtful = indicator(name="doubtful", p_value=0.9, in_plan=None)
    tests, _ = primary_claims(sound_case(*planned, doubtful), RULES)
    assert [test.proven for test in tests] == [None, False]


def test_what_did_not_stand_in_the_plan_costs_nothing_and_proves_nothing() -> None:
    late = indicator(name="late", p_value=0.0001, in_plan=False)
    tests, conjunction = primary_claims(sound_case(*claims(0.03), late), RULES)
    assert [(test.indicator, test.proven) for test in tests] == [("claim 0", True)]
    assert conjunction.claims == 1


@given(st.lists(SHARES, min_size=1, max_size=8), st.integers(1, 8))
def test_where_holm_proves_r_the_conjunction_does_too(p_values: list[float], required: int) -> None:
    if sum(p <= 0.05 for p in holm_by_definition(p_values)) >= required:
        assert partial_conjunction(p_values, required) <= 0.05


def test_the_conjunction_can_carry_claims_that_are_not_proven_alone() -> None:
    tests, conjunction = primary_claims(sound_case(*claims(0.016, 0.016, 0.5, 0.6)), RULES)
    assert [test.proven for test in tests] == [False] * 4
    assert conjunction.p_value == pytest.approx(0.048)
    assert conjunction.proven is True
    assert [test.carried for test in tests] == [True, True, False, False]


@pytest.mark.parametrize(
    ("p_values", "expected"),
    [
        ((0.01, 0.01), True),
        ((0.01, 0.9), False),
        ((0.01, None), None),
        ((0.9, None), False),
        ((0.9, 0.9, None), False),
        ((0.01,), False),
        ((None,), False),
    ],
)
def test_whether_two_claims_hold_together(p_values: tuple[float | None, ...], expected: Tristate) -> None:
    _, conjunction = primary_claims(sound_case(*claims(*p_values)), RULES)
    assert conjunction.proven is expected


def test_a_programme_may_require_another_number_of_claims() -> None:
    _, conjunction = primary_claims(sound_case(*claims(0.01, 0.9), claims_required=1), RULES)
    assert (conjunction.required, conjunction.proven) == (1, True)


def test_guardrails_are_no_claims() -> None:
    tests, _ = primary_claims(sound_case(), RULES)
    assert [test.indicator for test in tests] == ["control", "strain"]


def test_holm_agrees_with_statsmodels() -> None:
    p_values = [0.001, 0.04, 0.012, 0.3]
    tests, _ = primary_claims(sound_case(*claims(*p_values)), RULES)
    assert [test.p_adjusted for test in tests] == pytest.approx(list(multipletests(p_values, method="holm")[1]))


def test_secondary_indicators_are_read_at_their_false_discovery_rate() -> None:
    chosen = claims(0.04, 0.06, 0.5, role=Role.SECONDARY, domain=Domain.CITIZEN)
    tests = secondary_claims(sound_case(*chosen), RULES)
    expected = multipletests([0.04, 0.06, 0.5], method="fdr_bh")[1]
    assert [test.p_adjusted for test in tests] == pytest.approx(list(expected))
    assert [test.proven for test in tests] == [True, True, False]


def test_without_secondary_indicators_there_are_no_tests() -> None:
    assert secondary_claims(sound_case(), RULES) == ()


@pytest.mark.parametrize(
    ("information", "expected"),
    [
        ((), 0.05),
        ((1.0,), 0.05),
        ((0.5,), 0.00557),
        ((0.5, 1.0), 0.05 - 0.00557),
        ((0.25, 0.5), 0.00557 - 0.0000889),
    ],
)
def test_a_look_spends_its_increment(information: tuple[float, ...], expected: float) -> None:
    # Lan and DeMets (1983): O'Brien-Fleming-type spending of 0.05 is 0.00557 at half of the information.
    assert alpha_now(sound_case(information=information), RULES) == pytest.approx(expected, abs=1e-5)


@given(st.lists(st.floats(0.01, 1), min_size=1, max_size=5, unique=True).map(sorted))
def test_all_looks_together_spend_no_more_than_alpha(information: list[float]) -> None:
    looks = [tuple(information[: n + 1]) for n in range(len(information))]
    assert sum(alpha_now(sound_case(information=look), RULES) for look in looks) <= 0.05 + 1e-12


def test_an_early_look_asks_for_more() -> None:
    early, _ = primary_claims(sound_case(*claims(0.01), information=(0.5,)), RULES)
    assert early[0].proven is False


@pytest.mark.parametrize(
    ("stages", "expected"),
    [
        ([0.025], 0.025),
        ([0.5, 0.5], 0.5),
        ([0.05, 0.05], 0.01),
        ([0.0, 0.9], 0.0),
        ([1.0, 0.1], 1.0),
    ],
)
def test_stages_are_combined_by_inverse_normal(stages: list[float], expected: float) -> None:
    assert inverse_normal(stages) == pytest.approx(expected, abs=1e-4)


def test_stages_stand_in_for_the_p_value() -> None:
    seen = indicator(stage_p_values=(0.05, 0.05), p_value=0.9)
    assert claim_p(seen, LEVEL) == pytest.approx(2 * inverse_normal([0.05, 0.05]))


@given(st.lists(st.floats(0.001, 0.999), min_size=1, max_size=4), st.floats(0.001, 0.999))
def test_a_worse_stage_never_proves_more(stages: list[float], value: float) -> None:
    worse = [max(stages[0], value), *stages[1:]]
    assert inverse_normal(worse) >= inverse_normal(stages) or math.isclose(
        inverse_normal(worse), inverse_normal(stages), rel_tol=1e-9
    )
