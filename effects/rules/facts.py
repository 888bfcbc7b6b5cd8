"""Reads one fact of a case file as its annotation asks: a value within its bounds, or None with a finding."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final, TypeAlias

from effects.errors import Finding
from effects.planning.reading import TableReader

Findings: TypeAlias = list[Finding]
LARGEST: Final = 1e30
LARGEST_AMOUNT: Final = 1e30
LOWEST_LEVEL: Final = 0.5
HIGHEST_LEVEL: Final = 0.999999


def _number(reader: TableReader, name: str, findings: Findings, *, required: bool = False) -> float | None:
    return _within(reader, name, findings, reader.number(name, required=required), LARGEST)


def _within(reader: TableReader, name: str, findings: Findings, value: float | None, most: float) -> float | None:
    if value is None or abs(value) <= most:
        return value
    findings.append(
        Finding(reader.at(name), "too_large", "{key} is out of any scale.", "Choose a larger unit.", {"key": name})
    )
    return None


def _amount(reader: TableReader, name: str, findings: Findings) -> float | None:
    return _within(reader, name, findings, reader.number(name), LARGEST_AMOUNT)


def _positive(reader: TableReader, name: str, findings: Findings, *, required: bool = False) -> float | None:
    value = _number(reader, name, findings, required=required)
    if value is not None and 0 < value < 1 / LARGEST:
        findings.append(
            Finding(reader.at(name), "too_small", "{key} is out of any scale.", "Choose a smaller unit.", {"key": name})
        )
        return None
    if value is None or value > 0:
        return value
    findings.append(
        Finding(
            reader.at(name),
            "not_positive",
            "{key} must be larger than zero.",
            "Leave it out where it is not known.",
            {"key": name},
        )
    )
    return None


def _needed(reader: TableReader, name: str, findings: Findings) -> float | None:
    return _number(reader, name, findings, required=True)


def _needed_positive(reader: TableReader, name: str, findings: Findings) -> float | None:
    return _positive(reader, name, findings, required=True)


def share(reader: TableReader, name: str, findings: Findings) -> float | None:
    """A number from 0 to 1, or None with a finding."""
    value = reader.number(name)
    if value is None:
        return None
    wrong = outside(reader.at(name), name, value)
    findings.extend(wrong)
    return None if wrong else value


def _level(reader: TableReader, name: str, findings: Findings) -> float | None:
    value = reader.number(name)
    if value is None or LOWEST_LEVEL <= value <= HIGHEST_LEVEL:
        return value
    findings.append(
        Finding(
            reader.at(name),
            "not_a_level",
            "{key} must lie between {least} and {most}.",
            "Write 95 % as 0.95.",
            {"key": name, "least": LOWEST_LEVEL, "most": HIGHEST_LEVEL},
        )
    )
    return None


def outside(where: str, name: str, value: float) -> Findings:
    """A finding where the value is no share."""
    if 0 <= value <= 1:
        return []
    return [Finding(where, "not_a_share", "{key} must lie between 0 and 1.", "Write 12 % as 0.12.", {"key": name})]


def _count(reader: TableReader, name: str, _: Findings) -> int | None:
    return reader.count(name, least=0)


def _correlation(reader: TableReader, name: str, findings: Findings) -> float | None:
    value = reader.number(name)
    if value is None or -1 <= value <= 1:
        return value
    findings.append(
        Finding(
            reader.at(name),
            "not_a_correlation",
            "{key} must lie between -1 and 1.",
            "Leave it out where it is not known.",
            {"key": name},
        )
    )
    return None


def _date(reader: TableReader, name: str, findings: Findings) -> str | None:
    value = reader.take(name)
    if value is None or (isinstance(value, date) and type(value) is date):
        return None if value is None else value.isoformat()
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        findings.append(
            Finding(reader.at(name), "not_a_date", "{key} must be a date.", "Write it as 2026-11-22.", {"key": name})
        )
    return None


def _text(reader: TableReader, name: str, _: Findings) -> str | None:
    return reader.text(name)


def _flag(reader: TableReader, name: str, findings: Findings) -> bool | None:
    value = reader.take(name)
    if value is None or isinstance(value, bool):
        return value
    findings.append(
        Finding(
            reader.at(name),
            "not_a_flag",
            "{key} must be true or false.",
            "Leave it out where it is not known.",
            {"key": name},
        )
    )
    return None


def _shares(reader: TableReader, name: str, findings: Findings) -> tuple[float, ...] | None:
    value = reader.take(name)
    if value is None:
        return None
    items = [_unit_share(item) for item in value] if isinstance(value, list | tuple) else [None]
    shares = tuple(item for item in items if item is not None)
    if len(shares) == len(items):
        return shares
    findings.append(
        Finding(
            reader.at(name),
            "not_shares",
            "{key} must be a list of numbers between 0 and 1.",
            "Write it as [0.5, 1.0].",
            {"key": name},
        )
    )
    return None


def _unit_share(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        return None
    return float(value)


def _share_table(reader: TableReader, name: str, findings: Findings) -> Mapping[str, float] | None:
    table = reader.table(name)
    read = {key: share(table, key, findings) for key in table.stated()}
    return {key: share for key, share in read.items() if share is not None} or None


READERS: Final[Mapping[str, Callable[[TableReader, str, Findings], Any]]] = {
    "amount": _amount,
    "number": _number,
    "positive": _positive,
    "share": share,
    "level": _level,
    "count": _count,
    "flag": _flag,
    "text": _text,
    "shares": _shares,
    "share_table": _share_table,
    "correlation": _correlation,
    "date": _date,
    "needed": _needed,
    "needed_positive": _needed_positive,
}
