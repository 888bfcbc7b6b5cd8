"""Values of a JSON file read one by one, each of the kind and size that it must have, or the place where it is not."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from effects.rows.columns import Codes, Numbers


class Unsound(ValueError):
    """Something is not there, or not what it must be; the message is its place, as in `outcomes[0].rows`."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value and its place in the file; every reading raises Unsound where it is of another kind."""

    content: object
    where: str = "file"

    def at(self, key: str) -> "Value":
        """The value of a key of an object."""
        if not isinstance(self.content, dict) or key not in self.content:
            raise Unsound(f"{self.where}.{key}")
        return Value(self.content[key], f"{self.where}.{key}")

    def each(self, length: int | None = None) -> list["Value"]:
        """The values of a list, of a stated length."""
        if not isinstance(self.content, list) or length not in (None, len(self.content)):
            raise Unsound(self.where)
        return [Value(item, f"{self.where}[{place}]") for place, item in enumerate(self.content)]

    def text(self, among: Sequence[str] | None = None) -> str:
        """A text, one of a few."""
        if not isinstance(self.content, str) or (among is not None and self.content not in among):
            raise Unsound(self.where)
        return self.content

    def texts(self, *, distinct: bool = False) -> tuple[str, ...]:
        """A list of texts, none twice where they are `distinct`."""
        found = tuple(item.text() for item in self.each())
        if distinct and len(set(found)) < len(found):
            raise Unsound(self.where)
        return found

    def flag(self) -> bool:
        """True or false."""
        if not isinstance(self.content, bool):
            raise Unsound(self.where)
        return self.content

    def count(self, most: int = 2**53) -> int:
        """A whole number from 0 to `most`."""
        if isinstance(self.content, bool) or not isinstance(self.content, int) or not 0 <= self.content <= most:
            raise Unsound(self.where)
        return self.content

    def count_if_any(self) -> int | None:
        """A count, or null."""
        return None if self.content is None else self.count()

    def number(self, least: float = -math.inf) -> float:
        """A finite number, no less than `least`."""
        plain = isinstance(self.content, int | float) and not isinstance(self.content, bool)
        if not plain or not math.isfinite(found := _double(self.content)) or found < least:
            raise Unsound(self.where)
        return found

    def numbers(self, length: int | None = None, least: float = -math.inf) -> Numbers:
        """A list of finite numbers, of a stated length."""
        return np.array([item.number(least) for item in self.each(length)], dtype=np.float64)

    def counts(self, length: int | None = None) -> Codes:
        """A list of counts, of a stated length."""
        return np.array([item.count() for item in self.each(length)], dtype=np.int64)

    def pair(self) -> tuple[int, int]:
        """Two counts."""
        one, other = (item.count() for item in self.each(2))
        return one, other


def _double(value: object) -> float:
    """A whole number of many digits is no double."""
    try:
        return float(value) if isinstance(value, int | float) else math.nan
    except OverflowError:
        return math.inf
