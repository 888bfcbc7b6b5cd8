"""The files below the state folder that last: those that rows rely on, held open so that nobody can take them away."""

import resource
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from registry.backup.schema import shapes
from registry.datasets.rules import UploadState
from registry.datasets.tables import DatasetVersion, Deletion, Upload

SPARE: Final = 64  # descriptors for everything else
FOLDERS: Final = ("datasets", "uploads")


@dataclass(frozen=True, slots=True)
class Held:
    """Files by their paths below the state folder, open for reading; `gone` are those that were not there."""

    streams: Mapping[str, BinaryIO]
    gone: frozenset[str]


async def relied_on() -> dict[str, str]:
    """The files that rows rely on with the sha256 stated there: versions with rows, and uploads still to be read.

    Also in a database of an older version, which has no such rows where it has no such table.
    """
    there = await shapes()
    if not {DatasetVersion._meta.tablename, Upload._meta.tablename} <= there.keys():
        return {}
    marked = await Deletion.select(Deletion.version) if Deletion._meta.tablename in there else []
    deleted = {row["version"] for row in marked}
    versions = await DatasetVersion.select(DatasetVersion.id, DatasetVersion.stored, DatasetVersion.content)
    kept = {f"datasets/{row['stored']}": row["content"] for row in versions if row["id"] not in deleted}
    waiting = Upload.state.is_in([UploadState.RECEIVED, UploadState.CHECKING])
    sent = await Upload.select(Upload.id, Upload.sha256).where(waiting)
    kept |= {f"uploads/{row['id']}.upload": row["sha256"] for row in sent}
    return {name: kept[name].removeprefix("sha256:") for name in sorted(kept)}


@contextmanager
def held(state: Path, names: Mapping[str, str]) -> Iterator[Held]:
    """Open every file: what is deleted from now on can still be read, and is gone for good when the block ends.

    Raises OSError where the system does not allow so many open files.
    """
    _allow(len(names) + SPARE)
    streams: dict[str, BinaryIO] = {}
    gone = set()
    with ExitStack() as stack:
        for name in names:
            try:
                streams[name] = stack.enter_context((state / name).open("rb"))
            except FileNotFoundError:
                gone.add(name)
        yield Held(streams, frozenset(gone))


def strays(state: Path) -> list[str]:
    """What stands in the folders of files already, by name."""
    return sorted(f"{folder}/{path.name}" for folder in FOLDERS for path in _entries(state / folder))


def _entries(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


def _allow(files: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < files:
        limit = files if hard == resource.RLIM_INFINITY else min(files, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
