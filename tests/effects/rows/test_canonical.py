import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from effects.rows.canonical import canonical_order, content_hash
from effects.rows.columns import Column, as_texts

Table = dict[str, Column]


def content(table: Table) -> str:
    return content_hash(table, canonical_order(table))


def table(rows: list[tuple[float, str | None]]) -> Table:
    return {"a": np.array([row[0] for row in rows], dtype=float), "b": as_texts([row[1] for row in rows])}


ROWS = [(2.0, "x"), (1.0, None), (2.0, "a"), (float("nan"), "x"), (float("-inf"), "x"), (float("inf"), "a")]


def test_rows_are_ordered_by_the_first_named_column_then_the_next() -> None:
    assert canonical_order(table(ROWS)).tolist() == [3, 4, 1, 2, 0, 5]


def test_a_table_without_columns_has_no_rows() -> None:
    assert canonical_order({}).tolist() == []


@given(st.permutations(ROWS))
def test_row_order_does_not_change_the_content(rows: list[tuple[float, str | None]]) -> None:
    assert content(table(rows)) == content(table(ROWS))


def test_column_order_does_not_change_the_content() -> None:
    forward = table(ROWS)
    assert content(dict(reversed(forward.items()))) == content(forward)


@pytest.mark.parametrize(
    "other",
    [
        {"a": np.array([1.0, 2.0])},
        {"a": np.array([1.0])},
        {"b": np.array([1.0, 3.0])},
        {"a": np.array([1.0, np.nan])},
        {"a": as_texts(["1", "3x"])},
        {"a": np.array([1.0, 3.0]), "b": np.array([np.nan, np.nan])},
    ],
)
def test_another_value_name_or_column_is_another_content(other: Table) -> None:
    assert content(other) != content({"a": np.array([1.0, 3.0])})


def test_a_number_written_as_text_is_the_same_content() -> None:
    assert content({"a": as_texts(["1", "2.50"])}) == content({"a": np.array([2.5, 1.0])})


def test_a_code_with_a_leading_zero_is_not_its_number() -> None:
    assert content({"a": as_texts(["0101"])}) != content({"a": np.array([101.0])})


def test_minus_zero_is_zero() -> None:
    assert content({"a": np.array([-0.0])}) == content({"a": np.array([0.0])})


def test_a_missing_text_is_not_an_empty_one() -> None:
    assert content({"a": as_texts(["x", None])}) != content({"a": as_texts(["x", ""])})


def test_neighbouring_texts_cannot_run_together() -> None:
    assert content({"a": as_texts(["ab", "c"])}) != content({"a": as_texts(["a", "bc"])})


def test_the_content_names_its_hash() -> None:
    assert content(table(ROWS)).startswith("sha256:")
