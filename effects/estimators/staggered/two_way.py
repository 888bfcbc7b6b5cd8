"""Unit and period effects of part of a panel, without a column for each."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.linalg import cho_solve

from effects.codes import Reason
from effects.linear_model import Obstacle
from effects.message import Message
from effects.rows.columns import Codes, Flags, Numbers

SINGULAR: Final = 1e-10


@dataclass(frozen=True, slots=True)
class TwoWay:
    """Least squares on unit and period effects over the rows that `mask` (U, T) marks, weighted by unit (U,).

    Units are swept out; `inverse` (P-1, P-1) is that of the products of what is left of the periods after the first,
    places `periods` (P-1,). Periods without rows have no effect.
    """

    mask: Flags
    weights: Numbers
    periods: Codes
    inverse: Numbers

    @property
    def rows_of_units(self) -> Numbers:
        """Rows of each unit (U,), 1 for a unit without."""
        counted: Numbers = np.maximum(self.mask.sum(axis=1), 1).astype(np.float64)
        return counted

    def fit(self, values: Numbers) -> tuple[Numbers, Numbers]:
        """Effects of units (U,) and periods (T,) for values (U, T); the first period that occurs has effect 0."""
        known = np.where(self.mask, values, 0.0)
        centred = np.where(self.mask, known - (known.sum(axis=1) / self.rows_of_units)[:, None], 0.0)
        period = np.zeros(values.shape[1])
        period[self.periods] = self.inverse @ ((self.weights @ centred)[self.periods])
        unit = np.where(self.mask, known - period, 0.0).sum(axis=1) / self.rows_of_units
        return unit, period

    def residual(self, values: Numbers) -> Numbers:
        """What the effects leave of values (U, T), 0 outside the mask."""
        unit, period = self.fit(values)
        left: Numbers = np.where(self.mask, values - unit[:, None] - period, 0.0)
        return left

    def weights_of(self, target: Numbers) -> Numbers:
        """Weights (U, T) on the rows with which they predict the sum of target (U, T) times unit plus period effect."""
        of_unit, of_period = target.sum(axis=1), target.sum(axis=0)
        share = of_unit / self.rows_of_units
        period = np.zeros(target.shape[1])
        period[self.periods] = self.inverse @ ((of_period - share @ self.mask)[self.periods])
        unit = (of_unit / self.weights - self.mask @ period) / self.rows_of_units
        found: Numbers = np.where(self.mask, self.weights[:, None] * (unit[:, None] + period), 0.0)
        return found

    def contributions(self, residuals: Numbers) -> Numbers:
        """What each unit brings to the error of each period's effect, (U, T), from its residuals (U, T)."""
        brought = np.zeros(residuals.shape)
        brought[:, self.periods] = (self.weights[:, None] * residuals)[:, self.periods] @ self.inverse
        return brought


def two_way(mask: Flags, weights: Numbers) -> TwoWay | Obstacle:
    """Ready to fit, or why the effects cannot be told apart: some periods share no unit with the others."""
    rows = np.maximum(mask.sum(axis=1), 1)
    periods = np.flatnonzero(mask.any(axis=0))[1:]
    wide = mask[:, periods].astype(np.float64)
    product = np.diag(weights @ wide) - wide.T @ ((weights / rows)[:, None] * wide)
    if not len(periods):
        return TwoWay(mask, weights, periods, product)
    obstacle = Obstacle(
        Reason.COLLINEAR,
        Message("some periods share no unit with the others"),
        Message("units that are observed in periods of both parts"),
    )
    try:
        triangular = np.linalg.cholesky(product)
    except np.linalg.LinAlgError:
        return obstacle
    pivots = np.diag(triangular) ** 2
    return (
        obstacle
        if pivots.min() <= SINGULAR * pivots.max()
        else TwoWay(mask, weights, periods, cho_solve((triangular, True), np.eye(len(product))))
    )
