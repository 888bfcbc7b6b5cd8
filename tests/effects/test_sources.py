import json
from hashlib import sha256
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from effects.errors import DataError
from effects.sources import open_source

FRAME = pd.DataFrame(
    {
        "code": ["0101", "0147", None, "0101"],
        "day": ["2016-05-12", "2016-05-13", "2016-05-14", "2016-05-12"],
        "y": [1.5, np.nan, 1 / 3, 2.0],
        "n": [3, 1, 2, 4],
    }
)


def csv(folder: Path, frame: pd.DataFrame = FRAME, name: str = "rows.csv") -> Path:
    path = folder / name
    frame.to_csv(path, index=False)
    return path


def parquet(folder: Path, frame: pd.DataFrame = FRAME) -> Path:
    path = folder / "rows.parquet"
    with duckdb.connect(":memory:") as connection:
        connection.from_df(frame).write_parquet(str(path))
    return path


def codes(*paths: Path, schema: Path | None = None) -> list[tuple[str, str]]:
    with pytest.raises(DataError) as raised:
        open_source(paths, schema)
    return [(finding.where, finding.code) for finding in raised.value.findings]


def test_frame_csv_and_parquet_of_the_same_rows_have_the_same_content(tmp_path: Path) -> None:
    sources = [open_source(FRAME), open_source(csv(tmp_path)), open_source(parquet(tmp_path))]
    assert len({source.content for source in sources}) == 1
    assert [source.rows for source in sources] == [4, 4, 4]


def test_rows_come_in_canonical_order_and_remember_where_they_stood() -> None:
    forward, backward = open_source(FRAME), open_source(FRAME[::-1])
    assert forward.columns["n"].tolist() == backward.columns["n"].tolist()
    assert (forward.given + backward.given).tolist() == [5, 5, 5, 5]


def test_files_given_together_are_one_table(tmp_path: Path) -> None:
    parts = [csv(tmp_path, FRAME[:1], "a.csv"), csv(tmp_path, FRAME[1:], "b.csv")]
    for order in (parts, parts[::-1]):
        source = open_source(order)
        assert source.content == open_source(FRAME).content
        assert source.sha256 == tuple(sorted(sha256(path.read_bytes()).hexdigest() for path in parts))


def test_a_column_is_typed_over_all_files_not_each_alone(tmp_path: Path) -> None:
    first = csv(tmp_path, pd.DataFrame({"a": ["7"]}), "a.csv")
    second = csv(tmp_path, pd.DataFrame({"a": ["x"]}), "b.csv")
    assert open_source([first, second]).columns["a"].tolist() == ["7", "x"]


def test_csv_and_parquet_may_be_mixed(tmp_path: Path) -> None:
    source = open_source([csv(tmp_path), parquet(tmp_path)])
    assert source.rows == 8
    assert len(source.sha256) == 2


def test_a_frame_has_no_file_digest() -> None:
    assert open_source(FRAME).sha256 == ()


def test_an_open_source_is_itself() -> None:
    source = open_source(FRAME)
    assert open_source(source) is source


def test_a_path_may_be_a_text(tmp_path: Path) -> None:
    assert open_source(str(csv(tmp_path))).rows == 4


def test_a_schema_says_how_files_are_written(tmp_path: Path) -> None:
    path, schema = tmp_path / "rows.csv", tmp_path / "schema.json"
    path.write_text("a;b\n1.234,5;0101\n")
    fields = [{"name": "a", "type": "number", "decimalChar": ",", "groupChar": "."}]
    schema.write_text(json.dumps({"dialect": {"delimiter": ";"}, "fields": fields}))
    source = open_source(path, schema)
    assert (source.columns["a"].tolist(), source.columns["b"].tolist()) == ([1234.5], ["0101"])


@given(st.binary(max_size=200))
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_any_bytes_are_a_table_or_findings(tmp_path: Path, suffix: str, content: bytes) -> None:
    path = tmp_path / f"rows.{suffix}"
    path.write_bytes(content)
    try:
        source = open_source(path)
    except DataError as error:
        assert all(finding.text() for finding in error.findings)
    else:
        assert all(len(column) == source.rows for column in source.columns.values())


@given(
    st.lists(
        st.tuples(st.text(alphabet='ab,"\n 01.', max_size=4), st.floats(allow_nan=False, allow_infinity=False)),
        min_size=1,
        max_size=8,
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_any_rows_have_the_same_content_as_frame_and_as_file(tmp_path: Path, rows: list[tuple[str, float]]) -> None:
    frame = pd.DataFrame({"text": [text or None for text, _ in rows], "number": [number for _, number in rows]})
    assert open_source(csv(tmp_path, frame)).content == open_source(frame).content
    assert open_source(csv(tmp_path, frame[::-1])).content == open_source(frame).content


def test_the_same_file_twice_would_double_every_row_and_is_refused(tmp_path: Path) -> None:
    copied = csv(tmp_path, name="copy.csv")
    assert codes(csv(tmp_path), copied) == [("copy.csv", "repeated_file")]
    for again in (copied, tmp_path / ".." / tmp_path.name / "copy.csv"):
        assert codes(copied, again) == [("copy.csv", "repeated_file")]


def test_every_bad_file_is_found_at_once(tmp_path: Path) -> None:
    empty, wrong = tmp_path / "empty.csv", tmp_path / "wrong.parquet"
    empty.write_text("")
    wrong.write_text("x")
    assert codes(empty, wrong, tmp_path / "absent.csv") == [
        ("empty.csv", "no_header"),
        ("wrong.parquet", "not_parquet"),
        ("absent.csv", "unreadable_file"),
    ]


def test_files_with_other_columns_cannot_be_one_table(tmp_path: Path) -> None:
    other = csv(tmp_path, FRAME.rename(columns={"y": "z"}), "other.csv")
    assert codes(csv(tmp_path), other) == [("other.csv", "differing_columns")]
    narrow = csv(tmp_path, FRAME[["y"]], "narrow.csv")
    assert {code for _, code in codes(narrow, parquet(tmp_path))} == {"differing_columns"}
