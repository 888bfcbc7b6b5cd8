"""Making a backup while the service goes on: one moment of the database, and the files it relies on at that moment."""

import os
import secrets
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, Final

from msgspec import structs

from effects.version import EFFECTS_VERSION
from registry.audit import queries as audit
from registry.audit.rules import GENESIS
from registry.backup import archive, checking, lasting, manifest, schema
from registry.backup.archive import Writer
from registry.backup.lasting import Held
from registry.backup.manifest import FileFacts, Manifest, Refused, TableFacts
from registry.backup.rows import pages
from registry.backup.schema import UNKEPT, Shape
from registry.backup.values import Unfit
from registry.kit import migrating
from registry.kit.clock import now
from registry.kit.database import engine, snapshot
from registry.kit.disk import synced

TRIES: Final = 5


async def save(out: Path, state: Path, *, with_secret: bool = True) -> Manifest:
    """Write a backup of the bound database and its state folder, check it, and only then give it its name.

    Raises Refused when the name is taken, there is nothing to keep or the written file is not what was read;
    Unavailable without a database, OSError without room. Whatever is raised, no file stays.
    """
    _free(out)
    draft = out.with_name(f".{out.name}.{secrets.token_hex(8)}.part")
    try:
        draft.touch(mode=0o600, exist_ok=False)
        with draft.open("wb") as stream:
            stated = await _written(stream, state, with_secret)
            stream.flush()
            os.fsync(stream.fileno())
        if checking.examine(draft).manifest != stated:
            raise Refused("what was written is not what was read: look at the disk")
        _free(out)
        draft.replace(out)
        synced(out.parent)
    finally:
        draft.unlink(missing_ok=True)
    return stated


def _free(out: Path) -> None:
    if out.exists():
        raise Refused(f"{out} is there already, and a backup overwrites nothing")


async def _written(stream: BinaryIO, state: Path, with_secret: bool) -> Manifest:
    """One attempt after another until no file went between the moment of the database and its opening.

    What is missing at two moments in a row, and relied on at both, is missing; the manifest says so.
    """
    before: frozenset[str] | None = None
    for _ in range(TRIES):
        with ExitStack() as stack:
            async with snapshot():
                relied = await lasting.relied_on()
                held = stack.enter_context(lasting.held(state, relied))
                if held.gone and held.gone != before:
                    before = held.gone
                    continue
                writer = Writer(stream)
                read = await _database(writer)
            return _closed(writer, read, held, relied, state / manifest.SECRET if with_secret else None)
    raise Refused("files go faster than they can be copied: try again when fewer uploads are being checked")


async def _database(writer: Writer) -> Manifest:
    """Everything of the database, and what the manifest says of it."""
    writer.add(archive.MARK, [f"{manifest.FORMAT}\n".encode()])
    try:
        tables = [await _table(writer, shape) for shape in (await schema.shapes()).values()]
    except (Unfit, schema.Foreign) as error:
        raise Refused(str(error)) from error
    if not tables:
        raise Refused("there is nothing to back up: the database has no tables of the registry (virkning migrate)")
    newest = await audit.last()
    return Manifest(
        version=EFFECTS_VERSION,
        migrations=tuple(await migrating.ran()),
        engine=engine().engine_type,
        taken_at=now(),
        tables=tuple(tables),
        chain=(newest.id, newest.hash) if newest else (0, GENESIS),
        unkept=tuple(sorted(UNKEPT)),
        strangers=tuple(await schema.strangers()),
    )


async def _table(writer: Writer, shape: Shape) -> TableFacts:
    rows, growing = 0, writer.begin(f"tables/{shape.name}.jsonl")
    async for page in pages(shape):
        growing.write(b"".join(page))
        rows += len(page)
    digest = growing.finish().sha256
    return TableFacts(shape.name, shape.columns, rows, digest, await schema.highest(shape.name))


def _closed(writer: Writer, read: Manifest, held: Held, relied: Mapping[str, str], secret: Path | None) -> Manifest:
    """The files behind the tables, and the manifest behind all."""
    added = [writer.add(name, archive.chunks(stream)) for name, stream in held.streams.items()]
    if secret is not None and secret.is_file():
        added.append(writer.add(manifest.SECRET, [secret.read_bytes()]))
    files = tuple(FileFacts(member.name, member.size, member.sha256) for member in added)
    changed = tuple(file.name for file in files if relied.get(file.name, file.sha256) != file.sha256)
    missing = tuple(sorted(held.gone))
    stated = manifest.sealed(structs.replace(read, files=files, changed=changed, missing=missing))
    writer.add(manifest.NAME, [manifest.written(stated)])
    writer.end()
    return stated
