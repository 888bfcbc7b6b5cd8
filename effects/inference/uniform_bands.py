"""Bands that hold for several estimates at once."""

from typing import Final

import numpy as np

from effects.rows.columns import Numbers

DRAWS: Final = 4999
_BLOCK: Final = 2_000_000


def critical_value(contributions: Numbers, level: float, seed: int, draws: int = DRAWS) -> float:
    """How many standard errors all estimates of a family stay within their targets, with probability `level`.

    contributions (G, k): what each independent cluster brings to the error of each estimate. Random signs of the
    clusters (Rademacher) imitate sampling; the answer is the quantile of the largest |t|, never below that of one draw
    alone in the family. Callaway and Sant'Anna 2021, algorithm 1; errors are the analytic ones.
    """
    errors = np.sqrt(np.sum(contributions**2, axis=0))
    scaled = contributions[:, errors > 0.0] / errors[errors > 0.0]
    random = np.random.Generator(np.random.PCG64(seed))
    block = max(1, _BLOCK // len(contributions))
    largest = []
    for start in range(0, draws, block):
        signs = 2.0 * random.integers(0, 2, (min(block, draws - start), len(contributions))) - 1.0
        largest.append(np.max(np.abs(signs @ scaled), axis=1, initial=0.0))
    return float(np.quantile(np.concatenate(largest), level))
