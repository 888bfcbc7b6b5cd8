"""Many moments files as one: every fault of every file is found before any is refused."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np

from effects.compression.files import AGAIN, content_of, from_bytes
from effects.errors import DataError, Finding
from effects.federation.judging import exposed
from effects.federation.people import sums_by_arm
from effects.federation.plan_shape import misfits
from effects.moments import Grams, Moments, apart_in_time, total
from effects.plan import AnalysisPlan
from effects.sources import given_once


def gather(files: Mapping[str, bytes] | Sequence[Path], plan: AnalysisPlan) -> Moments:
    """The pooled moments of files by name, or at paths.

    Raises DataError with every fault of every file by its name: not_moments, altered, other_version, unreadable_file,
    too_large, other_plan, not_of_plan, small_group, repeated_file, repeated_part, repeated_authority, split_by_period.
    Authorities of different names may hold rows of one cluster, such as a school with pupils of two municipalities.
    """
    findings: list[Finding] = []
    if not isinstance(files, Mapping):
        files, findings = given_once(files)
    parts: dict[str, Moments] = {}
    for name, content in _contents(files):
        try:
            parts[name] = from_bytes(content if isinstance(content, bytes) else content_of(content, name), name)
        except DataError as error:
            findings.extend(error.findings)
    for name, part in parts.items():
        findings.extend(_wrong_alone(name, part, plan))
    own = {name: part for name, part in parts.items() if not any(_foreign(name, part, plan))}
    by_arm = sums_by_arm(plan)
    for (name, part), (other, another) in combinations(own.items(), 2):
        shared = [] if by_arm else sorted(part.clusters & another.clusters)
        findings.extend(_wrong_together(part, another, shared, {"file": name, "other": other}))
    if findings or not parts:
        raise DataError(findings or [Finding("data", "no_data", "No data are given.", "Name at least one file.")])
    return total(list(parts.values()))


def _contents(files: Mapping[str, bytes] | Sequence[Path]) -> list[tuple[str, bytes | Path]]:
    """Files by a name that tells them apart: that of the file where no other has it, else its path."""
    if isinstance(files, Mapping):
        return list(files.items())
    names = [path.name for path in files]
    return [(path.name if names.count(path.name) == 1 else str(path), path) for path in files]


def _wrong_alone(name: str, part: Moments, plan: AnalysisPlan) -> Iterator[Finding]:
    yield from _foreign(name, part, plan)
    yield from (Finding(name, found.code, found.message, found.remedy, found.params) for found in exposed(part))


def _foreign(name: str, part: Moments, plan: AnalysisPlan) -> Iterator[Finding]:
    if part.plan != plan.fingerprint:
        message, remedy = "{file} was made for another plan.", "Make it with the plan that is to be carried out."
        yield Finding(name, "other_plan", message, remedy, {"file": name})
        return
    for where in misfits(part, plan):
        message, remedy = "{file} holds what this plan makes of no rows: {where}.", AGAIN
        yield Finding(name, "not_of_plan", message, remedy, {"file": name, "where": where})


def _wrong_together(
    part: Moments, other: Moments, shared: Sequence[str], named: Mapping[str, str]
) -> Iterator[Finding]:
    """What keeps two files of the plan from being added; the first reason that applies."""
    same_file = bool(set(part.sha256) & set(other.sha256))
    same_name = bool(part.authority) and _folded(part.authority) == _folded(other.authority)
    if same_file or (not same_name and _same_sums(part, other, shared)):
        message = "{file} and {other} hold the same rows."
        yield Finding(named["file"], "repeated_part", message, "Give every part once.", named)
    elif same_name:
        message = "{file} and {other} are both from {authority}."
        params = {**named, "authority": part.authority}
        yield Finding(named["file"], "repeated_authority", message, "Give one file for each authority.", params)
    elif shared and not (part.authority and other.authority):
        message = "{file} and {other} both hold the cluster {cluster}, and do not both say from whom they are."
        remedy = "Give one file for each authority, made with its name: --authority."
        yield Finding(named["file"], "repeated_authority", message, remedy, {**named, "cluster": shared[0]})
    elif any(apart_in_time(one, another) for one, another in zip(part.outcomes, other.outcomes, strict=True)):
        message = "{file} and {other} hold the same clusters in different periods, so that people stand in both."
        remedy = "Split the rows by unit, so that each unit is whole in one file."
        yield Finding(named["file"], "split_by_period", message, remedy, named)


def _same_sums(part: Moments, other: Moments, shared: Sequence[str]) -> bool:
    """Whether a cluster has the same sums in every outcome of which either file has it: its rows must be the same."""
    pairs = [(one.grams, another.grams) for one, another in zip(part.outcomes, other.outcomes, strict=False)]
    return any(
        all(_alike(one, another, cluster) for one, another in pairs if cluster in {*one.clusters, *another.clusters})
        for cluster in shared
    )


def _alike(one: Grams, other: Grams, cluster: str) -> bool:
    if cluster not in one.clusters or cluster not in other.clusters:
        return False
    mine, theirs = one.products[one.clusters.index(cluster)], other.products[other.clusters.index(cluster)]
    return bool(np.any(mine[:-1, -1])) and np.array_equal(mine, theirs)


def _folded(name: str) -> str:
    """A name as people read it: in whatever letters of one shape it is written, without marks that nobody sees."""
    plain = unicodedata.normalize("NFKC", name).casefold()
    return " ".join("".join(letter for letter in plain if unicodedata.category(letter) != "Cf").split())
