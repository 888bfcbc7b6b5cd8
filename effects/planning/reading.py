"""Reads a mapping key by key into typed values and collects every finding on the way."""

import math
from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches
from enum import StrEnum
from typing import Final, TypeVar

from effects.errors import Finding

Code = TypeVar("Code", bound=StrEnum)

LARGEST_COUNT: Final = 2**63 - 1


class TableReader:
    """One table of a plan; every key must be read once, what is left at `close` is unknown."""

    def __init__(self, table: Mapping[str, object], where: str, findings: list[Finding]) -> None:
        """Findings are appended to the list that the caller keeps for the whole plan."""
        self._table = table
        self._where = where
        self._findings = findings
        self._known: list[str] = []

    def at(self, key: str) -> str:
        """Path of a key in the plan, such as `outcome[0].margin`."""
        return f"{self._where}.{key}" if self._where else key

    def take(self, key: str, *, required: bool = False) -> object | None:
        """The value as it stands, or None where the key is absent."""
        self._known.append(key)
        value = self._table.get(key)
        if value is None and required:
            self._findings.append(
                Finding(
                    where=self.at(key),
                    code="missing_key",
                    message="{key} is missing.",
                    remedy="State {key}.",
                    params={"key": key},
                    column=key,
                )
            )
        return value

    def text(self, key: str, *, required: bool = False) -> str | None:
        """A string that is not empty."""
        value = self.take(key, required=required)
        if value is None or (isinstance(value, str) and value.strip() and _printable(value)):
            return value
        self._findings.append(
            Finding(
                where=self.at(key),
                code="not_text",
                message="{key} must be a non-empty text.",
                remedy="Write it in quotes, without control characters.",
                params={"key": key},
            )
        )
        return None

    def number(self, key: str, *, required: bool = False) -> float | None:
        """A finite number."""
        value = self.take(key, required=required)
        if value is None:
            return None
        if isinstance(value, int | float) and not isinstance(value, bool) and _finite(value):
            return float(value)
        self._findings.append(
            Finding(
                where=self.at(key),
                code="not_a_number",
                message="{key} must be a finite number.",
                remedy="Write it with a decimal point and without quotes.",
                params={"key": key},
            )
        )
        return None

    def count(self, key: str, *, least: int, most: int = LARGEST_COUNT) -> int | None:
        """A whole number within bounds."""
        value = self.take(key)
        if value is None:
            return None
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        self._findings.append(
            Finding(
                where=self.at(key),
                code="not_a_count",
                message="{key} must be a whole number from {least} to {most}.",
                params={"key": key, "least": least, "most": most},
            )
        )
        return None

    def moment(self, key: str) -> int | float | str | None:
        """A period: a number, a text or a date (kept as ISO text)."""
        value = self.take(key)
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, str):
            return self.text(key)
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        return None if value is None else self.number(key)

    def code(self, key: str, codes: type[Code], *, required: bool = False) -> Code | None:
        """One of the codes of a vocabulary."""
        value = self.take(key, required=required)
        return None if value is None else self._as_code(value, self.at(key), codes)

    def codes(self, key: str, codes: type[Code]) -> tuple[Code, ...]:
        """A non-empty list of different codes."""
        items = enumerate(self._items(key))
        found = (self._as_code(value, f"{self.at(key)}[{place}]", codes) for place, value in items)
        return tuple(value for value in found if value is not None)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of different non-empty strings."""
        items = self._items(key)
        if all(isinstance(value, str) and value.strip() and _printable(value) for value in items):
            return tuple(str(value) for value in items)
        self._findings.append(
            Finding(
                where=self.at(key),
                code="not_texts",
                message="{key} must be a list of texts.",
                remedy="Write each one in quotes.",
                params={"key": key},
            )
        )
        return ()

    def table(self, key: str, *, required: bool = False) -> "TableReader":
        """A nested table; an empty one where the key is absent or is no table."""
        value = self.take(key, required=required)
        if value is not None and not isinstance(value, Mapping):
            self._findings.append(
                Finding(
                    where=self.at(key),
                    code="not_a_table",
                    message="{key} must be a table.",
                    remedy="Write it as [{key}] with its keys below.",
                    params={"key": key},
                )
            )
        return TableReader(_string_keys(value), self.at(key), self._findings)

    def tables(self, key: str) -> list["TableReader"]:
        """A list of tables."""
        value = self.take(key)
        if value is None:
            return []
        if isinstance(value, list | tuple) and all(isinstance(item, Mapping) for item in value):
            return [
                TableReader(_string_keys(item), f"{self.at(key)}[{place}]", self._findings)
                for place, item in enumerate(value)
            ]
        self._findings.append(
            Finding(
                where=self.at(key),
                code="not_tables",
                message="{key} must be a list of tables.",
                remedy="Write each one as [[{key}]] with its keys below.",
                params={"key": key},
            )
        )
        return []

    def stated(self) -> list[str]:
        """The keys that the table holds, in their order."""
        return list(self._table)

    def close(self) -> None:
        """Report every key that nobody asked for."""
        for key in self._table:
            if key in self._known:
                continue
            near = get_close_matches(key, self._known, n=1)
            if near:
                self._findings.append(
                    Finding(
                        where=self.at(key),
                        code="unknown_key",
                        message="{key} is not known here.",
                        remedy="Did you mean {near}?",
                        params={"key": key, "near": near[0]},
                    )
                )
            else:
                self._findings.append(
                    Finding(
                        where=self.at(key),
                        code="unknown_key",
                        message="{key} is not known here.",
                        remedy="Known keys are: {known}.",
                        params={"key": key, "known": ", ".join(self._known)},
                    )
                )

    def _as_code(self, value: object, where: str, codes: type[Code]) -> Code | None:
        allowed = [code.value for code in codes]
        if isinstance(value, str) and value in allowed:
            return codes(value)
        self._findings.append(
            Finding(
                where=where,
                code="unknown_code",
                message="{value} is not a known code.",
                remedy="Use one of: {allowed}.",
                params={"value": str(value)[:80], "allowed": ", ".join(allowed)},
            )
        )
        return None

    def _items(self, key: str) -> list[object]:
        value = self.take(key)
        if value is None:
            return []
        items = list(value) if isinstance(value, list | tuple) else []
        if items and len({str(item) for item in items}) == len(items):
            return items
        self._findings.append(
            Finding(
                where=self.at(key),
                code="not_a_list",
                message="{key} must be a non-empty list without repetitions.",
                remedy="Leave {key} out where nothing is to be stated.",
                params={"key": key},
            )
        )
        return []


def _string_keys(value: object) -> Mapping[str, object]:
    return {str(key): item for key, item in value.items()} if isinstance(value, Mapping) else {}


def _finite(value: int | float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def _printable(value: str) -> bool:
    return not any(ord(letter) < 32 or 0xD800 <= ord(letter) < 0xE000 for letter in value)
