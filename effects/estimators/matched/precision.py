"""Standard errors of estimates that are sums of the influence of rows."""

import numpy as np

from effects.codes import Reason
from effects.inference.cluster_robust import Precision
from effects.linear_model import Obstacle
from effects.message import Message
from effects.rows.columns import Codes, Numbers


def summed(scores: Numbers, treated: Numbers, clusters: Codes | None) -> Precision | Obstacle:
    """sqrt(sum over clusters of (sum of scores)^2), rows being clusters where none are stated; no factor.

    Degrees of freedom are Welch's over the arms: (V1 + V0)^2 / (V1^2 / (G1 - 1) + V0^2 / (G0 - 1)), V the part of the
    variance and G the clusters of an arm; clusters less 1 where a cluster holds rows of both.
    """
    own = np.arange(len(scores)) if clusters is None else clusters
    sums = np.bincount(own, weights=scores)
    shares = np.bincount(own, weights=treated) / np.bincount(own)
    parts = [sums[shares == arm] ** 2 for arm in (1.0, 0.0)]
    mixed = len(parts[0]) + len(parts[1]) < len(sums)
    total = float(np.sum(sums**2))
    if not np.isfinite(total):
        return Obstacle(
            Reason.NOT_FINITE,
            Message("values are infinite or too large to compute with"),
            Message("finite values in a sensible unit"),
        )
    if min(len(part) for part in parts) < 2 and not (mixed and len(sums) > 2):
        return Obstacle(
            Reason.TOO_FEW_CLUSTERS,
            Message(
                "{treated} treated and {untreated} untreated clusters",
                {"treated": len(parts[0]), "untreated": len(parts[1])},
            ),
            Message("at least 2 clusters in each arm"),
        )
    if mixed:
        return Precision(float(np.sqrt(total)), float(len(sums) - 1))
    lost = sum(float(np.sum(part)) ** 2 / (len(part) - 1) for part in parts)
    return Precision(float(np.sqrt(total)), total**2 / lost if lost > 0.0 else float(len(sums) - 2))
