"""What the registry counts over the pilots of a technology."""

from datetime import date, timedelta

import pytest

from registry.evidence.reach import Place, reach_of
from registry.kit.clock import today
from registry.people.tables import Organisation
from registry.pilots.tables import Pilot
from tests.registry.evidence.story import technology_of
from tests.registry.people.story import an_organisation
from tests.registry.plans.story import Cast, a_cast, a_locked_plan, agree

pytestmark = pytest.mark.usefixtures("database")


async def another(cast: Cast, ends: date) -> int:
    """A further pilot of the cast's technology that ends on a day."""
    return (await a_cast(technology=await technology_of(cast), starts=date(2020, 1, 1), ends=ends, milestones=())).pilot


async def test_a_pilot_that_has_ended_without_approved_evidence_is_silent() -> None:
    cast = await a_cast(starts=date(2020, 1, 1), ends=date(2021, 1, 1), milestones=())
    ended = await another(cast, today() - timedelta(days=1))
    await another(cast, today())
    found = await reach_of(await technology_of(cast), [cast.pilot])
    assert (found.registered, found.completed, found.silent, found.share_silent) == (3, 2, 1, 0.5)
    both = await reach_of(await technology_of(cast), [cast.pilot, ended])
    assert (both.silent, both.share_silent) == (0, 0.0)


async def test_nothing_is_silent_before_anything_is_completed() -> None:
    cast = await a_cast(ends=today() + timedelta(days=9), milestones=())
    found = await reach_of(await technology_of(cast), [])
    assert (found.completed, found.share_silent, found.sites, found.untested) == (0, None, (), None)


async def test_pilots_of_other_technologies_are_not_counted() -> None:
    cast = await a_cast()
    await a_cast()
    assert (await reach_of(await technology_of(cast), [])).registered == 1


async def test_planned_are_those_with_a_locked_plan_or_evidence() -> None:
    cast = await a_cast()
    await agree(cast.pilot)
    technology = await technology_of(cast)
    heard = await another(cast, today())
    assert (await reach_of(technology, [])).planned == 0
    await a_locked_plan(cast)
    assert (await reach_of(technology, [])).planned == 1
    assert (await reach_of(technology, [heard])).planned == 2


async def test_the_sites_of_heard_pilots_are_places_with_their_region() -> None:
    cast = await a_cast()
    technology = await technology_of(cast)
    (place,) = (await reach_of(technology, [cast.pilot])).sites
    assert (place.pilot, place.municipality) == (cast.pilot, cast.lead.organisation)
    assert (await reach_of(technology, [])).sites == ()


async def test_places_are_counted_once_and_only_those_of_the_pilots_asked_for() -> None:
    cast = await a_cast()
    found = await reach_of(await technology_of(cast), [cast.pilot])
    again = [Place(1, 7, 81), Place(2, 7, 81), Place(3, None, 82), Place(4, 8, None)]
    counted = type(found)(**{**{name: getattr(found, name) for name in found.__slots__}, "sites": tuple(again)})
    assert counted.compared([1, 2, 3, 4]) == (2, 2)
    assert counted.compared([3]) == (0, 1)
    assert counted.compared([]) == (0, 0)


async def test_the_untested_share_and_the_strata_are_read_off_the_size_classes() -> None:
    cast = await a_cast()
    technology = await technology_of(cast)
    alone = await reach_of(technology, [cast.pilot])
    assert (alone.untested, alone.strata_covered) == (0.0, True)
    everybody = sum(row["population"] for row in await Organisation.select(Organisation.population))
    await an_organisation(population=240_000)
    found = await reach_of(technology, [cast.pilot])
    assert found.untested == pytest.approx(240_000 / (everybody + 240_000))
    assert found.strata_covered is False
    assert await Pilot.count() == 1
