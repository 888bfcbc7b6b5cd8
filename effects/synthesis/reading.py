"""The file of studies: columns study, yi, vi, perhaps cluster and date, and the moderators that the call names."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from effects.errors import DataError, Finding
from effects.message import Message
from effects.rows.columns import infer, label, parse_number
from effects.rows.delimited import read_delimited
from effects.rows.table_schema import TableFormat
from effects.synthesis.studies import Studies, no_study, not_positive, repeated

REQUIRED: Final = ("study", "yi", "vi")
_DATE: Final = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")

NEEDED: Final = Message("Every study needs one; leave a study out where it is not known.")
DISPENSABLE: Final = Message("Every study needs one; leave the column out where it is not known.")
REMEDIES: Final[Mapping[str, Message]] = {
    "other_delimiter": Message("Separate them by commas, and write decimals with a point."),
    "wrong_encoding": Message("Save it as UTF-8."),
    "not_delimited_text": Message("Save it as CSV."),
}
"""For a file that no schema describes, by the code of the finding."""

Texts = Mapping[str, Sequence[str | None]]


def read_studies(
    path: Path, moderators: Sequence[str] = (), *, study: str = "study", cluster: str = "cluster"
) -> Studies:
    """The studies of a CSV file; raises DataError with everything that is wrong with it, OSError if it cannot be read.

    A moderator whose every value is a number is one; any other forms subgroups. Another column may say which study a
    row is, or form the clusters.
    """
    stated = _stated(path)
    named = list(dict.fromkeys(moderators))
    other = {"study": study, "cluster": cluster}
    texts = {**stated, **{name: stated[column] for name, column in other.items() if column in stated}}
    asked = [column for name, column in other.items() if column != name]
    wanted = [name for name in REQUIRED if name not in other or other[name] == name]
    findings = [*_absent(stated, [*wanted, *asked, *named], path), *_empty(texts, named)]
    findings += [finding for name in ("yi", "vi") for finding in _not_numbers(texts.get(name, []), name)]
    findings += [not_positive(row) for row, value in _numbered(texts.get("vi", [])) if value <= 0.0]
    findings += [*repeated([name for name in texts.get("study", []) if name]), *_not_dates(texts.get("date", []))]
    if findings:
        raise DataError(findings)
    if not texts["study"]:
        raise DataError([no_study()])
    return Studies(
        names=_present(texts["study"]),
        estimates=tuple(value for _, value in _numbered(texts["yi"])),
        variances=tuple(value for _, value in _numbered(texts["vi"])),
        clusters=_present(texts["cluster"]) if "cluster" in texts else None,
        dates=_present(texts["date"]) if "date" in texts else None,
        moderators={name: _moderator(texts[name]) for name in named},
    )


def _stated(path: Path) -> Texts:
    """The columns as texts; what the command cannot be told about the file is mended in the file."""
    try:
        return read_delimited(path, TableFormat())
    except DataError as error:
        mended = {code: remedy.template for code, remedy in REMEDIES.items()}
        raise DataError([replace(one, remedy=mended.get(one.code, one.remedy)) for one in error.findings]) from error


def _absent(texts: Texts, wanted: Sequence[str], path: Path) -> list[Finding]:
    return [
        Finding(
            where=path.name,
            code="missing_column",
            message="There is no column {column}.",
            remedy="The columns are {columns}.",
            params={"column": name, "columns": ", ".join(texts) or "-"},
            column=name,
        )
        for name in wanted
        if name not in texts
    ]


def _empty(texts: Texts, moderators: Sequence[str]) -> list[Finding]:
    return [
        Finding(
            where=name,
            code="missing_value",
            message="The value is missing.",
            remedy=(NEEDED if name in REQUIRED else DISPENSABLE).template,
            row=row,
            column=name,
        )
        for name in dict.fromkeys([*REQUIRED, "cluster", "date", *moderators])
        for row, value in enumerate(texts.get(name, []), start=1)
        if value is None
    ]


def _not_numbers(values: Sequence[str | None], name: str) -> list[Finding]:
    return [
        Finding(
            where=name,
            code="not_a_number",
            message="“{value}” is not a number.",
            remedy="Write a decimal number with a point.",
            params={"value": value[:40]},
            row=row,
            column=name,
        )
        for row, value in enumerate(values, start=1)
        if value is not None and _number(value) is None
    ]


def _not_dates(values: Sequence[str | None]) -> list[Finding]:
    return [
        Finding(
            where="date",
            code="not_a_date",
            message="“{value}” is not a date.",
            remedy="Write a year, 2024-05 or 2024-05-31.",
            params={"value": value[:40]},
            row=row,
            column="date",
        )
        for row, value in enumerate(values, start=1)
        if value is not None and not _DATE.fullmatch(value.strip())
    ]


def _number(text: str) -> float | None:
    value = parse_number(text)
    return value if value is not None and abs(value) < float("inf") else None


def _numbered(values: Sequence[str | None]) -> list[tuple[int, float]]:
    parsed = [(row, _number(value)) for row, value in enumerate(values, start=1) if value is not None]
    return [(row, value) for row, value in parsed if value is not None]


def _present(values: Sequence[str | None]) -> tuple[str, ...]:
    return tuple(value.strip() for value in values if value is not None)


def _moderator(values: Sequence[str | None]) -> Sequence[float] | Sequence[str]:
    column = infer(values).tolist()
    if all(isinstance(value, float) for value in column):
        return [float(value) for value in column]
    return [label(value) for value in column]
