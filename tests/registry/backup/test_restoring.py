"""What was backed up is there again, in either database, and nothing is there when anything was wrong."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from registry.audit.queries import verify_chain
from registry.backup import manifest, schema
from registry.backup.archive import MARK, Writer
from registry.backup.manifest import Manifest, Refused
from registry.backup.restoring import SIDE, restore
from registry.backup.saving import save
from registry.datasets.holdings import holdings
from registry.doctor import examine
from registry.kit import leasing, migrating
from registry.kit.clock import frozen, now
from registry.kit.database import Engine, engine
from registry.kit.jobs import beat
from registry.kit.tables import Job, Session, Worker
from registry.settings import Settings
from tests.registry.backup.story import a_registry, away, elsewhere, entries, everything, files, rewritten


@pytest.fixture
def there(fresh_url: str, database: Engine) -> str:
    """An empty place for what is in `database`, which is bound."""
    assert database
    return fresh_url


@pytest.fixture
def old(tmp_path: Path) -> Path:
    folder = tmp_path / "old"
    folder.mkdir()
    return folder


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return tmp_path / "new"


async def test_everything_is_there_again_in_all_four_directions(there: str, old: Path, new: Path) -> None:
    await a_registry(old)
    before, kept = await everything(), files(old)
    made = await save(old / "all.backup", old)
    assert await Session.count() == 1
    async with elsewhere(there) as target:
        assert await restore(old / "all.backup", new) == made
        assert await everything() == before
        assert await verify_chain() is None
        assert (await Session.count(), await Worker.count()) == (0, 0)
        assert await migrating.pending() == []
        await beat("here:1", 1)
        found = await holdings(new)
        assert (found.whole, found.missing, found.changed, found.orphans) == (1, (), (), ())
        assert made.engine in {"sqlite", "postgres"} and target.engine_type in there
    assert files(new) == kept
    with away():
        lines = await examine(Settings(state=new, database_url=there, secret="x" * 32))
    assert {line.state for line in lines} == {"ok"}
