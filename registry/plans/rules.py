"""Who may draft and lock, and a plan against what the stakeholders agreed. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Final

from effects.codes import Role as OutcomeRole
from effects.errors import Finding
from effects.message import Message
from effects.planning.sections import Outcome
from registry.indicators.schemas import AgreedIndicator
from registry.kit.access import SIGNED_IN, Permission
from registry.people.rules import Role

VIEW: Final = SIGNED_IN
"""Anyone signed in may ask; `pilots.queries.visible_pilot` decides whose plans they see."""

DRAFT: Final = Permission("plans.draft", frozenset({Role.EVALUATOR}))
SIMULATE: Final = Permission("plans.simulate", frozenset({Role.EVALUATOR}))
LOCK: Final = Permission("plans.lock", frozenset({Role.EVALUATOR}))

NEVER_CHANGES: Final = Message("A locked plan never changes. Supersede it with a reason instead.")


class State(StrEnum):
    """Where a plan stands. Only a locked one may be analysed."""

    DRAFT = "draft"
    LOCKED = "locked"
    SUPERSEDED = "superseded"


def agreement_findings(outcomes: Sequence[Outcome], agreed: Sequence[AgreedIndicator]) -> list[Finding]:
    """Where a plan leaves what was agreed.

    The field's actors decide what a technology is judged by, so a primary outcome that they did not agree, or an
    agreed one that is left out or turned around, keeps a plan from being locked. Other outcomes may be added, labelled
    as not agreed.
    """
    known = {indicator.code: indicator for indicator in agreed}
    return [
        *(finding for place, outcome in enumerate(outcomes) for finding in _outcome(place, outcome, known)),
        *_left_out({outcome.column for outcome in outcomes}, agreed),
    ]


def overtaken(number: int) -> Finding:
    """What stands against a draft when another plan counts that it was not begun from."""
    return Finding(
        where="plan",
        code="overtaken",
        message="Plan {number} is locked, so this draft can no longer be locked.",
        remedy="Supersede the locked plan instead.",
        params={"number": number},
    )


def _outcome(place: int, outcome: Outcome, known: Mapping[str, AgreedIndicator]) -> Iterator[Finding]:
    where = f"outcome[{place}]"
    indicator = known.get(outcome.column)
    if indicator is None:
        yield _not_agreed(where, outcome)
        return
    if outcome.role != indicator.role:
        decisive = OutcomeRole.PRIMARY in (outcome.role, indicator.role)
        yield Finding(
            where=f"{where}.role",
            code="role_differs",
            message="{indicator} was agreed as {agreed}, but the plan says {stated}.",
            remedy="Keep the agreed role, or have the indicator agreed anew.",
            params={"indicator": indicator.name, "agreed": indicator.role, "stated": outcome.role.value},
            severity="error" if decisive else "warning",
        )
    if outcome.better != indicator.better:
        yield Finding(
            where=f"{where}.better",
            code="direction_differs",
            message="For {indicator} it was agreed that {agreed} is better, but the plan says {stated}.",
            remedy="Correct the direction.",
            params={"indicator": indicator.name, "agreed": indicator.better, "stated": outcome.better.value},
        )
    yield from _thresholds(where, outcome, indicator)


def _thresholds(where: str, outcome: Outcome, indicator: AgreedIndicator) -> Iterator[Finding]:
    for name in ("minimal_important", "margin"):
        agreed, stated = getattr(indicator, name), getattr(outcome, name)
        if agreed is not None and stated is not None and agreed != stated:
            yield Finding(
                where=f"{where}.{name}",
                code="threshold_differs",
                message="For {indicator} {agreed} was agreed, but the plan says {stated}.",
                remedy="Keep the agreed figure, or say in the evaluation why it was changed.",
                params={"indicator": indicator.name, "agreed": agreed, "stated": stated},
                severity="warning",
            )


def _not_agreed(where: str, outcome: Outcome) -> Finding:
    if outcome.role is OutcomeRole.PRIMARY:
        return Finding(
            where=f"{where}.role",
            code="primary_not_agreed",
            message="{column} is primary, but the stakeholders have not agreed on it.",
            remedy="Make it secondary, or have it proposed and rated.",
            params={"column": outcome.column},
        )
    return Finding(
        where=f"{where}.column",
        code="not_agreed",
        message="{column} is not among the agreed indicators; its results will be labelled “not agreed”.",
        remedy="Nothing needs to be done.",
        params={"column": outcome.column},
        severity="warning",
    )


def _left_out(stated: set[str], agreed: Sequence[AgreedIndicator]) -> Iterator[Finding]:
    for indicator in agreed:
        if indicator.code not in stated:
            yield Finding(
                where="outcome",
                code="agreed_left_out",
                message="{indicator} was agreed as {role}, but the plan has no outcome with the column {code}.",
                remedy="Add the outcome.",
                params={"indicator": indicator.name, "role": indicator.role, "code": indicator.code},
                severity="error" if indicator.role == OutcomeRole.PRIMARY else "warning",
            )


NOTHING_AGREED: Final = Finding(
    where="outcome",
    code="nothing_agreed",
    message="The stakeholders have not agreed on any indicator yet, so that no plan can be locked.",
    remedy="Close the rating round first.",
)
