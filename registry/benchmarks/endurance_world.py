"""What the database of an endurance run holds before it begins: municipalities, people, pilots and locked plans."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final

from effects.plan import AnalysisPlan
from registry.kit import migrating
from registry.kit.clock import now
from registry.kit.database import connected
from registry.people.actions import create_account, grant_role
from registry.people.rules import OrganisationKind, Role
from registry.people.schemas import NewAccount, NewGrant
from registry.pilots.actions import register
from registry.pilots.rules import Kind, Visibility
from registry.pilots.schemas import Registration
from registry.plans.tables import Plan
from registry.seeding import reference

PILOTS: Final = 40
STUDIES: Final = 4
"""Pilots with a locked plan, to which rows are sent."""

HOMES: Final = 2
"""Municipalities that own the studies and where the people work."""

PASSWORD: Final = "four words of no use elsewhere"
AREAS: Final = 12
WEEKS: Final = 8
PLAN: Final = """
schema = "virkning-plan/1"
title = "Sensors by night"
design = "stepped_wedge"
estimand = "itt"

[data]
unit = "area"
period = "week"
treated = "sensor"

[[outcome]]
column = "falls"
role = "primary"
domain = "safety"
better = "lower"
minimal_important = 0.5

[model]
working_model = "fixed_effects"
fixed_effects = ["unit", "period"]

[inference]
standard_error = "cr1s"
seed = 20261122
"""


@dataclass(frozen=True, slots=True)
class Home:
    """A municipality of the run: who works there, which of its pilots take rows, and a technology to pilot."""

    organisation: int
    site: str
    people: tuple[str, ...]
    studies: tuple[int, ...]
    technology: int = 1


async def fill(url: str, clients: int) -> list[Home]:
    """Migrate and fill an empty database; each client is a person of one of the homes, leading and evaluating there."""
    async with connected(url):
        await migrating.forwards()
        await reference.load()
        places = await reference.organisation_ids()
        owners = [key for (kind, _), key in sorted(places.items()) if kind is OrganisationKind.MUNICIPALITY]
        codes = sorted(code for kind, code in places if kind is OrganisationKind.MUNICIPALITY)
        pilots = [await register(_pilot(number, owners, codes), by=None) for number in range(PILOTS)]
        homes = []
        for number in range(HOMES):
            people = [await _person(client, owners[number]) for client in range(number, clients, HOMES)]
            studies = pilots[number:STUDIES:HOMES]
            for pilot in studies:
                await _lock(pilot, people[0][0])
            homes.append(Home(owners[number], codes[number], tuple(email for _, email in people), tuple(studies)))
        return homes


def rows(seed: int) -> bytes:
    """A small file for the plan, unlike that of any other seed."""
    draw = Random(seed)
    lines = ["area,week,sensor,falls"]
    for area in range(1, AREAS + 1):
        for week in range(1, WEEKS + 1):
            treated = int(week > 1 + area % (WEEKS - 2))
            lines.append(f"{area:04d},2026-W{week:02d},{treated},{draw.gauss(5.0 - treated, 1.0):.6f}")
    return ("\n".join(lines) + "\n").encode()


async def _person(number: int, home: int) -> tuple[int, str]:
    email = f"client{number}@virkning.invalid"
    account = await create_account(NewAccount(email, f"Client {number}", home, PASSWORD), by=None)
    for role in (Role.PROJECT_LEAD, Role.EVALUATOR):
        await grant_role(account, NewGrant(role, home), by=None)
    return account, email


async def _lock(pilot: int, account: int) -> None:
    """A locked plan as `plans` leaves it; its indicators are not agreed on, which is not what is measured here."""
    stated = AnalysisPlan.from_text(PLAN)
    row = Plan(
        pilot=pilot,
        title=stated.title,
        toml=PLAN,
        fingerprint=stated.fingerprint,
        agreement='{"indicators":[]}',
        drafted_by=account,
        drafted_at=now(),
        locked_by=account,
        locked_at=now(),
    )
    await row.save()


def _pilot(number: int, owners: list[int], codes: list[str]) -> Registration:
    starts = date(2026, 3, 1) + timedelta(days=number)
    return Registration(
        title=f"Sensors in nursing homes, round {number + 1}",
        kind=Kind.WELFARE_TECHNOLOGY,
        organisation=owners[number % HOMES] if number < STUDIES else owners[number % len(owners)],
        new_technology=f"Night sensor {number % 5}",
        new_major_version="1",
        starts=starts,
        ends=starts + timedelta(days=365),
        visibility=Visibility.PROGRAMME,
        sites=tuple(codes[number : number + 4]),
        simulated=True,
        source="made up for a benchmark",
    )
