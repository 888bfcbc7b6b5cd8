"""A backup of one moment while the service goes on, or none at all."""

import asyncio
import stat
from contextvars import Context
from pathlib import Path

import pytest

from registry.audit.queries import last
from registry.audit.tables import AuditEntry
from registry.backup.archive import lines
from registry.backup.checking import examine
from registry.backup.manifest import Refused
from registry.backup.saving import save
from registry.datasets import retention
from registry.datasets.holdings import holdings
from registry.datasets.schemas import Deleting
from registry.datasets.tables import DatasetVersion
from registry.kit import migrating
from registry.kit.database import engine
from tests.registry.backup.story import a_registry, busy, elsewhere, entries, files, stored_file

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = tmp_path / "state"
    folder.mkdir()
    return folder


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "all.backup"


async def test_it_is_one_private_file_that_says_what_is_in_it(state: Path, out: Path) -> None:
    await a_registry(state)
    made = await save(out, state)
    newest = await last()
    assert newest is not None
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert [path.name for path in out.parent.iterdir() if path.suffix == ".part"] == []
    assert examine(out).manifest == made
    assert (made.chain, made.engine) == ((newest.id, newest.hash), engine().engine_type)
    assert list(made.migrations) == migrating.known()
    assert (made.missing, made.changed, made.strangers, made.unkept) == ((), (), (), ("session", "worker"))
    assert {file.name.split("/")[0] for file in made.files} == {"datasets", "uploads", "secret"}
    counted = {table.name: table.rows for table in made.tables}
    assert (counted["audit_entry"], counted["dataset_version"]) == (newest.id, 2)


async def test_equal_contents_are_equal_bytes_but_for_the_moment(state: Path, out: Path) -> None:
    await a_registry(state)
    first, second = await save(out, state), await save(out.with_name("again"), state)
    assert (first.tables, first.files, first.chain) == (second.tables, second.files, second.chain)


async def test_nothing_is_overwritten(state: Path, out: Path) -> None:
    out.write_text("precious", "ascii")
    with pytest.raises(Refused, match="overwrites nothing"):
        await save(out, state)
    assert out.read_text("ascii") == "precious"


async def test_the_secret_stays_away_where_that_is_asked(state: Path, out: Path) -> None:
    (state / "secret").write_text("s" * 40, "ascii")
    assert not (await save(out, state, with_secret=False)).with_secret
    assert b"s" * 40 not in out.read_bytes()


async def test_without_a_place_to_write_there_is_no_backup_and_no_leftover(state: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await save(tmp_path / "no folder" / "x", state)
    await engine().run_ddl("CREATE TABLE somebody_elses (id INTEGER)")
    try:
        assert (await save(tmp_path / "with a stranger", state)).strangers == ("somebody_elses",)
    finally:
        await engine().run_ddl("DROP TABLE somebody_elses")


async def test_a_database_without_tables_is_nothing_to_back_up(tmp_path: Path, out: Path) -> None:
    async with elsewhere(f"sqlite:///{tmp_path}/bare.sqlite"):
        with pytest.raises(Refused, match="virkning migrate"):
            await save(out, tmp_path)
    assert [path.name for path in tmp_path.iterdir() if "backup" in path.name] == []


async def test_files_that_were_lost_before_are_named_and_the_rest_is_kept(state: Path, out: Path) -> None:
    cast = await a_registry(state)
    lost = await stored_file(cast, state)
    lost.unlink()
    (upload,) = [name for name in files(state) if name.endswith(".upload")]
    (state / upload).write_bytes(b"other")
    made = await save(out, state)
    assert (made.missing, made.changed) == ((f"datasets/{lost.name}",), (upload,))
    assert examine(out).manifest == made


async def test_what_retention_deletes_between_is_not_missing_but_another_moment(state: Path, out: Path) -> None:
    """Rows are marked as deleted and their file goes after that; whoever looks in between looks again."""
    cast = await a_registry(state)
    path = await stored_file(cast, state)
    path.unlink()  # as it is between the two for who read the rows of before

    async def delete() -> None:
        await retention.delete_rows(1, Deleting("Withdrawn."), state=state, by=cast.lead)

    going = asyncio.get_running_loop().create_task(delete(), context=Context())
    made = await save(out, state)
    await going
    assert made.missing in {(), (f"datasets/{path.name}",)}
    assert (await save(out.with_name("later"), state)).missing == ()


async def test_under_load_it_is_of_one_moment_and_holds_all_that_was_acknowledged_before(
    state: Path, out: Path
) -> None:
    cast = await a_registry(state, versions=4)
    await entries(100)
    async with busy(cast, state, 4) as written:
        acknowledged = await AuditEntry.count()
        made = await save(out, state)
        during = written[0]
    counted = {table.name: table.rows for table in made.tables}
    assert acknowledged <= counted["audit_entry"] == made.chain[0] <= await AuditEntry.count()
    assert during > 0
    assert (made.missing, made.changed) == ((), ())
    with out.open("rb") as stream:
        kept = list(lines(stream, examine(out).members["tables/audit_entry.jsonl"]))
    assert len(kept) == made.chain[0] and made.chain[1].encode() in kept[-1]


async def test_keys_that_were_given_and_taken_back_are_remembered(state: Path, out: Path) -> None:
    await a_registry(state)
    made = {table.name: table for table in (await save(out, state)).tables}
    assert made["job"].highest >= made["job"].rows
    assert made["decision"].highest == 0
    assert (await holdings(state)).whole == 1
    assert await DatasetVersion.count() == made["dataset_version"].highest
