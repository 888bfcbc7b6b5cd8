from collections.abc import Sequence
from typing import Any

import pytest

from effects.case import Case
from effects.codes import Claim, Domain
from effects.grading import grade
from effects.rules.conditions import (
    claims_proven,
    guardrails_certain,
    harm_known_to_count,
    harmed,
    improvement_claimed,
    no_gain,
    no_harm,
    nothing_better,
)
from effects.rules.evidence import Condition, Evidence
from effects.rules.gates import gates
from effects.rules.indicator import Indicator
from effects.rules.ruleset import load_ruleset
from effects.rules.tristate import Tristate
from tests.effects.sound_case import guardrail, indicator, primaries, sound_case, with_portfolio

RULES = load_ruleset()
R2, R3, R4 = (RULES.recommendations[name] for name in ("R2", "R3", "R4"))
HARM = {"estimate": -2.0, "low": -3.0, "high": -1.5, "p_value": 0.0001}
NOTHING = {"estimate": 0.0, "low": -0.4, "high": 0.4, "p_value": 0.9}
NO_INTERVAL = {"estimate": None, "low": None, "high": None}


def evidence(case: Case) -> Evidence:
    return Evidence(case, RULES, grade(case), gates(case, RULES))


def states(conditions: Sequence[Condition]) -> list[Tristate]:
    return [condition.state for condition in conditions]


@pytest.mark.parametrize(
    ("facts", "level", "expected"),
    [
        (HARM, 2, True),
        (HARM | {"high": -0.9}, 2, False),
        (HARM | {"design": "before_after"}, 2, False),
        (HARM | {"design": "before_after"}, 1, True),
        (HARM | {"design": "satisfaction_survey"}, 1, False),
        (HARM | {"dose": None, "contamination": None}, 2, True),
        (HARM | {"dose": None, "contamination": None, "blinded": False, "self_report": True}, 2, None),
        (NO_INTERVAL, 2, None),
        (NOTHING, 2, False),
        (NO_INTERVAL | {"design": "before_after"}, 2, False),
        (NOTHING | {"minimal_important": None, "margin": None}, 2, False),
    ],
)
def test_important_harm(facts: dict[str, object], level: int, expected: Tristate) -> None:
    assert states(harmed(evidence(sound_case(indicator(**facts))), level))[0] is expected


def test_harm_is_looked_for_on_primaries_and_guardrails() -> None:
    found = harmed(evidence(sound_case()), 2)
    assert [str(item.message).split(":")[0] for item in found] == [
        "control",
        "strain",
        "guard safety",
        "guard staff",
        "guard equity",
    ]


def test_harm_beyond_the_margin_of_a_guardrail() -> None:
    unsafe = guardrail(Domain.SAFETY, margin=0.3, estimate=-0.5, low=-0.7, high=-0.3)
    case = Case("T", (*primaries(), unsafe), sound_case().portfolio, analysed_by_supplier_or_owner=False)
    assert states(harmed(evidence(case), 2)) == [False, False, True]


@pytest.mark.parametrize(
    ("facts", "expected", "missing"),
    [
        (HARM, True, ()),
        (HARM | {"in_plan": None}, None, (("control", "in_plan"),)),
        (NOTHING | {"in_plan": None}, False, ()),
    ],
)
def test_only_harm_known_to_count_can_stop(
    facts: dict[str, object], expected: Tristate, missing: tuple[object, ...]
) -> None:
    found = harm_known_to_count(evidence(sound_case(indicator(**facts))), 2)[0]
    assert found.state is expected
    if expected is not False:
        assert found.missing == missing


@pytest.mark.parametrize(
    ("indicators", "expected"),
    [
        (primaries(), True),
        (primaries(p_value=0.04), True),
        (primaries(p_value=0.06), False),
        ((indicator(), indicator(name="second")), False),
        ((indicator(),), False),
        (primaries(in_plan=None), None),
        (primaries(dose=None, contamination=None), None),
        (primaries(dose=None), True),
        (primaries(dose=0.5, contamination=0.5), False),
        (primaries(**NO_INTERVAL), None),
        ((*primaries(), indicator(name="third", **NOTHING)), True),
        ((indicator(), indicator(name="strain", domain=Domain.STAFF, **NO_INTERVAL)), None),
    ],
)
def test_claims_proven_at_high_certainty(indicators: tuple[Indicator, ...], expected: Tristate) -> None:
    case = sound_case(*indicators)
    assert claims_proven(evidence(case), R2).state is expected


def test_claims_that_wait_name_the_facts() -> None:
    found = claims_proven(evidence(sound_case(*primaries(dose=None, contamination=None))), R2)
    assert set(found.missing) == {(name, fact) for name in ("control", "strain") for fact in ("dose", "contamination")}
    assert str(found.message) == (
        "2 claims shown; 0 surely at certainty 3 or more with the facts at hand, in 0 domains; needed: 2 in 2"
    )


def test_a_roll_out_in_stages_asks_for_less_certainty() -> None:
    case = sound_case(*primaries(dose=0.5, contamination=0.5))
    assert claims_proven(evidence(case), R3).state is True


def test_the_count_of_claims_is_said() -> None:
    found = claims_proven(evidence(sound_case(indicator())), R2)
    assert str(found.message) == "1 claims in 1 domains proven at certainty 3 or more; needed: 2 in 2"


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ((Claim.BETTER, Claim.NOT_WORSE), True),
        ((Claim.NOT_WORSE, Claim.NOT_WORSE), False),
    ],
)
def test_one_claim_must_be_of_improvement(claims: tuple[Claim, Claim], expected: bool) -> None:
    case = sound_case(*(indicator(name=f"claim {n}", claim=claim) for n, claim in enumerate(claims)))
    assert improvement_claimed(evidence(case), RULES.recommendations["R2"]).state is expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, True),
        ({"p_value": 0.9}, False),
        ({"p_value": None, "low": None, "high": None}, None),
        ({"estimate": 0.5, "low": 0.1, "high": 0.9}, False),
        ({"claim": Claim.NOT_WORSE}, False),
    ],
)
def test_from_version_2_on_one_improvement_must_be_proven(facts: dict[str, Any], expected: Tristate) -> None:
    case = sound_case(indicator(**facts), indicator(name="quality", claim=Claim.NOT_WORSE))
    found = improvement_claimed(evidence(case), load_ruleset("2").recommendations["R2"])
    assert found.state is expected
    assert bool(found.missing) is (expected is None)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(-1.5, 0.4, True), (-0.9, 0.9, True), (-3.0, -1.5, True), (-0.5, 1.0, False), (0.1, 0.9, False)],
)
def test_from_version_2_on_no_gain_is_that_an_important_benefit_is_excluded(
    low: float, high: float, expected: bool
) -> None:
    two = load_ruleset("2")
    seen = indicator(estimate=(low + high) / 2, low=low, high=high, p_value=None)
    quality = indicator(name="quality", claim=Claim.NOT_WORSE)
    case = with_portfolio(sound_case(seen, quality), pilots=1)
    found = no_gain(Evidence(case, two, grade(case, two), gates(case, two)), two.recommendations["R4"])
    assert [one.state for one in found] == [expected]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, True),
        (NOTHING, True),
        (NOTHING | {"low": -1.0}, False),
        (NOTHING | NO_INTERVAL, None),
        (HARM, False),
    ],
)
def test_what_is_not_proven_must_exclude_the_margin(facts: dict[str, object], expected: Tristate) -> None:
    assert states(no_harm(evidence(sound_case(indicator(**facts)))))[0] is expected


def test_guardrails_must_exclude_their_margin() -> None:
    case = Case("T", (guardrail(Domain.SAFETY, margin=0.4), guardrail(Domain.STAFF, margin=0.41)))
    assert states(no_harm(evidence(case))) == [False, True]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, True),
        ({"design": "before_after"}, False),
        ({"dose": None, "contamination": None}, True),
        ({"dose": None, "contamination": None, "in_plan": None, "blinded": None, "self_report": True}, None),
    ],
)
def test_guardrails_at_their_certainty(facts: dict[str, object], expected: Tristate) -> None:
    case = sound_case(indicators=(*primaries(), guardrail(Domain.SAFETY, **facts)))
    assert states(guardrails_certain(evidence(case), R2)) == [expected]


def test_a_certainty_that_is_not_settled_is_told_as_its_range() -> None:
    facts = {"dose": None, "contamination": None, "in_plan": None, "blinded": None, "self_report": True}
    found = guardrails_certain(evidence(sound_case(indicators=(guardrail(Domain.SAFETY, **facts),))), R2)[0]
    assert found.inputs == {"certainty_lowest": 1, "certainty_highest": 4}
    assert "certainty is 2 or more; with the facts at hand it lies between 1 and 4" in str(found.message)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (NOTHING, True),
        (HARM, True),
        (HARM | {"high": -0.5}, True),
        (NOTHING | {"low": -1.5}, False),
        ({}, False),
        ({"estimate": 0.5, "low": 0.2, "high": 0.8}, False),
        (NOTHING | {"design": "before_after"}, False),
        (NOTHING | {"dose": None, "contamination": None}, None),
        (NO_INTERVAL, None),
    ],
)
def test_little_or_no_effect_or_harm(facts: dict[str, object], expected: Tristate) -> None:
    assert states(no_gain(evidence(sound_case(indicator(**facts))), R4)) == [expected]


def test_without_a_primary_nothing_is_known_to_have_no_effect() -> None:
    assert states(no_gain(evidence(sound_case(indicator(in_plan=False))), R4)) == [False]


@pytest.mark.parametrize(
    ("indicators", "expected"),
    [
        (primaries(), False),
        (primaries(**NOTHING), True),
        (primaries(claim=Claim.NOT_WORSE), True),
        (primaries(**NO_INTERVAL), None),
        (primaries(in_plan=None), None),
    ],
)
def test_no_claim_of_improvement_is_proven(indicators: tuple[Indicator, ...], expected: Tristate) -> None:
    case = sound_case(*indicators)
    assert nothing_better(evidence(case)).state is expected
