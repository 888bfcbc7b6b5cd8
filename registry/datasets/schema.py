"""How a file is to be read: its dialect and what each column holds. Proposed from the plan, confirmed by a person."""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Final

import msgspec

from effects.codes import Design, Family
from effects.plan import AnalysisPlan
from effects.planning.sections import Outcome
from effects.planning.survey_checks import is_numeric_total
from effects.planning.terms import Transform, parse_term


class ColumnType(StrEnum):
    """What the cells of a column hold; text keeps its leading zeros, boolean01 is 0 or 1."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN01 = "boolean01"


class Part(StrEnum):
    """What a column is for in the plan."""

    UNIT = "unit"
    CLUSTER = "cluster"
    PERIOD = "period"
    TREATED = "treated"
    FIRST_TREATED = "first_treated"
    RECEIVED = "received"
    GROUP = "group"
    WEIGHT = "weight"
    STRATA = "strata"
    SEQUENCE = "sequence"
    PERSONS = "persons"
    OUTCOME = "outcome"
    OFFSET = "offset"
    COVARIATE = "covariate"
    SUBGROUP = "subgroup"
    SURVEY = "survey"


class Delimiter(StrEnum):
    """What stands between two cells."""

    COMMA = "comma"
    SEMICOLON = "semicolon"
    TAB = "tab"
    BAR = "bar"


class Encoding(StrEnum):
    """How letters are written as bytes."""

    UTF_8 = "utf-8"
    UTF_8_SIG = "utf-8-sig"
    CP1252 = "cp1252"
    UTF_16 = "utf-16"


class DecimalMark(StrEnum):
    """What stands before the decimals."""

    POINT = "point"
    COMMA = "comma"


class GroupMark(StrEnum):
    """What stands between thousands."""

    NONE = "none"
    POINT = "point"
    COMMA = "comma"
    SPACE = "space"


class DateFormat(StrEnum):
    """The order in which a date is written."""

    ISO = "YYYY-MM-DD"
    DASHES = "DD-MM-YYYY"
    SLASHES = "DD/MM/YYYY"
    POINTS = "DD.MM.YYYY"


DELIMITERS: Final = {Delimiter.COMMA: ",", Delimiter.SEMICOLON: ";", Delimiter.TAB: "\t", Delimiter.BAR: "|"}
DECIMAL_MARKS: Final = {DecimalMark.POINT: ".", DecimalMark.COMMA: ","}
GROUP_MARKS: Final = {GroupMark.NONE: "", GroupMark.POINT: ".", GroupMark.COMMA: ",", GroupMark.SPACE: " "}
DATE_FORMATS: Final = {
    DateFormat.ISO: "%Y-%m-%d",
    DateFormat.DASHES: "%d-%m-%Y",
    DateFormat.SLASHES: "%d/%m/%Y",
    DateFormat.POINTS: "%d.%m.%Y",
}
MISSING: Final = ("", "NA")


class Dialect(msgspec.Struct, frozen=True):
    """How a file is written. `missing` are the texts that stand for no value; empty always does."""

    delimiter: Delimiter = Delimiter.COMMA
    encoding: Encoding = Encoding.UTF_8
    decimal: DecimalMark = DecimalMark.POINT
    group: GroupMark = GroupMark.NONE
    date_format: DateFormat = DateFormat.ISO
    missing: tuple[str, ...] = MISSING


class Column(msgspec.Struct, frozen=True):
    """One column; `codes`, where there are any, are the only values it may hold."""

    name: str
    type: ColumnType
    part: Part
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    codes: tuple[str, ...] = ()


class FileSchema(msgspec.Struct, frozen=True):
    """The dialect, the columns in the order in which they are stored, and the columns that together name a row.

    A wide file has the texts `periods` behind the names of the columns that vary; a long one has none.
    """

    columns: tuple[Column, ...]
    dialect: Dialect = Dialect()
    key: tuple[str, ...] = ()
    periods: tuple[str, ...] = ()

    def named(self, *parts: Part) -> tuple[Column, ...]:
        """The columns that play one of these parts."""
        return tuple(column for column in self.columns if column.part in parts)


def proposed(plan: AnalysisPlan) -> FileSchema:
    """The schema that the plan asks for, in the dialect of the plan's own file format.

    A column with two parts takes the type of the first. The units of an individually randomised trial come once, those
    that are observed repeatedly once a period.
    """
    columns: dict[str, Column] = {}
    for column in _columns(plan):
        columns.setdefault(column.name, column)
    return FileSchema(columns=tuple(columns.values()), key=_key(plan))


def _key(plan: AnalysisPlan) -> tuple[str, ...]:
    unit, period = plan.data.unit, plan.data.period
    if unit and period:
        return (unit, period)
    return (unit,) if unit and plan.design is Design.INDIVIDUAL_RANDOMISED else ()


def _columns(plan: AnalysisPlan) -> Iterator[Column]:
    roles = plan.data
    stated: Iterable[tuple[str | None, ColumnType, Part, float | None, float | None]] = (
        (roles.unit, ColumnType.TEXT, Part.UNIT, None, None),
        (roles.period, _period_type(plan), Part.PERIOD, None, None),
        (roles.cluster, ColumnType.TEXT, Part.CLUSTER, None, None),
        (roles.treated, ColumnType.BOOLEAN01, Part.TREATED, None, None),
        (roles.group, ColumnType.BOOLEAN01, Part.GROUP, None, None),
        (roles.weight, ColumnType.NUMBER, Part.WEIGHT, 0.0, None),
        (roles.strata, ColumnType.TEXT, Part.STRATA, None, None),
        (roles.sequence, ColumnType.TEXT, Part.SEQUENCE, None, None),
        (roles.persons, ColumnType.INTEGER, Part.PERSONS, 0.0, None),
        (plan.survey.wave, ColumnType.BOOLEAN01, Part.SURVEY, None, None),
        (plan.survey.fpc, ColumnType.NUMBER, Part.SURVEY, 0.0, None),
        *((name, _margin_type(totals), Part.SURVEY, None, None) for name, totals in plan.survey.margins.items()),
    )
    for name, kind, part, least, most in stated:
        if name is not None:
            yield Column(name, kind, part, required=True, minimum=least, maximum=most)
    if roles.first_treated is not None:
        yield Column(roles.first_treated, ColumnType.INTEGER, Part.FIRST_TREATED)
    if roles.received is not None:
        yield Column(roles.received, ColumnType.NUMBER, Part.RECEIVED, minimum=0.0, maximum=1.0)
    yield from (_outcome(outcome) for outcome in plan.outcomes)
    yield from (
        Column(outcome.offset, ColumnType.NUMBER, Part.OFFSET)
        for outcome in plan.outcomes
        if outcome.offset is not None
    )
    yield from (Column(subgroup.column, ColumnType.TEXT, Part.SUBGROUP) for subgroup in plan.subgroups)
    yield from _covariates(plan.outcomes)


def _period_type(plan: AnalysisPlan) -> ColumnType:
    if plan.design is Design.STAGGERED_ADOPTION or isinstance(plan.data.start, int):
        return ColumnType.INTEGER
    return ColumnType.NUMBER if isinstance(plan.data.start, float) else ColumnType.TEXT


def _margin_type(totals: Mapping[str, float]) -> ColumnType:
    """A margin of levels is text; one of a single total is a number that GREG adjusts by."""
    return ColumnType.NUMBER if is_numeric_total(totals) else ColumnType.TEXT


def _outcome(outcome: Outcome) -> Column:
    least = None if outcome.family in (None, Family.GAUSSIAN) else 0.0
    most = 1.0 if outcome.family is Family.BINOMIAL else None
    return Column(outcome.column, ColumnType.NUMBER, Part.OUTCOME, minimum=least, maximum=most)


def _covariates(outcomes: Iterable[Outcome]) -> Iterator[Column]:
    terms = [term for outcome in outcomes for text in outcome.covariates if (term := parse_term(text))]
    numeric = {term.column for term in terms if term.transform is not Transform.FACTOR}
    for term in terms:
        yield Column(term.column, ColumnType.NUMBER if term.column in numeric else ColumnType.TEXT, Part.COVARIATE)
