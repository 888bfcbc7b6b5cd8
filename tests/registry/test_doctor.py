"""The doctor finds what is wrong and says how to mend it."""

import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from registry import doctor
from registry.audit.actions import record
from registry.audit.tables import AuditEntry
from registry.datasets.holdings import Holdings
from registry.doctor import Line, examine
from registry.kit import migrating
from registry.kit.database import connected, transaction
from registry.kit.jobs import beat
from registry.settings import Settings
from tests.registry.clusters import Running, until


@pytest.fixture
def settings(fresh_url: str, tmp_path: Path) -> Settings:
    return Settings(database_url=fresh_url, state=tmp_path)


async def checked(settings: Settings) -> dict[str, Line]:
    return {line.subject: line for line in await examine(settings)}


async def test_a_new_database_is_not_migrated_and_the_remedy_is_named(settings: Settings) -> None:
    async with connected(settings.database_url):
        await migrating.pending()
    lines = await checked(settings)
    assert (lines["migrations"].state, lines["migrations"].remedy) == ("fail", "virkning migrate")
    assert "audit chain" not in lines


async def test_a_healthy_installation_is_all_ok(settings: Settings) -> None:
    async with connected(settings.database_url):
        await migrating.forwards()
        await beat("here:1", 1)
    lines = await checked(settings)
    assert {line.state for line in lines.values()} == {"ok"}
    assert {"versions", "settings", "disk", "database", "migrations", "audit chain", "rows", "worker"} == set(lines)


async def test_a_chain_that_was_tampered_with_is_found(settings: Settings) -> None:
    async with connected(settings.database_url):
        await migrating.forwards()
        for number in range(3):
            async with transaction():
                await record(action="x", object_kind="y", object_id=number, content={}, by=None)
        await AuditEntry.update({AuditEntry.object_id: 99}).where(AuditEntry.id == 2)
    line = (await checked(settings))["audit chain"]
    assert (line.state, line.found) == ("fail", "broken at entry 2")


async def test_no_worker_is_a_warning(settings: Settings) -> None:
    async with connected(settings.database_url):
        await migrating.forwards()
    assert (await checked(settings))["worker"].remedy == "virkning worker"


def test_a_database_that_is_away_fails_the_visit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    away = Settings(state=tmp_path, database_url="postgresql://postgres:hunter2@127.0.0.1:1/none")
    assert doctor.run(away) == 4
    said = capsys.readouterr().out
    assert "fail  database: cannot be reached" in said
    assert "hunter2" not in said


def test_unsafe_settings_are_pointed_out(tmp_path: Path) -> None:
    open_demo = Settings(state=tmp_path, demo=True, host="0.0.0.0")
    assert [(line.state, line.subject) for line in doctor.settled(open_demo)] == [
        ("ok", "settings"),
        ("warn", "demo"),
        ("warn", "cookies"),
    ]
    assert len(doctor.settled(Settings(state=tmp_path, host="0.0.0.0", secure_cookies=True))) == 1


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder that every account of this machine is let through to."""
    with TemporaryDirectory(prefix="virkning", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def test_what_other_accounts_can_read_is_named_with_what_to_do(shared: Path) -> None:
    place = Settings(state=shared)
    for name in ("registry.sqlite", "registry.sqlite-wal", "secret"):
        (shared / name).touch()
        (shared / name).chmod(0o600)
    (shared / "datasets").mkdir(mode=0o700)
    named = [shared]
    assert [line.found.split("get at ")[1] for line in doctor.readable(place)] == [str(shared)]
    for name, mode in {"secret": 0o604, "datasets": 0o710, "registry.sqlite": 0o640}.items():
        (shared / name).chmod(mode)
        named.append(shared / name)
    (line,) = doctor.readable(place)
    assert (line.state, line.remedy) == ("warn", f"chmod go-rwx {' '.join(map(str, named))}")
    subprocess.run(shlex.split(line.remedy), check=True)
    assert doctor.readable(place) == []


def test_what_lies_in_a_closed_folder_is_out_of_reach_and_what_lies_elsewhere_is_not(
    shared: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret").touch(mode=0o644)
    (shared / "elsewhere.sqlite").touch()
    (shared / "elsewhere.sqlite").chmod(0o644)
    apart = Settings(state=tmp_path, database_url=f"sqlite:///{shared}/elsewhere.sqlite")
    tmp_path.chmod(0o700)
    assert [line.remedy for line in doctor.readable(apart)] == [f"chmod go-rwx {shared}/elsewhere.sqlite"]
    shared.chmod(0o701)
    assert doctor.readable(apart) != []
    shared.chmod(0o700)
    assert doctor.readable(apart) == []


def test_where_nothing_was_begun_it_says_so_and_makes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = tmp_path / "var"
    assert doctor.run(Settings.from_environment({"DATA": str(state)}, makes=False)) == 0
    assert f"warn  state: there is none yet in {state}" in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == []


async def test_files_that_do_not_fit_the_database_are_named_with_what_to_do(settings: Settings) -> None:
    async with connected(settings.database_url):
        await migrating.forwards()
    (settings.state / "datasets").mkdir()
    for number in range(7):
        (settings.state / "datasets" / f"{number}.parquet").write_bytes(b"PAR1")
    lines = await checked(settings)
    assert lines["rows"].state == "ok"
    assert (lines["orphans"].state, lines["orphans"].found[-27:]) == ("warn", "3.parquet, 4.parquet and 2 more"[-27:])
    assert str(settings.state / "datasets") in lines["orphans"].remedy


def test_rows_that_are_lost_fail_the_visit_and_what_the_worker_mends_does_not(tmp_path: Path) -> None:
    lost = doctor.rows(Holdings(0, ("a",), ("b",), (), (), ()), tmp_path)
    assert [line.state for line in lost] == ["ok", "fail", "fail"]
    kept = doctor.rows(Holdings(0, (), (), ("a",), ("b",), ("c",)), tmp_path)
    assert [line.state for line in kept] == ["ok", "warn", "warn", "warn"]
    assert all(line.remedy for line in (*lost[1:], *kept[1:]))


def test_a_cluster_is_counted_and_its_versions_are_compared(
    cluster: Running, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    until(lambda: doctor.cluster(cluster.address).found == f"2 workers at {cluster.address}, with the same versions")
    assert doctor.cluster(cluster.address).state == "ok"
    assert doctor.run(Settings(state=tmp_path, dask_scheduler=cluster.address)) == 0
    assert f"ok    cluster: 2 workers at {cluster.address}" in capsys.readouterr().out


def test_a_scheduler_that_is_away_fails_the_visit_and_says_what_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.kit.cluster._CONNECT_SECONDS", 0.2)
    line = doctor.cluster("tcp://127.0.0.1:1")
    assert (line.state, line.found) == ("fail", "no scheduler answers at tcp://127.0.0.1:1")
    assert "work in parts waits" in line.remedy


def test_a_cluster_that_asks_for_tls_is_told_from_one_that_is_away() -> None:
    line = doctor.cluster("tls://127.0.0.1:1")
    assert (line.state, line.subject) == ("fail", "cluster")
    assert "TLS" in line.found and "OPERATIONS.md" in line.remedy


async def test_without_a_scheduler_there_is_no_line_of_one(settings: Settings) -> None:
    assert "cluster" not in await checked(settings)


def test_assets_that_were_not_built_are_named_with_the_command_that_builds_them(tmp_path: Path) -> None:
    (tmp_path / "dkfds.css").touch()
    (line,) = doctor.assets(tmp_path)
    assert (line.state, line.remedy) == ("warn", "python -m registry.kit.assets")
    assert "dkfds.js, htmx.js, icons.svg not built" in line.found
