"""Registers pilots from seed files: the catalogue of what really took place, and the demo's own."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

import msgspec

from registry.kit.clock import today
from registry.people.rules import OrganisationKind, Person
from registry.pilots.actions import register
from registry.pilots.rules import Visibility
from registry.pilots.schemas import MilestoneRow, Registration
from registry.pilots.tables import Pilot, Technology
from registry.seeding import files, reference
from registry.seeding.files import CatalogueSeed, DemoPilotSeed, MilestoneSeed, OrganisationKey, PilotSeed

Homes = Mapping[OrganisationKey, int]


async def load() -> None:
    """Enter the catalogue entries that are missing; the programme itself enters them."""
    homes = await reference.organisation_ids()
    for seed in files.catalogue():
        if await pilot_id(seed.title) is None:
            await register(catalogued(seed, homes), by=None)


async def pilot_id(title: str) -> int | None:
    """The pilot of that title, if there is one."""
    row = await Pilot.select(Pilot.id).where(Pilot.title == title).order_by(Pilot.id).first()
    return None if row is None else int(row["id"])


async def register_demo(seed: DemoPilotSeed, *, by: Person) -> int:
    """Register a simulated pilot, of a technology that another one tries already or of a new one; returns it."""
    stated = simulated(seed, await reference.organisation_ids())
    known = (Technology.name == seed.technology) & (Technology.major_version == seed.major_version)
    row = await Technology.select(Technology.id).where(known).first()
    if row is not None:
        new = dict.fromkeys(("new_technology", "new_major_version", "new_supplier", "new_purpose"), "")
        stated = msgspec.structs.replace(stated, technology=row["id"], **new)
    return await register(stated, by=by)


def catalogued(seed: CatalogueSeed, homes: Homes) -> Registration:
    """A catalogue entry as it is registered: open to the programme, with its source."""
    return _registration(seed, homes, source=seed.source)


def simulated(seed: DemoPilotSeed, homes: Homes) -> Registration:
    """A demo pilot as it is registered: labelled as simulated."""
    return _registration(seed, homes, simulated=True)


def _registration(seed: PilotSeed, homes: Homes, *, source: str = "", simulated: bool = False) -> Registration:
    return Registration(
        title=seed.title,
        kind=seed.kind,
        organisation=homes[seed.owner],
        new_technology=seed.technology,
        new_major_version=seed.major_version,
        new_supplier=seed.supplier,
        new_purpose=seed.purpose,
        technology_version=seed.technology_version,
        target_group=seed.target_group,
        description=seed.description,
        starts=_day(seed.starts, seed.starts_in),
        ends=_day(seed.ends, seed.ends_in),
        legal_basis=seed.legal_basis,
        dpia=seed.dpia,
        visibility=Visibility.PROGRAMME,
        sites=_codes(seed.sites, homes),
        comparison_sites=tuple(seed.comparison_sites),
        milestones=_milestones(seed.milestones),
        simulated=simulated,
        source=source,
    )


def _day(fixed: date | None, days_from_today: int | None) -> date | None:
    return fixed if days_from_today is None else today() + timedelta(days=days_from_today)


def _codes(stated: list[str] | str, homes: Homes) -> tuple[str, ...]:
    """The codes as listed; `all` is every municipality."""
    if isinstance(stated, str):
        return tuple(sorted(code for kind, code in homes if kind is OrganisationKind.MUNICIPALITY))
    return tuple(stated)


def _milestones(seeds: Iterable[MilestoneSeed]) -> tuple[MilestoneRow, ...]:
    return tuple(MilestoneRow(title=seed.title, due=seed.due or _day(None, seed.due_in)) for seed in seeds)
