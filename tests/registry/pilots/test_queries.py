from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from piccolo.querystring import QueryString

from registry.kit.database import Engine
from registry.kit.errors import NotFound
from registry.kit.paging import Paging
from registry.people.rules import Grant, OrganisationKind, Person, Role
from registry.pilots.queries import (
    owners,
    pilot_facts,
    places,
    technologies,
    technology,
    visible_pilot,
    visible_pilots,
)
from registry.pilots.rules import Kind, Part, Visibility
from registry.pilots.schemas import PilotFilter
from tests.registry.people.story import an_account, an_organisation
from tests.registry.pilots.story import a_lead, a_pilot, code_of, municipalities

pytestmark = pytest.mark.usefixtures("database")

ALL = Paging(size=200)
EVERYTHING = PilotFilter()


async def titles(person: Person, wanted: PilotFilter = EVERYTHING, paging: Paging = ALL) -> list[str]:
    return [row.title for row in (await visible_pilots(person, paging, wanted)).pilots]


async def test_a_lead_of_one_municipality_does_not_see_anothers_private_pilot() -> None:
    mine, theirs = await a_lead(), await a_lead()
    await a_pilot(mine, title="Ours")
    hidden = await a_pilot(theirs, title="Theirs")
    assert await titles(mine) == ["Ours"]
    assert (await visible_pilots(mine, ALL, EVERYTHING)).total == 1
    with pytest.raises(NotFound):
        await visible_pilot(mine, hidden)
    with pytest.raises(NotFound):
        await pilot_facts(mine, hidden)
    with pytest.raises(NotFound):
        await visible_pilot(mine, 10_000)


async def test_counts_of_technologies_leave_hidden_pilots_out() -> None:
    mine, theirs = await a_lead(), await a_lead()
    hidden = await a_pilot(theirs, new_technology="Robot", new_major_version="1")
    key = (await visible_pilot(theirs, hidden)).technology
    await a_pilot(mine, technology=key)
    assert (await technology(mine, key)).pilots == 1
    assert [(one.label, one.pilots) for one in await technologies(mine)] == [("Robot 1", 1)]
    nobody = await an_account()
    assert [one.pilots for one in await technologies(nobody)] == [0]
    with pytest.raises(NotFound):
        await technology(mine, key + 1)


async def test_a_pilot_open_to_the_programme_is_seen_by_everybody_signed_in() -> None:
    pilot = await a_pilot(visibility=Visibility.PROGRAMME)
    assert (await visible_pilot(await an_account(), pilot)).visibility is Visibility.PROGRAMME


async def test_a_site_sees_the_pilot_it_takes_part_in() -> None:
    neighbour = await a_lead()
    pilot = await a_pilot(comparison_sites=(await code_of(neighbour.organisation),))
    assert (await visible_pilot(neighbour, pilot)).id == pilot


async def test_belonging_to_the_organisation_without_a_role_there_is_not_enough() -> None:
    lead = await a_lead()
    pilot = await a_pilot(lead)
    with pytest.raises(NotFound):
        await visible_pilot(await an_account(organisation=lead.organisation), pilot)


@dataclass(frozen=True)
class World:
    """Pilots of every visibility, owned by and run at any of two organisations: id -> (owner, sites, visibility)."""

    organisations: tuple[int, int]
    pilots: dict[int, tuple[int, frozenset[int], Visibility]]


@pytest.fixture
async def world(database: Engine) -> World:
    async with database.transaction():
        leads = (await a_lead(), await a_lead())
        codes = [await code_of(lead.organisation) for lead in leads]
        pilots = {}
        for owner, sites, visibility in product((0, 1), ((0,), (1,), (0, 1)), Visibility):
            pilot = await a_pilot(leads[owner], sites=tuple(codes[site] for site in sites), visibility=visibility)
            run_at = frozenset(leads[site].organisation for site in sites)
            pilots[pilot] = (leads[owner].organisation, run_at, visibility)
    return World((leads[0].organisation, leads[1].organisation), pilots)


def covered(grant: Grant, pilot: int, owner: int, sites: frozenset[int]) -> bool:
    return grant.pilot in (None, pilot) and (grant.organisation is None or grant.organisation in {owner, *sites})


@pytest.mark.anyio
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(st.sampled_from(Role), st.sampled_from([None, 0, 1]), st.sampled_from([None, 0, 3, 11])), max_size=3
    )
)
async def test_the_list_is_exactly_what_the_grants_reach(
    world: World, held: list[tuple[Role, int | None, int | None]]
) -> None:
    ids = sorted(world.pilots)
    grants = tuple(
        Grant(
            role,
            organisation=None if place is None else world.organisations[place],
            pilot=None if nth is None else ids[nth],
        )
        for role, place, nth in held
    )
    person = Person(1, "A", "a@example.dk", world.organisations[0], "X", grants=grants)
    expected = {
        pilot
        for pilot, (owner, sites, visibility) in world.pilots.items()
        if visibility is Visibility.PROGRAMME or any(covered(grant, pilot, owner, sites) for grant in grants)
    }
    seen = await visible_pilots(person, ALL, EVERYTHING)
    assert {row.id for row in seen.pilots} == expected
    assert seen.total == len(expected)
    for pilot in ids:
        if pilot in expected:
            assert (await visible_pilot(person, pilot)).id == pilot
        else:
            with pytest.raises(NotFound):
                await visible_pilot(person, pilot)


async def test_search_finds_letters_of_either_size_and_takes_wildcards_as_text() -> None:
    lead = await a_lead()
    await a_pilot(lead, title="Ældre og robotter")
    await a_pilot(lead, title="100% digital")
    assert await titles(lead, PilotFilter(search="ældre OG")) == ["Ældre og robotter"]
    assert await titles(lead, PilotFilter(search="0%")) == ["100% digital"]
    assert await titles(lead, PilotFilter(search="%")) == ["100% digital"]
    assert await titles(lead, PilotFilter(search="_")) == []
    assert await titles(lead, PilotFilter(search="'; DROP TABLE pilot")) == []


async def test_a_list_is_narrowed_by_kind_and_technology() -> None:
    lead = await a_lead()
    school = await a_pilot(lead, title="Tablets", kind=Kind.IT_IN_SCHOOLS)
    await a_pilot(lead, title="Robots")
    key = (await visible_pilot(lead, school)).technology
    assert await titles(lead, PilotFilter(kind=Kind.IT_IN_SCHOOLS)) == ["Tablets"]
    assert await titles(lead, PilotFilter(technology=key)) == ["Tablets"]
    assert await titles(lead, PilotFilter(kind=Kind.WELFARE_TECHNOLOGY, technology=key)) == []


async def test_a_list_is_sorted_and_cut_into_pages() -> None:
    lead = await a_lead()
    for title, year in (("Beta", None), ("Gamma", 2024), ("Alpha", 2025)):
        start = date(year, 1, 1) if year else None
        await a_pilot(lead, title=title, starts=start, ends=None, milestones=())
    assert await titles(lead) == ["Alpha", "Gamma", "Beta"]  # the newest first
    assert await titles(lead, paging=Paging(sort="title")) == ["Alpha", "Beta", "Gamma"]
    assert await titles(lead, paging=Paging(sort="title", descending=True)) == ["Gamma", "Beta", "Alpha"]
    assert await titles(lead, paging=Paging(sort="starts")) == ["Gamma", "Alpha", "Beta"]
    assert await titles(lead, paging=Paging(sort="starts", descending=True)) == ["Alpha", "Gamma", "Beta"]
    assert len(await titles(lead, paging=Paging(sort="organisation"))) == 3
    second = await visible_pilots(lead, Paging(number=2, size=2, sort="title"), EVERYTHING)
    assert ([row.title for row in second.pilots], second.total, second.page) == (["Gamma"], 3, 2)
    beyond = await visible_pilots(lead, Paging(number=9, size=2), EVERYTHING)
    assert (beyond.pilots, beyond.total) == ((), 3)


async def test_a_page_of_twenty_costs_one_statement(database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    lead = await a_lead()
    sites = await municipalities(3)
    for number in range(20):
        await a_pilot(lead, title=f"Pilot {number}", sites=sites)
    run = database.run_querystring
    sent: list[QueryString] = []

    def counted(statement: QueryString, in_pool: bool = False) -> Awaitable[Any]:
        sent.append(statement)
        return run(statement, in_pool)

    monkeypatch.setattr(type(database), "run_querystring", staticmethod(counted))
    listed = await visible_pilots(lead, Paging(size=20), EVERYTHING)
    assert len(sent) == 1
    assert [row.sites for row in listed.pilots] == [3] * 20


async def test_facts_tell_the_sites_with_size_class_and_year() -> None:
    lead = await a_lead()
    small = await an_organisation(name="Lilleby", population=9_000)
    pilot = await a_pilot(lead, comparison_sites=(await code_of(small),))
    facts = await pilot_facts(lead, pilot)
    assert [(site.name, site.part, site.size_class, site.size_class_year) for site in facts.sites] == [
        (lead.organisation_name, Part.INTERVENTION, "medium", 2016),
        ("Lilleby", Part.COMPARISON, "small", 2016),
    ]
    assert [row.title for row in facts.milestones] == ["Halfway measurement"]
    assert facts.amendments == ()
    assert [finding.code for finding in facts.open_questions] == ["below_grant_size"]


async def test_an_agency_is_no_place_for_a_pilot() -> None:
    await an_organisation("KL", kind=OrganisationKind.AGENCY, name="KL", population=None)
    await an_organisation("1081", kind=OrganisationKind.REGION, name="Region Nordjylland", population=None)
    assert [place.name for place in await places()] == ["Region Nordjylland"]


async def test_a_person_registers_for_the_organisations_they_lead_for() -> None:
    lead, elsewhere = await a_lead(), await a_lead()
    everywhere = await a_lead(everywhere=True)
    assert [one.id for one in await owners(lead)] == [lead.organisation]
    assert {lead.organisation, elsewhere.organisation} <= {one.id for one in await owners(everywhere)}
    assert await owners(await an_account(Role.EVALUATOR)) == ()
