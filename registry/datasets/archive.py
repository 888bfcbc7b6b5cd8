"""Refuses an XLSX workbook whose archive would unpack to far more than was sent, before anything reads it."""

import zipfile
import zlib
from pathlib import Path
from typing import Final

from effects.errors import DataError, Finding

MOST_ENTRIES: Final = 1_000
LARGEST_UNPACKED: Final = 256 * 1024 * 1024
LARGEST_RATIO: Final = 40
"""Spreadsheets pack to a tenth or so; what packs tighter than this was made to."""

SMALL: Final = 8 * 1024 * 1024
"""Unpacked bytes below which the ratio does not matter."""

_CHUNK: Final = 1 << 20


def guard(path: Path) -> None:
    """Read the directory, then unpack every entry to nowhere: sizes in a directory may lie. Raises DataError."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            _refuse(len(entries) > MOST_ENTRIES or any(entry.flag_bits & 1 for entry in entries))
            _refuse(_excessive(sum(entry.file_size for entry in entries), path))
            unpacked = 0
            for entry in entries:
                with archive.open(entry) as file:
                    while chunk := file.read(_CHUNK):
                        unpacked += len(chunk)
                        _refuse(_excessive(unpacked, path))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise DataError([_BROKEN]) from error


def _excessive(unpacked: int, path: Path) -> bool:
    return unpacked > LARGEST_UNPACKED or unpacked > max(SMALL, LARGEST_RATIO * path.stat().st_size)


def _refuse(excessive: bool) -> None:
    if excessive:
        raise DataError([_EXCESSIVE])


_BROKEN: Final = Finding(
    where="file",
    code="broken_workbook",
    message="The workbook is damaged.",
    remedy="Save it again in its program, or save the sheet as CSV.",
)
_EXCESSIVE: Final = Finding(
    where="file",
    code="excessive_workbook",
    message="The workbook unpacks to far more than a table needs, or it is protected.",
    remedy="Copy the values into a new workbook, or save the sheet as CSV.",
)
