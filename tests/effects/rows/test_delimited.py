from pathlib import Path

import pytest

from effects.errors import DataError
from effects.rows.columns import is_numeric
from effects.rows.delimited import MAXIMUM_FIELD, read_delimited, typed_columns
from effects.rows.table_schema import FieldFormat, TableFormat


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "rows.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def codes(path: Path, form: TableFormat | None = None) -> list[tuple[str, int | None]]:
    with pytest.raises(DataError) as raised:
        read_delimited(path, form or TableFormat())
    return [(finding.code, finding.row) for finding in raised.value.findings]


def test_headers_stand_as_they_are(tmp_path: Path) -> None:
    path = written(tmp_path, "first.treat, spaced ,ø\n1,2,3\n")
    assert list(read_delimited(path, TableFormat())) == ["first.treat", " spaced ", "ø"]


def test_empty_and_na_are_missing(tmp_path: Path) -> None:
    path = written(tmp_path, 'a,b\nNA,""\nna,x\n')
    assert read_delimited(path, TableFormat()) == {"a": [None, "na"], "b": [None, "x"]}


def test_a_byte_order_mark_quotes_and_line_ends_are_understood(tmp_path: Path) -> None:
    path = written(tmp_path, b'\xef\xbb\xbfa,b\r\n"x, ""y""\nz",2\r\n')
    assert read_delimited(path, TableFormat()) == {"a": ['x, "y"\nz'], "b": ["2"]}


def test_blank_lines_are_no_rows(tmp_path: Path) -> None:
    assert read_delimited(written(tmp_path, "a\n\n1\n\n"), TableFormat()) == {"a": ["1"]}


def test_a_header_alone_is_a_table_without_rows(tmp_path: Path) -> None:
    assert read_delimited(written(tmp_path, "a,b\n"), TableFormat()) == {"a": [], "b": []}


def test_a_stated_dialect_is_used(tmp_path: Path) -> None:
    path = written(tmp_path, "ø;b\n'x;y';-\n".encode("cp1252"))
    form = TableFormat(delimiter=";", quote="'", encoding="cp1252", missing=frozenset({"-"}))
    assert read_delimited(path, form) == {"ø": ["x;y"], "b": [None]}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [("no_header", None)]),
        ("a,a\n1,2\n", [("repeated_header", None)]),
        ("a,b\n1,2\n3\n4,5,6\n", [("ragged_row", 2), ("ragged_row", 3)]),
        (b"a\n\xff\n", [("wrong_encoding", None)]),
        ("a\n1\n".encode("utf-16"), [("wrong_encoding", None)]),
        ('a\n"x"y\n', [("not_delimited_text", None)]),
        ("a\n" + "x" * (MAXIMUM_FIELD + 1), [("not_delimited_text", None)]),
    ],
)
def test_a_file_that_is_no_table_is_a_finding(
    tmp_path: Path, text: str | bytes, expected: list[tuple[str, int | None]]
) -> None:
    assert codes(written(tmp_path, text)) == expected


@pytest.mark.parametrize(
    ("text", "mark"), [("a;b\n1,5;2\n", "semicolons"), ("a\tb\n1\t2\n", "tabs"), ("a|b\n1|2\n", "bars")]
)
def test_another_delimiter_is_one_finding_that_names_it(tmp_path: Path, text: str, mark: str) -> None:
    with pytest.raises(DataError) as raised:
        read_delimited(written(tmp_path, text), TableFormat())
    (finding,) = raised.value.findings
    assert finding.text().startswith(f"The columns of rows.csv are separated by {mark}.")


def test_a_comma_file_read_as_a_semicolon_file_is_found_too(tmp_path: Path) -> None:
    assert codes(written(tmp_path, "a,b\n1,2\n"), TableFormat(delimiter=";")) == [("other_delimiter", None)]


def test_a_stated_encoding_that_the_file_does_not_have_is_a_finding(tmp_path: Path) -> None:
    assert codes(written(tmp_path, "a\n1\n"), TableFormat(encoding="utf-16")) == [("wrong_encoding", None)]


def test_a_semicolon_among_commas_is_part_of_a_name(tmp_path: Path) -> None:
    assert list(read_delimited(written(tmp_path, "a;b,c\n1,2\n"), TableFormat())) == ["a;b", "c"]


def test_a_workbook_is_told_to_be_saved_as_text(tmp_path: Path) -> None:
    with pytest.raises(DataError) as raised:
        read_delimited(written(tmp_path, b"PK\x03\x04" + bytes(40)), TableFormat())
    assert "workbook" in raised.value.findings[0].text()
    assert "Save it as CSV or Parquet." in raised.value.findings[0].text()


def test_columns_are_inferred_unless_declared() -> None:
    form = TableFormat(fields={"code": FieldFormat("string")})
    columns = typed_columns({"code": ["12", None], "n": ["12", None]}, form)
    assert columns["code"].tolist() == ["12", None]
    assert is_numeric(columns["n"])


def test_every_value_that_is_not_as_declared_is_found_at_once() -> None:
    form = TableFormat(fields={"a": FieldFormat("number"), "b": FieldFormat("date")})
    with pytest.raises(DataError) as raised:
        typed_columns({"a": ["x", "1", "y"], "b": ["2016-01-01", "?", None]}, form)
    assert [(finding.column, finding.row) for finding in raised.value.findings] == [("a", 1), ("a", 3), ("b", 2)]
