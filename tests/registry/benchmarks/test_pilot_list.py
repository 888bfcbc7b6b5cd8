"""The database of the list page."""

import asyncio
from pathlib import Path

from registry.benchmarks.pilot_list import LISTED, PILOTS, generate, session_of, settings_of
from registry.benchmarks.readings import Task
from registry.kit import sessions
from registry.kit.database import connected
from registry.kit.paging import Paging
from registry.people.queries import person
from registry.pilots.queries import visible_pilots
from registry.pilots.rules import REGISTER
from registry.pilots.schemas import PilotFilter


def test_a_project_lead_is_signed_in_and_sees_two_pages_of_pilots(tmp_path: Path) -> None:
    task = Task(folder=str(tmp_path), database=f"sqlite:///{tmp_path / 'benchmark.sqlite'}")
    generate(task)

    async def look() -> None:
        async with connected(task.database):
            account = await sessions.find(session_of(task), settings_of(task))
            lead = await person(account or 0)
            assert lead is not None
            assert lead.roles == REGISTER.roles
            found = await visible_pilots(lead, Paging(size=LISTED), PilotFilter())
            assert (found.total, len(found.pilots)) == (PILOTS, LISTED)
            assert all(row.sites == 4 for row in found.pilots)

    asyncio.run(look())


def test_the_service_runs_on_the_database_of_the_task(tmp_path: Path) -> None:
    settings = settings_of(Task(folder=str(tmp_path), database="sqlite:///that.sqlite"), port=8123)
    assert (settings.database_url, settings.port, settings.state) == ("sqlite:///that.sqlite", 8123, tmp_path)
