"""What a version of moments was made of: who has a part in it, and whether all of it still counts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from effects.message import Message
from registry.datasets.schemas import VersionView
from registry.datasets.tables import Contribution, Deletion
from registry.kit.clock import now
from registry.people.rules import Person

SENT_ROWS: Final = Message(
    "You sent these rows yourself, so somebody else has to approve them: another project lead or an evaluator."
)
GATHERED: Final = Message(
    "You gathered these moments yourself, so somebody else has to approve them: another project lead or an evaluator."
)
SENT_MOMENTS: Final = Message(
    "You sent moments that are in this version, so somebody else has to approve it: another project lead or an "
    "evaluator."
)


@dataclass(frozen=True, slots=True)
class Part:
    """A delivery that went into a version, its authority and sender by their ids, and whether it counts still."""

    delivery: int
    authority: int
    sender: int
    counts: bool


@dataclass(frozen=True, slots=True)
class Forsaken:
    """Which version of a delivery that none holds any more went last, why and by whom."""

    version: int
    reason: str
    deleted_by: int


async def own_work(person: Person, version: VersionView) -> Message | None:
    """Why the person may not judge a version: they sent its rows, or sent or gathered any of its moments."""
    if version.uploaded_by == person.id:
        return GATHERED if version.moments else SENT_ROWS
    theirs = (Contribution.version == version.id) & (Contribution.sent_by == person.id)
    return SENT_MOMENTS if await Contribution.exists().where(theirs) else None


async def outdated(version: VersionView) -> Message | None:
    """Why a version of moments must not be approved: some of them were replaced or deleted since."""
    template = Message("The moments of {authorities} were replaced or deleted since they were gathered. Gather again.")
    return await _of_those_gone(version, template)


async def withheld(version: VersionView) -> Message | None:
    """Why nobody gets the file of a version of moments: what went would be the difference from a newer one."""
    template = Message(
        "The moments of {authorities} were replaced or deleted since they were gathered. The file is no longer handed "
        "out: beside a newer one it would tell of the few people by whom the two differ."
    )
    return await _of_those_gone(version, template)


async def _of_those_gone(version: VersionView, template: Message) -> Message | None:
    """The message with their names; None where all that went has a like that counts."""
    names = (Contribution.authority.name.as_alias("name"), Contribution.authority.code.as_alias("code"))
    rows = await Contribution.select(Contribution.gone_at, *names).where(Contribution.version == version.id)
    standing = {row["code"] for row in rows if row["gone_at"] is None}
    gone = sorted({f"{row['name']} ({row['code']})" for row in rows if row["code"] not in standing})
    return replace(template, params={"authorities": ", ".join(gone)}) if gone else None


async def keep(version_id: int, parts: Sequence[Part]) -> None:
    """Write down what a version holds; the same sums may be gathered again of other deliveries."""
    known = await Contribution.select(Contribution.delivery).where(Contribution.version == version_id)
    there = {row["delivery"] for row in known}
    new = [
        Contribution(
            version=version_id,
            delivery=part.delivery,
            authority=part.authority,
            sent_by=part.sender,
            gone_at=None if part.counts else now(),
        )
        for part in parts
        if part.delivery not in there
    ]
    if new:
        await Contribution.insert(*new)


async def end(deliveries: Collection[int]) -> None:
    """Write down that deliveries no longer count."""
    if deliveries:
        ended: dict[Any, Any] = {Contribution.gone_at: now()}
        still = Contribution.delivery.is_in(list(deliveries)) & Contribution.gone_at.is_null()
        await Contribution.update(ended).where(still)


async def forsaken(pilot_id: int) -> Mapping[int, Forsaken]:
    """Deliveries of a pilot that count, by id, of which every version made is deleted and one at least by a person.

    A version that went on its promised day takes nothing with it: each delivery has a day of its own.
    """
    query = Deletion.select(Deletion.version, Deletion.reason, Deletion.deleted_by)
    deletions = {row["version"]: row for row in await query.where(Deletion.version._.pilot == pilot_id)}
    counts = (Contribution.version._.pilot == pilot_id) & Contribution.gone_at.is_null()
    held: dict[int, list[int]] = {}
    for part in await Contribution.select(Contribution.delivery, Contribution.version).where(counts):
        held.setdefault(part["delivery"], []).append(part["version"])
    found = {}
    for delivery, versions in held.items():
        by_people = [one for one in versions if one in deletions and deletions[one]["deleted_by"] is not None]
        if by_people and all(one in deletions for one in versions):
            last = deletions[max(by_people)]
            found[delivery] = Forsaken(last["version"], last["reason"], last["deleted_by"])
    return found
