"""Decisions for the tests of this slice and all later ones."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from registry.decisions.actions import decide
from registry.decisions.rules import Choice
from registry.decisions.schemas import Deciding, NewCondition
from registry.kit.clock import today
from registry.people.rules import Person, Role
from tests.registry.people.story import an_account
from tests.registry.plans.story import Cast
from tests.registry.recommendations.story import an_issued_recommendation


def a_condition(**changes: Any) -> NewCondition:
    """Something that must hold within three months."""
    stated = {"text": "The business case is worked out", "owner": "Programme office", "due": in_days(90)}
    return NewCondition(**{**stated, **changes})


def deciding(choice: Choice = Choice.GATHER_EVIDENCE, **changes: Any) -> Deciding:
    """A decision that follows the advice of `an_issued_recommendation`, with one condition."""
    stated: dict[str, Any] = {"choice": choice, "reason": "", "conditions": [a_condition()]}
    return Deciding(**{**stated, **changes})


def in_days(number: int) -> Any:
    """That many days from today."""
    return today() + timedelta(days=number)


async def a_decision_maker(cast: Cast) -> Person:
    """A decision-maker of the pilot's owner."""
    return await an_account(Role.DECISION_MAKER, organisation=cast.lead.organisation)


async def a_decision(state: Path, **about: Any) -> tuple[Cast, int]:
    """A recorded decision that follows the advice."""
    cast, recommendation_id = await an_issued_recommendation(state, **about)
    return cast, await decide(recommendation_id, deciding(), by=await a_decision_maker(cast))
