"""Standard errors, degrees of freedom and F tests of contrasts in a mixed model."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import fdtrc

from effects.codes import DfMethod, Reason
from effects.inference.cluster_robust import Precision
from effects.inference.mixed_model import MixedFit
from effects.linear_model import Obstacle
from effects.message import Message
from effects.rows.columns import Numbers

_LEAST_DF: Final = 1e-6


@dataclass(frozen=True, slots=True)
class FTest:
    """An F statistic with its degrees of freedom and p-value."""

    statistic: float
    numerator: int
    denominator: float
    p_value: float


@dataclass(frozen=True, slots=True)
class _Parts:
    """Derivatives in the variances, residual first, over the residual variance; shapes as in `Curvature`."""

    first: Numbers
    second: Numbers
    expected: Numbers
    observed: Numbers


def mixed_precision(fitted: MixedFit, contrast: Numbers, method: DfMethod) -> Precision | Obstacle:
    """Standard error and degrees of freedom of a contrast (k,) of the coefficients.

    kenward_roger: covariance adjusted for the estimated variances and df from the expected information (Kenward and
    Roger 1997; Halekoh and Hojsgaard 2014). satterthwaite: plain covariance, df from the observed information of the
    variances that are not zero (Kuznetsova et al. 2017). residual: plain covariance, rows less fixed effects.
    """
    direction = fitted.directions(contrast[None, :])[0]
    found = fitted.curvature
    leaning = found.covariance @ direction
    variance = plain = float(direction @ leaning)
    df = float(found.freedom)
    if method is not DfMethod.RESIDUAL:
        parts = _parts(fitted)
        slopes = np.einsum("i,aij,j->a", leaning, parts.first, leaning)
        kept = np.ones(len(slopes), dtype=np.bool_)
        if method is DfMethod.SATTERTHWAITE:
            kept[1:] = fitted.ratios > 0.0
        information = parts.expected if method is DfMethod.KENWARD_ROGER else parts.observed
        spread = _covariance_of_variances(information[np.ix_(kept, kept)])
        df = 2.0 * plain**2 / float(slopes[kept] @ spread @ slopes[kept])
        if method is DfMethod.KENWARD_ROGER:
            variance = float(direction @ _adjusted(fitted, parts) @ direction)
    error = float(np.sqrt(variance * fitted.spread) * fitted.blocks.scale) if variance > 0.0 else np.nan
    if not (np.isfinite(error) and error > 0.0 and np.isfinite(df) and df > _LEAST_DF):
        return Obstacle(
            Reason.NO_RESIDUAL_VARIATION,
            Message("no variation is left from which to compute a standard error"),
            Message("more clusters, or rows that vary within the arms"),
        )
    return Precision(error, df)


def kenward_roger_test(fitted: MixedFit, contrasts: Numbers) -> FTest | None:
    """Are all contrasts (q, k) zero? The scaled F test of Kenward and Roger 1997; None where it does not exist."""
    directions = fitted.directions(contrasts)
    parts, number = _parts(fitted), len(contrasts)
    spread = _covariance_of_variances(parts.expected)
    leaning = directions @ fitted.curvature.covariance
    middle = np.linalg.pinv(leaning @ directions.T)
    moved = np.array([middle @ leaning @ part @ leaning.T for part in parts.first])
    traces = np.trace(moved, axis1=1, axis2=2)
    once = float(traces @ spread @ traces)
    twice = float(np.sum(spread * np.einsum("aij,bji->ab", moved, moved)))
    if twice <= 0.0:
        return None
    statistic, denominator = _scaled(number, once, twice)
    estimates = fitted.estimates(contrasts) / fitted.blocks.scale
    covariance = directions @ _adjusted(fitted, parts) @ directions.T * fitted.spread
    wald = float(estimates @ np.linalg.pinv(covariance) @ estimates) / number * statistic
    if not (np.isfinite([wald, denominator]).all() and wald >= 0.0 and denominator > _LEAST_DF):
        return None
    return FTest(wald, number, denominator, float(fdtrc(number, denominator, wald)))


def _scaled(number: int, once: float, twice: float) -> tuple[float, float]:
    """Factor of the Wald statistic and denominator df that match the first two moments of F."""
    half = (once + 6.0 * twice) / (2.0 * number)
    lean = ((number + 1.0) * once - (number + 4.0) * twice) / ((number + 2.0) * twice)
    below = 3.0 * number + 2.0 * (1.0 - lean)
    c1, c2, c3 = lean / below, (number - lean) / below, (number + 2.0 - lean) / below
    mean = 1.0 / (1.0 - twice / number)
    variance = 2.0 / number * (1.0 + c1 * half) / ((1.0 - c2 * half) ** 2 * (1.0 - c3 * half))
    denominator = 4.0 + (number + 2.0) / (number * variance / (2.0 * mean**2) - 1.0)
    return denominator / (mean * (denominator - 2.0)), denominator


def _parts(fitted: MixedFit) -> _Parts:
    """From V and its components to the residual part of V and its components: V0 = V - sum t_a Va."""
    found, size = fitted.curvature, len(fitted.ratios) + 1
    basis = np.eye(size)
    basis[0, 1:] = -fitted.ratios
    return _Parts(
        np.einsum("ab,bij->aij", basis, found.first),
        np.einsum("ab,bcij,dc->adij", basis, found.second, basis, optimize=True),
        basis @ found.expected @ basis.T,
        basis @ (2.0 * found.observed / fitted.spread - found.expected) @ basis.T,
    )


def _covariance_of_variances(information: Numbers) -> Numbers:
    """Asymptotic covariance of the variances, from second derivatives of the deviance."""
    scale = np.sqrt(np.abs(np.diag(information)))
    inverse: Numbers = 2.0 * np.linalg.pinv(information / np.outer(scale, scale)) / np.outer(scale, scale)
    return inverse


def _adjusted(fitted: MixedFit, parts: _Parts) -> Numbers:
    """Covariance of the orthonormal coefficients that allows for the variances being estimates."""
    covariance = fitted.curvature.covariance
    spread = _covariance_of_variances(parts.expected)
    twice = np.einsum("ab,abij->ij", spread, parts.second)
    pulled = np.einsum("ab,aij,jk,bkl->il", spread, parts.first, covariance, parts.first, optimize=True)
    adjusted: Numbers = covariance + 2.0 * covariance @ (twice - pulled) @ covariance
    return adjusted
