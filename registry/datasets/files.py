"""Where uploads and versions lie below the state folder, and how a file gets there whole or not at all."""

import hashlib
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from registry.datasets.sniffing import SAMPLE_BYTES
from registry.kit.clock import now
from registry.kit.disk import synced
from registry.kit.errors import TooLarge

CHUNK: Final = 1 << 20
MOMENTS: Final = ".moments"
"""What the file of a version ends in that holds moments instead of rows."""

ABANDONED_SECONDS: Final = 6 * 3600
"""What nobody has written to for so long is what a killed process left."""


@dataclass(frozen=True, slots=True)
class Received:
    """A whole file, not yet anybody's. `head` are its first bytes."""

    path: Path
    size: int
    sha256: str
    head: bytes


def uploads(state: Path) -> Path:
    """The folder of files that are being checked."""
    return _private(state / "uploads")


def versions(state: Path) -> Path:
    """The folder of stored versions."""
    return _private(state / "datasets")


def upload_path(state: Path, upload_id: int) -> Path:
    """The file of an upload."""
    return uploads(state) / f"{upload_id}.upload"


def work_folder(state: Path, upload_id: int) -> Path:
    """An empty folder for one attempt at checking an upload; a worker thought dead may still write in its own."""
    return Path(tempfile.mkdtemp(dir=_private(uploads(state) / f"{upload_id}.work")))


async def receive(chunks: AsyncIterator[bytes], state: Path, limit: int) -> Received:
    """Write what comes to a file only we can read. Raises TooLarge; whatever is raised, nothing stays."""
    path = uploads(state) / f"{secrets.token_hex(16)}.part"
    digest, size, head = hashlib.sha256(), 0, b""
    try:
        path.touch(mode=0o600, exist_ok=False)
        with path.open("wb") as file:
            async for chunk in chunks:
                size += len(chunk)
                if size > limit:
                    raise TooLarge
                file.write(chunk)
                digest.update(chunk)
                head = head or chunk[:SAMPLE_BYTES]
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return Received(path, size, digest.hexdigest(), head)


def keep(path: Path, target: Path) -> None:
    """Give a file that is safely on the disk its lasting name, safely too."""
    path.replace(target)
    synced(target.parent)


def remove(state: Path, upload_id: int) -> None:
    """Delete the file of an upload and whatever was made of it on the way."""
    upload_path(state, upload_id).unlink(missing_ok=True)
    shutil.rmtree(uploads(state) / f"{upload_id}.work", ignore_errors=True)


def sweep(state: Path, active: Collection[int]) -> None:
    """Delete what a killed process left: old parts, and old files of uploads that are over."""
    for path in list(uploads(state).iterdir()):
        if abandoned(path) and path.suffix == ".part":
            path.unlink(missing_ok=True)
        elif abandoned(path) and path.stem.isdigit() and int(path.stem) not in active:
            remove(state, int(path.stem))


def abandoned(path: Path) -> bool:
    """Whether nobody has written to it for six hours; another worker may have removed it just now."""
    try:
        return now().timestamp() - path.stat().st_mtime > ABANDONED_SECONDS
    except FileNotFoundError:
        return False


def _private(folder: Path) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
