"""Reads a business-case file into its records, and says everything that is wrong with it at once."""

from collections.abc import Mapping
from dataclasses import MISSING, fields
from datetime import date
from enum import StrEnum
from typing import Any, Final

from effects.codes import Better
from effects.economics.codes import LineKind, Payer, Scope, Status, Timing
from effects.economics.discounting import in_force
from effects.economics.stated import Extension
from effects.economics.three_points import ThreePoints
from effects.errors import Finding
from effects.planning.reading import TableReader
from effects.serialize import plain_record

LARGEST: Final = 1e12
LONGEST: Final = 200


def complete(kind: type, read: Mapping[str, Any]) -> bool:
    """Whether everything was read that a record cannot be made without."""
    needed = (item.name for item in fields(kind) if item.default is MISSING and item.default_factory is MISSING)
    return all(name in read for name in needed)


def written(record: object) -> dict[str, object]:
    """A record as it stands in the file, three points beside its other keys, without what is not known."""
    values = plain_record(record)
    points = values.pop("amount", None)
    if isinstance(points, dict):
        values |= points
    return {name: value for name, value in values.items() if value is not None and value not in ([], {})}


def read_schema(reader: TableReader, expected: str, findings: list[Finding]) -> None:
    """The name of the format, which must be the expected one."""
    schema = reader.text("schema", required=True)
    if schema is not None and schema != expected:
        findings.append(
            Finding(
                "schema",
                "unknown_schema",
                "{value} is not a business case.",
                'Write schema = "{schema}".',
                {"value": schema[:80], "schema": expected},
            )
        )


def read_head(reader: TableReader, findings: list[Finding]) -> dict[str, Any]:
    """The table ``[business_case]``; absent keys are left out. Closes the table."""
    read: dict[str, Any] = {
        name: reader.text(name, required=True) for name in ("technology", "title", "currency", "perspective")
    }
    read |= {name: _year(reader, name) for name in ("price_year", "start_year")}
    reader.take("horizon_years", required=True)
    read["horizon_years"] = reader.count("horizon_years", least=1, most=LONGEST)
    read["discount_rate"] = _share(reader, "discount_rate", findings)
    read["stated_on"] = _day(reader, findings, needs_schedule=read["discount_rate"] is None)
    read["major_version"] = reader.text("major_version")
    read["payers"] = reader.codes("payers", Payer) or None
    read["phase_in"] = _phase_in(reader, findings)
    read["effect_correlation"] = _share(reader, "effect_correlation", findings)
    reader.close()
    return _known(read)


def read_factors(reader: TableReader, findings: list[Finding]) -> dict[str, float]:
    """What benefits are multiplied by, by their kind."""
    return _known({kind: _not_negative(reader, kind, findings) for kind in reader.stated()})


def read_volume(reader: TableReader, findings: list[Finding]) -> dict[str, Any]:
    """One volume. Closes the table."""
    read: dict[str, Any] = {name: reader.text(name, required=True) for name in ("name", "title")}
    read["amount"] = _points(reader, findings)
    places = reader.table("by_place")
    read["by_place"] = {place: _not_negative(places, place, findings) for place in places.stated()} or None
    read |= {"status": reader.code("status", Status), "source": reader.text("source")}
    reader.close()
    return _known(read)


def read_line(reader: TableReader, findings: list[Finding]) -> dict[str, Any]:
    """One line. Closes the table."""
    codes: dict[str, type[StrEnum]] = {"kind": LineKind, "payer": Payer, "timing": Timing, "scope": Scope}
    read: dict[str, Any] = {"title": reader.text("title", required=True)}
    read |= {name: reader.code(name, kind, required=True) for name, kind in codes.items()}
    read["amount"] = _points(reader, findings)
    read |= {name: reader.text(name) for name in ("volume", "benefit_kind", "indicator", "source")}
    read |= {"status": reader.code("status", Status), "better": reader.code("better", Better)}
    read["multiplier"] = _amount(reader, "multiplier", findings)
    reader.close()
    return _known(read)


def read_unquantified(reader: TableReader) -> dict[str, Any]:
    """One benefit in its own unit. Closes the table."""
    read = {"title": reader.text("title", required=True)}
    read |= {name: reader.text(name) for name in ("indicator", "unit", "note")}
    reader.close()
    return _known(read)


def read_extension(reader: TableReader, findings: list[Finding]) -> Extension | None:
    """The study that could follow; None where none is offered. Closes the table."""
    stated = bool(reader.stated())
    cost = _not_negative(reader, "cost", findings)
    errors = reader.table("standard_error")
    read = {indicator: _not_negative(errors, indicator, findings) for indicator in errors.stated()}
    reader.close()
    return Extension({name: error for name, error in read.items() if error is not None}, cost) if stated else None


def _known(read: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in read.items() if value is not None}


def _points(reader: TableReader, findings: list[Finding]) -> ThreePoints | None:
    """Low, likely and high in this order, or `amount` where a figure is exact; None where none is stated."""
    exact = _amount(reader, "amount", findings)
    ends = [_amount(reader, name, findings) for name in ("low", "likely", "high")]
    stated = [end for end in ends if end is not None]
    if exact is not None and not stated:
        return ThreePoints(exact, exact, exact)
    if len(stated) == 3 and exact is None and stated == sorted(stated):
        return ThreePoints(*stated)
    if stated:
        findings.append(
            Finding(
                reader.at("likely"),
                "not_three_points",
                "An uncertain figure is stated as low, likely and high, in this order.",
                "State all three, or only amount where the figure is exact.",
            )
        )
    return None


def _phase_in(reader: TableReader, findings: list[Finding]) -> tuple[float, ...] | None:
    value = reader.take("phase_in")
    if value is None:
        return None
    items = value if isinstance(value, list | tuple) else []
    shares = [float(item) for item in items if _is_share(item)]
    if shares and len(shares) == len(items) and shares == sorted(shares):
        return tuple(shares)
    findings.append(
        Finding(
            reader.at("phase_in"),
            "not_a_phase_in",
            "{key} must be shares between 0 and 1 that never fall, one for each year.",
            "Write it as [0.3, 0.7, 1.0].",
            {"key": "phase_in"},
        )
    )
    return None


def _is_share(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1


def _day(reader: TableReader, findings: list[Finding], *, needs_schedule: bool) -> str | None:
    value = reader.take("stated_on", required=True)
    if value is None:
        return None
    day = value.isoformat() if isinstance(value, date) else value if isinstance(value, str) else ""
    try:
        day = date.fromisoformat(day).isoformat()
    except ValueError:
        findings.append(
            Finding(
                reader.at("stated_on"),
                "not_a_day",
                "{key} must be a day.",
                "Write it as 2026-05-31.",
                {"key": "stated_on"},
            )
        )
        return None
    if needs_schedule and in_force(day) is None:
        findings.append(
            Finding(
                reader.at("stated_on"),
                "no_discount_rate",
                "The discount rate in force on {day} is not known here.",
                "State discount_rate.",
                {"day": day},
            )
        )
    return day


def _year(reader: TableReader, name: str) -> int | None:
    reader.take(name, required=True)
    return reader.count(name, least=1900, most=2200)


def _amount(reader: TableReader, name: str, findings: list[Finding]) -> float | None:
    value = reader.number(name)
    if value is None or abs(value) <= LARGEST:
        return value
    findings.append(
        Finding(reader.at(name), "too_large", "{key} is out of any scale.", "Choose a larger unit.", {"key": name})
    )
    return None


def _not_negative(reader: TableReader, name: str, findings: list[Finding]) -> float | None:
    value = _amount(reader, name, findings)
    if value is None or value >= 0:
        return value
    findings.append(
        Finding(
            reader.at(name),
            "negative",
            "{key} cannot be negative.",
            "Leave it out where it is not known.",
            {"key": name},
        )
    )
    return None


def _share(reader: TableReader, name: str, findings: list[Finding]) -> float | None:
    value = reader.number(name)
    if value is None or 0 <= value <= 1:
        return value
    findings.append(
        Finding(reader.at(name), "not_a_share", "{key} must lie between 0 and 1.", "Write 12 % as 0.12.", {"key": name})
    )
    return None
