"""The first line of a file against the schema."""

import pytest

from registry.datasets.headers import MOST_COLUMNS, header_findings, places
from tests.registry.datasets.story import HEADER, a_schema

NAMES = HEADER.strip().split(",")


def said(header: list[str]) -> list[tuple[str, str, str | None]]:
    return [(one.code, one.severity, one.column) for one in header_findings(header, a_schema())]


def test_a_header_with_every_column_has_no_findings_in_any_order() -> None:
    assert said(NAMES) == said(NAMES[::-1]) == []


def test_places_follow_the_schema_wherever_the_columns_stand() -> None:
    found = places(["extra", *NAMES[::-1]], a_schema())
    assert [column.name for column in found.values()] == NAMES
    assert list(found) == list(range(len(NAMES), 0, -1))


def test_columns_that_the_plan_does_not_ask_for_are_left_out_with_a_warning() -> None:
    assert said([*NAMES, "svi", ""]) == [("unknown_column", "warning", "svi"), ("unknown_column", "warning", None)]


def test_a_missing_column_is_an_error_and_all_are_named() -> None:
    assert said(NAMES[2:]) == [("missing_column", "error", "area"), ("missing_column", "error", "week")]


@pytest.mark.parametrize("name", ["Language", "languagr"])
def test_a_name_that_is_nearly_right_is_pointed_out_by_its_place(name: str) -> None:
    found = header_findings([name if one == "language" else one for one in NAMES], a_schema())
    assert "column number 5 has nearly that name" in found[0].text()


def test_a_first_line_of_values_is_not_repeated() -> None:
    found = header_findings(["Hans Jensen", "12", *NAMES[1:]], a_schema())
    assert "Hans" not in str(found)
    assert [one.code for one in found] == ["missing_column", "unknown_column", "unknown_column"]


def test_a_repeated_column_is_an_error() -> None:
    assert said([*NAMES, "language"]) == [("repeated_column", "error", "language")]


def test_a_cpr_number_in_the_header_leaves_nothing_else_to_say() -> None:
    assert said(["010190-1234"]) == [("cpr_like", "error", None)]


def test_a_very_wide_file_is_refused_and_a_wide_one_summed_up() -> None:
    assert [code for code, _, _ in said([*NAMES, *map(str, range(MOST_COLUMNS))])] == ["too_many_columns"]
    assert len(said([*NAMES, *(f"x{place}" for place in range(50))])) == 21
