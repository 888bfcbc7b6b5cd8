"""Reads the tables of a case file into records, each key once, and collects every finding on the way."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from enum import StrEnum
from typing import Any, TypeAlias, get_type_hints

from effects.errors import Finding
from effects.planning.reading import TableReader
from effects.rules.indicator import Indicator

Findings: TypeAlias = list[Finding]
LARGEST = 1e100


def read_fields(kind: type, reader: TableReader, findings: Findings) -> dict[str, Any]:
    """Values of the annotated fields of a record that the table states; what it leaves out stays at its default."""
    hints = get_type_hints(kind, include_extras=True)
    read: dict[str, Any] = {}
    for name in (item.name for item in fields(kind)):
        hint = hints[name]
        if isinstance(hint, type) and issubclass(hint, StrEnum):
            read[name] = reader.code(name, hint, required=name != "claim")
        elif hint is str:
            read[name] = reader.text(name, required=True)
        elif hasattr(hint, "__metadata__"):
            read[name] = READERS[hint.__metadata__[0]](reader, name, findings)
    return {name: value for name, value in read.items() if value is not None}


def read_indicator(reader: TableReader, findings: Findings) -> Indicator | None:
    """One indicator; None where what it must state is missing, wrong or contradicts itself. Closes the table."""
    before = len(findings)
    values = read_fields(Indicator, reader, findings)
    values |= {name: share for name, share in _attrition(reader, findings).items() if name not in values}
    reader.close()
    findings.extend(_contradictions(values, reader))
    return Indicator(**values) if len(findings) == before else None


def _attrition(reader: TableReader, findings: Findings) -> dict[str, float]:
    """Shares lost by arm from head counts, or from the overall and the differential share (treated less comparison)."""
    shares: dict[str, float] = {}
    for arm in ("treated", "control"):
        drawn = reader.count(f"randomised_{arm}", least=1)
        complete = reader.count(f"complete_{arm}", least=0)
        if drawn is not None and complete is not None:
            shares[f"attrition_{arm}"] = 1 - complete / drawn
    overall = _share(reader, "attrition", findings)
    differential = reader.number("differential_attrition")
    if overall is not None and differential is not None:
        shares.setdefault("attrition_treated", overall + differential / 2)
        shares.setdefault("attrition_control", overall - differential / 2)
    for name, share in shares.items():
        findings.extend(_outside(reader.at(name), name, share))
    return shares


def _contradictions(values: Mapping[str, float], reader: TableReader) -> Findings:
    low, estimate, high = (values.get(name) for name in ("low", "estimate", "high"))
    stated = [end for end in (low, estimate, high) if end is not None]
    found: Findings = []
    if stated != sorted(stated):
        found.append(
            Finding(
                reader.at("low"),
                "interval_order",
                "The estimate lies outside its interval.",
                "State low <= estimate <= high in the outcome's own unit.",
            )
        )
    if (low is None) != (high is None):
        found.append(
            Finding(
                reader.at("low" if low is None else "high"),
                "half_interval",
                "Only one end of the interval is stated.",
                "State both ends, or neither.",
            )
        )
    important, margin = values.get("minimal_important"), values.get("margin")
    if important is not None and margin is not None and margin > important:
        found.append(
            Finding(
                reader.at("margin"),
                "margin_too_wide",
                "The margin {margin} is larger than the minimal important difference {important}.",
                "Accept no more harm than the benefit that matters.",
                {"margin": margin, "important": important},
            )
        )
    return found


def _number(reader: TableReader, name: str, findings: Findings) -> float | None:
    value = reader.number(name)
    if value is None or abs(value) <= LARGEST:
        return value
    findings.append(
        Finding(reader.at(name), "too_large", "{key} is out of any scale.", "Choose a larger unit.", {"key": name})
    )
    return None


def _positive(reader: TableReader, name: str, findings: Findings) -> float | None:
    value = _number(reader, name, findings)
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


def _share(reader: TableReader, name: str, findings: Findings) -> float | None:
    value = reader.number(name)
    if value is None:
        return None
    wrong = _outside(reader.at(name), name, value)
    findings.extend(wrong)
    return None if wrong else value


def _level(reader: TableReader, name: str, findings: Findings) -> float | None:
    value = reader.number(name)
    if value is None or 0 < value < 1:
        return value
    findings.append(
        Finding(
            reader.at(name),
            "not_a_level",
            "{key} must lie strictly between 0 and 1.",
            "Write 95 % as 0.95.",
            {"key": name},
        )
    )
    return None


def _outside(where: str, name: str, value: float) -> Findings:
    if 0 <= value <= 1:
        return []
    return [Finding(where, "not_a_share", "{key} must lie between 0 and 1.", "Write 12 % as 0.12.", {"key": name})]


def _count(reader: TableReader, name: str, _: Findings) -> int | None:
    return reader.count(name, least=0)


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
    read = {key: _share(table, key, findings) for key in table.stated()}
    return {key: share for key, share in read.items() if share is not None} or None


READERS: Mapping[str, Callable[[TableReader, str, Findings], Any]] = {
    "number": _number,
    "positive": _positive,
    "share": _share,
    "level": _level,
    "count": _count,
    "flag": _flag,
    "text": _text,
    "shares": _shares,
    "share_table": _share_table,
}
