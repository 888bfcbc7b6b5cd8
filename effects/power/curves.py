"""Power at an effect and the effect at a power, by three conventions that are named wherever they appear."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import brentq
from scipy.special import nctdtr, ndtr, ndtri, stdtr, stdtrit

from effects.power.variances import Precision

_FAR: Final = 7.0
"""From here on nothing is left of the other tail."""
_NOTHING_LEFT: Final = 0.0
"""What the library means by NaN: it appears where less than 1e-70 is left below."""


@dataclass(frozen=True, slots=True)
class Conventions:
    """One figure by each convention; None where it does not exist (no degrees of freedom, nothing attainable).

    z: the standard error taken as known. t: the estimate over its error shifted by the effect, as in the sum of two t
    quantiles. noncentral_t: the exact distribution where the error is estimated with `df`.
    """

    z: float | None
    t: float | None
    noncentral_t: float | None

    def named(self, name: str) -> float | None:
        """The figure of one convention."""
        return {"z": self.z, "t": self.t, "noncentral_t": self.noncentral_t}[name]


def powers(effect: float, found: Precision, level: float) -> Conventions:
    """Chance that a two-sided test at 1 - level rejects; 1 where everybody is asked and nothing is left to chance."""
    if not np.isfinite(found.standard_error):
        return Conventions(None, None, None)
    if found.standard_error <= 0.0:
        return Conventions(1.0, 1.0, 1.0)
    shift, tail = abs(effect) / found.standard_error, 0.5 + level / 2.0
    bound = float(ndtri(tail))
    by_z = float(ndtr(shift - bound) + ndtr(-shift - bound))
    if found.df < 1.0:
        return Conventions(by_z, None, None)
    critical = float(stdtrit(found.df, tail))
    by_t = float(stdtr(found.df, shift - critical) + stdtr(found.df, -shift - critical))
    return Conventions(by_z, by_t, noncentral_power(shift, found.df, critical))


def noncentral_power(shift: float, df: float, critical: float) -> float:
    """P(|T| > critical) of a noncentral t with `df` and noncentrality `shift`."""
    below, other = nctdtr(df, shift, critical), nctdtr(df, shift, -critical) if shift < _FAR else 0.0
    return float(1.0 - np.nan_to_num(below, nan=_NOTHING_LEFT) + other)


def detectable(found: Precision, level: float, power: float) -> Conventions:
    """The smallest effect with this power: sums of two quantiles for z and t, the root for the noncentral t."""
    if not np.isfinite(found.standard_error):
        return Conventions(None, None, None)
    tail = 0.5 + level / 2.0
    by_z = float(ndtri(tail) + ndtri(power)) * found.standard_error
    if found.df < 1.0:
        return Conventions(by_z, None, None)
    critical = float(stdtrit(found.df, tail))
    by_t = (critical + float(stdtrit(found.df, power))) * found.standard_error
    root = brentq(lambda shift: noncentral_power(shift, found.df, critical) - power, 0.0, 2.0 * critical + 40.0)
    return Conventions(by_z, by_t, float(root) * found.standard_error)
