"""What was backed up is there again, in either database, and nothing is there when anything was wrong."""

import asyncio
import shutil
from datetime import date, timedelta
from math import inf, nan
from pathlib import Path

import msgspec
import pytest
from piccolo.apps.migrations.tables import Migration

from registry.audit.queries import last, verify_chain
from registry.audit.tables import AuditEntry
from registry.backup.archive import MARK, Writer, window
from registry.backup.checking import examine
from registry.backup.manifest import NAME, Manifest, Refused, TableFacts, sealed, written
from registry.backup.restoring import SIDE, admitted, restore
from registry.backup.saving import save
from registry.datasets.holdings import holdings
from registry.doctor import examine as doctors
from registry.kit import jobs, leasing, migrating
from registry.kit.clock import frozen, now
from registry.kit.database import Engine, connected, engine, transaction
from registry.kit.jobs import beat
from registry.kit.tables import Job, Session, Worker
from registry.people.tables import Region
from registry.settings import Settings
from tests.registry.backup.story import (
    a_registry,
    away,
    busy,
    elsewhere,
    entries,
    everything,
    files,
    rewritten,
    the_only_job,
)


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


async def put_back(path: Path, state: Path) -> Manifest:
    """As the command does it."""
    return await restore(path, admitted(path), state)


@pytest.fixture(scope="session")
def archive(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of a registry on SQLite."""
    state = tmp_path_factory.mktemp("kept")
    shutil.copy(sqlite_template, state / "registry.sqlite")

    async def make() -> None:
        async with connected(f"sqlite:///{state}/registry.sqlite"):
            await a_registry(state)
            await save(state / "all.backup", state)

    asyncio.run(make())
    return state / "all.backup"


async def test_everything_is_there_again_in_all_four_directions(there: str, old: Path, new: Path) -> None:
    """Made under load, at that: every entry acknowledged before, a whole chain, and each file that is named."""
    cast = await a_registry(old, versions=3)
    before = await everything()
    made = await save(old / "quiet.backup", old)
    known = files(old)
    acknowledged = await AuditEntry.count()
    async with busy(cast, old, 3):
        under_load = await save(old / "all.backup", old)
    async with elsewhere(there) as target:
        assert await put_back(old / "quiet.backup", new) == made
        assert await everything() == before
        assert (await Session.count(), await Worker.count(), await migrating.pending()) == (0, 0, [])
        assert made.engine in {"sqlite", "postgres"} and target.engine_type in there
        await clean(new, there)
        assert files(new) == {name: known[name] for name in known if not name.startswith("quiet")}
        await goes_on()
        await migrating.backwards()
        shutil.rmtree(new)
        await put_back(old / "all.backup", new)
        newest = await last()
        assert newest is not None and under_load.chain == (newest.id, newest.hash)
        assert acknowledged <= await AuditEntry.count() == newest.id
        await clean(new, there)


async def clean(state: Path, url: str) -> None:
    """The doctor has nothing to say against a place."""
    await beat("here:1", 1)
    found = await holdings(state)
    assert (found.missing, found.changed, found.orphans, found.promised) == ((), (), (), ())
    with away():
        lines = await doctors(Settings(state=state, database_url=url, secret="x" * 32))
    assert {line.state for line in lines} == {"ok"}


async def goes_on() -> None:
    """A job that was in work is taken up when its lease lapses, and no key is given a second time."""
    running = await the_only_job()
    assert running["state"] == jobs.JobState.RUNNING
    with frozen(now() + timedelta(minutes=1)):
        claimed = [await leasing.claim("a worker of the new place") for _ in range(await Job.count())]
    lease = next(one for one in claimed if one is not None and one.job_id == running["id"])
    assert lease.fence == running["fence"] + 1
    newest = await Job.select(Job.id).order_by(Job.id, ascending=False).first()
    assert newest is not None
    async with transaction():
        assert await jobs.enqueue("example", subject="example:3") == newest["id"] + 1
    await entries(2)
    assert await verify_chain() is None


async def test_a_key_that_was_taken_back_is_not_given_again(fresh_url: str, tmp_path: Path, new: Path) -> None:
    async with connected(f"sqlite:///{tmp_path}/old.sqlite"):
        await migrating.forwards()
        async with transaction():
            key = await jobs.enqueue("example", subject="example:2")
        await Job.delete().where(Job.id == key)
        await save(tmp_path / "all.backup", tmp_path)
    async with connected(fresh_url):
        await put_back(tmp_path / "all.backup", new)
        async with transaction():
            assert await jobs.enqueue("example", subject="example:3") == key + 1


async def test_an_older_backup_comes_forward(fresh_url: str, tmp_path: Path, new: Path) -> None:
    older = migrating.known()[1]
    async with connected(f"sqlite:///{tmp_path}/older.sqlite"):
        await migrating.forwards(older)
        await entries(4)
        made = await save(tmp_path / "all.backup", tmp_path)
        assert made.migrations[-1] == older
    async with connected(fresh_url):
        await migrating.forwards()
        await put_back(tmp_path / "all.backup", new)
        assert await migrating.pending() == []
        assert (await AuditEntry.count(), await verify_chain()) == (4, None)


async def test_a_place_that_is_not_empty_is_refused_by_what_is_there(fresh_url: str, archive: Path, new: Path) -> None:
    async with connected(fresh_url):
        await migrating.forwards()
        await entries(1)
        with pytest.raises(Refused, match=r"database is not empty: there are rows in audit_entry;"):
            await put_back(archive, new)
        assert await AuditEntry.count() == 1 and files(new) == {}
        with pytest.raises(Refused, match=r"is not empty: it holds datasets/"):
            await put_back(archive, archive.parent)
        (new / SIDE).mkdir()
        with pytest.raises(Refused, match="delete that folder"):
            await put_back(archive, new)


async def test_a_database_of_a_later_version_is_refused(fresh_url: str, archive: Path, new: Path) -> None:
    async with connected(fresh_url):
        await migrating.forwards()
        await Migration(name="registry_9999", app_name="registry").save()
        with pytest.raises(Refused, match="registry_9999"):
            await put_back(archive, new)


async def test_an_archive_with_anything_wrong_changes_nothing(tmp_path: Path, archive: Path, new: Path) -> None:
    altered = Path(shutil.copy(archive, tmp_path / "altered"))
    members = examine(altered).members
    for name in ("tables/account.jsonl", "secret"):
        rewritten(altered, members[name].start + 3, b"~")
    async with connected(f"sqlite:///{tmp_path}/new.sqlite"):
        with pytest.raises(Refused) as caught:
            await put_back(altered, new)
        named = [problem.rpartition(": ")[2] for problem in caught.value.problems]
        assert named == ["secret was altered", "tables/account.jsonl was altered"]
        assert await migrating.ran() == []
    assert not new.exists()


async def test_a_backup_of_a_later_version_is_refused(tmp_path: Path, archive: Path, new: Path) -> None:
    forged(archive, tmp_path / "later", {}, migrations=(*migrating.known(), "registry_9999"))
    with pytest.raises(Refused, match=r"migrations that this version does not have \(registry_9999\)"):
        await put_back(tmp_path / "later", new)
    assert not new.exists()


async def test_rows_that_a_forger_made_up_are_refused_and_nothing_stays(
    fresh_url: str, tmp_path: Path, archive: Path, new: Path
) -> None:
    """Hashes and seal are right, and the rows are not."""
    deep = b"[" * 100_000 + b"\n"
    made_up = {"job": b"[1,2,3]\n", "role_grant": b'{"a":1}\n', "region": deep, "organisation": b""}
    said = {table: rf"{table}, row 1" for table in made_up} | {"organisation": "account: the database does not take"}
    async with connected(fresh_url):
        for table, content in made_up.items():
            forged(archive, tmp_path / table, {f"tables/{table}.jsonl": content})
            with pytest.raises(Refused, match=said[table]):
                await put_back(tmp_path / table, new)
            assert await migrating.ran() == []
            assert files(new) == {}
        forged(archive, tmp_path / "other tables", {}, drop="region")
        with pytest.raises(Refused, match="its tables are not those of registry_"):
            await put_back(tmp_path / "other tables", new)


async def test_what_the_rows_do_not_bear_out_is_refused(
    fresh_url: str, tmp_path: Path, archive: Path, new: Path
) -> None:
    """A forged manifest tells neither another end of the chain nor keys that rows would take twice."""
    stated = examine(archive).manifest
    number, seal = stated.chain
    lies: dict[str, dict[str, object]] = {
        "audit chain ends with entry": {"chain": (number + 1, "f" * 64)},
        f"ends with entry {number}, {seal}": {"chain": (number, "f" * 64)},
        "audit_entry: its highest key is": {"tables": with_keys(stated, "audit_entry", 0)},
    }
    if fresh_url.startswith("postgres"):
        lies["region: no key of this database"] = {"tables": with_keys(stated, "region", 2**31 - 1)}
    async with connected(fresh_url):
        for said, lie in lies.items():
            forged(archive, tmp_path / "lie", {}, **lie)
            with pytest.raises(Refused, match=said):
                await put_back(tmp_path / "lie", new)
            assert await migrating.ran() == []
            assert files(new) == {}


def with_keys(stated: Manifest, table: str, highest: int) -> tuple[TableFacts, ...]:
    """The facts of all tables, and another highest key for one."""
    return tuple(
        msgspec.structs.replace(facts, highest=highest) if facts.name == table else facts for facts in stated.tables
    )


async def test_a_database_that_had_rows_once_is_empty_and_gives_the_keys_of_the_backup(
    fresh_url: str, archive: Path, new: Path
) -> None:
    async with connected(fresh_url):
        await migrating.forwards()
        await Region.insert(Region(code="1085", name="Sjælland", valid_from=date(2026, 1, 1)))
        await Region.delete(force=True)
        await put_back(archive, new)
        row = Region(code="1084", name="Hovedstaden", valid_from=date(2026, 1, 1))
        facts = next(table for table in examine(archive).manifest.tables if table.name == "region")
        assert (await Region.insert(row))[0]["id"] == facts.highest + 1


async def test_rows_that_only_the_other_database_had_room_for_are_all_named(
    postgres_url: str, tmp_path: Path, archive: Path, new: Path
) -> None:
    """SQLite enforces neither lengths nor 32 bits, and takes a zero character."""
    state = tmp_path / "wide"
    async with connected(f"sqlite:///{state}/registry.sqlite"):
        await migrating.forwards()
        await Region.insert(Region(code="10845", name="too long a code", valid_from=date(2026, 1, 1)))
        await Region.insert(Region(code="1085", name="Sjælland\0", valid_from=date(2026, 1, 1)))
        await Region.insert(Region(code="1081", name="Nordjylland", valid_from=date(2026, 1, 1)))
        await engine().run_ddl(f"UPDATE region SET id = {2**31} WHERE code = '1081'")
        await save(tmp_path / "wide.backup", state)
    async with connected(postgres_url):
        await engine().run_ddl("CREATE DATABASE narrow")
    async with connected(postgres_url.replace("/postgres?", "/narrow?")):
        with pytest.raises(Refused) as caught:
            await put_back(tmp_path / "wide.backup", new)
        assert caught.value.problems == (
            "region, row 1: code is longer than the 4 characters that this database takes",
            "region, row 2: name has a character that this database cannot hold",
            "region, row 3: id is too large for this database",
        )
        assert await migrating.ran() == []
    async with connected(f"sqlite:///{tmp_path}/again.sqlite"):
        assert (await put_back(tmp_path / "wide.backup", new)).rows == 3
    assert archive.is_file()


async def test_what_is_not_a_number_has_no_place_in_sqlite(postgres_url: str, tmp_path: Path, new: Path) -> None:
    async with connected(postgres_url):
        await engine().run_ddl("CREATE DATABASE numbers")
    async with connected(postgres_url.replace("/postgres?", "/numbers?")):
        await migrating.forwards()
        for share in (0.25, -0.0, inf, nan):
            async with transaction():
                key = await jobs.enqueue("example", subject="example:1")
                await Job.update({Job.progress: share}).where(Job.id == key)
        await save(tmp_path / "all.backup", tmp_path)
        await Job.delete().where(Job.id == 4)
        await save(tmp_path / "numbers.backup", tmp_path)
    async with connected(f"sqlite:///{tmp_path}/new.sqlite"):
        with pytest.raises(Refused, match=r"^job, row 4: progress is not a number"):
            await put_back(tmp_path / "all.backup", new)
        await put_back(tmp_path / "numbers.backup", new)
        assert [row["progress"] for row in await Job.select().order_by(Job.id)] == [0.25, 0.0, inf]


async def test_several_pages_of_rows_come_back_in_order(fresh_url: str, tmp_path: Path, new: Path) -> None:
    """More than a page holds, rows of very different sizes, gaps between keys, and letters of every kind."""
    async with connected(f"sqlite:///{tmp_path}/old.sqlite"):
        await migrating.forwards()
        rows = [
            Job(kind=f"k{n}", subject="☃æ\u2028", payload="x" * (n % 40) ** 2, created_at=now()) for n in range(1300)
        ]
        for first in range(0, len(rows), 100):
            await Job.insert(*rows[first : first + 100])
        await Job.delete().where(Job.id.is_in(list(range(1, 1300, 7))))
        before = await Job.select().order_by(Job.id)
        made = await save(tmp_path / "all.backup", tmp_path)
    assert {table.name: table.rows for table in made.tables}["job"] == len(before) == 1300 - 186
    async with connected(fresh_url):
        await put_back(tmp_path / "all.backup", new)
        assert await Job.select().order_by(Job.id) == before


async def test_files_go_back_where_the_last_step_fails(
    fresh_url: str, archive: Path, new: Path, tmp_path: Path
) -> None:
    (new / "secret").mkdir(parents=True)  # a folder where a file has to be
    async with connected(fresh_url):
        with pytest.raises(OSError, match="secret"):
            await put_back(archive, new)
        assert await migrating.ran() == []
        assert files(new) == {} and not (new / SIDE).exists()
        (new / "secret").rmdir()
        assert (await put_back(archive, new)).with_secret
    assert tmp_path in new.parents


def forged(source: Path, target: Path, contents: dict[str, bytes], drop: str = "", **changes: object) -> None:
    """An archive with other members and a manifest that agrees with them."""
    found = examine(source)
    with source.open("rb") as stream, target.open("wb") as made:
        writer = Writer(made)
        writer.add(MARK, [b"1\n"])
        hashes = {}
        for name, member in found.members.items():
            if name != f"tables/{drop}.jsonl":
                content = contents.get(name, b"".join(window(stream, member.start, member.size)))
                hashes[name] = writer.add(name, [content]).sha256
        tables = tuple(
            msgspec.structs.replace(table, sha256=hashes[table.member])
            for table in found.manifest.tables
            if table.name != drop
        )
        stated = sealed(msgspec.structs.replace(found.manifest, **{"tables": tables, **changes}))
        writer.add(NAME, [written(stated)])
        writer.end()
