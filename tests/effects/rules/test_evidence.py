import pytest

from effects.case import Case
from effects.codes import Role
from effects.grading import grade
from effects.message import Message
from effects.rules.evidence import Evidence, condition, gate_conditions
from effects.rules.gates import gates
from effects.rules.ruleset import load_ruleset
from effects.rules.tristate import Tristate
from tests.effects.sound_case import indicator, sound_case, with_gate, with_portfolio

RULES = load_ruleset()


def evidence(case: Case) -> Evidence:
    return Evidence(case, RULES, grade(case), gates(case, RULES))


@pytest.mark.parametrize(
    ("state", "missing"),
    [
        (None, (("control", "dose"), (None, "evsi"))),
        (True, ()),
        (False, ()),
    ],
)
def test_a_condition_waits_only_while_it_is_not_known(state: Tristate, missing: tuple[object, ...]) -> None:
    waits = [("control", "dose"), (None, "evsi"), ("control", "dose")]
    assert condition("x", state, Message("x"), {}, {}, waits).missing == missing


def test_primaries_and_guardrails_that_count() -> None:
    late = indicator(name="late", in_plan=False)
    other = indicator(name="other", role=Role.SECONDARY)
    found = evidence(sound_case(indicator(), late, other))
    assert [item.name for item in found.primaries] == ["control"]
    assert [item.name for item in found.guardrails] == ["guard safety", "guard staff", "guard equity"]


def test_gates_of_a_kind_as_conditions() -> None:
    found = gate_conditions(evidence(with_gate(sound_case(), "G3", None)), "validity")
    assert [(item.id, item.state) for item in found] == [("G1", True), ("G3", None), ("G4", True), ("G7", True)]
    assert found[1].missing == ((None, "G3"),)


@pytest.mark.parametrize(
    ("facts", "names"),
    [
        ({}, []),
        ({"low": None, "high": None}, ["low", "high"]),
        ({"minimal_important": None}, ["minimal_important"]),
    ],
)
def test_what_a_verdict_waits_for(facts: dict[str, object], names: list[str]) -> None:
    found = evidence(sound_case(indicator(**facts)))
    assert found.unread(found.primaries[0]) == tuple(("control", name) for name in names)


def test_what_a_certainty_waits_for_belongs_to_the_indicator_or_to_the_case() -> None:
    found = evidence(with_portfolio(sound_case(indicator(dose=None)), share_silent=None))
    assert found.ungraded(found.primaries[0]) == (("control", "dose"), (None, "share_silent"))


def test_a_certainty_that_is_known_waits_for_nothing() -> None:
    found = evidence(sound_case())
    assert found.ungraded(found.primaries[0]) == ()
