"""What the beginning of a file says about how it is written."""

import csv
import io
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from registry.datasets.checking import STORED
from registry.datasets.schema import (
    DATE_FORMATS,
    DECIMAL_MARKS,
    DELIMITERS,
    GROUP_MARKS,
    Column,
    ColumnType,
    DateFormat,
    DecimalMark,
    Delimiter,
    Dialect,
    Encoding,
    FileSchema,
    GroupMark,
    Part,
)
from registry.datasets.sniffing import SAMPLE_BYTES, suggested
from tests.registry.datasets.story import a_csv, a_schema, checked

SCHEMA = FileSchema(
    columns=(
        Column("unit", ColumnType.TEXT, Part.UNIT, required=True),
        Column("period", ColumnType.TEXT, Part.PERIOD, required=True),
        Column("y", ColumnType.NUMBER, Part.OUTCOME),
    )
)
DATED = replace(SCHEMA, columns=(*SCHEMA.columns, Column("seen", ColumnType.DATE, Part.COVARIATE)))


def dialect(content: str | bytes, stated: FileSchema = SCHEMA) -> Dialect:
    return suggested(content.encode() if isinstance(content, str) else content, stated).dialect


def test_a_file_that_is_as_stated_changes_nothing() -> None:
    assert suggested(a_csv().encode(), a_schema()) == a_schema()
    assert suggested(b"", SCHEMA) == SCHEMA


@pytest.mark.parametrize(
    ("mark", "delimiter"), [(";", Delimiter.SEMICOLON), ("\t", Delimiter.TAB), ("|", Delimiter.BAR)]
)
def test_the_delimiter_is_told_by_the_columns_it_makes(mark: str, delimiter: Delimiter) -> None:
    assert dialect(f"unit{mark}period{mark}y\na{mark}b{mark}1.5\n").delimiter is delimiter


def test_a_header_without_any_known_column_is_split_as_far_as_it_goes() -> None:
    assert dialect("a;b;c\n1;2;3\n").delimiter is Delimiter.SEMICOLON
    assert dialect("abc\n1\n").delimiter is Delimiter.COMMA


@pytest.mark.parametrize(
    ("number", "decimal", "group"),
    [
        ("1.234,5", DecimalMark.COMMA, GroupMark.POINT),
        ("1234,5", DecimalMark.COMMA, GroupMark.NONE),
        ("1 234,5", DecimalMark.COMMA, GroupMark.SPACE),
        ("1234.5", DecimalMark.POINT, GroupMark.NONE),
    ],
)
def test_the_marks_are_those_that_most_numbers_fit(number: str, decimal: DecimalMark, group: GroupMark) -> None:
    found = dialect(f"unit;period;y\na;b;{number}\na;c;{number}\na;d;NA\n")
    assert (found.decimal, found.group) == (decimal, group)


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("unit,period,y\nø,b,1\n".encode("cp1252"), Encoding.CP1252),
        ("unit,period,y\nø,b,1\n".encode("utf-16"), Encoding.UTF_16),
        ("unit,period,y\nø,b,1\n".encode(), Encoding.UTF_8),
        (b"\xef\xbb\xbfunit,period,y\n", Encoding.UTF_8),
    ],
)
def test_the_encoding_is_told_by_the_bytes(content: bytes, encoding: Encoding) -> None:
    assert dialect(content).encoding is encoding


def test_an_encoding_that_fits_is_not_questioned_and_one_that_does_not_is() -> None:
    stated = replace(SCHEMA, dialect=Dialect(encoding=Encoding.CP1252))
    assert dialect("unit,period,y\na,b,1\n", stated).encoding is Encoding.CP1252
    assert dialect("unit,period,y\nø,b,1\n", stated).encoding is Encoding.UTF_8
    assert dialect(b"\xef\xbb\xbfunit", stated).encoding is Encoding.UTF_8_SIG
    assert dialect("unit,period,y\na,b,1\n", replace(SCHEMA, dialect=Dialect(encoding=Encoding.UTF_16))).encoding is (
        Encoding.UTF_8
    )


def test_a_cut_off_letter_at_the_end_of_the_sample_does_not_count() -> None:
    assert dialect("unit,period,y\nø".encode()[:-1]).encoding is Encoding.UTF_8


@pytest.mark.parametrize(("text", "form"), [("31-12-2026", DateFormat.DASHES), ("31/12/2026", DateFormat.SLASHES)])
def test_dates_are_read_in_the_order_they_are_written(text: str, form: DateFormat) -> None:
    assert dialect(f"unit,period,y,seen\na,b,1,{text}\n", DATED).date_format is form


def test_periods_that_are_numbers_or_unsortable_dates_are_not_text() -> None:
    numbers = suggested(b"unit,period,y\na,1,1\na,10,1\n", SCHEMA)
    assert numbers.columns[1].type is ColumnType.INTEGER
    dates = suggested(b"unit,period,y\na,31-12-2026,1\n", SCHEMA)
    assert (dates.columns[1].type, dates.dialect.date_format) == (ColumnType.DATE, DateFormat.DASHES)


@pytest.mark.parametrize("period", ["2026-12-31", "2026-W05", "before"])
def test_periods_that_sort_as_text_stay_text(period: str) -> None:
    assert suggested(f"unit,period,y\na,{period},1\n".encode(), SCHEMA) == SCHEMA


def test_a_broken_beginning_proposes_nothing() -> None:
    assert suggested(b'unit,period,y\n"' + b"a" * 200_000, SCHEMA) == SCHEMA


WRITERS = st.fixed_dictionaries(
    {
        "delimiter": st.sampled_from(list(DELIMITERS)),
        "marks": st.sampled_from(
            [
                (DecimalMark.POINT, GroupMark.NONE),
                (DecimalMark.COMMA, GroupMark.NONE),
                (DecimalMark.COMMA, GroupMark.POINT),
            ]
        ),
        "codec": st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16"]),
        "date_format": st.sampled_from(list(DateFormat)),
        "end": st.sampled_from(["\n", "\r\n"]),
    }
)
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["0101", "0751", "ærø", "Sønderborg"]),
        st.integers(1, 500),
        st.integers(1_000, 9_999_999).map(lambda number: number + 0.5),
        st.dates(date(2000, 1, 1), date(2030, 12, 31)),
    ),
    min_size=3,
    max_size=30,
    unique_by=lambda row: row[:2],
)


def as_somebody_writes(table: list[tuple[str, int, float, date]], how: dict[str, Any]) -> bytes:
    """The table as a file that a person's own program might have written."""
    decimal, group = how["marks"]
    signs = str.maketrans({",": GROUP_MARKS[group], ".": DECIMAL_MARKS[decimal]})
    content = io.StringIO()
    writer = csv.writer(content, delimiter=DELIMITERS[how["delimiter"]], lineterminator=how["end"])
    writer.writerow(["unit", "period", "y", "seen"])
    for unit, period, number, day in table:
        shown = f"{number:,.1f}".translate(signs)
        writer.writerow([unit, period, shown, day.strftime(DATE_FORMATS[how["date_format"]])])
    return content.getvalue().encode(how["codec"])


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(table=ROWS, how=WRITERS)
def test_what_was_proposed_reads_the_file_that_the_plan_did_not_foresee(
    tmp_path: Path, table: list[tuple[str, int, float, date]], how: dict[str, Any]
) -> None:
    """The lead confirms the proposal unseen, and every value is still the one that was written."""
    content = as_somebody_writes(table, how)
    schema = suggested(content[:SAMPLE_BYTES], DATED)
    found = checked(tmp_path, content, schema)
    assert [one for one in found.findings if one.severity == "error"] == []
    with duckdb.connect() as connection:
        stored = connection.read_parquet(str(tmp_path / "work" / STORED)).fetchall()
    assert sorted((unit, int(period), y, seen) for unit, period, y, seen in stored) == sorted(table)


@given(st.binary(max_size=2_000))
def test_no_bytes_make_it_fail(head: bytes) -> None:
    proposal = suggested(head, DATED)
    assert [column.name for column in proposal.columns] == [column.name for column in DATED.columns]
    assert proposal.dialect.missing == DATED.dialect.missing


@given(st.binary(max_size=2_000))
def test_confirming_what_was_proposed_proposes_nothing_new(head: bytes) -> None:
    """Otherwise a person would be asked again and again."""
    once = suggested(head, DATED)
    assert suggested(head, once) == once


def test_a_sample_decides_by_what_most_cells_say() -> None:
    lines = ["unit;period;y", *(f"a;w{place};{place},5" for place in range(50)), "a;x;ukendt"]
    assert dialect("\n".join(lines) + "\n").decimal is DecimalMark.COMMA


def test_missing_words_are_no_numbers_to_look_at() -> None:
    assert dialect("unit,period,y\na,b,NA\na,c,\n").decimal is DecimalMark.POINT


@pytest.mark.parametrize("quote", ['"unit";"period";"y"', '"unit" ;"period";"y"'])
def test_quoted_names_are_names(quote: str) -> None:
    assert dialect(quote + '\n"a";"b";"1,5"\n').delimiter is Delimiter.SEMICOLON


def test_a_wide_file_is_proposed_with_its_periods_marks_and_their_type() -> None:
    seen = suggested(b"area;digital_2025;digital_2026;language_2025;language_2026\n1;0;1;0,5;1,5\n", a_schema())
    assert (seen.periods, seen.dialect.delimiter) == (("2025", "2026"), Delimiter.SEMICOLON)
    assert (seen.dialect.decimal, seen.named(Part.PERIOD)[0].type) == (DecimalMark.COMMA, ColumnType.INTEGER)


def test_periods_that_were_stated_stay() -> None:
    stated = replace(a_schema(), periods=("2025", "2026"))
    assert suggested(b"area,strain_1,strain_2\n1,2,3\n", stated).periods == stated.periods
