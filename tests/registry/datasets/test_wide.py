"""The first line of a file with a column for each period."""

import pytest
from msgspec.structs import replace

from registry.datasets.schema import Part
from registry.datasets.wide import LONGEST_PERIODS, periods_in, spread, wide_findings
from tests.registry.datasets.story import HEADER, a_schema, a_wide_csv

HEAD = a_wide_csv().splitlines()[0].split(",")
WEEKS = ("2026-W01", "2026-W02", "2026-W03")
WIDE = replace(a_schema(), periods=WEEKS)
TWO = replace(a_schema(), periods=("1", "2"))


def said(*header: str) -> list[tuple[str, str | None]]:
    return [(one.code, one.column) for one in wide_findings(header, TWO)]


def test_the_periods_stand_behind_the_names() -> None:
    assert periods_in(HEAD, a_schema()) == WEEKS
    assert list(spread(HEAD, WIDE)) == ["digital", "language"]
    assert spread(HEAD, WIDE)["language"] == {"2026-W01": [6], "2026-W02": [8], "2026-W03": [10]}


@pytest.mark.parametrize("names", ["strain_1,strain_2", "strain.1,strain.2", "strain 1,strain 2", "strain1,strain2"])
def test_a_separator_or_nothing_stands_before_a_number(names: str) -> None:
    assert periods_in(["area", *names.split(",")], a_schema()) == ("1", "2")
    assert spread(["area", *names.split(",")], TWO) == {"strain": {"1": [1], "2": [2]}}


@pytest.mark.parametrize(
    "header",
    [
        HEADER.strip().split(","),
        [*HEAD, "week"],
        ["area", "digital_1", "language_1"],
        ["area", "strain", "strain_1", "strain_2"],
        ["area", "strainbefore", "strainafter"],
        ["area", "area_1", "area_2"],
        ["area", "strain_1,2", "strain_3,4"],
        ["area", "strain_1", "strain_2", "010190-1234"],
        ["area", *(f"strain_a_long_name{number}" for number in range(LONGEST_PERIODS // 10))],
    ],
)
def test_other_files_do_not_look_wide(header: list[str]) -> None:
    assert periods_in(header, a_schema()) == ()


@pytest.mark.parametrize("part", [Part.UNIT, Part.PERIOD])
def test_without_units_or_periods_in_the_plan_nothing_is_wide(part: Part) -> None:
    columns = tuple(column for column in a_schema().columns if column.part is not part)
    assert periods_in(HEAD, replace(a_schema(), columns=columns)) == ()


def test_of_two_columns_that_begin_alike_the_longer_one_is_meant_and_a_separator_counts_more() -> None:
    age, *_ = a_schema().named(Part.COVARIATE)
    schema = replace(a_schema(), columns=(*a_schema().columns, replace(age, name="age_2")))
    header = ["area", "age_2_1", "age_2_2", "age_21", "age_22"]
    assert spread(header, replace(schema, periods=("1", "2"))) == {"age_2": {"1": [1, 3], "2": [2, 4]}}
    assert spread(header, replace(schema, periods=("21", "22"))) == {"age": {"21": [3], "22": [4]}}


def test_a_right_header_has_no_findings() -> None:
    assert list(wide_findings(HEAD, WIDE)) == []


def test_a_column_that_lacks_a_period_is_named_with_it() -> None:
    (found,) = wide_findings(["area", "digital_1", "digital_2", "language_2"], TWO)
    assert (found.code, found.column, found.params["periods"]) == ("missing_period", "language", "1")


def test_mixed_sets_of_periods_lack_what_the_others_have() -> None:
    schema = replace(a_schema(), periods=("1", "2", "3", "4"))
    found = list(wide_findings(["area", "digital_1", "digital_2", "language_3", "language_4"], schema))
    assert [(one.column, one.params["periods"]) for one in found] == [("digital", "3, 4"), ("language", "1, 2")]


def test_a_period_that_comes_twice_is_named_as_it_was_sent() -> None:
    assert said("area", "strain_1", "strain_2", "strain.2") == [("repeated_column", "strain_2")]


def test_a_column_alone_and_with_periods_leaves_open_which_is_meant() -> None:
    assert said("area", "strain", "strain_1", "strain_2") == [("mixed_columns", "strain")]


def test_a_file_that_is_not_wide_is_not_read_as_one() -> None:
    assert said("area", "week", "strain_1", "strain_2") == said("area", "strain_3") == [("not_wide", None)]
