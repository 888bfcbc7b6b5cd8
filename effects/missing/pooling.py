"""One answer from several completed data sets."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from effects.rows.columns import Numbers

_NO_SPREAD: Final = 1e-14


@dataclass(frozen=True, slots=True)
class Pooled:
    """A pooled estimate; `missing` is the fraction of information lost, between 0 and 1."""

    estimate: float
    standard_error: float
    df: float
    missing: float


def pooled(estimates: Numbers, variances: Numbers, df: float) -> Pooled:
    """Rubin's rules over M completed data sets (M,), each with the degrees of freedom it would have if complete.

    Variance: mean within + (1 + 1/M) between. Degrees of freedom of Barnard and Rubin (1999), which never exceed those
    of complete data; Rubin 1987.
    """
    number = len(estimates)
    within, between = float(np.mean(variances)), float(np.var(estimates, ddof=1))
    total = within + (1.0 + 1.0 / number) * between
    share = (1.0 + 1.0 / number) * between / total if total > 0.0 else 0.0
    observed = (df + 1.0) / (df + 3.0) * df * (1.0 - share)
    if share <= _NO_SPREAD:
        freedom = observed
    else:
        repeated = (number - 1.0) / share**2
        freedom = 1.0 / (1.0 / repeated + 1.0 / observed) if observed > 0.0 else 0.0
    return Pooled(float(np.mean(estimates)), float(np.sqrt(total)), freedom, share)
