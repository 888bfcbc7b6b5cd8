from datetime import date
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from effects.errors import DataError
from effects.rows.canonical import canonical_order, content_hash
from effects.rows.columns import is_numeric
from effects.rows.frames import read_frame
from effects.rows.parquet import read_parquet
from tests.effects.designs import as_parquet


def written(folder: Path, select: str) -> Path:
    path = folder / "rows.parquet"
    with duckdb.connect(":memory:") as connection:
        connection.sql(select).write_parquet(str(path))
    return path


@pytest.mark.parametrize("kind", ["INTEGER", "BIGINT", "DOUBLE", "FLOAT", "DECIMAL(9,2)", "TINYINT", "UINTEGER"])
def test_every_kind_of_number_is_a_float(tmp_path: Path, kind: str) -> None:
    column = read_parquet(written(tmp_path, f"SELECT CAST(v AS {kind}) AS a FROM (VALUES (1), (3)) t(v)"))["a"]
    assert is_numeric(column)
    assert column.tolist() == [1.0, 3.0]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("true", 1.0),
        ("DATE '2016-05-12'", "2016-05-12"),
        ("TIMESTAMP '2016-05-12 00:00:00'", "2016-05-12"),
        ("TIMESTAMP '2016-05-12 10:30:00'", "2016-05-12 10:30:00"),
        ("'0101'", "0101"),
        ("'12'", "12"),
        ("9007199254740993", "9007199254740993"),
    ],
)
def test_other_kinds_keep_their_meaning(tmp_path: Path, expression: str, value: object) -> None:
    assert read_parquet(written(tmp_path, f"SELECT {expression} AS a"))["a"].tolist() == [value]


def test_null_is_missing_in_every_kind(tmp_path: Path) -> None:
    columns = read_parquet(written(tmp_path, "SELECT NULL::DOUBLE AS a, NULL::VARCHAR AS b, 1 AS c"))
    assert columns["a"][0] != columns["a"][0]
    assert columns["b"].tolist() == [None]


def test_names_stand_as_they_are(tmp_path: Path) -> None:
    path = written(tmp_path, 'SELECT 1 AS "first.treat", 2 AS "a ""b"" c", 3 AS "select"')
    assert list(read_parquet(path)) == ["first.treat", 'a "b" c', "select"]


def test_a_file_that_is_not_parquet_is_a_finding(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(DataError) as raised:
        read_parquet(path)
    assert [finding.code for finding in raised.value.findings] == ["not_parquet"]


@given(
    numbers=st.lists(st.none() | st.floats(allow_nan=False, allow_infinity=False), min_size=3, max_size=3),
    counts=st.lists(st.integers(-(2**62), 2**62), min_size=3, max_size=3),
    words=st.lists(st.none() | st.text(alphabet="0aæ .,-:", min_size=1, max_size=5), min_size=3, max_size=3),
    days=st.lists(st.dates(date(1900, 1, 1), date(2100, 1, 1)), min_size=3, max_size=3),
    flags=st.lists(st.booleans(), min_size=3, max_size=3),
)
@settings(max_examples=8)
def test_a_frame_and_its_parquet_file_hold_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    numbers: list[float | None],
    counts: list[int],
    words: list[str | None],
    days: list[date],
    flags: list[bool],
) -> None:
    frame = pd.DataFrame(
        {
            "number": pd.Series(numbers, dtype=float),
            "count": pd.Series(counts, dtype="int64"),
            "word": pd.Series(words, dtype="str"),
            "day": pd.Series(pd.to_datetime(days)),
            "flag": pd.Series(flags, dtype=bool),
        }
    )
    path = as_parquet(frame, tmp_path_factory.mktemp("same") / "rows.parquet")
    stored, held = read_parquet(path), read_frame(frame)
    assert list(stored) == list(held)
    assert content_hash(stored, canonical_order(stored)) == content_hash(held, canonical_order(held))


def test_a_file_cut_off_in_the_middle_is_a_finding(tmp_path: Path) -> None:
    path = written(tmp_path, "SELECT range AS a FROM range(1000)")
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(DataError) as raised:
        read_parquet(path)
    assert raised.value.findings[0].text() == "rows.parquet cannot be read as Parquet. Save it again, or as CSV."
