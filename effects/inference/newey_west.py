"""Heteroskedasticity- and autocorrelation-consistent error of one coefficient of a time series."""

from math import floor
from typing import Final

import numpy as np

from effects.inference.cluster_robust import Precision
from effects.inference.least_squares import Fit
from effects.rows.columns import Codes, Numbers

MOST_DENSE: Final = 2000


def usual_lag(periods: int) -> int:
    """The lag where none is stated, floor(4 (T / 100)^(2/9)) (Newey and West 1994), and fewer than T periods."""
    return min(floor(4.0 * float((periods / 100.0) ** (2.0 / 9.0))), periods - 1)


def newey_west(fit: Fit, steps: Codes, lag: int) -> Precision:
    """Newey and West 1987 with Bartlett weights 1 - l / (lag + 1), no further factor.

    steps (n,) says how many equal steps after the first each row lies. Scores of rows of one step are added first, so
    that series observed side by side may be correlated (Driscoll and Kraay 1998); a step without a row has the score
    zero, so that distances in time are true ones (Parzen 1963; Datta and Du 2012). Degrees of freedom match the first
    two moments of the variance to a chi-square under independent errors (Bell and McCaffrey 2002); beyond 2,000 rows
    they are n - k.
    """
    rows, columns = fit.model.design.shape
    loadings = np.sqrt(fit.model.weights) * (fit.model.design @ fit.influence)
    terms = loadings * np.sqrt(fit.model.weights) * fit.residuals
    scores = np.bincount(steps, weights=terms)
    total = float(scores @ scores)
    for distance in range(1, min(lag, len(scores) - 1) + 1):
        total += 2.0 * (1.0 - distance / (lag + 1.0)) * float(scores[distance:] @ scores[:-distance])
    df = float(rows - columns) if rows > MOST_DENSE else _freedom(loadings, fit.orthonormal, steps, lag)
    return Precision(float(np.sqrt(max(total, 0.0))), df)


def _freedom(loadings: Numbers, orthonormal: Numbers, steps: Codes, lag: int) -> float:
    """2 E^2 / Var of u'M A M u for independent errors u, M the residual maker, A the weighted pairs."""
    apart = np.abs(np.subtract.outer(steps, steps))
    size = float(np.max(np.abs(loadings)))
    pairs = np.clip(1.0 - apart / (lag + 1.0), 0.0, None) * np.outer(loadings / size, loadings / size)
    left = pairs - orthonormal @ (orthonormal.T @ pairs)
    return float(np.trace(left) ** 2 / np.sum(left * left.T))
