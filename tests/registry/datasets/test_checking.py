"""Whole files against a schema: every finding at once, or typed rows."""

import csv
import io
from pathlib import Path
from typing import Any

import duckdb
import pytest
import xlsxwriter
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from effects.plan import AnalysisPlan
from effects.sources import open_source
from registry.datasets.checking import SHOWN_ALIKE, STORED, Checked
from registry.datasets.facts import Step
from registry.datasets.schema import (
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
    proposed,
)
from registry.datasets.sniffing import suggested
from registry.kit.cpr import looks_like_cpr
from registry.kit.tabular import xlsx_file
from tests.registry.datasets.dirt import a_file
from tests.registry.datasets.obvious import obvious
from tests.registry.datasets.story import a_csv, a_schema, checked

REFERENCE = Path(__file__).parents[4] / "shared" / "data" / "reference"
LETTERS = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters='"')
HEADER = "unit;period;treated;seen;y;size\n"
SCHEMA = FileSchema(
    columns=(
        Column("unit", ColumnType.TEXT, Part.UNIT, required=True),
        Column("period", ColumnType.INTEGER, Part.PERIOD, required=True),
        Column("treated", ColumnType.BOOLEAN01, Part.TREATED, required=True),
        Column("seen", ColumnType.DATE, Part.COVARIATE),
        Column("y", ColumnType.NUMBER, Part.OUTCOME, minimum=0.0, maximum=10_000.0),
        Column("size", ColumnType.TEXT, Part.SUBGROUP, codes=("small", "large")),
    ),
    dialect=Dialect(
        delimiter=Delimiter.SEMICOLON,
        decimal=DecimalMark.COMMA,
        group=GroupMark.POINT,
        date_format=DateFormat.DASHES,
    ),
    key=("unit", "period"),
)


def said(found: Checked) -> list[tuple[int | None, str | None, str]]:
    return [(one.row, one.column, one.code) for one in found.findings]


def rows(folder: Path) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        return connection.read_parquet(str(folder / "work" / STORED)).fetchall()


def test_right_rows_are_typed_and_sorted_by_their_key(tmp_path: Path) -> None:
    found = checked(tmp_path, f"{HEADER}0101;2;0;;;\n0101;1;1;31-12-2016;1.234,5;small\n", SCHEMA)
    assert found.findings == ()
    assert [str(cell) for cell in rows(tmp_path)[0]] == ["0101", "1", "1", "2016-12-31", "1234.5", "small"]
    assert rows(tmp_path)[1] == ("0101", 2, 0, None, None, None)


def test_a_dirty_file_gives_every_finding_at_its_row_and_column(tmp_path: Path) -> None:
    dirty = (
        "0101;1;2;31-02-2016;1.5;small\n"  # row 2
        "\n"
        "0101;1;;2016-12-31;1e999;huge\n"  # row 4: the blank line counts, as in a spreadsheet
        ";x;1;;NaN;\n"
        "0101;3;1\n"  # row 6: too few cells
        '"a\nb";1;1;;-4;small\n'  # row 7: one record on two lines
        ";;;;;\n"
        "0102;5;1;;20.000;\n"  # row 9
        "0102;5;1;;;\n"
    )
    found = checked(tmp_path, HEADER + dirty, SCHEMA)
    assert found.stored is None
    assert not (tmp_path / "work" / STORED).exists()
    assert said(found) == [
        (2, "treated", "not_zero_or_one"),
        (2, "seen", "not_date"),
        (2, "y", "not_number"),
        (4, "treated", "missing_value"),
        (4, "seen", "not_date"),
        (4, "y", "not_finite"),
        (4, "size", "not_a_code"),
        (4, "unit", "duplicate_row"),
        (5, "unit", "missing_value"),
        (5, "period", "not_integer"),
        (5, "y", "not_finite"),
        (6, None, "ragged_row"),
        (7, "y", "too_small"),
        (9, "y", "too_large"),
        (10, "unit", "duplicate_row"),
    ]


@pytest.mark.parametrize("tenth", range(10))
def test_an_obvious_second_validator_says_and_keeps_the_same_of_500_dirty_files(tmp_path: Path, tenth: int) -> None:
    for seed in range(tenth * 50, tenth * 50 + 50):
        content, schema = a_file(seed)
        found = checked(tmp_path, content, schema)
        facts = sorted(
            (one.row or 0, one.column or "", one.code, one.severity, 0 if one.row else one.params.get("count", 0))
            for one in found.findings
        )
        expected, kept = obvious(content, schema)
        assert (seed, facts) == (seed, expected)
        if found.stored is not None:
            assert (seed, sorted(map(repr, rows(tmp_path)))) == (seed, sorted(map(repr, kept)))


@pytest.mark.parametrize(("season", "step"), [("winter", Step.STORING), ("010190-1234", Step.SEARCHING)])
def test_a_check_leaves_word_of_what_it_does(tmp_path: Path, season: str, step: Step) -> None:
    checked(tmp_path, a_csv(season=season), a_schema())
    assert Step.told(tmp_path / "work") is step


def test_of_many_cells_with_one_fault_some_are_listed_and_all_counted(tmp_path: Path) -> None:
    found = checked(tmp_path, a_csv(areas=30, weeks=3, n="x"), a_schema())
    assert [code for _, _, code in said(found)].count("not_number") == SHOWN_ALIKE + 1
    assert any(finding.params.get("count") == 90 - SHOWN_ALIKE for finding in found.findings)


def test_many_ragged_rows_are_counted_and_a_wrong_cell_behind_them_has_its_row(tmp_path: Path) -> None:
    found = checked(tmp_path, HEADER + "0101;1\n" * 3_000 + "0101;1;2;;;\n", SCHEMA)
    assert {one.code for one in found.findings} >= {"ragged_row", "not_zero_or_one"}
    assert [one.params["count"] for one in found.findings if "count" in one.params] == [3_000 - SHOWN_ALIKE]
    assert [one.row for one in found.findings if one.code == "not_zero_or_one"] == [3_002]


def test_a_cpr_like_value_far_down_among_ragged_rows_is_found(tmp_path: Path) -> None:
    found = checked(tmp_path, HEADER + "0101;1\n" * 3_000 + "010190-1234;1\n", SCHEMA)
    assert [(one.code, one.row) for one in found.findings] == [("cpr_like", 3_002)]


def test_many_repeated_rows_are_counted(tmp_path: Path) -> None:
    found = checked(tmp_path, a_csv(areas=30, area="0101"), a_schema())
    assert found.findings[0].params["count"] == 90 - 3 - SHOWN_ALIKE


def test_rows_may_share_a_key_where_a_person_says_so(tmp_path: Path) -> None:
    schema = FileSchema(columns=a_schema().columns)
    assert checked(tmp_path, a_csv(area="0101"), schema).stored is not None


@pytest.mark.parametrize("place", ["0101;1;1;;1;010190-1234\n", "0101;1\n010190-1234;1\n", "0101901234;1;1;;;\n"])
def test_a_cpr_like_value_anywhere_is_the_only_thing_said(tmp_path: Path, place: str) -> None:
    found = checked(tmp_path, HEADER + "x;y;z;;;\n" + place, SCHEMA)
    assert {one.code for one in found.findings} == {"cpr_like"}
    assert not looks_like_cpr(str(found.findings))
    assert found.stored is None


def test_a_cpr_like_value_in_a_column_nobody_asked_for_refuses_the_file_too(tmp_path: Path) -> None:
    lines = a_csv().splitlines()
    content = "\n".join([lines[0] + ",note", lines[1] + ",ring 010190-1234", *(line + "," for line in lines[2:])])
    assert said(checked(tmp_path, content, a_schema())) == [(2, None, "cpr_like")]


def test_long_decimals_are_no_cpr_numbers(tmp_path: Path) -> None:
    assert checked(tmp_path, a_csv(language="0.0101901234"), a_schema()).stored is not None


@pytest.mark.parametrize(
    ("encoding", "codec"), [(Encoding.CP1252, "cp1252"), (Encoding.UTF_16, "utf-16"), (Encoding.UTF_8_SIG, "utf-8-sig")]
)
def test_letters_come_through_in_every_encoding(tmp_path: Path, encoding: Encoding, codec: str) -> None:
    schema = a_schema(encoding=encoding)
    assert checked(tmp_path, a_csv(season="forår").encode(codec), schema).stored is not None
    assert {row[-1] for row in rows(tmp_path)} == {"forår"}


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_ends_do_not_matter_and_a_missing_last_one_neither(tmp_path: Path, end: str) -> None:
    content = end.join(a_csv().splitlines())
    found = checked(tmp_path, content, a_schema())
    assert found.stored is not None and found.stored.rows == 12


@pytest.mark.parametrize(
    ("content", "codes"),
    [
        ("", ["empty_file"]),
        (HEADER, ["no_rows"]),
        (HEADER + '0101;1;1;;1;"small\n', ["ragged_row"]),
        (HEADER + "0101;1;1;;1;" + "x" * 900_000, ["too_long"]),
        (HEADER + "0101;1;1;;1;" + "x" * 50_000_000, ["endless_line"]),
        (HEADER + "0101;1;1;;1;\0", ["nul_character"]),
        (";".join(map(str, range(20_000))), ["too_many_columns"]),
        ("PK\x03\x04 no workbook", ["broken_workbook"]),
    ],
)
def test_what_is_no_table_is_a_finding_and_never_a_crash(tmp_path: Path, content: str, codes: list[str]) -> None:
    found = checked(tmp_path, content, SCHEMA)
    assert [one.code for one in found.findings if one.severity == "error"] == codes
    assert found.stored is None


def test_periods_that_are_numbers_in_text_would_sort_wrongly(tmp_path: Path) -> None:
    content = "area,week,digital,n,language,strain,age,season\na,2,0,1,1,1,1,x\na,10,0,1,1,1,1,x\n"
    assert said(checked(tmp_path, content, a_schema())) == [(None, "week", "numbers_as_text")]


def test_an_empty_column_of_the_plan_is_a_warning_and_no_obstacle(tmp_path: Path) -> None:
    found = checked(tmp_path, a_csv(), a_schema())
    assert said(found) == [(None, "strain", "empty_column")]
    assert found.stored is not None


def a_workbook(cells: list[list[Any]]) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as made:
        page = made.add_worksheet("data")
        for row, values in enumerate(cells):
            page.write_row(row, 0, values)
    return content.getvalue()


def test_the_same_rows_are_the_same_content_in_csv_and_xlsx_in_any_order(tmp_path: Path) -> None:
    texts = [line.split(",") for line in a_csv(strain="3").splitlines()]
    numbers = [[*row[:2], *(float(cell) for cell in row[2:7]), row[7]] for row in texts[1:]]
    contents = []
    for name, content in (
        ("csv", "\n".join(",".join(row) for row in texts)),
        ("turned", "\n".join(",".join(row[::-1]) for row in [texts[0], *texts[:0:-1]])),
        ("numbers", a_workbook([texts[0], *numbers])),
        ("texts", xlsx_file(texts[0], texts[1:], "data")),
    ):
        (tmp_path / name).mkdir()
        found = checked(tmp_path / name, content, a_schema())
        assert found.stored is not None, found.findings
        contents.append(found.stored.content)
    assert len(set(contents)) == 1


def test_the_real_trial_is_stored_as_an_analysis_reads_it(tmp_path: Path) -> None:
    if not REFERENCE.exists():
        pytest.skip(f"{REFERENCE} is absent: the real trial is NOT checked")
    content = (REFERENCE / "cict_indicators.csv").read_bytes()
    schema = proposed(AnalysisPlan.from_toml(REFERENCE / "plans" / "cict_indicators.toml"))
    assert suggested(content[:65_536], schema) == schema
    found = checked(tmp_path, content, schema)
    assert {one.code for one in found.findings} == {"unknown_column"}
    assert found.stored is not None and found.stored.rows == 231
    with (tmp_path / "asked_for.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, [column.name for column in schema.columns], extrasaction="ignore")
        writer.writeheader()
        writer.writerows(csv.DictReader(io.StringIO(content.decode())))
    assert open_source(tmp_path / "work" / STORED).content == open_source(tmp_path / "asked_for.csv").content
    completeness = found.stored.completeness
    assert completeness is not None and (len(completeness.groups), len(completeness.periods)) == (29, 8)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.binary(max_size=400) | st.text(max_size=400).map(str.encode))
def test_no_bytes_crash_the_check(tmp_path: Path, content: bytes) -> None:
    found = checked(tmp_path, content, a_schema())
    assert found.stored is None and found.findings


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    st.lists(st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters='"'), max_size=12), min_size=1)
)
def test_no_cells_crash_the_check_and_every_fault_has_a_place(tmp_path: Path, cells: list[str]) -> None:
    content = "".join(f'0101;{place};1;;"{cell}";\n' for place, cell in enumerate(cells))
    found = checked(tmp_path, HEADER + content, SCHEMA)
    placed = [one for one in found.findings if one.severity == "error" and "count" not in one.params]
    assert all(one.row and one.row >= 2 for one in placed)


NUMBERS = st.one_of(
    st.none(),
    st.integers(-(10**6), 10**6).map(float),
    st.floats(allow_nan=False, allow_infinity=False, width=32).map(float),
)
CODES = st.text("0123456789ABCØ-", min_size=1, max_size=6).filter(lambda code: code == code.strip())
TABLES = st.lists(
    st.tuples(CODES, st.integers(0, 99), st.sampled_from([0, 1]), st.dates(), NUMBERS),
    min_size=1,
    max_size=12,
    unique_by=lambda row: row[:2],
)


def as_sent(table: list[Any], dialect: Dialect) -> str:
    """The table as a file in a dialect, written with the standard library alone."""
    content = io.StringIO()
    marks = {Delimiter.COMMA: ",", Delimiter.SEMICOLON: ";", Delimiter.TAB: "\t", Delimiter.BAR: "|"}
    writer = csv.writer(content, delimiter=marks[dialect.delimiter], lineterminator="\n")
    writer.writerow(["unit", "period", "treated", "seen", "y"])
    days = {
        DateFormat.ISO: "%Y-%m-%d",
        DateFormat.DASHES: "%d-%m-%Y",
        DateFormat.SLASHES: "%d/%m/%Y",
        DateFormat.POINTS: "%d.%m.%Y",
    }
    for unit, period, treated, day, number in table:
        seen = day.strftime(days[dialect.date_format]) if day.year > 999 else ""
        shown = (
            "" if number is None else repr(number).replace(".", "," if dialect.decimal is DecimalMark.COMMA else ".")
        )
        writer.writerow([unit, period, treated, seen, shown])
    return content.getvalue()


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    table=TABLES,
    delimiter=st.sampled_from([Delimiter.SEMICOLON, Delimiter.TAB, Delimiter.BAR]),
    decimal=st.sampled_from(DecimalMark),
    date_format=st.sampled_from(DateFormat),
)
def test_every_value_comes_back_as_it_was_in_any_dialect(
    tmp_path: Path, table: list[Any], delimiter: Delimiter, decimal: DecimalMark, date_format: DateFormat
) -> None:
    dialect = Dialect(delimiter=delimiter, decimal=decimal, date_format=date_format)
    columns = tuple(replace(column, minimum=None, maximum=None) for column in SCHEMA.columns if column.name != "size")
    schema = FileSchema(columns=columns, dialect=dialect, key=SCHEMA.key)
    content = as_sent(table, dialect)
    assume(not looks_like_cpr(content))
    found = checked(tmp_path, content, schema)
    assert [one for one in found.findings if one.severity == "error"] == []
    expected = {
        (unit, period): (treated, day if day.year > 999 else None, number)
        for unit, period, treated, day, number in table
    }
    stored = {row[:2]: row[2:] for row in rows(tmp_path)}
    assert set(stored) == set(expected)
    for key, (treated, day, number) in expected.items():
        assert stored[key][:2] == (treated, day)
        assert stored[key][2] == number


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    wrong=st.sets(st.tuples(st.integers(0, 9), st.sampled_from(["period", "treated", "seen", "y"])), min_size=1),
    blanks=st.sets(st.integers(0, 9), max_size=4),
)
def test_every_wrong_cell_is_found_at_its_place_whatever_blank_lines_there_are(
    tmp_path: Path, wrong: set[tuple[int, str]], blanks: set[int]
) -> None:
    """A spreadsheet's row number is what a person looks for, also behind blank lines."""
    names = [column.name for column in SCHEMA.columns]
    lines, places, expected = [HEADER.strip()], {}, set()
    for number in range(10):
        if number in blanks:
            lines.append("")
        cells = {"unit": f"u{number}", "period": "1", "treated": "0", "seen": "", "y": "1,5", "size": "small"}
        cells |= {column: "wrong!" for row, column in wrong if row == number}
        lines.append(";".join(cells[name] for name in names))
        places[number] = len(lines)
    expected = {(places[row], column) for row, column in wrong}
    found = checked(tmp_path, "\n".join(lines) + "\n", SCHEMA)
    assert {(one.row, one.column) for one in found.findings if one.code != "empty_column"} == expected


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(order=st.permutations(list(range(1, 13))))
def test_rows_in_any_order_are_the_same_bytes(tmp_path: Path, order: list[int]) -> None:
    lines = a_csv(strain="3").splitlines()
    found = checked(tmp_path, "\n".join([lines[0], *(lines[place] for place in order)]), a_schema())
    assert found.stored is not None
    once = (tmp_path / "work" / STORED).read_bytes()
    checked(tmp_path, "\n".join(lines), a_schema())
    assert (tmp_path / "work" / STORED).read_bytes() == once


def test_a_wide_file_is_read_and_only_what_the_plan_asks_for_is_kept(tmp_path: Path) -> None:
    lines = a_csv().splitlines()
    extra = 400
    content = "\n".join(
        [lines[0] + "".join(f",x{place}" for place in range(extra)), *(line + ",1" * extra for line in lines[1:])]
    )
    found = checked(tmp_path, content, a_schema())
    assert found.stored is not None and len(found.stored.columns) == 8
    assert sum(one.code == "unknown_column" for one in found.findings) == 21


def test_a_hundred_thousand_rows_are_checked_in_seconds(tmp_path: Path) -> None:
    header, *lines = a_csv(areas=1_000, weeks=99).splitlines()
    found = checked(tmp_path, "\n".join([header, *lines]), a_schema())
    assert found.stored is not None and found.stored.rows == 99_000
    assert found.stored.completeness is None


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ('=cmd|" /C calc"!A0', None),
        ("<script>alert(1)</script>", None),
        ("'; DROP TABLE checked; --", None),
        ("{value}", None),
        ("a\u202eb", "hidden_characters"),
        ("🙂", None),
    ],
)
def test_hostile_texts_are_only_texts(tmp_path: Path, cell: str, code: str | None) -> None:
    content = io.StringIO()
    writer = csv.writer(content, lineterminator="\n")
    writer.writerow(a_csv().splitlines()[0].split(","))
    writer.writerow(["0001", "2026-W01", "0", "1", "0.5", "1", "70", cell])
    found = checked(tmp_path, content.getvalue(), a_schema())
    assert [one.code for one in found.findings] == ([code] if code else [])
    if code is None:
        assert rows(tmp_path)[0][-1] == cell


@pytest.mark.parametrize("name", ['y"; DROP TABLE x; --', "a.b", "æøå måned", "select", "it's"])
def test_columns_may_have_any_name_a_plan_gives_them(tmp_path: Path, name: str) -> None:
    columns = (
        Column("unit", ColumnType.TEXT, Part.UNIT, required=True),
        Column(name, ColumnType.NUMBER, Part.OUTCOME),
    )
    content = io.StringIO()
    csv.writer(content, lineterminator="\n").writerows([["unit", name], ["a", "1.5"]])
    found = checked(tmp_path, content.getvalue(), FileSchema(columns))
    assert found.stored is not None, found.findings
    assert rows(tmp_path) == [("a", 1.5)]


WIDE = replace(SCHEMA, periods=("1", "2"))
WIDE_HEADER = "unit;size;treated_1;treated_2;y_1;y_2;seen;note\n"


def test_equal_rows_are_equal_bytes_whether_they_came_long_or_wide(tmp_path: Path) -> None:
    long = f"{HEADER}0102;2;1;31-12-2016;2,5;\n0101;2;1;;;small\n0101;1;0;;1.234,5;small\n0102;1;0;31-12-2016;NA;\n"
    wide = f"{WIDE_HEADER}0101;small;0;1;1.234,5;;;x\n0102;;0;1;NA;2,5; 31-12-2016;\n"
    one = checked(tmp_path, long, SCHEMA)
    content = (tmp_path / "work" / STORED).read_bytes()
    other = checked(tmp_path, wide, WIDE)
    assert one.stored is not None and one.stored == other.stored
    assert (tmp_path / "work" / STORED).read_bytes() == content
    assert said(other) == [(1, "note", "unknown_column")]


@given(
    st.lists(
        st.tuples(st.sampled_from(["", "small", "large"]), *[st.sampled_from(["", "0", "0,5", "1e3"])] * 3),
        min_size=1,
        max_size=6,
    )
)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_any_rows_are_the_same_long_or_wide(tmp_path: Path, units: list[tuple[str, ...]]) -> None:
    schema = replace(WIDE, periods=("1", "2", "3"))
    wide, long = "unit;seen;size;treated;y.1;y.2;y.3\n", HEADER
    for unit, (size, *values) in enumerate(units):
        wide += f"{unit};;{size};1;{';'.join(values)}\n"
        long += "".join(f"{unit};{period};1;;{value};{size}\n" for period, value in enumerate(values, start=1))
    one, other = checked(tmp_path, long, SCHEMA), checked(tmp_path, wide, schema)
    assert one.stored is not None and one == other


def test_findings_of_a_wide_file_name_its_own_rows_and_columns_once(tmp_path: Path) -> None:
    dirty = (
        "0101;small;0;1;;-4;31-12-2016;\n"
        "\n"
        "0102;huge;0;;1;x1;;\n"  # row 4
        "0101;small;0;1;;;;\n"
        "0103;small;0;1\n"
    )
    assert [one for one in said(checked(tmp_path, WIDE_HEADER + dirty, WIDE)) if one[0] != 1] == [
        (2, "y_2", "too_small"),
        (4, "treated_2", "missing_value"),
        (4, "y_2", "not_number"),
        (4, "size", "not_a_code"),
        (5, "unit", "duplicate_row"),
        (6, None, "ragged_row"),
    ]


def test_a_unit_that_was_not_there_in_a_period_has_no_row_of_it(tmp_path: Path) -> None:
    found = checked(tmp_path, f"{WIDE_HEADER}0101;small;0;1;1;2;;\n0102;small;;1;;3;;\n", WIDE)
    assert found.stored is not None and found.stored.rows == 3


@pytest.mark.parametrize(("cells", "column"), [("x;010190-1234;", "y_2"), ("x;;010190-1234", None)])
def test_a_cpr_number_in_a_wide_file_is_found_in_every_column(tmp_path: Path, cells: str, column: str | None) -> None:
    value, note = cells.split(";")[1:]
    found = checked(tmp_path, f"{WIDE_HEADER}0101;small;0;1;1;{value};;{note}\n", WIDE)
    assert said(found) == [(2, column, "cpr_like")]


def test_a_wide_workbook_is_read_like_a_wide_file(tmp_path: Path) -> None:
    names = WIDE_HEADER.strip().split(";")[:-1]
    book = xlsx_file(names, [["0101", "small", "0", "1", "1", "2", ""]], "rows", set(names))
    found = checked(tmp_path, book, WIDE)
    assert found.findings[0].code == "empty_column"
    assert [row[:3] for row in rows(tmp_path)] == [("0101", 1, 0), ("0101", 2, 1)]
