import pytest
from hypothesis import given
from hypothesis import strategies as st

from effects.codes import Domain
from effects.codes import Role as IndicatorRole
from registry.indicators.rules import (
    HOLD_ROUND,
    PROPOSE,
    RATE,
    RoundState,
    Stated,
    code_findings,
    group_of,
    holes,
    must_not_be_rated,
    not_open,
    size_findings,
)
from registry.kit.errors import Conflict
from registry.people.rules import Grant, Person, Role, StakeholderGroup, allows


@pytest.mark.parametrize("code", ["language", "_hidden", "y2", "first.treat", "A" * 60])
def test_a_column_name_is_a_code(code: str) -> None:
    assert list(code_findings(code)) == []


@pytest.mark.parametrize(
    "code",
    ["", "2y", "språk", "a b", 'x"; DROP', "a-b", "a\n", "A" * 61, "=1+1", ".x", "x,y", "x\x00"],
)
def test_anything_else_is_not(code: str) -> None:
    (found,) = code_findings(code, row=3)
    assert (found.where, found.code, found.row) == ("code", "unsafe_code", 3)


@given(st.text(max_size=70))
def test_a_code_that_passes_is_safe_to_write_anywhere(code: str) -> None:
    if not list(code_findings(code)):
        assert code.isascii()
        assert code.replace(".", "_").isidentifier()


def test_sizes_that_matter_are_positive_and_the_margin_not_the_larger() -> None:
    assert list(size_findings(0.05, 0.05)) == []
    assert list(size_findings(None, None)) == []
    assert [found.code for found in size_findings(-1.0, 0.0)] == ["not_positive", "not_positive"]
    assert [found.code for found in size_findings(0.05, 0.1)] == ["margin_too_large"]


def test_an_empty_set_lacks_everything() -> None:
    assert [str(message) for message in holes([])] == [
        "Fewer than two primary indicators.",
        "The primary indicators do not lie in at least two domains.",
        "No guardrail for safety.",
        "No guardrail for the staff.",
        "No guardrail for equity.",
    ]


def test_a_full_set_lacks_nothing() -> None:
    primary = [Stated(domain, IndicatorRole.PRIMARY) for domain in (Domain.CITIZEN, Domain.ECONOMY)]
    guards = [Stated(domain, IndicatorRole.GUARDRAIL) for domain in (Domain.SAFETY, Domain.STAFF, Domain.EQUITY)]
    assert holes([*primary, *guards]) == ()
    assert [str(one) for one in holes([primary[0], *guards])] == [
        "Fewer than two primary indicators.",
        "The primary indicators do not lie in at least two domains.",
    ]


def test_a_primary_indicator_for_safety_is_no_guardrail() -> None:
    indicators = [Stated(Domain.SAFETY, IndicatorRole.PRIMARY), Stated(Domain.STAFF, IndicatorRole.PRIMARY)]
    assert [str(one) for one in holes(indicators)] == [
        "No guardrail for safety.",
        "No guardrail for the staff.",
        "No guardrail for equity.",
    ]


def somebody(*grants: Grant) -> Person:
    return Person(1, "A", "a@example.dk", 1, "X", grants=grants)


def test_a_person_speaks_for_the_group_of_the_grant_that_reaches_the_pilot() -> None:
    person = somebody(
        Grant(Role.PROJECT_LEAD, organisation=1),
        Grant(Role.STAKEHOLDER, pilot=7, group=StakeholderGroup.STAFF),
        Grant(Role.STAKEHOLDER, organisation=3, group=StakeholderGroup.IT),
    )
    assert group_of(person, organisation=1, pilot=7) is StakeholderGroup.STAFF
    assert group_of(person, organisation=3, pilot=8) is StakeholderGroup.IT
    assert group_of(person, organisation=1, pilot=8) is None
    assert group_of(somebody(Grant(Role.STAKEHOLDER)), organisation=1, pilot=8) is None


def test_who_may_propose_hold_the_round_and_rate() -> None:
    expected = {
        Role.PROJECT_LEAD: (True, True, False),
        Role.EVALUATOR: (True, True, False),
        Role.STAKEHOLDER: (True, False, True),
        Role.DECISION_MAKER: (False, False, False),
        Role.ADMINISTRATOR: (False, False, False),
    }
    for role, rights in expected.items():
        person = somebody(Grant(role))
        assert tuple(allows(person, one, organisation=1, pilot=7) for one in (PROPOSE, HOLD_ROUND, RATE)) == rights


def test_a_wrong_step_says_why_and_what_comes_first() -> None:
    must_not_be_rated(RoundState.NOT_OPENED)
    with pytest.raises(Conflict, match="conflict: The indicators are being rated"):
        must_not_be_rated(RoundState.OPEN)
    with pytest.raises(Conflict, match="second round"):
        must_not_be_rated(RoundState.CLOSED)
    assert "opens it when" in str(not_open(RoundState.NOT_OPENED).message)
    assert "closed" in str(not_open(RoundState.CLOSED).message)
