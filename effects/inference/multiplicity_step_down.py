"""Step-down maxT: adjusted p-values from statistics that were resampled together."""

import numpy as np

from effects.inference.resampling import TIE
from effects.rows.columns import Numbers


def statistic(size: Numbers, spread: Numbers) -> Numbers:
    """|size| / spread of the only outcome in (d, 1); infinite without a spread."""
    known = spread > 0.0
    return np.where(known, np.abs(size) / np.where(known, spread, 1.0), np.inf)[:, 0]


def reached(observed: Numbers, resampled: Numbers) -> Numbers:
    """How many draws (d, m) reach each observed statistic (m,) with their largest among this and all smaller ones.

    Statistics are absolute; infinite ones count as reached. Counts of several parts of the draws add.
    """
    order = np.argsort(-observed, kind="stable")
    largest = np.maximum.accumulate(resampled[:, order[::-1]], axis=1)[:, ::-1]
    counts = np.empty(len(observed))
    counts[order] = np.sum(largest >= observed[order] * (1.0 - TIE), axis=0)
    return counts


def step_down(observed: Numbers, counts: Numbers, draws: int, *, enumerated: bool) -> Numbers:
    """Adjusted p-values (m,) of statistics (m,) that were `reached` in so many of all draws.

    The largest observed statistic is held against the largest of all resampled ones, the next against the largest of
    those that are left, and no p-value is below that of a larger statistic (Westfall and Young 1993, algorithm 2.8;
    Romano and Wolf 2005). Drawn at random p = (1 + c) / (draws + 1), enumerated c / draws, as for a single outcome.
    """
    order = np.argsort(-observed, kind="stable")
    p_values = counts[order] / draws if enumerated else (1.0 + counts[order]) / (draws + 1.0)
    adjusted = np.empty(len(observed))
    adjusted[order] = np.maximum.accumulate(p_values)
    return adjusted
