"""Means of one survey with the errors of its design: the library behind `survey_before_after`, for a table at hand.

sample = survey.sample(frame, weight="pw", cluster="dnum", fpc="fpc",
                       calibration="raking", margins={"stype": {"E": 4421, "H": 755, "M": 1018}})
survey.mean(sample, "api00")                    # estimate, standard_error, df
survey.difference(sample, "api00", "api99")     # of two columns of the same rows
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from effects.codes import Calibration
from effects.errors import DataError, Finding
from effects.estimators.survey.calibration import Calibrated, calibrate, margins_of
from effects.estimators.survey.means import Estimate, Part, contrast
from effects.estimators.survey.sampling import Sampling, one_stage
from effects.estimators.survey.waves import paired
from effects.linear_model import Obstacle
from effects.planning.sections import Survey
from effects.rows.column_reading import ColumnReader, Levels
from effects.rows.columns import Codes, Numbers
from effects.rows.survey_columns import absent, survey_findings
from effects.sources import Source, Tabular, open_source

T = TypeVar("T")

__all__ = ["Estimate", "SurveySample", "difference", "mean", "sample"]


@dataclass(frozen=True, slots=True)
class SurveySample:
    """Rows as they were drawn, with weights that meet the margins."""

    source: Source
    sampling: Sampling
    calibrated: Calibrated


def sample(
    table: Tabular,
    *,
    weight: str | None = None,
    cluster: str | None = None,
    strata: str | None = None,
    fpc: str | None = None,
    calibration: str = "none",
    margins: Mapping[str, Mapping[str, float]] | None = None,
    schema: Path | None = None,
) -> SurveySample:
    """A data frame, or CSV or Parquet paths, as a survey; the columns play the parts they play in a plan.

    `fpc` holds the number of clusters (rows, where none is stated) in the population of the row's stratum; weights
    default to that number over those drawn, else to 1. Margins are population totals by level, or `{"total": t}` of a
    numeric column for greg. Raises DataError with every finding, also where no weights meet the margins.
    """
    source = open_source(table, schema)
    reader = ColumnReader(source)
    stated = Survey(fpc=fpc, calibration=Calibration(calibration), margins=margins or {})
    columns = {name: reader.levels(name, "survey.margins") for name in stated.margins}
    known = {name: levels for name, levels in columns.items() if levels is not None}
    population, layers = reader.amounts(fpc, "survey.fpc"), reader.levels(strata, "data.strata")
    groups, weights = reader.levels(cluster, "data.cluster"), reader.amounts(weight, "data.weight")
    found = [
        *_nobody(source.rows),
        *_parts(weight, weights, {"data.cluster": groups, "data.strata": layers}),
        *survey_findings(stated, known, layers, population, [np.zeros(source.rows)]),
    ]
    if reader.findings or found:
        raise DataError([*reader.findings, *found])
    sampling = _drawn(source.rows, weights, groups, layers, population)
    tied = calibrate(
        stated.calibration or Calibration.NONE,
        sampling.weights,
        *margins_of(stated.margins, known, np.arange(source.rows)),
    )
    return SurveySample(source, sampling, _given(tied))


def _nobody(rows: int) -> Iterator[Finding]:
    if rows == 0:
        yield Finding(
            where="survey", code="no_rows", message="Nobody answered.", remedy="Give a table with at least one answer."
        )


def _parts(column: str | None, weights: Numbers | None, parts: Mapping[str, Levels | None]) -> Iterator[Finding]:
    for where, levels in parts.items():
        if levels is not None and bool(np.any(levels.codes < 0)):
            yield absent(where, where.partition(".")[2], int(np.sum(levels.codes < 0)))
    if weights is not None and column is not None:
        if np.isnan(weights).any():
            yield absent("data.weight", column, int(np.sum(np.isnan(weights))))
        if np.any(weights == 0.0):
            yield Finding(
                where="data.weight",
                code="not_positive",
                message="{column} is 0 in {rows} rows.",
                remedy="Leave out rows that stand for nobody.",
                params={"column": column, "rows": int(np.sum(weights == 0.0))},
                column=column,
            )


def mean(drawn: SurveySample, column: str) -> Estimate:
    """The mean of a column, over the rows that hold it as a domain; the error is linearised, as R survey's svymean."""
    return _mean(drawn, _values(drawn, column))


def difference(drawn: SurveySample, column: str, less: str) -> Estimate:
    """The mean of one column less that of another over the same rows, with their covariance."""
    return _mean(drawn, _values(drawn, column) - _values(drawn, less))


def _mean(drawn: SurveySample, values: Numbers) -> Estimate:
    about = ~np.isnan(values)
    if not about.any():
        raise DataError(_nobody(0))
    part = Part(np.ones(len(values), dtype=np.bool_), drawn.calibrated, about)
    with np.errstate(all="ignore"):
        return _given(contrast(values, ((1.0, part),), drawn.sampling))


def _values(drawn: SurveySample, column: str) -> Numbers:
    reader = ColumnReader(drawn.source)
    values = reader.numbers(column, "column")
    if values is None or reader.findings:
        raise DataError(reader.findings)
    return values


def _drawn(
    rows: int, weights: Numbers | None, clusters: Levels | None, strata: Levels | None, population: Numbers | None
) -> Sampling:
    layers: Codes = np.zeros(rows, dtype=np.int64) if strata is None else strata.codes
    groups: Codes = np.arange(rows) if clusters is None else clusters.codes
    groups = paired(layers, groups)
    by_stratum = None if population is None else np.bincount(layers, weights=population) / np.bincount(layers)
    sampling = one_stage(np.ones(rows) if weights is None else weights, groups, layers, by_stratum)
    if weights is None and sampling.drawn is not None and by_stratum is not None:
        return one_stage((by_stratum / sampling.drawn)[layers], groups, layers, by_stratum)
    return sampling


def _given(found: T | Obstacle) -> T:
    if isinstance(found, Obstacle):
        finding = Finding(
            where="survey",
            code=found.reason.value,
            message=found.detail.template,
            remedy=found.needs.template,
            params={**found.needs.params, **found.detail.params},
        )
        raise DataError([finding])
    return found
