"""Weights on the simplex by Frank-Wolfe, for many problems at once that share one matrix of cross-products.

Steps, stopping rule and the restart from sparsified weights are those of the R package synthdid 0.0.9 (Arkhangelsky,
Athey, Hirshberg, Imbens and Wager 2021), so that its answers are met where it stops short of the optimum.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from effects.rows.columns import Codes, Flags, Numbers

FIRST_STEPS: Final = 100
MOST_STEPS: Final = 10_000
_SPARSE: Final = 4.0


@dataclass(frozen=True, slots=True)
class Problems:
    """B problems: weights x (p,) >= 0 that sum to 1 and minimise |A x - b|^2 / rows + ridge^2 |x|^2.

    A'A = gram - downdate downdate' and A'b = cross. Shapes: gram (p, p) shared by all, downdate (B, p, r),
    cross (B, p), rows (B,); allowed (B, p) says which weights may be positive.
    """

    gram: Numbers
    downdate: Numbers
    cross: Numbers
    rows: Numbers
    allowed: Flags

    def part(self, kept: Flags) -> "Problems":
        """The kept problems (B,) alone."""
        return Problems(self.gram, self.downdate[kept], self.cross[kept], self.rows[kept], self.allowed[kept])

    def column(self, places: Codes) -> Numbers:
        """Column `places[b]` of A'A of each problem b, (B, p)."""
        plain: Numbers = self.gram[places]
        if not self.downdate.shape[2]:
            return plain
        return plain - self._taken(self.downdate[np.arange(len(places)), places])

    def product(self, weights: Numbers) -> Numbers:
        """A'A x of each problem for weights (B, p)."""
        plain: Numbers = weights @ self.gram
        if not self.downdate.shape[2]:
            return plain
        return plain - self._taken(np.einsum("bpr,bp->br", self.downdate, weights))

    def _taken(self, loadings: Numbers) -> Numbers:
        """The downdate's columns combined with loadings (B, r)."""
        combined: Numbers = np.einsum("bpr,br->bp", self.downdate, loadings)
        return combined


def solve(problems: Problems, start: Numbers, ridge: float, least: float) -> Numbers:
    """Weights (B, p) from weights to start with (B, p): a short run, small weights to zero, and a long run.

    A run ends once a step lowers the objective by no more than `least` squared.
    """
    first = descend(problems, start, ridge, least, FIRST_STEPS)
    return descend(problems, sparse(first), ridge, least, MOST_STEPS)


def sparse(weights: Numbers) -> Numbers:
    """Weights (B, p) of which those at or below a quarter of the largest are zero; rows sum to 1 again."""
    kept = np.where(weights <= weights.max(axis=1, keepdims=True) / _SPARSE, 0.0, weights)
    shares: Numbers = kept / kept.sum(axis=1, keepdims=True)
    return shares


def descend(problems: Problems, start: Numbers, ridge: float, least: float, steps: int) -> Numbers:
    """At most `steps` Frank-Wolfe steps with exact line search; problems that have come to an end wait."""
    answer = start.copy()
    going, weights, penalty = np.arange(len(start)), start.copy(), problems.rows * ridge**2
    gradient = problems.product(start) - problems.cross + penalty[:, None] * start
    barred = np.where(problems.allowed, 0.0, np.inf)
    for step in range(1, steps + 1):
        decrease = _step(problems, weights, gradient, barred, penalty)
        on = decrease > least**2 * problems.rows
        if step >= 2 and not on.all():
            answer[going[~on]] = weights[~on]
            going, weights, gradient = going[on], weights[on], gradient[on]
            problems, barred, penalty = problems.part(on), barred[on], penalty[on]
        if not len(going):
            break
    answer[going] = weights
    return answer


def _step(problems: Problems, weights: Numbers, gradient: Numbers, barred: Numbers, penalty: Numbers) -> Numbers:
    """Move weights (B, p) and half the gradient (B, p) one step towards the best corner; how much rows x loss fell."""
    each = np.arange(len(weights))
    corner = np.argmin(gradient + barred, axis=1)
    turn = problems.column(corner) - problems.cross
    turn[each, corner] += penalty
    turn -= gradient
    slope = gradient[each, corner] - np.einsum("bp,bp->b", gradient, weights)
    curvature = turn[each, corner] - np.einsum("bp,bp->b", turn, weights)
    length = np.where(curvature > 0.0, -slope / np.where(curvature > 0.0, curvature, 1.0), 0.0)
    length = np.clip(length, 0.0, 1.0)
    weights *= (1.0 - length)[:, None]
    weights[each, corner] += length
    turn *= length[:, None]
    gradient += turn
    decrease: Numbers = -length * (2.0 * slope + length * curvature)
    return decrease
