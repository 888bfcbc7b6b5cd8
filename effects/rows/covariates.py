"""Covariate terms of a plan as columns of a design."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from effects.planning.terms import Transform, parse_term
from effects.rows.column_reading import ColumnReader, Levels
from effects.rows.columns import Flags, Numbers


@dataclass(frozen=True, slots=True)
class Covariate:
    """One term over all rows: numbers (n,), or the levels of a factor."""

    label: str
    values: Numbers | Levels

    @property
    def absent(self) -> Flags:
        """Rows (n,) without a value."""
        if isinstance(self.values, Levels):
            return self.values.codes < 0
        return np.isnan(self.values)


def read_covariates(terms: Sequence[str], reader: ColumnReader, where: str) -> tuple[Covariate, ...]:
    """The stated terms as columns; what cannot be read is a finding of the reader and left out."""
    covariates = []
    for place, text in enumerate(terms):
        term = parse_term(text)
        values = None if term is None else _values(term.column, term.transform, reader, f"{where}[{place}]")
        if values is not None:
            covariates.append(Covariate(text, values))
    return tuple(covariates)


def expand(covariates: Sequence[Covariate], rows: Flags) -> tuple[Numbers, tuple[str, ...]]:
    """Design columns (rows kept, m) and their names; a factor leaves out its first level that occurs."""
    columns: list[Numbers] = []
    names: list[str] = []
    for covariate in covariates:
        if isinstance(covariate.values, Levels):
            codes = covariate.values.codes[rows]
            for level in np.unique(codes)[1:].tolist():
                columns.append((codes == level).astype(np.float64))
                names.append(f"{covariate.label}={covariate.values.levels[level]}")
        else:
            columns.append(covariate.values[rows])
            names.append(covariate.label)
    return (np.column_stack(columns) if columns else np.empty((int(rows.sum()), 0))), tuple(names)


def _values(column: str, transform: Transform, reader: ColumnReader, where: str) -> Numbers | Levels | None:
    if transform is Transform.FACTOR:
        return reader.levels(column, where)
    if transform is Transform.LOG:
        return reader.logarithms(column, where)
    numbers = reader.numbers(column, where)
    return numbers if numbers is None or transform is Transform.IDENTITY else numbers**2
