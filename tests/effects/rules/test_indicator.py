import pytest

from effects.codes import Better, Claim, Domain, Role
from effects.rules.indicator import Indicator, Study
from tests.effects.sound_case import indicator

BARE = Indicator(name="falls", role=Role.PRIMARY, domain=Domain.SAFETY, better=Better.LOWER)


def test_what_is_not_stated_is_not_known() -> None:
    stated = {"name", "role", "domain", "better", "claim", "stage_p_values", "studies"}
    facts = {name: getattr(BARE, name) for name in Indicator.__dataclass_fields__ if name not in stated}
    assert set(facts.values()) == {None}


def test_a_claim_is_of_improvement_unless_stated() -> None:
    assert BARE.claim is Claim.BETTER


@pytest.mark.parametrize(
    ("important", "margin", "expected"),
    [
        (1.0, 0.5, 0.5),
        (1.0, None, 1.0),
        (None, 0.5, 0.5),
        (None, None, None),
    ],
)
def test_the_margin_is_the_important_difference_unless_stated(
    important: float | None, margin: float | None, expected: float | None
) -> None:
    assert indicator(minimal_important=important, margin=margin).harm_margin == expected


@pytest.mark.parametrize(
    ("role", "in_plan", "expected"),
    [
        (Role.PRIMARY, True, True),
        (Role.PRIMARY, None, True),
        (Role.PRIMARY, False, False),
        (Role.GUARDRAIL, True, True),
        (Role.GUARDRAIL, False, False),
        (Role.SECONDARY, True, False),
    ],
)
def test_what_may_carry_or_bar_a_recommendation(role: Role, in_plan: bool | None, expected: bool) -> None:
    assert indicator(role=role, in_plan=in_plan).counts is expected


def test_a_study_is_a_pilot_with_its_estimate_and_error() -> None:
    assert Study("Skive", 1.2, 0.4) == Study(pilot="Skive", estimate=1.2, standard_error=0.4, date=None, cluster=None)
