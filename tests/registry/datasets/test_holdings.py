"""Files against rows: what belongs to nobody, what is not there, and what is not as it was."""

import os
from pathlib import Path

import pytest

from registry.datasets import files, queries, retention
from registry.datasets.holdings import Holdings, holdings
from registry.datasets.schemas import Deleting
from registry.kit.clock import now
from tests.registry.datasets.story import a_csv, a_version, an_upload, left_behind
from tests.registry.plans.story import Cast, a_cast, a_locked_plan, agree

pytestmark = pytest.mark.usefixtures("database")

NOTHING = Holdings(whole=0, missing=(), changed=(), promised=(), orphans=(), leftovers=())


@pytest.fixture
async def cast() -> Cast:
    made = await a_cast()
    await agree(made.pilot)
    await a_locked_plan(made)
    return made


async def stored(cast: Cast, state: Path, **values: str) -> Path:
    version = await queries.version(cast.lead, await a_version(cast, state, a_csv(**values)))
    return queries.path_of(version, state)


def old(path: Path) -> None:
    """As it was left a day ago."""
    moment = now().timestamp() - 86_400
    os.utime(path, (moment, moment))


async def test_where_there_is_nothing_nothing_is_wrong_and_no_folder_is_made(tmp_path: Path) -> None:
    assert await holdings(tmp_path / "state") == NOTHING
    assert not (tmp_path / "state").exists()


async def test_what_is_as_it_was_stored_is_counted(cast: Cast, tmp_path: Path) -> None:
    for number in "123":
        await stored(cast, tmp_path, n=number)
    await an_upload(cast, tmp_path, a_csv(n="4"))
    assert await holdings(tmp_path) == Holdings(3, (), (), (), (), ())


async def test_missing_changed_and_unknown_files_are_named(cast: Cast, tmp_path: Path) -> None:
    missing, changed, whole = [await stored(cast, tmp_path, n=number) for number in "123"]
    missing.unlink()
    changed.write_bytes(changed.read_bytes()[:-1] + b"!")
    (whole.parent / "from elsewhere.parquet").write_bytes(b"PAR1")
    waits = await an_upload(cast, tmp_path, a_csv(n="4"))
    files.upload_path(tmp_path, waits).unlink()
    found = await holdings(tmp_path)
    assert found.missing == tuple(sorted((missing.name, f"{waits}.upload")))
    assert (found.changed, found.orphans, found.whole) == ((changed.name,), ("from elsewhere.parquet",), 1)


async def test_what_should_have_been_deleted_is_named_until_the_next_sweep(cast: Cast, tmp_path: Path) -> None:
    path = await stored(cast, tmp_path)
    content = path.read_bytes()
    await retention.delete_rows(1, Deleting("The consent was withdrawn."), state=tmp_path, by=cast.lead)
    assert await holdings(tmp_path) == NOTHING
    path.write_bytes(content)
    assert (await holdings(tmp_path)).promised == (path.name,)
    await retention.sweep(tmp_path)
    assert await holdings(tmp_path) == NOTHING


async def test_leftovers_of_uploads_are_named_until_the_next_sweep(cast: Cast, tmp_path: Path) -> None:
    waits = await an_upload(cast, tmp_path)
    folder = files.uploads(tmp_path)
    for name in ("abc.part", "fresh.part", "99.upload"):
        (folder / name).write_bytes(b"area")
    for name in ("abc.part", "99.upload", f"{waits}.upload"):
        old(folder / name)
    assert (await holdings(tmp_path)).leftovers == ("99.upload", "abc.part")
    await retention.sweep(tmp_path)
    assert (await holdings(tmp_path)).leftovers == ()
    assert left_behind(tmp_path) == sorted([f"{waits}.upload", "fresh.part"])
