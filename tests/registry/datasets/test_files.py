"""Files below the state folder: whole, private, or gone."""

import asyncio
import hashlib
import os
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from registry.datasets import files
from registry.datasets.sniffing import SAMPLE_BYTES
from registry.kit.errors import TooLarge
from tests.registry.datasets.story import left_behind


async def chunks(*parts: bytes, error: Exception | None = None) -> AsyncIterator[bytes]:
    for part in parts:
        yield part
    if error is not None:
        raise error


def aged(path: Path) -> None:
    before = time.time() - files.ABANDONED_SECONDS - 1
    os.utime(path, (before, before))


async def test_a_whole_file_is_kept_with_its_size_and_digest(tmp_path: Path) -> None:
    found = await files.receive(chunks(b"a,b\n", b"1,2\n"), tmp_path, 100)
    assert found.path.read_bytes() == b"a,b\n1,2\n"
    assert (found.size, found.sha256) == (8, hashlib.sha256(b"a,b\n1,2\n").hexdigest())
    assert found.head == b"a,b\n"


async def test_only_the_service_may_read_what_was_sent(tmp_path: Path) -> None:
    found = await files.receive(chunks(b"x"), tmp_path, 100)
    assert found.path.stat().st_mode & 0o777 == 0o600
    assert found.path.parent.stat().st_mode & 0o777 == 0o700


async def test_the_head_is_a_sample_of_the_first_bytes(tmp_path: Path) -> None:
    found = await files.receive(chunks(b"x" * 2 * SAMPLE_BYTES, b"y"), tmp_path, 10 * SAMPLE_BYTES)
    assert found.head == b"x" * SAMPLE_BYTES


async def test_a_file_above_the_limit_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(TooLarge):
        await files.receive(chunks(b"12345", b"67890", b"1"), tmp_path, 10)
    assert left_behind(tmp_path) == []


def test_a_file_that_is_kept_has_its_lasting_name_only(tmp_path: Path) -> None:
    (tmp_path / "stored").write_bytes(b"x")
    files.keep(tmp_path / "stored", files.versions(tmp_path) / "1.parquet")
    assert (tmp_path / "datasets" / "1.parquet").read_bytes() == b"x"
    assert not (tmp_path / "stored").exists()


async def test_a_cut_off_file_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ConnectionError):
        await files.receive(chunks(b"123", error=ConnectionError()), tmp_path, 10)
    assert left_behind(tmp_path) == []


def test_a_work_folder_begins_empty_even_after_a_crash(tmp_path: Path) -> None:
    folder = files.work_folder(tmp_path, 7)
    (folder / "checked.parquet").write_bytes(b"half")
    assert list(files.work_folder(tmp_path, 7).iterdir()) == []


def test_a_worker_thought_dead_cannot_write_over_the_one_that_took_its_job(tmp_path: Path) -> None:
    silent, taken_over = files.work_folder(tmp_path, 7), files.work_folder(tmp_path, 7)
    (taken_over / "checked.parquet").write_bytes(b"whole")
    (silent / "checked.parquet").write_bytes(b"half")
    assert (taken_over / "checked.parquet").read_bytes() == b"whole"
    assert silent.stat().st_mode & 0o077 == 0


def test_removing_an_upload_removes_all_that_was_made_of_it(tmp_path: Path) -> None:
    files.upload_path(tmp_path, 7).write_bytes(b"x")
    (files.work_folder(tmp_path, 7) / "text.csv").write_bytes(b"x")
    files.remove(tmp_path, 7)
    files.remove(tmp_path, 7)
    assert left_behind(tmp_path) == []


def test_sweeping_takes_what_a_killed_process_left_and_nothing_else(tmp_path: Path) -> None:
    part, fresh = files.uploads(tmp_path) / "a.part", files.uploads(tmp_path) / "b.part"
    for path in (part, fresh, *(files.upload_path(tmp_path, upload) for upload in (1, 2, 3))):
        path.write_bytes(b"x")
    folder = files.work_folder(tmp_path, 2)
    (folder / "text.csv").write_bytes(b"x")
    for path in (part, files.upload_path(tmp_path, 1), files.upload_path(tmp_path, 2), folder):
        aged(path)
    files.sweep(tmp_path, active={1})
    assert left_behind(tmp_path) == ["1.upload", "3.upload", "b.part"]


def test_versions_lie_apart_from_uploads(tmp_path: Path) -> None:
    assert files.versions(tmp_path) != files.uploads(tmp_path)


async def test_files_that_come_at_once_do_not_get_mixed(tmp_path: Path) -> None:
    contents = [bytes([65 + number]) * 100_000 for number in range(8)]
    found = await asyncio.gather(
        *(files.receive(chunks(content[:50_000], content[50_000:]), tmp_path, 200_000) for content in contents)
    )
    assert [one.path.read_bytes() for one in found] == contents
    assert len({one.path for one in found}) == 8


async def test_a_file_of_exactly_the_limit_is_taken(tmp_path: Path) -> None:
    assert (await files.receive(chunks(b"12345", b"67890"), tmp_path, 10)).size == 10


async def test_an_empty_file_is_a_file_of_no_bytes(tmp_path: Path) -> None:
    found = await files.receive(chunks(), tmp_path, 10)
    assert (found.size, found.head, found.path.read_bytes()) == (0, b"", b"")


async def test_whoever_stops_the_reading_leaves_nothing(tmp_path: Path) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x"
            await asyncio.sleep(0)

    task = asyncio.create_task(files.receive(endless(), tmp_path, 10**9))
    while not left_behind(tmp_path):
        await asyncio.sleep(0.001)
    assert len(left_behind(tmp_path)) == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert left_behind(tmp_path) == []


def test_sweeping_an_empty_folder_is_no_trouble(tmp_path: Path) -> None:
    files.sweep(tmp_path, active=set())
    assert left_behind(tmp_path) == []


def test_a_file_that_vanishes_while_sweeping_is_no_trouble(tmp_path: Path) -> None:
    """Two workers may sweep at once."""
    for upload in range(50):
        path = files.upload_path(tmp_path, upload)
        path.write_bytes(b"x")
        aged(path)
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(files.sweep, tmp_path, set()) for _ in range(4)]:
            done.result()
    assert left_behind(tmp_path) == []
