import numpy as np
import pandas as pd
import pytest

from effects.rows.column_reading import ColumnReader
from effects.rows.covariates import Covariate, expand, read_covariates
from effects.sources import open_source

FRAME = pd.DataFrame({"age": [1.0, 2.0, np.nan, 4.0], "region": ["b", "a", "c", None], "zero": [0.0, 1.0, 2.0, 3.0]})


def read(*terms: str) -> tuple[tuple[Covariate, ...], ColumnReader]:
    reader = ColumnReader(open_source(FRAME))
    return read_covariates(terms, reader, "outcome[0].covariates"), reader


def rows_of(covariates: tuple[Covariate, ...]) -> "np.typing.NDArray[np.bool_]":
    kept = np.ones(len(FRAME), dtype=bool)
    for covariate in covariates:
        kept &= ~covariate.absent
    return kept


@pytest.mark.parametrize(
    ("term", "expected"),
    [("age", [1.0, 2.0, 4.0]), ("age^2", [1.0, 4.0, 16.0]), ("log(age)", [0.0, np.log(2.0), np.log(4.0)])],
)
def test_a_term_is_its_column_transformed(term: str, expected: list[float]) -> None:
    covariates, _ = read(term)
    matrix, names = expand(covariates, rows_of(covariates))
    assert names == (term,)
    assert sorted(matrix[:, 0].tolist()) == pytest.approx(expected)


def test_a_factor_is_one_column_for_each_level_but_the_first() -> None:
    covariates, _ = read("factor(region)")
    matrix, names = expand(covariates, rows_of(covariates))
    assert names == ("factor(region)=b", "factor(region)=c")
    assert matrix.sum(axis=0).tolist() == [1.0, 1.0]


def test_a_factor_uses_only_levels_that_occur_in_the_kept_rows() -> None:
    covariates, _ = read("factor(region)", "age")
    _, names = expand(covariates, rows_of(covariates))
    assert names == ("factor(region)=b", "age")


def test_without_covariates_there_are_no_columns() -> None:
    matrix, names = expand((), np.array([True, False]))
    assert (matrix.shape, names) == ((1, 0), ())


def test_a_missing_column_is_found_by_its_place_in_the_plan() -> None:
    covariates, reader = read("age", "height")
    assert len(covariates) == 1
    assert [finding.where for finding in reader.findings] == ["outcome[0].covariates[1]"]


def test_a_logarithm_of_zero_is_a_finding() -> None:
    _, reader = read("log(zero)")
    assert [(finding.code, finding.row) for finding in reader.findings] == [("not_positive", 1)]


def test_a_text_covariate_must_be_stated_as_a_factor() -> None:
    _, reader = read("region")
    assert {finding.code for finding in reader.findings} == {"not_a_number"}
