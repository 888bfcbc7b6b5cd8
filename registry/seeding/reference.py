"""Reference data: regions, organisations and the indicator library, each entered once and left alone after that."""

from datetime import date
from typing import Final

import msgspec

from registry.audit.actions import record
from registry.indicators.tables import LibraryIndicator
from registry.kit.clock import today
from registry.kit.database import transaction
from registry.people.actions import create_organisation, create_region
from registry.people.rules import OrganisationKind
from registry.people.schemas import NewOrganisation, NewRegion
from registry.people.tables import Organisation, Region
from registry.seeding import files
from registry.seeding.files import BodySeed, MunicipalitySeed, OrganisationKey, RegionSeed

POPULATION_YEAR: Final = 2023


async def load() -> None:
    """Enter what is missing, all or nothing."""
    async with transaction():
        regions = files.rows("regions.csv", RegionSeed)
        await _regions(regions)
        await _organisations(regions)
        await _library()


async def organisation_ids() -> dict[OrganisationKey, int]:
    """Every organisation by kind and code."""
    rows = await Organisation.select(Organisation.id, Organisation.kind, Organisation.code)
    return {(OrganisationKind(row["kind"]), row["code"]): row["id"] for row in rows}


def in_force(code: str, regions: list[RegionSeed], on: date) -> str:
    """Code of the region that a region's municipalities belong to on that day: itself, or the one that took over."""
    region = next(region for region in regions if region.code == code)
    if region.valid_to is None or on <= region.valid_to:
        return code
    return next(later.code for later in regions if later.name == region.succeeded_by)


async def _regions(seeds: list[RegionSeed]) -> None:
    known = {row["name"] for row in await Region.select(Region.name)}
    for seed in seeds:
        if seed.name not in known:
            command = NewRegion(seed.code, seed.name, seed.valid_from, seed.valid_to)
            await create_region(command, by=None)


async def _organisations(regions: list[RegionSeed]) -> None:
    known = await organisation_ids()
    for command in [*_places(regions), *_bodies()]:
        if (command.kind, command.code) not in known:
            await create_organisation(command, by=None)


async def _library() -> None:
    """The library has no action of its own: nobody but the programme writes it."""
    known = {row["code"] for row in await LibraryIndicator.select(LibraryIndicator.code)}
    missing = [seed for seed in files.library() if seed.code not in known]
    if missing:
        await LibraryIndicator.insert(*(LibraryIndicator(**msgspec.structs.asdict(seed)) for seed in missing))
        content = sorted(seed.code for seed in missing)
        await record(action="indicators.fill_library", object_kind="library", object_id=0, content=content, by=None)


def _places(regions: list[RegionSeed]) -> list[NewOrganisation]:
    """Regions with a code, and the municipalities in the region they belong to today."""
    day = today()
    places = [
        NewOrganisation(kind=OrganisationKind.REGION, code=seed.code, name=seed.name, region=seed.code)
        for seed in regions
        if seed.code
    ]
    for seed in files.rows("municipalities.csv", MunicipalitySeed):
        places.append(
            NewOrganisation(
                kind=OrganisationKind.MUNICIPALITY,
                code=seed.code,
                name=seed.name,
                region=in_force(seed.region_code, regions, day) or None,
                population=seed.population_2023,
                population_year=POPULATION_YEAR,
            )
        )
    return places


def _bodies() -> list[NewOrganisation]:
    agencies = files.rows("agencies.csv", BodySeed)
    schools = files.rows("schools.csv", BodySeed)
    return [NewOrganisation(kind=OrganisationKind.AGENCY, code=seed.code, name=seed.name) for seed in agencies] + [
        NewOrganisation(kind=OrganisationKind.SCHOOL, code=seed.code, name=seed.name) for seed in schools
    ]
