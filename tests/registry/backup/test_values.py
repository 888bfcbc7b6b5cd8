"""A row is the same line whichever database it comes from, and the same row again."""

import math
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from registry.backup.values import Column, Kind, Unfit, line, row

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
