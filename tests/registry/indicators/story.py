"""Indicators, stakeholders and closed rounds for the tests of this slice and all later ones."""

from collections.abc import Mapping, Sequence
from typing import Any

from effects.codes import Better, Domain, Role
from registry.indicators.actions import close_round, open_round, rate
from registry.indicators.proposing import propose
from registry.indicators.queries import indicators_of
from registry.indicators.rules import Perspective
from registry.indicators.schemas import NewIndicator, Rating
from registry.indicators.tables import LibraryIndicator
from registry.people.rules import Person, StakeholderGroup
from registry.people.rules import Role as PersonRole
from tests.registry.people.story import an_account

EVERY_GROUP = tuple(StakeholderGroup)


def an_indicator(code: str = "language", **changes: Any) -> NewIndicator:
    """A primary indicator of the citizens' domain."""
    stated: dict[str, Any] = {
        "code": code,
        "name": code.replace("_", " ").capitalize(),
        "wording": f"Share of cases in which {code} is stated.",
        "domain": Domain.CITIZEN,
        "role": Role.PRIMARY,
        "better": Better.HIGHER,
        "minimal_important": 0.05,
    }
    return NewIndicator(**{**stated, **changes})


async def some_indicators(pilot: int, lead: Person, codes: Sequence[str] = ("language", "employer")) -> list[int]:
    """Indicators proposed by the lead; the answer is their ids."""
    return [await propose(pilot, an_indicator(code), by=lead) for code in codes]


async def a_stakeholder(group: StakeholderGroup = StakeholderGroup.CITIZENS, *, pilot: int | None = None) -> Person:
    """Somebody who speaks for a group, in one pilot or everywhere."""
    return await an_account(PersonRole.STAKEHOLDER, everywhere=pilot is None, pilot=pilot, group=group)


async def rated_by(
    pilot: int, person: Person, score: int | Mapping[int, int] = 9, *, dissent: Mapping[int, str] | None = None
) -> None:
    """The person's scores: the same for every indicator, or one for each id."""
    scores = score if isinstance(score, Mapping) else {one.id: score for one in await indicators_of(pilot)}
    remarks = {str(key): text for key, text in (dissent or {}).items()}
    await rate(pilot, Rating({str(key): value for key, value in scores.items()}, remarks), by=person)


async def an_agreed_set(
    pilot: int,
    lead: Person,
    codes: Sequence[str] = ("language", "employer"),
    groups: Sequence[StakeholderGroup] = EVERY_GROUP,
) -> list[int]:
    """Indicators on which one person of each group agreed in a closed round; the answer is their ids."""
    ids = await some_indicators(pilot, lead, codes)
    await open_round(pilot, by=lead)
    for group in groups:
        await rated_by(pilot, await a_stakeholder(group, pilot=pilot))
    await close_round(pilot, by=lead)
    return ids


async def a_library(*codes: str) -> None:
    """Entries of the library with Danish and English texts."""
    await LibraryIndicator.insert(
        *(
            LibraryIndicator(
                code=code,
                name_da=f"Dansk {code}",
                name_en=f"English {code}",
                perspective=Perspective.CITIZEN,
                domain=Domain.CITIZEN,
                better=Better.HIGHER,
                unit="%",
                wording_da=f"Andel med {code}.",
                wording_en=f"Share with {code}.",
                source="A handbook",
            )
            for code in codes
        )
    )
