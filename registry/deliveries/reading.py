"""Moments files against their plan, their pilot and each other, and their sum. Runs in a child with limits."""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from effects.civil_numbers import looks_like_cpr, texts_of
from effects.compression.files import from_bytes, to_bytes
from effects.errors import DataError, Finding
from effects.federation.counting import completeness
from effects.federation.cover import cover_sheet
from effects.federation.gathering import gather
from effects.federation.judging import exposed
from effects.message import Message
from effects.moments import Moments
from effects.plan import AnalysisPlan
from registry.datasets.facts import OutcomeFacts, Shared, Stored
from registry.deliveries.rules import cpr, faulty_standing, place_findings, place_of
from registry.pilots.schemas import SiteView


@dataclass(frozen=True, slots=True)
class Read:
    """A file that is in order: whose it is, what stands behind it, and its cover sheet."""

    name: str
    place: SiteView
    shared: Shared
    sheet: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """Everything that is wrong with any file; only where nothing of it is an error, what the files are.

    What is wrong with files that stand already is no fault of those that come, and a warning.
    """

    findings: tuple[Finding, ...]
    files: tuple[Read, ...] = ()


@dataclass(frozen=True, slots=True)
class Pooled:
    """The sum of several files, and the hashes that an analysis of it states."""

    stored: Stored
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """A delivery that counts already: the code of its authority, how its file is called, and the file."""

    code: str
    name: str
    content: str


def check(
    sent: Mapping[str, Path],
    standing: Sequence[Standing],
    plan: str,
    sites: Sequence[SiteView],
    minimum: int,
    again: Mapping[str, str],
) -> Checked:
    """Read files by their names. What stands of other authorities has to add with them.

    `again` are files that came with them and count already, by the code of their authority.
    """
    contents = {name: path.read_bytes() for name, path in sent.items()}
    if named := [name for name, content in contents.items() if _names_somebody(content)]:
        return Checked(tuple(cpr(name) for name in named))
    stated = AnalysisPlan.from_text(plan)
    parts, found = _parts(contents)
    found += [finding for name, part in parts.items() for finding in _exposed(name, part, minimum)]
    stated_by = {name: part.authority for name, part in parts.items()}
    found += place_findings({name: code for code, name in again.items()} | stated_by, sites)
    codes = {place.code for part in parts.values() if (place := place_of(part.authority, sites))}
    others = {one.name: one.content.encode() for one in standing if one.code not in codes}
    found += _together(contents, others, stated, known=found)
    if any(finding.severity == "error" for finding in found):
        order = [*contents]
        return Checked(tuple(sorted(found, key=lambda one: order.index(one.where) if one.where in order else -1)))
    return Checked(tuple(found), tuple(_read(name, part, stated, sites) for name, part in parts.items()))


def pooled(contents: Mapping[str, str], plan: str, target: Path) -> Pooled:
    """Write the sum of moments files, by their names, and force it to the disk. Raises DataError."""
    files = {name: content.encode() for name, content in contents.items()}
    moments = gather(files, AnalysisPlan.from_text(plan))
    content = to_bytes(moments)
    with target.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    stored = Stored(moments.rows, (), None, f"sha256:{hashlib.sha256(content).hexdigest()}")
    return Pooled(stored, moments.sha256)


def _parts(contents: Mapping[str, bytes]) -> tuple[dict[str, Moments], list[Finding]]:
    parts: dict[str, Moments] = {}
    found: list[Finding] = []
    for name, content in contents.items():
        try:
            parts[name] = from_bytes(content, name)
        except DataError as error:
            found += error.findings
    return parts, found


def _together(
    sent: Mapping[str, bytes], standing: Mapping[str, bytes], plan: AnalysisPlan, known: Sequence[Finding]
) -> list[Finding]:
    """What keeps the files from being one answer with what stands, but for what is known already.

    A standing file that is at fault by itself stands aside, so that it stops nobody else.
    """
    told = _gathered({**sent, **standing}, plan)
    if not told:
        return []
    faulty = {name for name, content in standing.items() if _gathered({name: content}, plan)}
    if faulty:
        told = _gathered({**sent, **{name: standing[name] for name in standing if name not in faulty}}, plan)
    said = {(finding.where, finding.code) for finding in known}
    new = [one for one in told if one.where not in standing and (one.where, one.code) not in said]
    return [
        *(one for one in new if one.code != "repeated_authority"),  # by its site it is known
        *(faulty_standing(name) for name in sorted(faulty)),
    ]


def _gathered(files: Mapping[str, bytes], plan: AnalysisPlan) -> tuple[Finding, ...]:
    """What is wrong with files, alone and together."""
    try:
        gather(files, plan)
    except DataError as error:
        return error.findings
    return ()


def _names_somebody(content: bytes) -> bool:
    """Whether any text in a file, or the whole of one that is no JSON, holds what looks like a CPR number."""
    text = content.decode("utf-8", "replace")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return looks_like_cpr(text)
    return any(looks_like_cpr(one) for one in texts_of(found))


def _exposed(name: str, part: Moments, minimum: int) -> Iterator[Finding]:
    """Groups of fewer than `minimum` people that a file tells of, at the name of the file."""
    return (replace(finding, where=name) for finding in exposed(part, minimum))


def _read(name: str, part: Moments, plan: AnalysisPlan, sites: Sequence[SiteView]) -> Read:
    place = place_of(part.authority, sites)
    assert place is not None, "authorities were looked up before"
    counts = completeness(part)
    shared = Shared(
        rows=counts.rows,
        used=counts.used,
        clusters=counts.clusters,
        people=counts.people,
        dropped={found.reason.value: found.rows for found in counts.dropped},
        outcomes=tuple(OutcomeFacts(one.outcome, one.used, one.missing) for one in counts.outcomes),
    )
    return Read(name, place, shared, cover_sheet(part, plan))
