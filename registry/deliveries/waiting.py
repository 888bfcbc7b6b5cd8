"""Files that were sent and not yet looked at, below the state folder; what passed stands in the database."""

import shutil
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final

from registry.datasets import files
from registry.datasets.files import Received

PREFIX: Final = "sending-"


def keep(state: Path, sending_id: int, received: Sequence[Received]) -> None:
    """Give the files of a sending their place, in the order in which they came."""
    folder = _folder(state, sending_id)
    folder.mkdir(mode=0o700, exist_ok=True)
    for number, file in enumerate(received):
        file.path.replace(folder / str(number))


def paths(state: Path, sending_id: int, number: int) -> tuple[Path, ...]:
    """So many files of a sending, in the order in which they came."""
    folder = _folder(state, sending_id)
    return tuple(folder / str(place) for place in range(number))


def remove(state: Path, sending_id: int) -> None:
    """Delete the files of a sending."""
    shutil.rmtree(_folder(state, sending_id), ignore_errors=True)


def sweep(state: Path, active: Collection[int]) -> None:
    """Delete what a killed process left of sendings that are over."""
    if not (state / "uploads").is_dir():
        return
    for folder in list(files.uploads(state).glob(f"{PREFIX}*")):
        number = folder.name.removeprefix(PREFIX)
        if files.abandoned(folder) and not (number.isdigit() and int(number) in active):
            shutil.rmtree(folder, ignore_errors=True)


def _folder(state: Path, sending_id: int) -> Path:
    return files.uploads(state) / f"{PREFIX}{sending_id}"
