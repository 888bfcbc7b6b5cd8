"""The first line of a file against the schema."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec.structs import replace

from registry.datasets.headers import MOST_COLUMNS, header_findings, places
from tests.registry.datasets.story import HEADER, a_schema, a_wide_csv

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


@given(st.lists(st.text(max_size=30), max_size=12))
def test_names_of_a_line_that_lacks_a_column_are_never_repeated(header: list[str]) -> None:
    """It may be the first row of values of a file without names."""
    own = {column.name for column in a_schema().columns}
    found = header_findings(header, a_schema())
    assume(not own <= set(header))
    for name in set(header) - own:
        if len(name) > 2 and name not in str([column.name for column in a_schema().columns]):
            assert all(name not in str(dict(one.params)) and name != one.column for one in found)


@given(st.permutations([*NAMES, "svi", "pa", "all_fields"]))
def test_the_order_of_the_columns_changes_nothing_but_the_order_of_the_warnings(header: list[str]) -> None:
    assert sorted(said(header)) == [
        ("unknown_column", "warning", "all_fields"),
        ("unknown_column", "warning", "pa"),
        ("unknown_column", "warning", "svi"),
    ]
    found = places(header, a_schema())
    assert {header[place]: column.name for place, column in found.items()} == {name: name for name in NAMES}


def test_every_missing_column_is_named_even_when_none_is_there() -> None:
    assert [column for _, _, column in said(["x"])][: len(NAMES)] == NAMES
    assert all(severity == "error" for code, severity, _ in said([]) if code == "missing_column")


def test_a_name_in_other_letters_is_not_the_same_column() -> None:
    """A plan distinguishes them, and so does an analysis."""
    found = header_findings(["AREA", *NAMES[1:]], a_schema())
    assert [one.code for one in found] == ["missing_column", "unknown_column"]
    assert "column number 1" in found[0].text()


def test_of_two_columns_of_one_name_neither_is_chosen_in_silence() -> None:
    found = header_findings(["area", *NAMES], a_schema())
    assert (found[0].code, found[0].params["count"]) == ("repeated_column", 2)


def test_a_wide_file_that_is_read_as_a_long_one_is_told_so() -> None:
    assert said(["area", "strain_1", "strain_2"]) == [("looks_wide", "error", None)]


def test_a_wide_header_has_its_period_in_the_names_and_the_rest_as_ever() -> None:
    schema = replace(a_schema(), periods=("2026-W01", "2026-W02", "2026-W03"))
    header = a_wide_csv().splitlines()[0].split(",")
    assert header_findings(header, schema) == []
    found = header_findings([name for name in [*header, "svi"] if name != "age"], schema)
    assert [(one.code, one.column) for one in found] == [("missing_column", "age"), ("unknown_column", None)]
