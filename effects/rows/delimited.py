"""Delimited text files to typed columns."""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from effects.errors import DataError, Finding
from effects.rows.columns import Column, infer
from effects.rows.table_schema import TableFormat, convert

MAXIMUM_FIELD: Final = 1_000_000
_ZIPPED: Final = b"PK\x03\x04"
_OTHER_MARKS: Final = {";": "semicolons", "\t": "tabs", "|": "bars", ",": "commas"}


def read_delimited(path: Path, form: TableFormat) -> dict[str, list[str | None]]:
    """Texts by header as it stands, None for missing; raises DataError with every ragged row."""
    header, rows = _records(path, form)
    findings = _other_mark(header, path) or [*_header_findings(header, path), *_ragged(header, rows, path)]
    if findings:
        raise DataError(findings)
    return {
        name: [None if row[place] in form.missing else row[place] for row in rows] for place, name in enumerate(header)
    }


def typed_columns(texts: Mapping[str, list[str | None]], form: TableFormat) -> dict[str, Column]:
    """Columns of the declared types, or inferred; raises DataError with every value that is not as declared."""
    findings: list[Finding] = []
    columns: dict[str, Column] = {}
    for name, values in texts.items():
        if name in form.fields:
            columns[name], misfits = convert(values, name, form.fields[name])
            findings.extend(misfits)
        else:
            columns[name] = infer(values)
    if findings:
        raise DataError(findings)
    return columns


def _records(path: Path, form: TableFormat) -> tuple[list[str], list[list[str]]]:
    csv.field_size_limit(MAXIMUM_FIELD)
    try:
        with path.open("rb") as content:
            if content.read(len(_ZIPPED)) == _ZIPPED:
                raise csv.Error("it is a workbook or an archive")
        with path.open(encoding=form.encoding, newline="") as lines:
            reader = csv.reader(lines, delimiter=form.delimiter, quotechar=form.quote, strict=True)
            header = next(reader, [])
            return header, [row for row in reader if row]
    except UnicodeError as error:
        finding = Finding(
            where=path.name,
            code="wrong_encoding",
            message="{file} is not {encoding} text.",
            remedy="Save it as UTF-8 or state the encoding in a schema.",
            params={"file": path.name, "encoding": form.encoding.removesuffix("-sig")},
        )
        raise DataError([finding]) from error
    except csv.Error as error:
        finding = Finding(
            where=path.name,
            code="not_delimited_text",
            message="{file} is not delimited text: {reason}.",
            remedy="Save it as CSV or Parquet.",
            params={"file": path.name, "reason": str(error)},
        )
        raise DataError([finding]) from error


def _other_mark(header: list[str], path: Path) -> list[Finding]:
    """Whether the whole header is one column because another mark separates the columns."""
    marks = [words for mark, words in _OTHER_MARKS.items() if len(header) == 1 and mark in header[0]]
    return [
        Finding(
            where=path.name,
            code="other_delimiter",
            message="The columns of {file} are separated by {mark}.",
            remedy="State the delimiter in a schema, or save the file with commas and decimal points.",
            params={"file": path.name, "mark": mark},
        )
        for mark in marks[:1]
    ]


def _header_findings(header: list[str], path: Path) -> list[Finding]:
    if not header:
        return [
            Finding(
                where=path.name,
                code="no_header",
                message="{file} is empty.",
                remedy="The first line must name the columns.",
                params={"file": path.name},
            )
        ]
    repeated = sorted({name for name in header if header.count(name) > 1})
    return [
        Finding(
            where=path.name,
            code="repeated_header",
            message="{file} has several columns named {column}.",
            remedy="Give each column its own name.",
            params={"file": path.name, "column": name},
            column=name,
        )
        for name in repeated
    ]


def _ragged(header: list[str], rows: list[list[str]], path: Path) -> list[Finding]:
    return [
        Finding(
            where=path.name,
            code="ragged_row",
            message="The row has {found} fields and the header {expected}.",
            remedy="Check the delimiter and the quotes.",
            params={"found": len(row), "expected": len(header)},
            row=number,
        )
        for number, row in enumerate(rows, start=1)
        if len(row) != len(header)
    ]
