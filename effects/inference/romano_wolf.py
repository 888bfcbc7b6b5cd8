"""Romano and Wolf's step-down over the wild cluster bootstrap: a cluster has the same multiplier in every outcome.

The null is imposed on each outcome (Cameron, Gelbach and Miller 2008), so that the resampled statistics are about zero,
as Romano and Wolf (2005, 2016) ask.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from effects.codes import BootstrapWeights
from effects.inference.multiplicity_step_down import step_down
from effects.inference.westfall_young import Joint
from effects.inference.wild_bootstrap import WildScores, multipliers, sign_vectors, studentised
from effects.rows.columns import Codes, Numbers


@dataclass(frozen=True, slots=True)
class Bootstrapped:
    """One outcome: its scores, and which of the common clusters each of its own (G_o,) is."""

    scores: WildScores
    clusters: Codes


def romano_wolf(
    outcomes: Sequence[Bootstrapped], clusters: int, kind: BootstrapWeights, draws: int, seed: int
) -> Joint:
    """Adjusted p-values of outcomes that share `clusters`; signs are enumerated where that takes fewer draws.

    NaN for an outcome whose observed error is zero; it takes no part in the maximum.
    """
    enumerated = kind is BootstrapWeights.RADEMACHER and 2.0**clusters <= draws
    observed = _statistics(outcomes, np.ones((1, clusters)))[0]
    pieces: Iterator[Numbers] = sign_vectors(clusters) if enumerated else multipliers(kind, clusters, draws, seed)
    drawn = np.concatenate([_statistics(outcomes, piece) for piece in pieces])
    known = np.isfinite(observed)
    p_values = np.full(len(outcomes), np.nan)
    if known.any():
        p_values[known] = step_down(observed[known], drawn[:, known], enumerated=enumerated)
    return Joint(p_values, len(drawn), 2.0 / len(drawn) if enumerated else 1.0 / (len(drawn) + 1.0))


def _statistics(outcomes: Sequence[Bootstrapped], drawn: Numbers) -> Numbers:
    """Absolute t statistics (d, m) of common multipliers (d, G); infinite without an error."""
    columns = []
    for outcome in outcomes:
        size, spread = studentised(outcome.scores, np.ascontiguousarray(drawn[:, outcome.clusters]))
        columns.append(np.where(spread > 0.0, np.abs(size) / np.where(spread > 0.0, spread, 1.0), np.inf)[:, 0])
    return np.column_stack(columns)
