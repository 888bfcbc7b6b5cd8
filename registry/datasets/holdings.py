"""What lies below the state folder against what the database says of it; looks and changes nothing."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from registry.datasets import files, queries
from registry.datasets.tables import DatasetVersion, Deletion


@dataclass(frozen=True, slots=True)
class Holdings:
    """Names of files. `whole` is how many versions are as they were stored.

    `missing` and `changed` are rows that somebody relies on: versions, and uploads that wait. `promised` should have
    been deleted with their version, `orphans` belong to no version, `leftovers` to no upload that is still to be read.
    """

    whole: int
    missing: tuple[str, ...]
    changed: tuple[str, ...]
    promised: tuple[str, ...]
    orphans: tuple[str, ...]
    leftovers: tuple[str, ...]


async def holdings(state: Path) -> Holdings:
    """Compare every file with its row, reading all stored versions once to check their hashes."""
    deleted = {row["version"] for row in await Deletion.select(Deletion.version)}
    rows = await DatasetVersion.select(DatasetVersion.id, DatasetVersion.stored, DatasetVersion.content)
    kept = {row["stored"]: row["content"] for row in rows if row["id"] not in deleted}
    gone = {row["stored"] for row in rows if row["id"] in deleted}
    there = {path.name: path for path in _files(state / "datasets")}
    changed = {name for name, content in kept.items() if name in there and _content(there[name]) != content}
    active = await queries.being_read()
    waiting = {f"{upload}.upload" for upload in active}
    sent = {path.name for path in _files(state / "uploads")}
    return Holdings(
        whole=len(kept.keys() & there.keys() - changed),
        missing=tuple(sorted((kept.keys() - there.keys()) | (waiting - sent))),
        changed=tuple(sorted(changed)),
        promised=tuple(sorted(gone & there.keys())),
        orphans=tuple(sorted(there.keys() - kept.keys() - gone)),
        leftovers=tuple(sorted(path.name for path in _leftovers(state, active))),
    )


def _leftovers(state: Path, active: set[int]) -> Iterator[Path]:
    """What `files.sweep` will delete; a file that is being sent is not old enough."""
    for path in _files(state / "uploads"):
        own = path.stem.isdigit() and int(path.stem) in active
        if not own and files.abandoned(path):
            yield path


def _files(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


def _content(path: Path) -> str:
    with path.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
