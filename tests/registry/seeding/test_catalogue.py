from datetime import UTC, date, datetime

import pytest

from registry.audit.tables import AuditEntry
from registry.kit.clock import frozen
from registry.people.rules import OrganisationKind, Role
from registry.pilots.queries import sites_of, visible_pilot
from registry.pilots.rules import Dpia, Visibility
from registry.pilots.tables import Pilot
from registry.seeding import catalogue, files, reference
from tests.registry.people.story import an_account

HOMES = {(OrganisationKind.MUNICIPALITY, code): place for place, code in enumerate(("0851", "0101"), 1)}


@pytest.mark.usefixtures("database")
async def test_entries_are_registered_with_their_source_and_open_to_the_programme() -> None:
    await reference.load()
    await catalogue.load()
    reader = await an_account(Role.PROJECT_LEAD)
    for seed in files.catalogue():
        found = await catalogue.pilot_id(seed.title)
        assert found is not None
        pilot = await visible_pilot(reader, found)
        assert (pilot.source, pilot.visibility, pilot.simulated) == (seed.source, Visibility.PROGRAMME, False)


@pytest.mark.usefixtures("database")
async def test_facts_nobody_states_stay_empty() -> None:
    await reference.load()
    await catalogue.load()
    pilot = await Pilot.objects().where(Pilot.title == "Automatisk besøgsplanlægning i hjemmeplejen").first()
    assert pilot is not None
    assert (pilot.starts, pilot.ends, pilot.legal_basis, pilot.dpia) == (None, None, "", Dpia.UNKNOWN)


@pytest.mark.usefixtures("database")
async def test_sites_keep_the_size_class_of_their_year() -> None:
    await reference.load()
    await catalogue.load()
    found = await catalogue.pilot_id("TeleCare Nord: telemedicin til borgere med KOL")
    assert found is not None
    aalborg = next(site for site in await sites_of(found) if site.code == "0851")
    assert (aalborg.size_class, aalborg.size_class_year) == ("large", 2023)


@pytest.mark.usefixtures("database")
async def test_loading_the_catalogue_twice_changes_nothing() -> None:
    await reference.load()
    await catalogue.load()
    before = await AuditEntry.count()
    await catalogue.load()
    assert await AuditEntry.count() == before
    assert await Pilot.count() == len(files.catalogue())


def test_a_demo_pilot_is_labelled_and_runs_in_every_municipality_when_it_says_all() -> None:
    seed = next(pilot for pilot in files.programme().pilot if pilot.sites == "all")
    stated = catalogue.simulated(seed, HOMES)
    assert stated.simulated
    assert stated.sites == ("0101", "0851")


def test_days_are_counted_from_the_day_of_loading() -> None:
    seed = next(pilot for pilot in files.programme().pilot if pilot.key == "fall_sensors")
    with frozen(datetime(2026, 3, 1, 12, tzinfo=UTC)):
        stated = catalogue.simulated(seed, HOMES)
    assert stated.starts == date(2026, 1, 30)
    assert stated.milestones[0].due == date(2026, 3, 31)
