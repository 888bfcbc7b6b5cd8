"""Reading a whole backup to find out whether it is one, and whether every byte of it is as it was written."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from registry.backup import archive, manifest
from registry.backup.archive import MARK, Member
from registry.backup.manifest import FORMAT, Manifest, Refused
from registry.kit import migrating

SHOWN = 50  # problems; a file that is something else altogether has no end of them


@dataclass(frozen=True, slots=True)
class Examined:
    """A backup that is whole: what it says, and where its members are."""

    manifest: Manifest
    members: Mapping[str, Member]


def examine(path: Path) -> Examined:
    """Read a backup from end to end. Raises Refused with everything that is wrong, OSError when it is not there."""
    problems: list[str] = []
    members: dict[str, Member] = {}
    for member in archive.members(path, problems.append):
        if not members and member.name != MARK:
            break
        if member.name in members:
            problems.append(f"{member.name} is in it twice")
        members[member.name] = member
    if MARK not in members:
        raise Refused(f"{path} is no backup of Virkning")
    _readable(path, members.pop(MARK))
    stated = members.pop(manifest.NAME, None)
    found = _manifest(path, stated, problems) if stated else None
    if found is not None:
        problems += manifest.differences(found, members)
    elif stated is None:
        problems.append("it has no manifest: it was cut off, or its writing broke off")
    if found is None or problems:
        raise Refused(*(f"{path}: {problem}" for problem in problems[:SHOWN]))
    return Examined(found, members)


def understood(stated: Manifest) -> None:
    """Raise Refused when a backup has tables that this version does not know."""
    known = tuple(migrating.known())
    if newer := [identity for identity in stated.migrations if identity not in known]:
        raise Refused(
            f"it was made by virkning {stated.version} with migrations that this version does not have"
            f" ({', '.join(newer)}): install that version or a newer one"
        )
    if stated.migrations != known[: len(stated.migrations)]:
        raise Refused("its migrations are not the first ones of this version, in order")


def _manifest(path: Path, stated: Member, problems: list[str]) -> Manifest | None:
    with path.open("rb") as stream:
        content = b"".join(archive.window(stream, stated.start, stated.size))
    try:
        return manifest.read(content)
    except Refused as error:
        problems += error.problems
        return None


def _readable(path: Path, mark: Member) -> None:
    """Refuse a format of a later version before anything else is said: nothing else would be right."""
    with path.open("rb") as stream:
        said = b"".join(archive.window(stream, mark.start, min(mark.size, 20))).decode("ascii", "replace").strip()
    if said.isdigit() and int(said) > FORMAT:
        raise Refused(f"{path} is of format {said} and this version reads up to {FORMAT}: install a newer virkning")
    if said != str(FORMAT):
        raise Refused(f"{path} is no backup of Virkning, or its beginning was altered")
