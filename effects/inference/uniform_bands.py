"""Bands that hold for several estimates at once."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from effects.inference.draw_blocks import Block, blocks, in_blocks
from effects.rows.columns import Numbers

DRAWS: Final = 4999
_CELLS: Final = 2_000_000
_DRAWN: Final = 6.5
"""Nanoseconds to draw a sign."""
_ADDED: Final = 0.1
"""Nanoseconds to add a number."""


def critical_value(contributions: Numbers, level: float, seed: int, draws: int = DRAWS) -> float:
    """How many standard errors all estimates of a family stay within their targets, with probability `level`.

    contributions (G, k): what each independent cluster brings to the error of each estimate. Random signs of the
    clusters (Rademacher) imitate sampling; the answer is the quantile of the largest |t|, never below that of one draw
    alone in the family. Callaway and Sant'Anna 2021, algorithm 1; errors are the analytic ones.
    """
    errors = np.sqrt(np.sum(contributions**2, axis=0))
    scaled = contributions[:, errors > 0.0] / errors[errors > 0.0]
    cost = int(len(scaled) * (_DRAWN + _ADDED * scaled.shape[1]))
    largest = in_blocks(_largest, _Run(scaled, seed), blocks(draws, cost))
    return float(np.quantile(np.concatenate(largest), level))


@dataclass(frozen=True, slots=True)
class _Run:
    scaled: Numbers
    seed: int


def _largest(run: _Run, block: Block) -> Numbers:
    """The largest |t| of each draw of a block (d,)."""
    random = np.random.Generator(np.random.PCG64(block.seed(run.seed)))
    step = max(1, _CELLS // len(run.scaled))
    largest = []
    for start in range(0, block.draws, step):
        signs = 2.0 * random.integers(0, 2, (min(step, block.draws - start), len(run.scaled))) - 1.0
        largest.append(np.max(np.abs(signs @ run.scaled), axis=1, initial=0.0))
    return np.concatenate(largest)
