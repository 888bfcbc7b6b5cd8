"""The database of the list page: municipalities, a project lead who is signed in, and forty pilots."""

import asyncio
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from registry.benchmarks.readings import Task
from registry.kit import migrating, sessions
from registry.kit.database import connected
from registry.people.actions import create_account, grant_role
from registry.people.rules import OrganisationKind, Role
from registry.people.schemas import NewAccount, NewGrant
from registry.pilots.actions import register
from registry.pilots.rules import Kind, Visibility
from registry.pilots.schemas import Registration
from registry.seeding import reference
from registry.settings import Settings

PILOTS: Final = 40
LISTED: Final = 20
"""Rows on the page."""

SECRET: Final = "the secret of a benchmark, of no use elsewhere"
STARTS: Final = date(2026, 3, 1)
_TOKEN: Final = "session.txt"


def settings_of(task: Task, port: int = 8000) -> Settings:
    """What the measured service runs with."""
    return Settings(state=Path(task.folder), database_url=task.database, port=port, secret=SECRET)


def session_of(task: Task) -> str:
    """The session id of the project lead."""
    return task.path(_TOKEN).read_text("ascii")


def generate(task: Task) -> None:
    """Migrate and fill the empty database of the task, and sign the project lead in."""
    task.path(_TOKEN).write_text(asyncio.run(_fill(task)), "ascii")


async def _fill(task: Task) -> str:
    async with connected(task.database):
        await migrating.forwards()
        await reference.load()
        homes = await reference.organisation_ids()
        owners = [key for (kind, _), key in sorted(homes.items()) if kind is OrganisationKind.MUNICIPALITY]
        codes = sorted(code for kind, code in homes if kind is OrganisationKind.MUNICIPALITY)
        for number in range(PILOTS):
            await register(_pilot(number, owners[number % len(owners)], codes), by=None)
        lead = await create_account(NewAccount("lead@virkning.invalid", "Lead", owners[0], SECRET), by=None)
        await grant_role(lead, NewGrant(Role.PROJECT_LEAD, owners[0]), by=None)
        return await sessions.start(lead, settings_of(task))


def _pilot(number: int, owner: int, codes: list[str]) -> Registration:
    return Registration(
        title=f"Night sensors in nursing homes, round {number + 1}",
        kind=Kind.WELFARE_TECHNOLOGY,
        organisation=owner,
        new_technology=f"Night sensor {number % 5}",
        new_major_version="1",
        starts=STARTS + timedelta(days=number),
        ends=STARTS + timedelta(days=number + 365),
        visibility=Visibility.PROGRAMME,
        sites=tuple(codes[number : number + 4]),
        simulated=True,
        source="made up for a benchmark",
    )
