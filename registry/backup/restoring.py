"""Putting a backup into an empty place: everything in one transaction, or nothing."""

import hashlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, Final

from registry.audit import queries as audit
from registry.audit.rules import GENESIS
from registry.backup import archive, lasting, manifest, schema
from registry.backup.archive import Member
from registry.backup.checking import Examined, examine, understood
from registry.backup.manifest import Manifest, Refused, TableFacts
from registry.backup.rows import batches, pages, put, values
from registry.backup.schema import Shape
from registry.backup.values import Unfit
from registry.kit import migrating
from registry.kit.database import engine, transaction
from registry.kit.disk import synced

SIDE: Final = ".restore"
"""The folder in which files wait for the database; while it is there, nobody else can restore."""

SHOWN = 20  # rows that do not fit


def admitted(path: Path) -> Examined:
    """A whole backup that this version understands. Raises Refused with everything that is wrong, and OSError."""
    found = examine(path)
    understood(found.manifest)
    return found


async def restore(path: Path, found: Examined, state: Path) -> Manifest:
    """Put an admitted backup into the bound database and the state folder, both empty, and bring it to today's schema.

    Raises Refused with everything that is wrong with the place or the rows, after all that was done is undone;
    Unavailable without a database, OSError without room.
    """
    side = _room(state)
    try:
        _extract(path, found, side)
        placed: list[Path] = []
        try:
            async with transaction():
                await _fill(path, found)
                _place(side, state, found.manifest, placed)
        except BaseException:
            for file in placed:
                file.unlink(missing_ok=True)
            raise
    finally:
        shutil.rmtree(side)
    return found.manifest


def _room(state: Path) -> Path:
    """A side folder in an empty place. Raises Refused."""
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    if there := lasting.strays(state):
        more = f" and {len(there) - 3} more" if len(there) > 3 else ""
        raise Refused(f"{state} is not empty: it holds {', '.join(there[:3])}{more}; restore into an empty folder")
    side = state / SIDE
    try:
        side.mkdir(mode=0o700)
    except FileExistsError:
        raise Refused(f"a restore goes on in {side}, or broke off: when none does, delete that folder") from None
    return side


def _extract(path: Path, found: Examined, side: Path) -> None:
    with path.open("rb") as stream:
        for file in found.manifest.files:
            target = side / file.name
            target.parent.mkdir(mode=0o700, exist_ok=True)
            _copy(stream, found.members[file.name], target)


def _copy(stream: BinaryIO, member: Member, target: Path) -> None:
    digest = hashlib.sha256()
    target.touch(mode=0o600, exist_ok=False)
    with target.open("wb") as file:
        for chunk in archive.window(stream, member.start, member.size):
            file.write(chunk)
            digest.update(chunk)
        file.flush()
        os.fsync(file.fileno())
    if digest.hexdigest() != member.sha256:
        raise Refused(f"{member.name} changed while it was being read")


async def _fill(path: Path, found: Examined) -> None:
    """Rows into tables of the schema that they had; they are read back before the schema goes on to today's."""
    stated = found.manifest
    await _empty()
    await migrating.backwards(stated.migrations[-1])
    await migrating.forwards(stated.migrations[-1])
    shapes = await schema.shapes()
    tables = {table.name: table for table in stated.tables}
    if {name: shape.columns for name, shape in shapes.items()} != {t.name: t.columns for t in stated.tables}:
        raise Refused(f"its tables are not those of {stated.migrations[-1]}")
    problems: list[str] = []
    for name, shape in shapes.items():
        await _insert(path, found.members, tables[name], shape, problems)
    if problems:
        raise Refused(*problems[:SHOWN])
    for name, shape in shapes.items():
        await _compare(tables[name], shape)
    newest = await audit.last()
    number, seal = (newest.id, newest.hash) if newest else (0, GENESIS)
    if (number, seal) != stated.chain:
        raise Refused(f"its audit chain ends with entry {number}, {seal}, and not with what its manifest says")
    await migrating.forwards()


async def _empty() -> None:
    """Raise Refused where there is anything already that a restore would have to respect."""
    if newer := set(await migrating.ran()) - set(migrating.known()):
        raise Refused(f"the database has migrations that this version does not have: {', '.join(sorted(newer))}")
    filled = [
        name for name in await schema.shapes() if await engine().run_ddl(f'SELECT 1 AS one FROM "{name}" LIMIT 1')
    ]
    if filled:
        raise Refused(f"the database is not empty: there are rows in {', '.join(filled)}; restore into an empty one")


async def _insert(
    path: Path, members: Mapping[str, Member], table: TableFacts, shape: Shape, problems: list[str]
) -> None:
    """The rows of a table; as soon as one does not fit they are only looked at, to find all that do not."""
    number = 1
    with path.open("rb") as stream:
        for batch in batches(archive.lines(stream, members[table.member])):
            rows = values(batch, shape, number, problems)
            number += len(batch)
            if not problems:
                try:
                    await put(shape, rows)
                except Unfit as error:
                    raise Refused(str(error)) from error


async def _compare(stated: TableFacts, shape: Shape) -> None:
    """Raise Refused where a table as restored is not what the manifest says; the next key follows the highest."""
    if await _content(shape) != (stated.rows, stated.sha256):
        raise Refused(f"{stated.name} does not read as it was written")
    if stated.highest + 1 >= shape.room["id"].bound:
        raise Refused(f"{stated.name}: no key of this database can follow {stated.highest}")
    await schema.go_on_after(stated.name, stated.highest)
    if (highest := await schema.highest(stated.name)) != stated.highest:
        raise Refused(f"{stated.name}: its highest key is {highest}, and not {stated.highest} as its manifest says")


async def _content(shape: Shape) -> tuple[int, str]:
    rows, digest = 0, hashlib.sha256()
    async for page in pages(shape):
        rows += len(page)
        digest.update(b"".join(page))
    return rows, digest.hexdigest()


def _place(side: Path, state: Path, stated: Manifest, placed: list[Path]) -> None:
    """Files to where rows expect them; `placed` grows with each that would have to go if the database says no."""
    for file in stated.files:
        target = state / file.name
        target.parent.mkdir(mode=0o700, exist_ok=True)
        if file.name != manifest.SECRET:
            placed.append(target)
        (side / file.name).replace(target)
    for folder in {(state / file.name).parent for file in stated.files}:
        synced(folder)
