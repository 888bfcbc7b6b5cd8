"""`virkning backup` and `virkning restore`."""

import asyncio
import sys
from datetime import UTC
from pathlib import Path

from registry import doctor
from registry.backup.manifest import Manifest, Refused
from registry.backup.restoring import admitted, restore
from registry.backup.saving import save
from registry.kit.database import connected
from registry.settings import Settings

INCOMPLETE = 3
"""There is a backup, and files that rows rely on are not in it, or not as they were stored."""

REFUSED = 4


def run_backup(settings: Settings, out: Path, *, with_secret: bool) -> int:
    """Make a backup and say what is in it. Returns 0, 3 when the place itself lacks files, 4 when none was made."""
    try:
        if not doctor.begun(settings):
            raise Refused(f"there is no database in {settings.state}: nothing to back up")
        made = asyncio.run(_backup(settings, out, with_secret and not settings.secret))
    except (Refused, OSError) as error:
        return _refuse("no backup was made", error)
    print(f"{out}: {_size(out.stat().st_size)}, read back and whole")
    print("\n".join(contents(made)))
    print(secrecy(made, settings, with_secret))
    wrong = shortcomings(made)
    print("\n".join(wrong), end="\n" if wrong else "", file=sys.stderr)
    return INCOMPLETE if wrong else 0


def run_restore(settings: Settings, archive: Path) -> int:
    """Restore into an empty place, and say what `virkning doctor` would. Returns 0, or 4 when nothing was changed."""
    try:
        found = asyncio.run(_restore(settings, archive))
    except (Refused, OSError) as error:
        return _refuse("nothing was restored", error)
    print("\n".join([f"restored from {archive}", *contents(found)]))
    print(newcomers(found))
    return doctor.run(settings)


def contents(found: Manifest) -> list[str]:
    """What is in a backup, for a person."""
    number, seal = found.chain
    taken_at = found.taken_at.astimezone(UTC)
    return [
        f"  made {taken_at:%Y-%m-%d %H:%M:%S} UTC by virkning {found.version} from {found.engine},"
        f" schema {found.migrations[-1]}",
        f"  {found.rows} rows in {len(found.tables)} tables, {len(found.files)} files",
        f"  audit chain: {number} entries, the newest {seal}",
        f"  left out: {', '.join(found.unkept)} (everybody signs in anew)",
    ]


def secrecy(made: Manifest, settings: Settings, wanted: bool) -> str:
    """Who can do what with the file, and where the secret is."""
    always = "KEEP IT AS SAFE AS THE DATABASE: it holds rows about people and password hashes"
    if made.with_secret:
        return f"  {always}, AND THE SECRET of this installation, which signs forms (--without-secret leaves it out)"
    if settings.secret:
        return f"  {always}. The secret is not in it: keep SECRET of the environment, a restore needs the same one"
    place = settings.state / "secret"
    why = f"keep {place}, a restore needs the same one" if wanted is False else f"there is none yet in {place}"
    return f"  {always}. The secret is not in it: {why}"


def shortcomings(made: Manifest) -> list[str]:
    """What the place that was backed up does not have whole itself, a line each."""
    return [
        *(f"virkning: {name} is NOT in the backup: rows rely on it and it is not there" for name in made.missing),
        *(f"virkning: {name} is not as it was stored; it is in the backup as it is" for name in made.changed),
        *(f"virkning: the table {name} is none of the registry's and NOT in the backup" for name in made.strangers),
    ]


def newcomers(found: Manifest) -> str:
    """What is different in the new place."""
    if found.with_secret:
        return "  its secret is in force here, unless SECRET of the environment says another"
    return "  it came without its secret: set SECRET to the one of the old place, or forms and demo passwords change"


def _refuse(outcome: str, error: Refused | OSError) -> int:
    problems = error.problems if isinstance(error, Refused) else (f"{error.filename or ''} {error.strerror}".strip(),)
    for line in (*problems, outcome):
        print(f"virkning: {line}", file=sys.stderr)
    return REFUSED


def _size(size: int) -> str:
    return f"{size / 1024**2:.1f} MiB"


async def _backup(settings: Settings, out: Path, with_secret: bool) -> Manifest:
    async with connected(settings.database_url):
        return await save(out, settings.state, with_secret=with_secret)


async def _restore(settings: Settings, archive: Path) -> Manifest:
    found = admitted(archive)  # before anything is made to connect to
    settings.state.mkdir(mode=0o700, parents=True, exist_ok=True)
    async with connected(settings.database_url):
        return await restore(archive, found, settings.state)
