"""Files that rows rely on, and that stay readable while they are held."""

import hashlib
from pathlib import Path

import pytest

from registry.backup.lasting import held, relied_on, strays
from registry.datasets import files, retention
from registry.datasets.schemas import Deleting
from registry.kit.database import snapshot
from tests.registry.backup.story import a_registry, stored_file


@pytest.mark.usefixtures("database")
async def test_versions_with_rows_and_uploads_that_wait_are_relied_on(tmp_path: Path) -> None:
    assert await relied_on() == {}
    cast = await a_registry(tmp_path)
    (files.uploads(tmp_path) / "abc.part").write_bytes(b"half")
    (files.versions(tmp_path) / "orphan.parquet").write_bytes(b"PAR1")
    version = await stored_file(cast, tmp_path)
    found = await relied_on()
    (upload,) = found.keys() - {f"datasets/{version.name}"}
    assert upload.startswith("uploads/") and upload.endswith(".upload")
    for name, digest in found.items():
        assert hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() == digest


@pytest.mark.usefixtures("database")
async def test_what_is_deleted_while_it_is_held_can_still_be_read(tmp_path: Path) -> None:
    cast = await a_registry(tmp_path)
    path = await stored_file(cast, tmp_path)
    content = path.read_bytes()
    async with snapshot():
        relied = await relied_on()
    with held(tmp_path, relied) as found:
        await retention.delete_rows(1, Deleting("Withdrawn."), state=tmp_path, by=cast.lead)
        assert not path.exists()
        assert found.streams[f"datasets/{path.name}"].read() == content
        assert found.gone == frozenset()
    assert found.streams[f"datasets/{path.name}"].closed
    with held(tmp_path, relied) as found:
        assert found.gone == {f"datasets/{path.name}"}


def test_more_files_than_usual_may_be_held(tmp_path: Path) -> None:
    names = {f"datasets/{number}": "" for number in range(1500)}
    (tmp_path / "datasets").mkdir()
    for name in names:
        (tmp_path / name).touch()
    with held(tmp_path, names) as found:
        assert len(found.streams) == 1500


def test_what_stands_in_the_folders_of_files_is_named(tmp_path: Path) -> None:
    assert strays(tmp_path / "none") == []
    for name in ("datasets/b.parquet", "uploads/a.part", "registry.sqlite"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert strays(tmp_path) == ["datasets/b.parquet", "uploads/a.part"]
