"""From bytes to text with a header, or the place and the reason why not."""

from pathlib import Path

import pytest

from effects.errors import DataError, Finding
from registry.datasets import reading
from registry.datasets.reading import Text
from registry.datasets.schema import Delimiter, Dialect, Encoding

COMMA = Dialect()


def sent(folder: Path, content: bytes) -> Path:
    path = folder / "sent"
    path.write_bytes(content)
    return path


def text(folder: Path, content: bytes, encoding: Encoding = Encoding.UTF_8) -> Text:
    return reading.as_utf8(sent(folder, content), folder / "text", Dialect(encoding=encoding))


def refused(folder: Path, content: bytes, encoding: Encoding = Encoding.UTF_8) -> Finding:
    with pytest.raises(DataError) as error:
        reading.header_of(text(folder, content, encoding), COMMA)
    assert len(error.value.findings) == 1
    return error.value.findings[0]


def test_utf_8_stays_where_it_is(tmp_path: Path) -> None:
    assert text(tmp_path, "a,ø\n1,2\n".encode()).path == tmp_path / "sent"


@pytest.mark.parametrize(
    ("encoding", "codec"), [(Encoding.CP1252, "cp1252"), (Encoding.UTF_16, "utf-16"), (Encoding.UTF_16, "utf-16-be")]
)
def test_other_encodings_are_rewritten(tmp_path: Path, encoding: Encoding, codec: str) -> None:
    mark = b"\xfe\xff" if codec == "utf-16-be" else b""
    made = text(tmp_path, mark + "a,ø\r\n1,2\r\n".encode(codec), encoding)
    assert made.path.read_bytes() == "a,ø\r\n1,2\r\n".encode()


def test_a_byte_order_mark_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    assert reading.header_of(text(tmp_path, b"\xef\xbb\xbfa,b\n"), COMMA) == ["a", "b"]


def test_names_lose_the_space_around_them_and_may_hold_the_delimiter(tmp_path: Path) -> None:
    content = ' a ,"b, or c",\u00a0d\r\n'.encode()
    assert reading.header_of(text(tmp_path, content), COMMA) == ["a", "b, or c", "d"]
    assert reading.header_of(text(tmp_path, b"a;b\n"), Dialect(delimiter=Delimiter.SEMICOLON)) == ["a", "b"]


def test_a_byte_that_is_no_letter_is_found_at_its_line(tmp_path: Path) -> None:
    found = refused(tmp_path, b"a,b\n" * 100_000 + "ø,1\n".encode("cp1252"))
    assert (found.code, found.row) == ("wrong_encoding", 100_001)


def test_nul_is_found_at_its_line(tmp_path: Path) -> None:
    found = refused(tmp_path, b"a,b\n1,2\n\x003,4\n")
    assert (found.code, found.row) == ("nul_character", 3)


def test_a_line_without_an_end_is_found_without_reading_it_all(tmp_path: Path) -> None:
    found = refused(tmp_path, b"a,b\n" + b"x" * 50_000_000)
    assert (found.code, found.row) == ("endless_line", 2)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook (.xls)"),
        (b"PAR1xxxx", "a Parquet file"),
        (b"%PDF-1.7", "a PDF document"),
        (b"\x1f\x8b\x08\x00", "a compressed file"),
    ],
)
def test_what_is_no_table_is_called_by_its_name(tmp_path: Path, content: bytes, kind: str) -> None:
    assert kind in refused(tmp_path, content).text()


@pytest.mark.parametrize(
    ("content", "code"), [(b"", "empty_file"), (b"\na,b\n", "no_header"), (b'"' + b"x" * 2_000_000, "endless_line")]
)
def test_a_file_without_names_in_the_first_row_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    assert refused(tmp_path, content).code == code


def test_an_unclosed_quotation_mark_in_the_header_is_refused(tmp_path: Path) -> None:
    lines = b'"a,b\n' + b"1,2\n" * 300_000
    assert refused(tmp_path, lines).code == "broken_header"


def test_a_workbook_is_told_by_its_bytes_and_not_by_its_name(tmp_path: Path) -> None:
    assert reading.is_workbook(sent(tmp_path, b"PK\x03\x04..."))
    assert not reading.is_workbook(sent(tmp_path, b"a,b\n"))


@pytest.mark.parametrize("head", [b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"PAR1", b"%PDF", b"\x1f\x8b"])
def test_other_kinds_of_file_are_told_by_their_first_bytes(head: bytes) -> None:
    assert not reading.seems_delimited(head + b"...")


@pytest.mark.parametrize("head", [b"", b"a,b\n", b"\xff\xfea\x00", b"PARIS;1"])
def test_anything_else_may_be_a_table(head: bytes) -> None:
    assert reading.seems_delimited(head)


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_blank_lines_are_counted_with_the_header_as_the_first(tmp_path: Path, end: bytes) -> None:
    content = end.join([b"a,b", b"1,2", b"", b'"x' + end + end + b'y",2', b"", b"3,4"])
    assert reading.blank_records(text(tmp_path, content), COMMA) == [3, 5]


def test_without_blank_lines_the_file_is_not_read_again(tmp_path: Path) -> None:
    made = text(tmp_path, b"a,b\n1,2\n")
    assert not made.blank
    made.path.unlink()
    assert reading.blank_records(made, COMMA) == []


def test_a_blank_line_across_two_chunks_is_seen(tmp_path: Path) -> None:
    first = b"a" * (reading.CHUNK - 1) + b"\n"
    assert text(tmp_path, first + b"\nb\n").blank


@pytest.mark.parametrize(
    ("content", "plain"),
    [
        ("a,b\n1,2\n", True),
        ("a,b\r\nå b,2\r\n", True),
        ("a,b\n1, 2\n", False),
        ("a,b\n1 ,2\n", False),
        ("a,b\n 1,2\n", False),
        (" a,b\n1,2\n", False),
        ("a,b\n1,2 ", False),
        ("a,b\r\n1,2 \r\n", False),
        ('a,b\n"1",2\n', False),
        ("a,b\r\n1,2\n", False),
        ("a,b\n1\r,2\n", False),
        ("a,b\n1\t,2\n", False),
        ("a,b\n1\u00a0,2\n", False),
        ("a,b\n1\ufeff,2\n", False),
        ("a,b\n1\u202e,2\n", False),
        ("a,b\n1\u0085,2\n", False),
    ],
)
def test_plain_text_has_no_quotes_no_padding_and_nothing_hidden(tmp_path: Path, content: str, plain: bool) -> None:
    assert text(tmp_path, content.encode()).plain is plain


@pytest.mark.parametrize("encoding", [Encoding.CP1252, Encoding.UTF_16])
def test_a_line_may_lie_on_the_edge_of_what_is_read_at_once(tmp_path: Path, encoding: Encoding) -> None:
    content = "nøgle,værdi\n" + "æøå,1\n" * (reading.CHUNK // 4)
    assert text(tmp_path, content.encode(encoding.value), encoding).path.read_bytes() == content.encode()
