"""What is there before an endurance run begins."""

import asyncio
import csv
import io

import pytest

from effects.plan import AnalysisPlan
from registry.audit.queries import verify_chain
from registry.benchmarks.endurance_world import AREAS, HOMES, PASSWORD, PILOTS, PLAN, STUDIES, WEEKS, Home, fill, rows
from registry.kit.database import connected
from registry.people import passwords
from registry.people.queries import person
from registry.people.rules import Person, Role
from registry.people.tables import Account
from registry.pilots.queries import visible_pilot
from registry.pilots.tables import Pilot
from registry.plans.queries import current_plan

CLIENTS = 4


@pytest.fixture(scope="module")
def world(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, list[Home]]:
    """A filled database, made once; the databases differ in nothing that is done here."""
    assert postgres_url
    url = f"sqlite:///{tmp_path_factory.mktemp('world') / 'registry.sqlite'}"
    return url, asyncio.run(fill(url, CLIENTS))


async def people(url: str) -> list[Person]:
    async with connected(url):
        found = [await person(row["id"]) for row in await Account.select(Account.id).order_by(Account.id)]
    return [one for one in found if one is not None]


def test_everybody_works_in_one_of_the_homes(world: tuple[str, list[Home]]) -> None:
    url, homes = world
    known = {one.email: one for one in asyncio.run(people(url))}
    assert len(homes) == HOMES
    assert sorted(email for home in homes for email in home.people) == sorted(known)
    assert len(known) == CLIENTS
    for home in homes:
        for email in home.people:
            assert known[email].organisation == home.organisation
            assert {grant.role for grant in known[email].grants} == {Role.PROJECT_LEAD, Role.EVALUATOR}
            assert {grant.organisation for grant in known[email].grants} == {home.organisation}


def test_they_know_the_password(world: tuple[str, list[Home]]) -> None:
    url, _ = world

    async def stored() -> list[str]:
        async with connected(url):
            return [row["password_hash"] for row in await Account.select(Account.password_hash)]

    assert all(asyncio.run(passwords.matches(PASSWORD, one)) for one in asyncio.run(stored()))


def test_every_home_owns_studies_with_a_locked_plan(world: tuple[str, list[Home]]) -> None:
    url, homes = world
    leads = {one.organisation: one for one in asyncio.run(people(url))}

    async def locked(home: Home, study: int) -> tuple[int, str]:
        async with connected(url):
            plan = await current_plan(study)
            assert plan is not None
            return (await visible_pilot(leads[home.organisation], study)).organisation, plan.title

    assert sum(len(home.studies) for home in homes) == STUDIES
    for home in homes:
        for study in home.studies:
            assert asyncio.run(locked(home, study)) == (home.organisation, "Sensors by night")


def test_the_list_has_pilots_to_show_and_the_audit_is_whole(world: tuple[str, list[Home]]) -> None:
    url, _ = world

    async def look() -> tuple[int, int | None]:
        async with connected(url):
            return await Pilot.count(), await verify_chain()

    assert asyncio.run(look()) == (PILOTS, None)


def test_the_plan_can_be_read_and_asks_for_the_columns_of_the_rows() -> None:
    plan = AnalysisPlan.from_text(PLAN)
    header = rows(1).decode().splitlines()[0].split(",")
    assert {plan.data.unit, plan.data.period, plan.data.treated, *(one.column for one in plan.outcomes)} == set(header)


def test_rows_of_another_seed_are_other_rows_and_those_of_one_seed_the_same() -> None:
    assert rows(7) == rows(7)
    assert len({rows(seed) for seed in range(50)}) == 50


def test_every_area_has_every_week_and_takes_the_sensors_up_once() -> None:
    found = list(csv.DictReader(io.StringIO(rows(3).decode())))
    assert len(found) == AREAS * WEEKS
    for area in {row["area"] for row in found}:
        taken = [row["sensor"] for row in found if row["area"] == area]
        assert taken == sorted(taken)
        assert taken[0] == "0"
        assert taken[-1] == "1"
