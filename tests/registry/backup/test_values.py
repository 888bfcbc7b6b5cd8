"""A row is the same line whichever database it comes from, and the same row again."""

import math
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from registry.backup.values import DECLARED, Column, Kind, Unfit, line, row

VALUES = {
    Kind.WHOLE: some.integers(-(2**63), 2**63 - 1),
    Kind.DOUBLE: some.floats(allow_nan=False),
    Kind.TEXT: some.text(some.characters(exclude_categories=["Cs"])),
    Kind.TRUTH: some.booleans(),
    Kind.DAY: some.dates(),
    Kind.MOMENT: some.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=some.just(UTC)),
    Kind.BYTES: some.binary(),
}
COLUMNS = tuple(Column(kind.value, kind) for kind in Kind)


@given(some.fixed_dictionaries({kind.value: some.none() | VALUES[kind] for kind in Kind}))
def test_every_kind_of_value_comes_back_exactly(given_row: dict[str, Any]) -> None:
    text = line(given_row, COLUMNS)
    assert text.count(b"\n") == 1
    back = row(text[:-1], COLUMNS)
    expected = [given_row[kind] for kind in Kind]
    assert list(back) == expected
    assert [type(value) for value in back] == [type(value) for value in expected]
    assert line(dict(zip(Kind, back, strict=True)), COLUMNS) == text


def test_the_line_of_a_row_is_written_in_one_way() -> None:
    at = datetime(2026, 3, 4, 1, 6, 7, 89, tzinfo=timezone(timedelta(hours=2)))
    values = (7, 0.1, 'æ"\n', True, date(2026, 2, 28), at, b"\x00\xff")
    text = '[7,0.1,"æ\\"\\n",true,"2026-02-28","2026-03-03T23:06:07.000089+00:00","AP8="]\n'
    assert line(dict(zip(Kind, values, strict=True)), COLUMNS) == text.encode()
    assert line(dict.fromkeys(Kind), COLUMNS) == b"[null,null,null,null,null,null,null]\n"


def test_a_zero_has_no_sign_and_what_is_no_number_is_a_word() -> None:
    (column,) = double = (Column("share", Kind.DOUBLE),)
    assert line({"share": -0.0}, double) == line({"share": 0.0}, double) == b"[0.0]\n"
    for value, text in ((math.inf, b'["inf"]'), (-math.inf, b'["-inf"]'), (math.nan, b'["nan"]')):
        assert line({column.name: value}, double) == text + b"\n"
        assert repr(row(text, double)[0]) == repr(value)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Kind.WHOLE, 1.0),
        (Kind.WHOLE, True),
        (Kind.DOUBLE, 1),
        (Kind.TEXT, b"x"),
        (Kind.DAY, datetime(2026, 1, 1, tzinfo=UTC)),
        (Kind.TRUTH, 1),
    ],
)
def test_a_value_of_another_kind_is_not_written(kind: Kind, value: Any) -> None:
    with pytest.raises(Unfit, match="it holds"):
        line({"it": value}, [Column("it", kind)])


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Kind.WHOLE, b"[1.5]"),
        (Kind.WHOLE, b"[true]"),
        (Kind.DOUBLE, b'["a half"]'),
        (Kind.TEXT, b"[1]"),
        (Kind.TRUTH, b"[1]"),
        (Kind.DAY, b'["2026-02-30"]'),
        (Kind.MOMENT, b'["2026-02-03T04:05:06"]'),
        (Kind.MOMENT, b'["0001-01-01T00:00:00+14:00"]'),
        (Kind.BYTES, b'["not base 64"]'),
        (Kind.TEXT, b'["a","b"]'),
        (Kind.TEXT, b"[]"),
        (Kind.TEXT, b'{"a":1}'),
        (Kind.TEXT, b'["a'),
    ],
)
def test_a_line_that_is_not_of_its_columns_is_not_read(kind: Kind, text: bytes) -> None:
    with pytest.raises(Unfit):
        row(text, (Column("it", kind),))


@pytest.mark.parametrize(
    ("declared", "kind"),
    [
        ("BIGINT", Kind.WHOLE),
        ("DOUBLE PRECISION", Kind.DOUBLE),
        ("VARCHAR", Kind.TEXT),
        ("CHARACTER VARYING", Kind.TEXT),
        ("BOOLEAN", Kind.TRUTH),
        ("TIMESTAMPTZ", Kind.MOMENT),
        ("TIMESTAMP WITH TIME ZONE", Kind.MOMENT),
        ("BLOB", Kind.BYTES),
        ("BYTEA", Kind.BYTES),
    ],
)
def test_both_databases_words_for_a_column_mean_the_same(declared: str, kind: Kind) -> None:
    assert DECLARED[declared] is kind
    assert set(DECLARED.values()) == set(Kind), "whatever a backup can hold, some column can be"


def test_values_stand_in_the_order_of_the_columns_and_not_of_the_row() -> None:
    columns = (Column("b", Kind.WHOLE), Column("a", Kind.TEXT))
    assert line({"a": "first", "b": 2}, columns) == b'[2,"first"]\n'
    assert row(b'[2,"first"]', columns) == (2, "first")


def test_what_a_row_has_beyond_its_columns_is_left_out_and_what_it_lacks_is_an_error() -> None:
    columns = (Column("a", Kind.WHOLE),)
    assert line({"a": 1, "b": 2}, columns) == b"[1]\n"
    with pytest.raises(KeyError):
        line({"b": 2}, columns)


@pytest.mark.parametrize("value", [2**53 + 1, -(2**63), 2**63 - 1])
def test_whole_numbers_beyond_what_a_double_holds_come_back_exactly(value: int) -> None:
    columns = (Column("it", Kind.WHOLE),)
    assert row(line({"it": value}, columns), columns) == (value,)


@pytest.mark.parametrize("value", [5e-324, 1.7976931348623157e308, 0.1, 1 / 3, -1e-5, 123456789.123456789])
def test_the_same_double_is_read_again(value: float) -> None:
    columns = (Column("it", Kind.DOUBLE),)
    (back,) = row(line({"it": value}, columns), columns)
    assert back.hex() == value.hex()


@pytest.mark.parametrize(
    "text",
    ["", " ", "a\nb\r\n", "\t", '"', "\\", "æøå ☃ 😀", "\u2028\u2029", "\ufeff", "null", "[1]", "\x7f\x01"],
)
def test_no_text_breaks_a_line_in_two(text: str) -> None:
    columns = (Column("it", Kind.TEXT), Column("next", Kind.WHOLE))
    written = line({"it": text, "next": 1}, columns)
    assert written.count(b"\n") == 1 and written.endswith(b"\n")
    assert row(written, columns) == (text, 1)


@pytest.mark.parametrize("hours", [-11, 0, 1, 2, 5.5, 13])
def test_a_moment_is_the_same_line_wherever_the_clock_stood(hours: float) -> None:
    columns = (Column("it", Kind.MOMENT),)
    at = datetime(2026, 7, 1, 12, 0, 0, 1, tzinfo=UTC)
    there = at.astimezone(timezone(timedelta(hours=hours)))
    assert line({"it": there}, columns) == b'["2026-07-01T12:00:00.000001+00:00"]\n'
    assert row(line({"it": there}, columns), columns) == (at,)


def test_a_number_that_is_whole_is_still_a_double_in_a_column_of_them() -> None:
    (back,) = row(b"[3]", (Column("it", Kind.DOUBLE),))
    assert (back, type(back)) == (3.0, float)


@pytest.mark.parametrize("kind", Kind)
def test_a_value_that_is_missing_is_missing_in_every_column(kind: Kind) -> None:
    columns = (Column("it", kind),)
    assert line({"it": None}, columns) == b"[null]\n"
    assert row(b"[null]", columns) == (None,)


DEEP = b"[" * 100_000


@pytest.mark.parametrize("text", [b"", b"null", b"7", b'"a"', b"[[1]]", b"[1] [2]", b"[1,]", b"\xff", b"[NaN]", DEEP])
def test_a_line_that_is_no_list_of_values_is_not_read(text: bytes) -> None:
    with pytest.raises(Unfit):
        row(text, (Column("it", Kind.WHOLE),))


def test_what_does_not_fit_is_named_by_its_column_and_not_by_its_value() -> None:
    columns = (Column("fine", Kind.WHOLE), Column("secret", Kind.WHOLE))
    with pytest.raises(Unfit) as read:
        row(b'[1,"010190-1234"]', columns)
    assert str(read.value) == "secret is no whole"
    with pytest.raises(Unfit) as written:
        line({"fine": 1, "secret": "010190-1234"}, columns)
    assert str(written.value) == "secret holds a str and no whole"
    with pytest.raises(Unfit, match="3 values in 2 columns"):
        row(b"[1,2,3]", columns)
