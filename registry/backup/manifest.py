"""What a backup says of itself: its last member, sealed over everything in it."""

import hashlib
import re
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Final

import msgspec

from registry.backup.archive import Member
from registry.backup.values import Column

FORMAT: Final = 1
NAME: Final = "manifest.json"
SECRET: Final = "secret"

Count = Annotated[int, msgspec.Meta(ge=0, lt=2**63 - 1)]
"""How many, or a key that another can follow in either database."""

Word = Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z0-9_.+-]{1,80}\Z")]
"""What is shown to a person as it stands."""

_FILE: Final = re.compile(r"(datasets|uploads)/[A-Za-z0-9][A-Za-z0-9._-]*")
_TABLE: Final = re.compile(r"[a-z][a-z0-9_]*")


class Refused(Exception):
    """A backup that cannot be made or taken; `problems` has a line for each reason."""

    def __init__(self, *problems: str) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class TableFacts(msgspec.Struct, frozen=True):
    """A table: `sha256` of its rows as lines in the order of their keys, and the highest key that was ever given."""

    name: str
    columns: tuple[Column, ...]
    rows: Count
    sha256: str
    highest: Count

    @property
    def member(self) -> str:
        """Its rows within the archive."""
        return f"tables/{self.name}.jsonl"


class FileFacts(msgspec.Struct, frozen=True):
    """A file by its path below the state folder."""

    name: str
    size: Count
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a restore compares.

    `migrations` are those that had run, `chain` is the number of entries of the audit chain and the hash of the newest.
    `missing` and `changed` are files that rows rely on and that were not there, or not as they were stored, when the
    backup was made; `strangers` are tables of somebody else. `seal` is the sha256 of everything else in here.
    """

    format: int = FORMAT
    version: Word
    migrations: Annotated[tuple[Word, ...], msgspec.Meta(min_length=1)]
    engine: Word
    taken_at: Annotated[datetime, msgspec.Meta(tz=True)]
    tables: tuple[TableFacts, ...]
    files: tuple[FileFacts, ...] = ()
    chain: tuple[Count, Word]
    unkept: tuple[Word, ...] = ()
    missing: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    strangers: tuple[str, ...] = ()
    seal: str = ""

    @property
    def rows(self) -> int:
        """How many rows there are in all tables."""
        return sum(table.rows for table in self.tables)

    @property
    def with_secret(self) -> bool:
        """Whether the secret of the installation is in it."""
        return any(file.name == SECRET for file in self.files)


def sealed(manifest: Manifest) -> Manifest:
    """The same with its seal."""
    return msgspec.structs.replace(manifest, seal=_seal(manifest))


def written(manifest: Manifest) -> bytes:
    """The last member of the archive."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=1)


def read(content: bytes) -> Manifest:
    """A manifest that was sealed and `written`. Raises Refused when it was altered, or is of a later format."""
    try:
        stated = msgspec.json.decode(content, type=_Format).format
        if stated > FORMAT:
            raise Refused(f"it is of format {stated} and this version reads up to {FORMAT}: install a newer virkning")
        found = msgspec.json.decode(content, type=Manifest)
    except msgspec.ValidationError as error:
        raise Refused(f"its manifest was altered: it cannot be read ({error})") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused("its manifest was altered: it cannot be read") from error
    if found.seal != _seal(found) or written(found) != content:
        raise Refused("its manifest was altered: it does not carry its own seal")
    return found


def differences(manifest: Manifest, members: Mapping[str, Member]) -> list[str]:
    """Everything in which an archive is not what its manifest says."""
    expected = {table.member: table.sha256 for table in manifest.tables}
    expected |= {file.name: file.sha256 for file in manifest.files}
    wrong = [f"{name} is missing" for name in expected.keys() - members.keys()]
    wrong += [f"{name} belongs to no backup" for name in members.keys() - expected.keys()]
    both = expected.keys() & members.keys()
    wrong += [f"{name} was altered" for name in both if members[name].sha256 != expected[name]]
    sizes = {file.name: file.size for file in manifest.files}
    wrong += [f"{name} has another size" for name in both & sizes.keys() if members[name].size != sizes[name]]
    wrong += [f"{file.name!r} is no place for a file" for file in manifest.files if not _placed(file.name)]
    wrong += [f"{table.name!r} is no table" for table in manifest.tables if not _TABLE.fullmatch(table.name)]
    listed = Counter([*(table.name for table in manifest.tables), *(file.name for file in manifest.files)])
    wrong += [f"{name!r} is listed {times} times" for name, times in listed.items() if times > 1]
    return sorted(wrong)


class _Format(msgspec.Struct, frozen=True):
    format: int


def _placed(name: str) -> bool:
    return name == SECRET or bool(_FILE.fullmatch(name))


def _seal(manifest: Manifest) -> str:
    return hashlib.sha256(msgspec.json.encode(msgspec.structs.replace(manifest, seal=""))).hexdigest()
