"""What checking a part of a bundle finds: differences, and how each file was checked."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from effects.bundle.differences import Difference, differences, unusable
from effects.bundle.documents import Unreadable, read_json, read_table
from effects.bundle.recomputing import reasons, worked_out
from effects.bundle.report import Verdict
from effects.errors import EffectsError
from effects.message import Message

FROM_THE_CASE: Final = Message("Worked out again from the case.")


@dataclass(slots=True)
class Checked:
    """Differences found on the way, and how far each file could be checked."""

    differences: list[Difference] = field(default_factory=list)
    how: dict[str, tuple[Verdict, Message]] = field(default_factory=dict)

    def told(self, file: str, verdict: Verdict, how: Message) -> None:
        """Say how a file was checked."""
        self.how[file] = verdict, how

    def found(self, differences: Iterable[Difference]) -> None:
        """Add what differs."""
        self.differences.extend(differences)


def derived(
    file: str, stated: bytes, source: str, case: bytes, rule: Callable[[bytes], bytes], tolerance: float
) -> Iterator[Difference]:
    """Where a file is not what its case leads to."""
    try:
        found = worked_out(rule, case)
    except EffectsError as error:
        yield unusable(source, reasons(error), file)
        return
    yield from compared(file, stated, found, source, tolerance)


@lru_cache(maxsize=64)
def compared(file: str, stated: bytes, found: bytes, source: str, tolerance: float) -> tuple[Difference, ...]:
    """Differences between a file and what it should be; to the byte where no tolerance is given."""
    try:
        held = read_json(stated)
    except Unreadable as error:
        return (unusable(file, reasons(error), source),)
    recomputed = read_json(found)
    if tolerance and isinstance(held, dict) and "effects_version" in held:
        recomputed = recomputed | {"effects_version": held["effects_version"]}
    named = tuple(differences(file, held, recomputed, source=source, tolerance=tolerance))
    if named or tolerance or stated == found:
        return named
    return (Difference(file, "$", "the same values in other bytes", "the bytes of virkning", source),)


def indicators_of(case: bytes) -> list[Mapping[str, Any]]:
    """The indicators of a case file as they are written; none where it cannot be read."""
    try:
        found = read_table(case).get("indicator")
    except Unreadable:
        return []
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
