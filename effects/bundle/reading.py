"""Reading a bundle without trust: a ZIP file or a folder, within limits, every finding at once."""

import stat
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any, Final

from effects.bundle.documents import Unreadable, read_json
from effects.bundle.parts import MANIFEST, METADATA, SCHEMA
from effects.errors import EffectsError, Finding

MOST_FILES: Final = 1_000
LARGEST: Final = 256 * 1024 * 1024
"""Bytes of all files together, unpacked."""

LARGEST_RATIO: Final = 200
"""How many times its size a file may unpack to; text packs to a twentieth or so."""

SMALL: Final = 1024 * 1024
"""Unpacked bytes below which the ratio does not matter."""

LONGEST_NAME: Final = 200
_CHUNK: Final = 1 << 16
_ENCRYPTED: Final = 1


class BundleError(EffectsError):
    """This is no bundle, or one that is not safe to open."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """What was read: every file by its name, the metadata and the manifest as values.

    `sha256` is that of the ZIP file, None for a folder.
    """

    files: Mapping[str, bytes]
    metadata: Mapping[str, Any]
    manifest: Mapping[str, Any]
    sha256: str | None


def open_bundle(path: Path) -> Bundle:
    """Read a ZIP file or a folder. Raises BundleError with every finding, OSError where it cannot be read at all."""
    if not path.exists():
        raise BundleError([Finding(str(path), "no_such_file", "There is no such file.", "Check the path.")])
    whole = None if path.is_dir() else _within_limits(path)
    files = _from_folder(path) if whole is None else _from_zip(path.name, whole)
    findings: list[Finding] = []
    metadata = _record(files, METADATA, findings)
    manifest = _record(files, MANIFEST, findings)
    if not findings and manifest.get("schema") != SCHEMA:
        message, remedy = "The schema {schema} is not known here.", "Verify it with the version that wrote it."
        params = {"schema": str(manifest.get("schema"))[:80]}
        findings.append(Finding(MANIFEST, "unknown_schema", message, remedy, params))
    if findings:
        raise BundleError(findings)
    return Bundle(files, metadata, manifest, None if whole is None else sha256(whole).hexdigest())


def _within_limits(path: Path) -> bytes:
    findings = _too_much(1, path.stat().st_size)
    if findings:
        raise BundleError(findings)
    return path.read_bytes()


def _record(files: Mapping[str, bytes], name: str, findings: list[Finding]) -> dict[str, Any]:
    if name not in files:
        remedy = "Ask for the file again, from where it was made."
        findings.append(Finding(name, "missing_file", "The bundle lacks this file.", remedy))
        return {}
    try:
        found = read_json(files[name])
    except Unreadable as error:
        findings.extend(Finding(name, item.code, item.message, item.remedy, item.params) for item in error.findings)
        return {}
    if not isinstance(found, dict):
        findings.append(Finding(name, "not_a_record", "This is not a record with names and values."))
        return {}
    return found


def _from_folder(folder: Path) -> dict[str, bytes]:
    """Regular files below a folder by their relative names; a link is refused, since it may lead anywhere."""
    paths = sorted(path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    names = [path.relative_to(folder).as_posix() for path in paths]
    findings = [*_wrong_names(names), *_too_much(len(paths), sum(path.lstat().st_size for path in paths))]
    findings += [
        _irregular(name) for name, path in zip(names, paths, strict=True) if _is_irregular(path.lstat().st_mode)
    ]
    if findings:
        raise BundleError(findings)
    return {name: path.read_bytes() for name, path in zip(names, paths, strict=True)}


def _from_zip(name: str, whole: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(BytesIO(whole)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            findings = list(_wrong_entries(entries))
            if findings:
                raise BundleError(findings)
            return _unpacked(archive, entries)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        message, remedy = "This is not a ZIP file, or it is damaged.", "Ask for the file again, from where it was made."
        raise BundleError([Finding(name, "not_a_zip", message, remedy)]) from error


def _unpacked(archive: zipfile.ZipFile, entries: Sequence[zipfile.ZipInfo]) -> dict[str, bytes]:
    """Every entry, a piece at a time: the sizes that a directory states may lie."""
    files: dict[str, bytes] = {}
    read = 0
    for entry in entries:
        pieces: list[bytes] = []
        with archive.open(entry) as stream:
            while piece := stream.read(_CHUNK):
                read += len(piece)
                if read > LARGEST:
                    raise BundleError(_too_much(0, read))
                pieces.append(piece)
        files[entry.filename] = b"".join(pieces)
    return files


def _wrong_entries(entries: Sequence[zipfile.ZipInfo]) -> Iterator[Finding]:
    names = [entry.orig_filename for entry in entries]
    yield from _wrong_names(names)
    for name, times in Counter(entry.filename.casefold() for entry in entries).items():
        if times > 1:
            yield Finding(name[:LONGEST_NAME], "repeated_file", "This name stands in the archive more than once.")
    yield from _too_much(len(entries), sum(entry.file_size for entry in entries))
    for entry in entries:
        if entry.flag_bits & _ENCRYPTED:
            remedy = "Ask for a file without a password."
            yield Finding(entry.filename[:LONGEST_NAME], "encrypted", "This file is encrypted.", remedy)
        if entry.file_size > max(SMALL, LARGEST_RATIO * entry.compress_size):
            yield Finding(
                entry.filename[:LONGEST_NAME], "packed_too_tightly", "This unpacks to far more than it holds."
            )
        if _is_irregular(entry.external_attr >> 16):
            yield _irregular(entry.filename)


def _wrong_names(names: Sequence[str]) -> Iterator[Finding]:
    for name in names:
        parts = PurePosixPath(name).parts
        plain = name.isprintable() and "\\" not in name and ":" not in name and len(name) <= LONGEST_NAME
        if not plain or name.startswith("/") or ".." in parts or str(PurePosixPath(name)) != name:
            message = "This name leads out of the bundle or is no plain name."
            yield Finding(repr(name[:LONGEST_NAME]), "unsafe_name", message)


def _too_much(files: int, size: int) -> list[Finding]:
    if files <= MOST_FILES and size <= LARGEST:
        return []
    message = "This holds more than {files} files or {size} bytes, which no bundle does."
    return [Finding("bundle", "too_large", message, params={"files": MOST_FILES, "size": LARGEST})]


def _is_irregular(mode: int) -> bool:
    """Whether a mode is stated and is not that of a regular file: a link, a device."""
    return stat.S_IFMT(mode) not in (0, stat.S_IFREG)


def _irregular(name: str) -> Finding:
    message = "This is a link or a device, not a file."
    return Finding(name[:LONGEST_NAME], "not_a_file", message)
