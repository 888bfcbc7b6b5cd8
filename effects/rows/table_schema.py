"""Table Schema: how a delimited file is written, where it is not comma-separated UTF-8 with decimal points."""

import codecs
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np

from effects.errors import DataError, Finding
from effects.rows.columns import Column, as_texts, parse_number

_NUMERIC: Final = frozenset({"number", "integer", "year"})
_DATED: Final = frozenset({"date", "datetime"})
_TYPES: Final = _NUMERIC | _DATED | {"string", "boolean", "any"}


@dataclass(frozen=True, slots=True)
class FieldFormat:
    """How one column is written; `pattern` is a strptime pattern for dates."""

    kind: str
    decimal: str = "."
    group: str = ""
    pattern: str = ""
    true_values: frozenset[str] = frozenset({"true", "True", "TRUE", "1"})
    false_values: frozenset[str] = frozenset({"false", "False", "FALSE", "0"})


@dataclass(frozen=True, slots=True)
class TableFormat:
    """How a delimited file is written; columns without a field format are inferred."""

    delimiter: str = ","
    quote: str = '"'
    encoding: str = "utf-8-sig"
    missing: frozenset[str] = frozenset({"", "NA"})
    fields: Mapping[str, FieldFormat] = field(default_factory=dict)


def read_table_format(path: Path) -> TableFormat:
    """Read a Table Schema, alone or as `schema` of a data resource with `dialect` and `encoding`; raises DataError."""
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise DataError([_unreadable(path, error.strerror or "unknown")]) from error
    except (ValueError, RecursionError) as error:
        raise DataError([_unreadable(path, "it is not JSON")]) from error
    resource = _table(document)
    schema = _table(resource.get("schema")) or resource
    findings: list[Finding] = []
    dialect = _table(resource.get("dialect"))
    table_format = TableFormat(
        delimiter=_mark(dialect.get("delimiter"), ",", "dialect.delimiter", findings),
        quote=_mark(dialect.get("quoteChar"), '"', "dialect.quoteChar", findings),
        encoding=_encoding(resource.get("encoding"), findings),
        missing=_strings(schema.get("missingValues")) or frozenset({"", "NA"}),
        fields=_fields(schema.get("fields"), findings),
    )
    if findings:
        raise DataError(findings)
    return table_format


def convert(values: list[str | None], name: str, form: FieldFormat) -> tuple[Column, list[Finding]]:
    """The column that the format says it is, and a finding for every value that is written otherwise."""
    if form.kind in ("string", "any"):
        return as_texts(values), []
    if form.kind in _DATED:
        dates = [None if value is None else _date(value, form) for value in values]
        return as_texts(dates), _misfits(values, dates, name, form.kind)
    numbers = [None if value is None else _number(value, form) for value in values]
    column = np.array([np.nan if number is None else number for number in numbers], dtype=np.float64)
    return column, _misfits(values, numbers, name, form.kind)


def _misfits(values: list[str | None], found: Sequence[str | float | None], name: str, kind: str) -> list[Finding]:
    return [
        Finding(
            where=name,
            code="not_as_declared",
            message="A value of {column} is not of the declared type {kind}.",
            remedy="Correct the value or the schema.",
            params={"column": name, "kind": kind},
            row=row,
            column=name,
        )
        for row, (value, result) in enumerate(zip(values, found, strict=True), start=1)
        if value is not None and result is None
    ]


def _number(value: str, form: FieldFormat) -> float | None:
    if form.kind == "boolean":
        return 1.0 if value in form.true_values else 0.0 if value in form.false_values else None
    whole_part, mark, fraction = value.strip().partition(form.decimal)
    groups = whole_part.split(form.group) if form.group else [whole_part]
    if any(len(group) != 3 for group in groups[1:]) or (form.decimal != "." and "." in "".join((*groups, fraction))):
        return None
    number = parse_number("".join(groups) + mark.replace(form.decimal, ".") + fraction)
    whole = form.kind == "number" or (number is not None and number.is_integer())
    return number if whole else None


def _date(value: str, form: FieldFormat) -> str | None:
    try:
        if not form.pattern:
            return datetime.fromisoformat(value).isoformat(sep=" ") if form.kind == "datetime" else _iso_date(value)
        moment = datetime.strptime(value, form.pattern)
    except ValueError:
        return None
    return moment.date().isoformat() if form.kind == "date" else moment.isoformat(sep=" ")


def _iso_date(value: str) -> str:
    return datetime.strptime(value, "%Y-%m-%d").date().isoformat()


def _fields(value: object, findings: list[Finding]) -> dict[str, FieldFormat]:
    if not isinstance(value, list):
        findings.append(
            Finding(
                where="schema.fields",
                code="schema_without_fields",
                message="The schema lists no fields.",
                remedy="Give it a list named fields, each with name and type.",
            )
        )
        return {}
    formats: dict[str, FieldFormat] = {}
    for place, item in enumerate(value):
        described = _table(item)
        kind = str(described.get("type", "string"))
        if kind not in _TYPES or not isinstance(described.get("name"), str):
            findings.append(
                Finding(
                    where=f"schema.fields[{place}]",
                    code="unknown_field_type",
                    message="The field needs a name and one of the types {types}.",
                    remedy="Correct the schema.",
                    params={"types": ", ".join(sorted(_TYPES))},
                )
            )
            continue
        formats[str(described["name"])] = _field(described, kind, f"schema.fields[{place}]", findings)
    return formats


def _field(described: Mapping[str, object], kind: str, where: str, findings: list[Finding]) -> FieldFormat:
    stated = described.get("format")
    pattern = stated if kind in _DATED and isinstance(stated, str) and stated not in ("default", "any") else ""
    if not _is_pattern(pattern):
        findings.append(
            Finding(
                where=where,
                code="unknown_pattern",
                message="The date pattern {pattern} cannot be read.",
                remedy="Write it with %d, %m, %Y, %H and %M, each once.",
                params={"pattern": pattern[:40]},
            )
        )
    return FieldFormat(
        kind=kind,
        decimal=_mark(described.get("decimalChar"), ".", f"{where}.decimalChar", findings),
        group=_mark(described.get("groupChar") or None, "", f"{where}.groupChar", findings),
        pattern=pattern,
        true_values=_strings(described.get("trueValues")) or FieldFormat("boolean").true_values,
        false_values=_strings(described.get("falseValues")) or FieldFormat("boolean").false_values,
    )


def _is_pattern(pattern: str) -> bool:
    """Whether strptime takes the pattern; it says so only when it reads a date."""
    try:
        datetime.strptime(datetime(2016, 12, 31).strftime(pattern), pattern)
    except (ValueError, re.error):
        return False
    return True


def _table(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _strings(value: object) -> frozenset[str]:
    return frozenset(str(item) for item in value) if isinstance(value, list) else frozenset()


def _mark(value: object, default: str, where: str, findings: list[Finding]) -> str:
    if value is None:
        return default
    if isinstance(value, str) and len(value) == 1 and value not in "\r\n\0":
        return value
    findings.append(
        Finding(where=where, code="not_one_character", message="This must be a single character.", remedy="")
    )
    return default


def _encoding(value: object, findings: list[Finding]) -> str:
    if value is None:
        return "utf-8-sig"
    try:
        "".encode(str(value))
        return codecs.lookup(str(value)).name
    except (LookupError, ValueError):
        findings.append(
            Finding(
                where="encoding",
                code="unknown_encoding",
                message="The encoding {encoding} is not known.",
                remedy="Use utf-8, cp1252 or another standard name.",
                params={"encoding": str(value)[:40]},
            )
        )
        return "utf-8-sig"


def _unreadable(path: Path, reason: str) -> Finding:
    return Finding(
        where=str(path),
        code="unreadable_schema",
        message="The schema cannot be read: {reason}.",
        remedy="Give the path of a Table Schema in JSON.",
        params={"reason": reason},
    )
