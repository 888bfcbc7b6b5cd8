"""What may happen to an upload and to a version, who may do it, and what is wrong with an offer. Pure."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import Final

from effects.errors import Finding
from registry.datasets.cells import pattern
from registry.datasets.schema import DECIMAL_MARKS, GROUP_MARKS, Column, ColumnType, Dialect, FileSchema, Part
from registry.kit.access import SIGNED_IN, Permission
from registry.kit.cpr import looks_like_cpr
from registry.people.rules import Role

VIEW: Final = SIGNED_IN
"""Anyone signed in may ask; `pilots.queries.visible_pilot` decides whose versions they see, and rows are not shown."""

UPLOAD: Final = Permission("datasets.upload", frozenset({Role.PROJECT_LEAD}))
INSPECT: Final = Permission("datasets.inspect", frozenset({Role.PROJECT_LEAD, Role.EVALUATOR}))
APPROVE: Final = Permission("datasets.approve", frozenset({Role.PROJECT_LEAD, Role.EVALUATOR}))
WITHDRAW: Final = Permission("datasets.withdraw", frozenset({Role.PROJECT_LEAD, Role.EVALUATOR}))

LONGEST_RETENTION: Final = 30
"""Years."""


class UploadState(StrEnum):
    """Received waits for a person to say how the file is read; refused keeps no file."""

    RECEIVED = "received"
    CHECKING = "checking"
    REFUSED = "refused"
    STORED = "stored"


class VersionState(StrEnum):
    """Only an approved version may be analysed; a withdrawn one was approved until it turned out to be wrong."""

    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


TYPES: Final[Mapping[Part, tuple[ColumnType, ...]]] = {
    Part.UNIT: (ColumnType.TEXT, ColumnType.INTEGER),
    Part.CLUSTER: (ColumnType.TEXT, ColumnType.INTEGER),
    Part.STRATA: (ColumnType.TEXT, ColumnType.INTEGER),
    Part.SEQUENCE: (ColumnType.TEXT, ColumnType.INTEGER),
    Part.PERIOD: (ColumnType.TEXT, ColumnType.INTEGER, ColumnType.NUMBER, ColumnType.DATE),
    Part.TREATED: (ColumnType.BOOLEAN01,),
    Part.GROUP: (ColumnType.BOOLEAN01,),
    Part.FIRST_TREATED: (ColumnType.INTEGER, ColumnType.NUMBER),
    Part.RECEIVED: (ColumnType.NUMBER, ColumnType.BOOLEAN01),
    Part.WEIGHT: (ColumnType.NUMBER, ColumnType.INTEGER),
    Part.PERSONS: (ColumnType.INTEGER, ColumnType.NUMBER),
    Part.OUTCOME: (ColumnType.NUMBER, ColumnType.INTEGER, ColumnType.BOOLEAN01),
    Part.OFFSET: (ColumnType.NUMBER,),
    Part.SUBGROUP: (ColumnType.TEXT, ColumnType.INTEGER, ColumnType.BOOLEAN01),
    Part.COVARIATE: tuple(ColumnType),
    Part.SURVEY: tuple(ColumnType),
}
"""What a person may say a column holds, given what the plan needs it for."""

ALWAYS_FILLED: Final = (Part.UNIT, Part.CLUSTER, Part.PERIOD, Part.TREATED)
"""Parts without which a row says nothing."""


def statement_findings(purpose: str, legal_basis: str, filename: str, retain_until: date, today: date) -> list[Finding]:
    """What is wrong with what a person says about the rows they send."""
    found = [
        Finding(where, "cpr_like", "This looks like it holds a CPR number.", "Leave it out; it was not saved.")
        for where, text in (("purpose", purpose), ("legal_basis", legal_basis), ("file", filename))
        if looks_like_cpr(text)
    ]
    return [*found, *_until(retain_until, today)]


def extension_findings(retain_until: date, was: date, today: date) -> list[Finding]:
    """What is wrong with a later day for rows to go."""
    found = list(_until(retain_until, today))
    if not found and retain_until <= was:
        found.append(
            Finding("retain_until", "not_later", "The rows are kept until then already.", "Write a later date.")
        )
    return found


def schema_findings(schema: FileSchema) -> list[Finding]:
    """What contradicts itself in how a file is said to be read."""
    return [
        *_dialect(schema.dialect),
        *(found for place, one in enumerate(schema.columns) for found in _column(place, one)),
        *(_wide(schema) if schema.periods else ()),
    ]


def _wide(schema: FileSchema) -> Iterator[Finding]:
    period = next(iter(schema.named(Part.PERIOD)), None)
    if period is None or not schema.named(Part.UNIT):
        yield Finding(
            where="reading.periods",
            code="never_wide",
            message="The plan has no units with periods, so that no file for it is wide.",
            remedy="Leave the periods of a wide file empty.",
        )
        return
    fits = re.compile(pattern(period.type, schema.dialect), re.ASCII)
    if wrong := [text for text in schema.periods if not fits.fullmatch(text)]:
        yield Finding(
            where="reading.periods",
            code="wrong_period",
            message="The column {column} cannot hold the period “{period}”.",
            remedy="Correct the period here and in the column names, or what the column contains.",
            params={"column": period.name, "period": wrong[0][:20]},
        )


def _until(retain_until: date, today: date) -> Iterator[Finding]:
    if retain_until <= today:
        yield Finding(
            "retain_until", "in_the_past", "The rows would have to be deleted already.", "Write a later date."
        )
    if retain_until.year > today.year + LONGEST_RETENTION:
        yield Finding(
            where="retain_until",
            code="too_far",
            message="Rows are kept for at most {years} years.",
            remedy="Write an earlier date.",
            params={"years": LONGEST_RETENTION},
        )


def _dialect(dialect: Dialect) -> Iterator[Finding]:
    if GROUP_MARKS[dialect.group] == DECIMAL_MARKS[dialect.decimal]:
        yield Finding(
            where="reading.group",
            code="same_marks",
            message="The same mark cannot stand before decimals and between thousands.",
            remedy="Change one of the two.",
        )


def _column(place: int, column: Column) -> Iterator[Finding]:
    if column.type not in TYPES[column.part]:
        yield Finding(
            where=f"reading.columns.{place}.type",
            code="wrong_type",
            message="The plan needs {column} in another type.",
            remedy="Choose one of: {types}.",
            params={"column": column.name, "types": ", ".join(TYPES[column.part])},
        )
    if column.minimum is not None and column.maximum is not None and column.minimum > column.maximum:
        yield Finding(
            where=f"reading.columns.{place}.maximum",
            code="empty_range",
            message="The largest value allowed in {column} is less than the smallest.",
            remedy="Correct one of the two.",
            params={"column": column.name},
        )
