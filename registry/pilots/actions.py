"""Registering and amending pilots, and keeping their milestones.

`by=None` is the programme itself, entering what was published into the catalogue.
"""

from collections.abc import Iterable, Mapping

import msgspec

from effects.errors import Finding
from registry.audit.actions import record
from registry.kit.clock import now, today
from registry.kit.database import transaction
from registry.kit.errors import Conflict, Invalid, NotFound
from registry.people.rules import Person, require
from registry.people.tables import Organisation
from registry.pilots import checks
from registry.pilots.changes import PLAIN, as_stated, as_stored, differences
from registry.pilots.queries import milestones_of, places, sites_of, visible_pilot
from registry.pilots.rules import AMEND, REGISTER, Part
from registry.pilots.schemas import Amending, MilestoneRow, PilotView, Place, Registration
from registry.pilots.tables import Amendment, Milestone, Pilot, Site, Technology


async def register(command: Registration, *, by: Person | None) -> int:
    """Enter a pilot with its sites and milestones; the answer is its id.

    Raises Forbidden outside the organisations the person leads for, Invalid with everything that is wrong.
    """
    async with transaction():
        if by is not None:
            require(by, REGISTER, organisation=command.organisation)
        known = {place.code: place for place in await places()}
        found = checks.registration(command, known, catalogue=by is None)
        found += await _unknown_owner(command.organisation)
        technology_id = await _technology(command, found, catalogue=by is None)
        if found:
            raise Invalid(found)
        row = Pilot(
            **{name: getattr(command, name) for name in PLAIN},
            kind=command.kind,
            technology=technology_id or await _new_technology(command),
            organisation=command.organisation,
            simulated=command.simulated,
            source=command.source,
            registered_by=by.id if by else None,
            registered_at=now(),
        )
        pilot_id: int = (await Pilot.insert(row))[0]["id"]
        await _add_sites(pilot_id, Part.INTERVENTION, command.sites, known)
        await _add_sites(pilot_id, Part.COMPARISON, command.comparison_sites, known)
        await _add_milestones(pilot_id, command.milestones)
        content = {
            "organisation": command.organisation,
            "kind": command.kind,
            "sites": sorted(set(command.sites)),
            "comparison_sites": sorted(set(command.comparison_sites)),
        }
        await _record("pilots.register", pilot_id, content, by)
    return pilot_id


async def amend(pilot_id: int, command: Amending, *, by: Person) -> None:
    """Change what is registered, with the reason and with what was there before.

    Raises NotFound, Forbidden, Invalid, and Conflict when the pilot has left the version the change was made from.
    """
    async with transaction():
        pilot = await visible_pilot(by, pilot_id)
        require(by, AMEND, organisation=pilot.organisation, pilot=pilot.id)
        if command.version != pilot.version:
            raise _amended_meanwhile()
        known = {place.code: place for place in await places()}
        stored = as_stored(pilot, await sites_of(pilot_id), await milestones_of(pilot_id))
        changes = differences(stored, as_stated(command))
        found = checks.amendment(command, known, changes)
        labels = await _labels(pilot, command, found)
        if found:
            raise Invalid(found)
        await _next_version(pilot, command)
        if "sites" in changes or "comparison_sites" in changes:
            await _replace_sites(pilot_id, command, known)
        if "milestones" in changes:
            await Milestone.delete().where(Milestone.pilot == pilot_id, Milestone.done_at.is_null())
            await _add_milestones(pilot_id, command.milestones)
        if "technology" in changes:
            changes["technology"] = labels
        row = Amendment(
            pilot=pilot_id,
            weight=command.weight,
            reason=command.reason,
            changes=msgspec.json.encode(changes).decode(),
            amended_by=by.id,
            amended_at=now(),
        )
        amendment_id = (await Amendment.insert(row))[0]["id"]
        content = {"amendment": amendment_id, "weight": command.weight, "fields": sorted(changes)}
        await _record("pilots.amend", pilot_id, content, by)


async def keep_milestone(pilot_id: int, milestone_id: int, *, by: Person) -> None:
    """Note that a milestone is reached, today. Raises NotFound, Forbidden, and Conflict when it was noted before."""
    async with transaction():
        pilot = await visible_pilot(by, pilot_id)
        require(by, AMEND, organisation=pilot.organisation, pilot=pilot.id)
        its_own = (Milestone.id == milestone_id) & (Milestone.pilot == pilot_id)
        if not await Milestone.exists().where(its_own):
            raise NotFound
        kept = (
            await Milestone.update({Milestone.done_at: today()})
            .where(its_own, Milestone.done_at.is_null())
            .returning(Milestone.id)
        )
        if not kept:
            raise Conflict("This milestone is marked as reached already. Nothing needs to be done.")
        await _record("pilots.keep_milestone", pilot_id, {"milestone": milestone_id}, by)


def _amended_meanwhile() -> Conflict:
    message = "Somebody else amended this pilot while you were writing."
    remedy = "See what they changed, then save your own change."
    return Conflict(message, [Finding("version", "amended_meanwhile", message, remedy)])


async def _unknown_owner(organisation: int) -> list[Finding]:
    if await Organisation.exists().where(Organisation.id == organisation):
        return []
    return [Finding("organisation", "unknown", "There is no such organisation.", "Choose one from the list.")]


async def _technology(command: Registration, found: list[Finding], *, catalogue: bool) -> int | None:
    """The key of the technology when it is known already; adds to `found` what keeps it from being used."""
    if command.technology is not None:
        found += _unknown_technology(await _label(command.technology))
        return command.technology
    same = (Technology.name == command.new_technology) & (Technology.major_version == command.new_major_version)
    row = await Technology.select(Technology.id).where(same).first()
    if row and not catalogue:
        remedy = "Choose it from the list of known technologies."
        found.append(Finding("new_technology", "taken", "This technology and version is known already.", remedy))
    return row["id"] if row else None


async def _new_technology(command: Registration) -> int:
    row = Technology(
        name=command.new_technology,
        major_version=command.new_major_version,
        description=command.new_purpose,
        supplier=command.new_supplier,
    )
    technology_id: int = (await Technology.insert(row))[0]["id"]
    return technology_id


async def _label(technology_id: int) -> str | None:
    row = await Technology.select().where(Technology.id == technology_id).first()
    return f"{row['name']} {row['major_version']}" if row else None


def _unknown_technology(label: str | None) -> list[Finding]:
    if label is not None:
        return []
    return [Finding("technology", "unknown", "There is no such technology.", "Choose one from the list.")]


async def _labels(pilot: PilotView, command: Amending, found: list[Finding]) -> tuple[str, str]:
    """The technology before and after, in words that stay readable when it is renamed."""
    after = await _label(command.technology) if command.technology else None
    if command.technology:
        found += _unknown_technology(after)
    return f"{pilot.technology_name} {pilot.major_version}", after or ""


async def _next_version(pilot: PilotView, command: Amending) -> None:
    changed = (
        await Pilot.update(
            {
                **{name: getattr(command, name) for name in PLAIN},
                "technology": command.technology,
                "version": pilot.version + 1,
            }
        )
        .where(Pilot.id == pilot.id, Pilot.version == command.version)
        .returning(Pilot.id)
    )
    if not changed:
        raise _amended_meanwhile()


async def _replace_sites(pilot_id: int, command: Amending, known: Mapping[str, Place]) -> None:
    """Sites that stay keep the size class they were registered with."""
    wanted = dict.fromkeys(command.sites, Part.INTERVENTION) | dict.fromkeys(command.comparison_sites, Part.COMPARISON)
    for site in await sites_of(pilot_id):
        if wanted.get(site.code) is site.part:
            del wanted[site.code]
        else:
            await Site.delete().where(Site.pilot == pilot_id, Site.organisation == site.organisation)
    for part in Part:
        await _add_sites(pilot_id, part, [code for code, one in wanted.items() if one is part], known)


async def _add_sites(pilot_id: int, part: Part, codes: Iterable[str], known: Mapping[str, Place]) -> None:
    rows = [
        Site(
            pilot=pilot_id,
            organisation=known[code].id,
            part=part,
            size_class=known[code].size_class,
            size_class_year=known[code].size_class_year,
        )
        for code in sorted(set(codes))
    ]
    if rows:
        await Site.insert(*rows)


async def _add_milestones(pilot_id: int, stated: Iterable[MilestoneRow]) -> None:
    rows = [Milestone(pilot=pilot_id, title=row.title, due=row.due) for row in stated if row.stated]
    if rows:
        await Milestone.insert(*rows)


async def _record(action: str, pilot_id: int, content: Mapping[str, object], by: Person | None) -> None:
    await record(action=action, object_kind="pilot", object_id=pilot_id, content=content, by=by.id if by else None)
