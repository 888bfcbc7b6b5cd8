"""What is wrong with a statement, and with how a file is said to be read."""

from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from registry.datasets.rules import (
    ALWAYS_FILLED,
    APPROVE,
    INSPECT,
    LONGEST_RETENTION,
    TYPES,
    UPLOAD,
    WITHDRAW,
    extension_findings,
    schema_findings,
    statement_findings,
)
from registry.datasets.schema import Column, ColumnType, DecimalMark, GroupMark, Part
from registry.people.rules import Role
from tests.registry.datasets.story import a_schema

TODAY = date(2026, 11, 22)
STATED: dict[str, Any] = {
    "purpose": "Evaluation",
    "legal_basis": "Databeskyttelsesloven § 10",
    "filename": "rows.csv",
    "retain_until": date(2027, 11, 22),
    "today": TODAY,
}


def found(**changes: Any) -> list[tuple[str, str]]:
    return [(one.where, one.code) for one in statement_findings(**{**STATED, **changes})]


def test_a_complete_statement_has_no_findings() -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("day", "code"), [(TODAY, "in_the_past"), (date(2020, 1, 1), "in_the_past"), (date(2060, 1, 1), "too_far")]
)
def test_rows_are_kept_for_a_while_and_not_for_ever(day: date, code: str) -> None:
    assert found(retain_until=day) == [("retain_until", code)]


def test_cpr_numbers_have_no_place_in_what_is_said_about_the_rows() -> None:
    number = "vedr. 010190-1234"
    said = found(purpose=number, legal_basis=number, filename="010190-1234.csv")
    assert said == [("purpose", "cpr_like"), ("legal_basis", "cpr_like"), ("file", "cpr_like")]


def test_what_the_plan_proposes_contradicts_nothing() -> None:
    assert schema_findings(a_schema()) == []


@pytest.mark.parametrize(
    ("decimal", "group"), [(DecimalMark.COMMA, GroupMark.COMMA), (DecimalMark.POINT, GroupMark.POINT)]
)
def test_one_mark_cannot_mean_two_things(decimal: DecimalMark, group: GroupMark) -> None:
    assert [one.where for one in schema_findings(a_schema(decimal=decimal, group=group))] == ["reading.group"]


def test_a_column_keeps_to_what_the_plan_needs_it_for() -> None:
    columns = (
        Column("treated", ColumnType.NUMBER, Part.TREATED),
        Column("y", ColumnType.NUMBER, Part.OUTCOME, minimum=2.0, maximum=1.0),
    )
    assert [(one.where, one.code) for one in schema_findings(replace(a_schema(), columns=columns))] == [
        ("reading.columns.0.type", "wrong_type"),
        ("reading.columns.1.maximum", "empty_range"),
    ]


def test_every_part_has_its_types() -> None:
    assert set(TYPES) == set(Part)


def test_the_periods_of_a_wide_file_are_ones_that_the_plan_can_have() -> None:
    def said(periods: tuple[str, ...], kind: ColumnType, *left_out: Part) -> list[tuple[str, str]]:
        columns = tuple(
            replace(column, type=kind) if column.part is Part.PERIOD else column
            for column in a_schema().columns
            if column.part not in left_out
        )
        found = schema_findings(replace(a_schema(), columns=columns, periods=periods))
        return [(one.where, one.code) for one in found]

    assert said(("2025", "2026"), ColumnType.INTEGER) == said(("before", "after"), ColumnType.TEXT) == []
    assert said(("2025", "after"), ColumnType.INTEGER) == [("reading.periods", "wrong_period")]
    for part in (Part.UNIT, Part.PERIOD):
        assert said(("2025", "2026"), ColumnType.TEXT, part) == [("reading.periods", "never_wide")]


@pytest.mark.parametrize(
    ("until", "codes"),
    [
        (date(2026, 11, 22), ["in_the_past"]),
        (date(2026, 11, 23), ["not_later"]),
        (date(2027, 6, 30), ["not_later"]),
        (date(2027, 7, 1), []),
        (date(2026 + LONGEST_RETENTION, 12, 31), []),
        (date(2027 + LONGEST_RETENTION, 1, 1), ["too_far"]),
    ],
)
def test_rows_may_be_kept_longer_and_never_shorter(until: date, codes: list[str]) -> None:
    assert [one.code for one in extension_findings(until, was=date(2027, 6, 30), today=TODAY)] == codes


def test_rows_may_go_tomorrow_at_the_earliest() -> None:
    assert found(retain_until=date(2026, 11, 23)) == []
    assert found(retain_until=date(2026 + LONGEST_RETENTION, 12, 31)) == []


def test_everything_wrong_with_a_statement_is_said_at_once() -> None:
    said = found(purpose="010190-1234", retain_until=TODAY)
    assert said == [("purpose", "cpr_like"), ("retain_until", "in_the_past")]


@pytest.mark.parametrize("part", list(Part))
@pytest.mark.parametrize("kind", list(ColumnType))
def test_a_column_is_taken_in_the_types_of_its_part_and_no_other(part: Part, kind: ColumnType) -> None:
    said = schema_findings(replace(a_schema(), columns=(Column("x", kind, part),)))
    assert [one.code for one in said] == ([] if kind in TYPES[part] else ["wrong_type"])
    assert all(kind.value in str(one.params["types"]) for one in said for kind in TYPES[part])


@pytest.mark.parametrize(("least", "most", "codes"), [(1.0, 1.0, []), (1.0, None, []), (1.1, 1.0, ["empty_range"])])
def test_a_range_of_one_value_is_a_range(least: float, most: float | None, codes: list[str]) -> None:
    column = Column("y", ColumnType.NUMBER, Part.OUTCOME, minimum=least, maximum=most)
    assert [one.code for one in schema_findings(replace(a_schema(), columns=(column,)))] == codes


def test_what_places_a_row_is_always_filled() -> None:
    assert set(ALWAYS_FILLED) == {Part.UNIT, Part.CLUSTER, Part.PERIOD, Part.TREATED}


def test_rows_are_sent_by_a_lead_and_looked_at_by_leads_and_evaluators() -> None:
    assert UPLOAD.roles == {Role.PROJECT_LEAD}
    assert INSPECT.roles == APPROVE.roles == WITHDRAW.roles == {Role.PROJECT_LEAD, Role.EVALUATOR}
