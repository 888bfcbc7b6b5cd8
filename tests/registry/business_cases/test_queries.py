"""Reading business cases and the places they are for."""

import pytest

from effects.economics.facts import Place
from registry.business_cases.actions import store
from registry.business_cases.queries import business_case, current, indicator_names, measured, page_of, places
from registry.kit.database import transaction
from registry.kit.errors import NotFound
from registry.people.rules import OrganisationKind, Role
from registry.pilots.rules import Visibility
from tests.registry.business_cases.story import a_stated_case, a_valued_case, technology_of
from tests.registry.indicators.story import some_indicators
from tests.registry.people.story import an_account, an_organisation
from tests.registry.plans.story import a_cast

pytestmark = pytest.mark.usefixtures("database")


async def test_the_version_that_holds_is_the_newest() -> None:
    cast, first = await a_valued_case()
    technology = await technology_of(cast)
    assert await current(technology) == first
    assert first.valuation is not None
    _, second = await a_stated_case(cast, reason="The contract was made anew.")
    held = await current(technology)
    assert held is not None
    assert (held.id, held.valuation) == (second, None)


async def test_all_versions_are_listed_newest_first_beside_the_one_that_is_read() -> None:
    cast, first = await a_stated_case()
    _, second = await a_stated_case(cast, reason="The contract was made anew.")
    found = await page_of(cast.lead, await technology_of(cast), await business_case(first))
    assert found.case is not None
    assert (found.case.id, [one.id for one in found.versions]) == (first, [second, first])
    assert [one.reason for one in found.versions] == ["The contract was made anew.", ""]


async def test_what_rests_on_pilots_that_are_closed_to_the_reader_is_left_out() -> None:
    cast, made = await a_valued_case(await a_cast(visibility=Visibility.PRIVATE))
    elsewhere = await an_account(Role.DECISION_MAKER)
    by_figures = await page_of(elsewhere, made.technology_id, made)
    assert by_figures.case == made, "no pilot's effect is in it"
    async with transaction():
        await store(made.id, {**(made.valuation or {}), "evidence": {"pilots": [cast.pilot]}})
    found = await business_case(made.id)
    closed = (await page_of(elsewhere, made.technology_id, found)).case
    assert closed is not None
    assert (closed.valuation, closed.closed, closed.stated) == (None, True, made.stated)
    assert (await page_of(cast.lead, made.technology_id, found)).case == found


async def test_a_technology_without_a_business_case_has_none() -> None:
    cast = await a_cast()
    technology = await technology_of(cast)
    assert await current(technology) is None
    assert (await page_of(cast.lead, technology, None)).versions == []
    with pytest.raises(NotFound):
        await business_case(999)


async def test_the_places_are_the_municipalities_with_their_size() -> None:
    await an_organisation("1098", name="Region Test", kind=OrganisationKind.REGION, population=None)
    await an_organisation("2346", name="Storby", population=150_000)
    await an_organisation("2345", name="Ukendt", population=None)
    found = await places()
    assert [place.code for place in found] == ["2345", "2346"]
    assert found[0] == Place("2345", "Ukendt", None, None, None)
    assert (found[1].size_class, found[1].population) == ("large", 150_000)


async def test_indicators_are_named_to_those_who_see_a_pilot_and_known_to_be_measured_by_all() -> None:
    cast = await a_cast(visibility=Visibility.PRIVATE)
    technology = await technology_of(cast)
    assert await measured(technology) == set()
    await some_indicators(cast.pilot, cast.lead, ["language"])
    name = (await indicator_names(cast.lead, technology, "en"))["language"]
    assert await measured(technology) == {"language", name}
    assert "language" not in await indicator_names(await an_account(Role.DECISION_MAKER), technology, "en")
