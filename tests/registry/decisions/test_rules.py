import pytest

from effects.codes import Kind
from registry.decisions.rules import ADVISED, DECIDE, Choice, deviates
from registry.people.rules import Role


def test_only_decision_makers_decide() -> None:
    assert DECIDE.roles == {Role.DECISION_MAKER}


def test_every_advice_has_the_one_choice_that_follows_it() -> None:
    assert set(ADVISED) == set(Kind)
    assert set(ADVISED.values()) == set(Choice)


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("choice", Choice)
def test_every_other_choice_deviates(kind: Kind, choice: Choice) -> None:
    assert deviates(kind, choice) is (ADVISED[kind] != choice)
