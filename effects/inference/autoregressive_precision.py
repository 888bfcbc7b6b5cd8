"""Standard error and degrees of freedom of a coefficient where the errors' autocorrelation is estimated."""

from typing import Final

import numpy as np

from effects.codes import DfMethod
from effects.inference.autoregressive import AutoregressiveFit
from effects.inference.cluster_robust import Precision
from effects.rows.columns import Numbers

MOST_DENSE: Final = 1200
_SINGULAR: Final = 1e-10


def autoregressive_precision(found: AutoregressiveFit, method: DfMethod) -> Precision:
    """By restricted maximum likelihood, with V the covariance of the errors in spread and rho.

    kenward_roger: covariance and df that allow for the estimated spread and rho (Kenward and Roger 1997), expected
    information. satterthwaite: those df, plain covariance. residual: n - k and plain covariance; so too from 1,200
    periods on, where the difference is lost in rounding. NaN df, and error by kenward_roger, where too few
    residuals are left to tell spread and rho apart.
    """
    direction, covariance = found.direction, found.covariance
    plain = float(direction @ covariance @ direction)
    rows, columns = found.basis.shape
    if method is DfMethod.RESIDUAL or rows > MOST_DENSE:
        return Precision(float(np.sqrt(plain)) * found.scale, float(rows - columns))
    spread_of, slopes, adjusted = _kenward_roger(found)
    leaning = covariance @ direction
    gradient = np.array([leaning @ slope @ leaning for slope in slopes])
    df = 2.0 * plain**2 / float(gradient @ spread_of @ gradient)
    variance = float(direction @ adjusted @ direction) if method is DfMethod.KENWARD_ROGER else plain
    return Precision(float(np.sqrt(variance)) * found.scale if variance > 0.0 else np.nan, df)


def _kenward_roger(found: AutoregressiveFit) -> tuple[Numbers, list[Numbers], Numbers]:
    """Covariance of (spread, rho), X'V^-1 V_i V^-1 X for both, and the adjusted covariance of the coefficients."""
    basis, covariance, spread, rho = found.basis, found.covariance, found.spread, found.rho
    distance = np.abs(np.subtract.outer(found.steps, found.steps)).astype(np.float64)
    first = np.where(distance >= 1.0, distance * _power(rho, distance - 1.0), 0.0)
    second = np.where(distance >= 2.0, distance * (distance - 1.0) * _power(rho, distance - 2.0), 0.0)
    inverse = np.linalg.inv(_power(rho, distance)) / spread
    pulled = inverse @ basis
    derivatives = [_power(rho, distance), spread * first]
    moved = [derivative @ pulled for derivative in derivatives]
    slopes = [pulled.T @ part for part in moved]
    projected = [part - pulled @ (covariance @ (basis.T @ part)) for part in (inverse @ d for d in derivatives)]
    information = np.array([[0.5 * float(np.sum(one * other.T)) for other in projected] for one in projected])
    spread_of = np.linalg.inv(information) if _told_apart(information) else np.full((2, 2), np.nan)
    mixed, curved = pulled.T @ first @ pulled, spread * (pulled.T @ second @ pulled)
    seconds = [[np.zeros_like(mixed), mixed], [mixed, curved]]
    middle = np.zeros_like(covariance)
    for i in range(2):
        for j in range(2):
            twice = moved[i].T @ inverse @ moved[j]
            middle += spread_of[i, j] * (twice - slopes[i] @ covariance @ slopes[j] - 0.25 * seconds[i][j])
    return spread_of, slopes, covariance + 2.0 * covariance @ middle @ covariance


def _told_apart(information: Numbers) -> bool:
    """Whether the information (2, 2) of spread and rho has rank two; where two residuals are left it may have one."""
    return bool(np.linalg.det(information) > _SINGULAR * np.prod(np.diag(information)))


def _power(rho: float, exponents: Numbers) -> Numbers:
    return np.power(rho, np.maximum(exponents, 0.0))
