import pytest

from effects.case import Case, GateFact
from effects.codes import Domain, Role
from effects.rules.gates import Gate, gates, hold
from effects.rules.ruleset import load_ruleset
from effects.rules.tristate import Tristate
from tests.effects.sound_case import guardrail, guardrails, indicator, primaries, sound_case, with_gate

RULES = load_ruleset()
STATED = ["G1", "G3", "G4", "G5", "G6"]


def gate(case: Case, name: str) -> Gate:
    return next(item for item in gates(case, RULES) if item.id == name)


def test_all_gates_are_listed_in_order() -> None:
    found = gates(sound_case(), RULES)
    assert [item.id for item in found] == ["G1", "G2", "G3", "G4", "G5", "G6", "G7"]
    assert {item.state for item in found} == {True}


@pytest.mark.parametrize("name", STATED)
@pytest.mark.parametrize("holds", [True, False, None])
def test_a_stated_gate_is_what_the_fact_says(name: str, holds: bool | None) -> None:
    found = gate(with_gate(sound_case(), name, holds), name)
    assert found.state is holds
    assert found.missing == ((name,) if holds is None else ())


@pytest.mark.parametrize("name", STATED)
def test_a_gate_of_which_nothing_is_stated_is_not_known(name: str) -> None:
    found = gate(sound_case(gates={}), name)
    assert found.state is None
    assert str(found.supplier).startswith("the ")


def test_a_gate_shows_its_ground_and_its_remedy() -> None:
    case = sound_case(gates={"G5": GateFact(False, "the union did not vote")})
    found = gate(case, "G5")
    assert found.why == "the union did not vote"
    assert str(found.remedy) == RULES.gates["G5"].remedy


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (sound_case(), True),
        (sound_case(indicator()), False),
        (sound_case(indicator(), indicator(name="second")), False),
        (sound_case(*primaries(in_plan=None)), None),
        (sound_case(*primaries(in_plan=False)), False),
        (sound_case(*primaries(role=Role.SECONDARY)), False),
        (Case("T", primaries()), False),
        (Case("T", (*primaries(), *guardrails()[:2])), False),
        (Case("T", (*primaries(), *guardrails(in_plan=None))), None),
        (Case("T", (*primaries(), *guardrails(in_plan=False))), False),
    ],
)
def test_enough_indicators_in_enough_domains(case: Case, expected: Tristate) -> None:
    assert gate(case, "G2").state is expected


def test_the_domains_without_a_guardrail_are_named() -> None:
    case = Case("T", (*primaries(), guardrail(Domain.STAFF)))
    assert gate(case, "G2").inputs == {"primaries": 2, "domains": 2, "guardrails_lacking": "safety, equity"}


def test_an_unsure_count_waits_for_the_plan() -> None:
    assert gate(sound_case(*primaries(in_plan=None)), "G2").missing == ("in_plan",)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"design": "before_after"}, True),
        ({"design": "satisfaction_survey"}, False),
        ({"design": "before_after", "has_baseline": False, "has_comparison": False}, False),
        ({"design": None, "has_baseline": True}, True),
        ({"design": None, "has_baseline": False, "has_comparison": True}, True),
        ({"design": None, "has_baseline": False, "has_comparison": False}, False),
        ({"design": None, "has_baseline": None, "has_comparison": None}, None),
        ({"design": None, "has_baseline": False, "has_comparison": None}, None),
        ({"design": "before_after", "in_plan": None}, None),
        ({"design": "before_after", "in_plan": False}, False),
        ({"design": "before_after", "role": Role.SECONDARY}, False),
    ],
)
def test_satisfaction_alone_cannot_be_graded(facts: dict[str, object], expected: Tristate) -> None:
    assert gate(sound_case(indicator(**facts)), "G7").state is expected


def test_one_comparable_primary_is_enough() -> None:
    case = sound_case(indicator(design="satisfaction_survey"), indicator(name="other", design="before_after"))
    assert gate(case, "G7").state is True


@pytest.mark.parametrize("name", ["G2", "G7"])
def test_a_gate_read_off_the_indicators_can_only_be_failed_by_a_fact(name: str) -> None:
    assert gate(with_gate(sound_case(), name, False), name).state is False
    poor = sound_case(indicator(design="satisfaction_survey"))
    assert gate(with_gate(poor, name, True), name).state is False


@pytest.mark.parametrize(
    ("name", "holds", "validity", "roll_out"),
    [
        ("G1", False, False, True),
        ("G3", None, None, True),
        ("G5", False, True, False),
        ("G6", None, True, None),
        ("G1", True, True, True),
    ],
)
def test_gates_hold_by_kind(name: str, holds: bool | None, validity: Tristate, roll_out: Tristate) -> None:
    found = gates(with_gate(sound_case(), name, holds), RULES)
    assert hold(found, "validity") is validity
    assert hold(found, "roll_out") is roll_out
