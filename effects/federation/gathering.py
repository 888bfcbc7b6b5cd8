"""Many moments files as one: every fault of every file is found before any is refused."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from effects.compression.files import from_bytes
from effects.errors import DataError, Finding
from effects.federation.judging import exposed
from effects.moments import Moments, total
from effects.plan import AnalysisPlan


def gather(files: Mapping[str, bytes] | Sequence[Path], plan: AnalysisPlan) -> Moments:
    """The pooled moments of files by name, or of paths; raises DataError with every fault of every file."""
    contents = files if isinstance(files, Mapping) else {path.name: path.read_bytes() for path in files}
    findings: list[Finding] = []
    parts: dict[str, Moments] = {}
    for name, content in contents.items():
        try:
            parts[name] = from_bytes(content, name)
        except DataError as error:
            findings.extend(error.findings)
    for name, part in parts.items():
        findings.extend(_of_file(name, part, plan))
    findings.extend(_doubled(parts))
    if findings:
        raise DataError(findings)
    return total(list(parts.values()))


def _of_file(name: str, part: Moments, plan: AnalysisPlan) -> Iterator[Finding]:
    if part.plan != plan.fingerprint:
        yield Finding(
            name,
            "other_plan",
            "{file} was made for another plan.",
            "Make it with the plan that is to be carried out.",
            {"file": name},
        )
    yield from (Finding(name, *_parts(found)) for found in exposed(part))


def _parts(found: Finding) -> tuple[str, str, str, Mapping[str, str | int | float]]:
    return found.code, found.message, found.remedy, found.params


def _doubled(parts: Mapping[str, Moments]) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for name, part in parts.items():
        who = " ".join(part.authority.casefold().split())
        if who and who in seen:
            yield Finding(
                name,
                "repeated_authority",
                "{file} and {other} are both from {authority}.",
                "Give one file for each authority.",
                {"file": name, "other": seen[who], "authority": part.authority},
            )
        seen.setdefault(who, name)
