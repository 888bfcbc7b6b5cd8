from datetime import UTC, date, datetime

import pytest

from registry.audit.queries import verify_chain
from registry.audit.tables import AuditEntry
from registry.kit.clock import frozen
from registry.people.queries import regions_on
from registry.people.rules import OrganisationKind
from registry.people.tables import Organisation, Region
from registry.seeding import files, reference
from registry.seeding.files import RegionSeed


@pytest.mark.usefixtures("database")
async def test_municipalities_regions_agencies_and_schools_are_entered() -> None:
    await reference.load()
    kinds = [row["kind"] for row in await Organisation.select(Organisation.kind)]
    assert kinds.count(OrganisationKind.MUNICIPALITY) == 98
    assert kinds.count(OrganisationKind.REGION) == 5
    copenhagen = await Organisation.objects().where(Organisation.code == "0101").first()
    assert copenhagen is not None
    assert (copenhagen.name, copenhagen.size_class, copenhagen.size_class_year) == ("København", "large", 2023)


@pytest.mark.usefixtures("database")
async def test_loading_twice_changes_nothing() -> None:
    await reference.load()
    before = await AuditEntry.count()
    await reference.load()
    assert await AuditEntry.count() == before
    assert await verify_chain() is None


@pytest.mark.usefixtures("database")
async def test_regions_in_force_change_on_new_year_2027() -> None:
    await reference.load()
    assert len(await regions_on(date(2026, 12, 31))) == 5
    names = {region.name for region in await regions_on(date(2027, 1, 1))}
    assert names == {"Region Østdanmark", "Region Nordjylland", "Region Midtjylland", "Region Syddanmark"}


@pytest.mark.usefixtures("database")
async def test_before_2027_a_municipality_lies_in_its_old_region() -> None:
    with frozen(datetime(2026, 6, 1, tzinfo=UTC)):
        await reference.load()
    roskilde = await Organisation.select(Organisation.region.code).where(Organisation.code == "0265").first()
    assert roskilde is not None
    assert roskilde["region.code"] == "1085"


@pytest.mark.usefixtures("database")
async def test_from_2027_a_municipality_of_a_closed_region_awaits_the_code_of_the_new_one() -> None:
    with frozen(datetime(2027, 6, 1, tzinfo=UTC)):
        await reference.load()
    roskilde = await Organisation.objects().where(Organisation.code == "0265").first()
    assert roskilde is not None
    assert roskilde.region is None
    assert await Region.exists().where(Region.code == "", Region.name == "Region Østdanmark")


def test_a_region_that_goes_on_is_its_own_successor() -> None:
    regions = files.rows("regions.csv", RegionSeed)
    assert reference.in_force("1081", regions, date(2030, 1, 1)) == "1081"
