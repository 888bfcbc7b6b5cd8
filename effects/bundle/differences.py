"""Where two values differ: every place, what is stated there and what was found."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from effects.errors import Finding

ABSENT: Final = "nothing"
USABLE: Final = "content that can be used"
"""What a file lacks that cannot be read or leads to no figures."""

LONGEST: Final = 120
"""Characters of a value that a line shows."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One place of a file that does not hold what it should; `source` is where the other value comes from.

    `where` is a JSON path ($.estimates[0].estimate) or a TOML key (indicator[0].estimate).
    """

    file: str
    where: str
    stated: str
    recomputed: str
    source: str

    def finding(self) -> Finding:
        """The line that a terminal shows."""
        message = "It states {stated}; {source} gives {recomputed}."
        if self.recomputed == USABLE:
            message = "{source} cannot be checked against it. {stated}"
        params = {"stated": self.stated, "source": self.source, "recomputed": self.recomputed}
        return Finding(f"{self.file} {self.where}", "difference", message, params=params)


def differences(
    file: str, stated: Any, found: Any, *, source: str, where: str = "$", tolerance: float = 0.0
) -> Iterator[Difference]:
    """Every place in which two plain values differ; numbers may by `tolerance` relative to the larger."""
    if stated == found:
        return
    if isinstance(stated, dict) and isinstance(found, dict):
        for key in dict.fromkeys((*stated, *found)):
            inner = f"{where}.{key}" if where else str(key)
            if key in stated and key in found:
                yield from differences(file, stated[key], found[key], source=source, where=inner, tolerance=tolerance)
            else:
                yield Difference(file, inner, _shown(stated, key), _shown(found, key), source)
    elif isinstance(stated, list) and isinstance(found, list):
        if len(stated) != len(found):
            yield Difference(file, where, f"{len(stated)} entries", f"{len(found)} entries", source)
        for place, pair in enumerate(zip(stated, found, strict=False)):
            yield from differences(file, *pair, source=source, where=f"{where}[{place}]", tolerance=tolerance)
    elif not same(stated, found, tolerance):
        yield Difference(file, where, shown(stated), shown(found), source)


def unusable(file: str, why: str, source: str) -> Difference:
    """A file that cannot be read or leads nowhere, `why` in sentences, so that `source` cannot be checked by it."""
    return Difference(file, "$", why, USABLE, source)


def same(stated: Any, found: Any, tolerance: float) -> bool:
    """Whether two plain values are equal, numbers within a tolerance relative to the larger."""
    numbers = [value for value in (stated, found) if isinstance(value, int | float) and not isinstance(value, bool)]
    return math.isclose(*numbers, rel_tol=tolerance) if len(numbers) == 2 else bool(stated == found)


def shown(value: Any) -> str:
    """A value as a line shows it, shortened."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _shown(record: dict[str, Any], key: str) -> str:
    return shown(record[key]) if key in record else ABSENT
