"""The words of indicators and their rating, who may do what, and what is missing from a set of indicators. Pure."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from effects.codes import Domain
from effects.codes import Role as IndicatorRole
from effects.errors import Finding
from effects.message import Message
from registry.kit.access import SIGNED_IN, Permission
from registry.kit.errors import Conflict
from registry.people.rules import Person, Role, StakeholderGroup


class Perspective(StrEnum):
    """The four perspectives of the Danish welfare-technology assessment (VTV)."""

    CITIZEN = "citizen"
    ORGANISATION = "organisation"
    TECHNOLOGY = "technology"
    ECONOMY = "economy"


class Outcome(StrEnum):
    """What a closed round made of an indicator; `undecided` is what falls between the rules."""

    IN = "in"
    OUT = "out"
    DISAGREEMENT = "disagreement"
    UNDECIDED = "undecided"


class RoundState(StrEnum):
    """How far the rating of a pilot's indicators is."""

    NOT_OPENED = "not_opened"
    OPEN = "open"
    CLOSED = "closed"


VIEW: Final = SIGNED_IN
PROPOSE: Final = Permission("indicators.propose", frozenset({Role.PROJECT_LEAD, Role.EVALUATOR, Role.STAKEHOLDER}))
HOLD_ROUND: Final = Permission("indicators.hold_round", frozenset({Role.PROJECT_LEAD, Role.EVALUATOR}))
"""Opening and closing the round, and mending or withdrawing what somebody else proposed."""
RATE: Final = Permission("indicators.rate", frozenset({Role.STAKEHOLDER}))

CODE: Final = re.compile(r"\A[A-Za-z_][A-Za-z0-9_.]{0,59}\Z")
"""A code is a column of the uploaded rows: it must be safe to write in a file and in SQL."""

LOWEST: Final = 1
HIGHEST: Final = 9
NO_OPINION: Final = 0
"""What a person sends who cannot judge an indicator; nothing is stored."""

PRIMARIES: Final = 2
GUARDED: Final = (Domain.SAFETY, Domain.STAFF, Domain.EQUITY)
"""Gate G2: at least two primary indicators in at least two domains, and guardrails for these."""


@dataclass(frozen=True, slots=True)
class Stated:
    """The two things about an indicator that decide whether a set has holes."""

    domain: Domain
    role: IndicatorRole


def code_findings(code: str, where: str = "code", row: int | None = None) -> Iterator[Finding]:
    """What is wrong with a code as the name of a column."""
    if CODE.match(code) is None:
        yield Finding(
            where,
            "unsafe_code",
            "{code} cannot be the name of a column.",
            "Begin with a letter or underscore and use at most 60 letters from a to z, digits, dots and underscores.",
            {"code": code[:60] or "–"},
            row=row,
        )


def size_findings(minimal_important: float | None, margin: float | None, row: int | None = None) -> Iterator[Finding]:
    """What is wrong with the sizes that matter: both are positive, and the margin is not the larger one."""
    for where, size in (("minimal_important", minimal_important), ("margin", margin)):
        if size is not None and size <= 0:
            yield Finding(
                where, "not_positive", "The size has to be larger than zero.", "Leave it empty if unknown.", row=row
            )
    if minimal_important and margin and margin > minimal_important > 0:
        yield Finding(
            "margin",
            "margin_too_large",
            "The most harm that is acceptable is larger than the smallest difference that matters.",
            "Make it at most as large.",
            row=row,
        )


def holes(indicators: Collection[Stated]) -> tuple[Message, ...]:
    """What the set lacks for a roll-out to be recommended (gate G2), in the order of the rule."""
    return tuple(_holes(indicators))


def _holes(indicators: Collection[Stated]) -> Iterator[Message]:
    primary = [one.domain for one in indicators if one.role is IndicatorRole.PRIMARY]
    if len(primary) < PRIMARIES:
        yield Message("Fewer than two primary indicators.")
    if len(set(primary)) < PRIMARIES:
        yield Message("The primary indicators do not lie in at least two domains.")
    guarded = {one.domain for one in indicators if one.role is IndicatorRole.GUARDRAIL}
    missing = {
        Domain.SAFETY: Message("No guardrail for safety."),
        Domain.STAFF: Message("No guardrail for the staff."),
        Domain.EQUITY: Message("No guardrail for equity."),
    }
    yield from (missing[domain] for domain in GUARDED if domain not in guarded)


def group_of(person: Person, organisation: int, pilot: int) -> StakeholderGroup | None:
    """The group the person speaks for in the pilot: that of the first grant that reaches it; None for nobody."""
    return next(
        (
            grant.group
            for grant in person.grants
            if grant.role is Role.STAKEHOLDER and grant.group and grant.covers(organisation, pilot)
        ),
        None,
    )


def must_not_be_rated(state: RoundState) -> None:
    """Raise Conflict when the list of indicators is no longer open to change."""
    if state is RoundState.OPEN:
        raise Conflict(
            "The indicators are being rated, so their list and wording stand still. "
            "A second round, in which they can change, comes in a later version."
        )
    if state is RoundState.CLOSED:
        raise Conflict(
            "The rating round is closed and its indicators are locked. "
            "A second round, in which they can change, comes in a later version."
        )


def not_open(state: RoundState) -> Conflict:
    """Why nothing can be rated, and what comes first."""
    if state is RoundState.NOT_OPENED:
        return Conflict("The rating round is not open yet. The project lead opens it when the indicators are proposed.")
    return Conflict("The rating round is closed, so scores can no longer be given or changed.")
