"""What an operator reads: what is in the backup, how safe to keep it, what was refused and why."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from registry.backup.checking import examine
from registry.backup.command import (
    INCOMPLETE,
    REFUSED,
    contents,
    newcomers,
    run_backup,
    run_restore,
    secrecy,
    shortcomings,
)
from registry.backup.saving import save
from registry.kit import migrating
from registry.kit.database import connected
from registry.settings import Settings
from tests.registry.backup.story import a_registry, entries
from tests.registry.backup.test_manifest import FILE, a_manifest

SECRET = "a secret of the environment, long enough"


def called(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    call = [sys.executable, "-W", "error", "-m", "registry.cli", *arguments]
    return subprocess.run(
        call, env={**os.environ, **environment}, capture_output=True, text=True, timeout=60, check=False
    )


async def a_small_place(folder: Path) -> Settings:
    settings = Settings(state=folder)
    async with connected(settings.database_url):
        await migrating.forwards()
        await entries(2)
    return settings


async def test_from_the_command_line_and_back(tmp_path: Path) -> None:
    old, new, out = tmp_path / "old", tmp_path / "new", tmp_path / "all.backup"
    await a_small_place(old)
    (old / "secret").write_text(SECRET, "ascii")
    made = called("backup", "--out", str(out), "--data", str(old))
    assert (made.returncode, made.stderr) == (0, "")
    assert "read back and whole" in made.stdout and "2 rows in" in made.stdout
    assert "AND THE SECRET of this installation" in made.stdout
    again = called("backup", "--out", str(out), "--data", str(old))
    assert (again.returncode, again.stdout) == (REFUSED, "")
    assert again.stderr.splitlines()[-1] == "virkning: no backup was made"
    back = called("restore", str(out), "--data", str(new))
    assert (back.returncode, back.stderr) == (0, "")
    assert "ok    audit chain: whole" in back.stdout and "audit chain: 2 entries" in back.stdout
    assert (new / "secret").read_text("ascii") == SECRET
    twice = called("restore", str(out), "--data", str(new))
    assert twice.returncode == REFUSED
    assert "there are rows in audit_entry" in twice.stderr and "nothing was restored" in twice.stderr


def test_without_a_database_there_is_nothing_to_back_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings(state=tmp_path / "none")
    assert run_backup(settings, tmp_path / "x", with_secret=True) == REFUSED
    assert "nothing to back up" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_not_there_makes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings(state=tmp_path / "new")
    assert run_restore(settings, tmp_path / "none") == REFUSED
    assert "No such file or directory" in capsys.readouterr().err
    (tmp_path / "text").write_text("words", "ascii")
    assert run_restore(settings, tmp_path / "text") == REFUSED
    assert "is no backup of Virkning" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_what_is_in_it_is_said_in_a_few_lines() -> None:
    made, rows, chain, left = contents(a_manifest(unkept=("session",)))
    assert made == "  made 2026-11-22 20:00:00 UTC by virkning 0.1.0 from sqlite, schema registry_0001"
    assert (rows, chain) == ("  2 rows in 1 tables, 1 files", "  audit chain: 3 entries, the newest cc")
    assert left == "  left out: session (everybody signs in anew)"


def test_where_the_secret_is_and_what_it_means_is_said(tmp_path: Path) -> None:
    with_it = a_manifest(files=(FILE, type(FILE)("secret", 1, "")))
    at_home, elsewhere = Settings(state=tmp_path), Settings(state=tmp_path, secret=SECRET)
    assert "AND THE SECRET" in secrecy(with_it, at_home, True)
    assert f"keep {tmp_path / 'secret'}, a restore needs" in secrecy(a_manifest(), at_home, False)
    assert "there is none yet" in secrecy(a_manifest(), at_home, True)
    assert "keep SECRET of the environment" in secrecy(a_manifest(), elsewhere, True)
    assert SECRET not in secrecy(a_manifest(), elsewhere, True)
    assert "in force here" in newcomers(with_it) and "without its secret" in newcomers(a_manifest())


def test_what_the_place_itself_lacks_is_said_line_by_line() -> None:
    assert shortcomings(a_manifest()) == []
    said = shortcomings(a_manifest(missing=("datasets/a",), changed=("datasets/b",), strangers=("spatial",)))
    assert [line.split()[1] for line in said] == ["datasets/a", "datasets/b", "the"]
    assert all("NOT" in line or "as it is" in line for line in said)


async def test_a_place_that_lacks_a_file_gives_a_backup_and_says_so(tmp_path: Path) -> None:
    settings = await a_small_place(tmp_path / "old")
    async with connected(settings.database_url):
        await a_registry(settings.state, versions=1)
    (upload,) = (settings.state / "uploads").glob("*.upload")
    upload.unlink()
    made = called("backup", "--out", str(tmp_path / "x"), "--without-secret", "--data", str(settings.state))
    assert made.returncode == INCOMPLETE == 3
    assert f"uploads/{upload.name} is NOT in the backup" in made.stderr and "The secret is not in it" in made.stdout


async def test_a_secret_of_the_environment_stays_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = await a_small_place(tmp_path / "old")
    (home.state / "secret").write_text("an older one that is not in force any more", "ascii")
    settings = Settings(state=home.state, secret=SECRET)
    assert await asyncio.to_thread(run_backup, settings, tmp_path / "x", with_secret=True) == 0
    assert "keep SECRET of the environment" in capsys.readouterr().out
    assert not examine(tmp_path / "x").manifest.with_secret


async def test_a_backup_that_is_killed_leaves_no_file_of_its_name_and_the_next_is_whole(tmp_path: Path) -> None:
    settings = await a_small_place(tmp_path / "old")
    out = tmp_path / "killed.backup"
    call = [sys.executable, "-m", "registry.cli", "backup", "--out", str(out), "--data", str(settings.state)]
    with subprocess.Popen(call, stdout=subprocess.PIPE) as child:
        while child.poll() is None and not list(tmp_path.glob(".killed*.part")):
            await asyncio.sleep(0.001)
        child.kill()
        child.communicate()
    if out.exists():  # it was faster than we
        out.unlink()
    assert await asyncio.to_thread(run_backup, settings, out, with_secret=True) == 0
    assert examine(out).manifest.chain[0] == 2


async def test_two_backups_at_once_do_not_disturb_each_other(tmp_path: Path) -> None:
    settings = await a_small_place(tmp_path / "old")
    outs = [tmp_path / "one", tmp_path / "other"]
    async with connected(settings.database_url):
        first, second = await asyncio.gather(*(save(out, settings.state) for out in outs))
    assert first.tables == second.tables
    assert [examine(out).manifest for out in outs] == [first, second]
