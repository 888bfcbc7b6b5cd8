"""Who may send and gather moments, which authority a file is of, and what is wrong with what was sent. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from effects.errors import Finding
from effects.message import Message
from registry.datasets.rules import INSPECT, statement_findings
from registry.kit.access import Permission
from registry.kit.cpr import looks_like_cpr
from registry.people.rules import Role
from registry.pilots.schemas import SiteView

VIEW: Final = INSPECT
DELIVER: Final = Permission("deliveries.deliver", frozenset({Role.PROJECT_LEAD}))
GATHER: Final = Permission("deliveries.gather", frozenset({Role.PROJECT_LEAD}))

CHECK: Final = "deliveries.check"
"""The kind of job that checks files that were sent."""

POOL: Final = "deliveries.gather"
"""The kind of job that makes a version of what was delivered."""

SUBJECT: Final = "moments:{}"
"""What the job is about that gathers the moments of a pilot."""

MOST_FILES: Final = 120
LARGEST_FILE: Final = 16 * 1024 * 1024
"""Bytes: a hundred clusters with a hundred columns each are less."""

LARGEST_SENDING: Final = 64 * 1024 * 1024

NO_PLAN: Final = Message("No plan is locked yet, so that nobody can say which moments are needed.")
NOTHING_DELIVERED: Final = Message("No authority has delivered its moments yet, so that there is nothing to gather.")
BEING_GATHERED: Final = Message("What was delivered is being gathered already.")


def offer_findings(
    purpose: str, legal_basis: str, files: Sequence[tuple[str, int]], retain_until: date, today: date
) -> list[Finding]:
    """What is wrong with files, by name and size, and with what is said about them, before any is read."""
    return [
        *statement_findings(purpose, legal_basis, "", retain_until, today),
        *(found for name, size in files for found in _file(name, size)),
        *(_together() if sum(size for _, size in files) > LARGEST_SENDING else ()),
    ]


def named_apart(names: Sequence[str]) -> list[str]:
    """The names, a second one of a name with its number behind it."""
    seen: dict[str, int] = {}
    apart = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        apart.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return apart


def place_of(stated: str, sites: Sequence[SiteView]) -> SiteView | None:
    """The site of the pilot that an authority's code stands for, or a name that only one of the sites has."""
    wanted = " ".join(stated.split()).casefold()
    coded = [site for site in sites if site.code.casefold() == wanted]
    named = [site for site in sites if site.name.casefold() == wanted]
    return coded[0] if coded else named[0] if len(named) == 1 else None


def place_findings(stated: Mapping[str, str], sites: Sequence[SiteView]) -> Iterator[Finding]:
    """Files, by name, whose authority is not stated, is none of the pilot's, or is another file's too."""
    first: dict[str, str] = {}
    for file, authority in stated.items():
        place = place_of(authority, sites)
        if not authority.strip():
            yield _unstated(file)
        elif place is None:
            yield _elsewhere(file, authority)
        elif place.code in first:
            yield _repeated(file, first[place.code], place)
        else:
            first[place.code] = file


def cpr(file: str) -> Finding:
    """Something in a file looks like a CPR number; what it was is not said."""
    return Finding(
        where=file,
        code="cpr_like",
        message="A name in {file} looks like a CPR number. Everything that was sent with it was refused and deleted.",
        remedy="Rename the clusters so that they cannot be led back to a person, and make the file again.",
        params={"file": file},
    )


def known_already(file: str) -> Finding:
    """The very file that counts for its authority."""
    return Finding(
        where=file,
        code="same_file",
        message="{file} is the very file that was delivered before. It counts once.",
        remedy="",
        params={"file": file},
        severity="warning",
    )


def faulty_standing(file: str) -> Finding:
    """A file that was delivered before, named with its authority, is at fault; it stops nobody else's."""
    return Finding(
        where=file,
        code="faulty_standing",
        message="The file that was delivered before can no longer be added: {file}. It keeps no other file back.",
        remedy="Ask that authority for its file again, or delete the delivery, before you gather.",
        params={"file": file},
        severity="warning",
    )


def deleted_meanwhile(authority: str) -> Finding:
    """A delivery that was deleted before it could be gathered."""
    return Finding(
        where="file",
        code="deleted_moments",
        message="The moments of {authority} were deleted before they could be gathered.",
        remedy="Gather again without them, or ask for them again.",
        params={"authority": authority},
    )


def _file(name: str, size: int) -> Iterator[Finding]:
    if looks_like_cpr(name):
        yield Finding(
            "files",
            "cpr_like",
            "The name of a file looks like it holds a CPR number.",
            "Rename the file; nothing was saved.",
        )
    elif size == 0:
        yield Finding("files", "empty_file", "{file} is empty.", "Ask for the file again.", {"file": name})
    elif size > LARGEST_FILE:
        yield Finding(
            "files",
            "too_large",
            "{file} is larger than {size} MB.",
            "Choose the moments file, not the rows.",
            {"file": name, "size": LARGEST_FILE // 1024**2},
        )


def _together() -> Iterator[Finding]:
    yield Finding(
        "files",
        "too_large_together",
        "The files are larger than {size} MB together.",
        "Send them in several turns.",
        {"size": LARGEST_SENDING // 1024**2},
    )


def _unstated(file: str) -> Finding:
    return Finding(
        where=file,
        code="no_authority",
        message="{file} does not say which authority it is of.",
        remedy="Make it again with --authority and the authority's code.",
        params={"file": file},
    )


def _elsewhere(file: str, authority: str) -> Finding:
    return Finding(
        where=file,
        code="unknown_authority",
        message="{file} is of {authority}, which is no site of this pilot.",
        remedy="Make it again with the code of a site, or add the site to the pilot.",
        params={"file": file, "authority": authority[:80]},
    )


def _repeated(file: str, earlier: str, place: SiteView) -> Finding:
    return Finding(
        where=file,
        code="repeated_authority",
        message="{file} and {earlier} are both of {authority}.",
        remedy="Send only the one that counts.",
        params={"file": file, "earlier": earlier, "authority": place.name},
    )
