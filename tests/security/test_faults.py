"""A database that is busy, full or restarted: a plain 503, nothing half, and recovery without hands.

A killed worker is in tests/registry/test_worker.py, a killed writer in tests/registry/kit/test_sqlite.py.
"""

import sqlite3
from pathlib import Path

import httpx
import pytest

from registry.audit.queries import verify_chain
from registry.kit.database import engine
from registry.kit.postgres import PostgresqlEngine
from registry.kit.sqlite import SqliteEngine
from registry.pilots.tables import Pilot
from registry.settings import Settings
from tests.registry.kit.test_postgres import OTHERS
from tests.registry.people.story import signed_in
from tests.registry.pilots.story import a_lead, a_registration

JSON = {"accept": "application/json"}


@pytest.fixture
async def lead(client: httpx.AsyncClient) -> dict[str, object]:
    """Signs a lead in; the answer is what they want to register."""
    person = await a_lead()
    await signed_in(client, person)
    stated = await a_registration(person)
    return {
        **{"title": stated.title, "kind": stated.kind, "organisation": stated.organisation},
        **{"new_technology": "Robot", "new_major_version": "1", "sites": list(stated.sites)},
    }


async def test_a_locked_database_is_503_with_nothing_saved_and_the_next_try_works(
    client: httpx.AsyncClient, lead: dict[str, object], settings: Settings
) -> None:
    bound = engine()
    if not isinstance(bound, SqliteEngine):
        pytest.skip("PostgreSQL has no lock over everything")
    bound.connection_kwargs["timeout"] = 0.1
    await bound.close_connection_pool()
    await bound.start_connection_pool()
    other = sqlite3.connect(settings.state / "registry.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    answer = await client.post("/pilots", json=lead)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "Nothing was saved" in answer.json()["detail"]
    other.execute("ROLLBACK")
    other.close()
    assert await Pilot.count() == 0
    assert (await client.post("/pilots", json=lead)).status_code == 201


async def test_a_full_disk_is_503_and_what_was_stored_stays_readable(
    client: httpx.AsyncClient, lead: dict[str, object]
) -> None:
    if not isinstance(engine(), SqliteEngine):
        pytest.skip("PostgreSQL's full disk is in tests/registry/kit/test_faults.py")
    pages = (await engine().run_ddl("PRAGMA page_count"))[0]["page_count"]
    await every_connection(f"PRAGMA max_page_count = {pages}")
    statuses = {(await client.post("/pilots", json={**lead, "description": "x" * 9_000})).status_code for _ in "12345"}
    assert statuses <= {201, 503} and 503 in statuses
    assert (await client.get("/pilots", headers=JSON)).json()["total"] == await Pilot.count()
    await every_connection("PRAGMA max_page_count = 1000000")
    assert (await client.post("/pilots", json=lead)).status_code == 201
    assert await verify_chain() is None


async def every_connection(statement: str) -> None:
    """The limit belongs to a connection, so it is set on the one that is reused."""
    await engine().run_ddl(statement)


async def test_a_restarted_postgresql_costs_at_most_a_503(
    client: httpx.AsyncClient, lead: dict[str, object], database_url: str
) -> None:
    if not database_url.startswith("postgresql"):
        pytest.skip("SQLite does not restart")
    await PostgresqlEngine(database_url).run_ddl(OTHERS)
    first = await client.post("/pilots", json=lead)
    assert first.status_code in {201, 503}
    again = await client.post("/pilots", json={**lead, "new_technology": "Another robot"})
    assert again.status_code == 201
    assert await Pilot.count() == 1 + (first.status_code == 201)
    assert await verify_chain() is None


async def test_an_error_of_ours_tells_its_reference_and_nothing_else(
    client: httpx.AsyncClient, lead: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    await engine().run_ddl("ALTER TABLE technology RENAME TO elsewhere")
    try:
        for accept in ("application/json", "text/html"):
            answer = await client.get("/technologies", headers={"accept": accept})
            assert answer.status_code == 500
            assert answer.headers["x-reference"] in answer.text
            for inside in ("Traceback", "elsewhere", "SELECT", "registry/", "sqlite3", "asyncpg"):
                assert inside not in answer.text
    finally:
        await engine().run_ddl("ALTER TABLE elsewhere RENAME TO technology")
    said = capsys.readouterr().out
    assert answer.headers["x-reference"] in said
    assert str(lead["title"]) not in said


def test_the_state_folder_and_its_secret_are_the_owners_alone(tmp_path: Path) -> None:
    settings = Settings.from_environment({"DATA": str(tmp_path / "state")})
    assert settings.secret not in repr(settings)
    assert (tmp_path / "state").stat().st_mode & 0o077 == 0
    assert (tmp_path / "state" / "secret").stat().st_mode & 0o077 == 0
