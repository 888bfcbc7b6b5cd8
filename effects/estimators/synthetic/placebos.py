"""Placebos in space: every donor in turn, or set of donors, as if it had been treated."""

from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import Final

import numpy as np

from effects.codes import Estimator
from effects.estimators.synthetic.panel import Panel
from effects.estimators.synthetic.weights import Contrasts, Weighted, tuning, weigh
from effects.rows.columns import Codes, Numbers

MOST_WORK: Final = 20_000
MOST_DRAWS: Final = 500
LEAST_DRAWS: Final = 20


@dataclass(frozen=True, slots=True)
class Placebos:
    """Sets of donors (B, treated units) in the place of the treated; whether they are all there are."""

    members: Codes
    everything: bool


@dataclass(frozen=True, slots=True)
class Answered:
    """The actual comparison and its placebos, in the panel's scale.

    `standard_error` is the standard deviation (B - 1) of the placebo effects. `p_value` is the share of them and the
    actual effect that are at least as large as the actual one, so at least 1 / (B + 1).
    """

    actual: Weighted
    placebos: Weighted
    standard_error: float
    p_value: float

    @property
    def estimate(self) -> float:
        """The effect in the panel's scale."""
        return float(self.actual.effects[0])


def choose(donors: int, treated: int, before: int, seed: int) -> Placebos:
    """All sets of `treated` donors, or, where that is more work than seconds allow, sets drawn at random."""
    most = min(MOST_DRAWS, max(LEAST_DRAWS, MOST_WORK // max(donors, before)))
    if comb(donors, treated) <= most:
        return Placebos(np.array(list(combinations(range(donors), treated)), dtype=np.int64), True)
    random = np.random.Generator(np.random.PCG64(seed))
    if treated == 1:
        return Placebos(np.sort(random.permutation(donors)[:most])[:, None].astype(np.int64), False)
    drawn = [np.sort(random.permutation(donors)[:treated]) for _ in range(most)]
    return Placebos(np.array(drawn, dtype=np.int64), False)


def answer(panel: Panel, placebos: Placebos, estimator: Estimator) -> Answered:
    """The effect with the enumerated placebo error of Arkhangelsky et al. (2021), algorithm 4.

    As in synthdid a placebo keeps the noise level and ridge of the actual comparison and starts from its weights.
    """
    real = actual(panel)
    chosen = tuning(panel.outcomes, panel.before, real, estimator)
    found = weigh(panel.outcomes, panel.before, real, estimator, chosen)
    imagined = weigh(panel.outcomes, panel.before, contrasts(panel, placebos), estimator, chosen, found)
    spread = float(np.std(imagined.effects, ddof=1))
    return Answered(found, imagined, spread, rank_p(float(found.effects[0]), imagined.effects))


def actual(panel: Panel) -> Contrasts:
    """All donors against the treated units."""
    controls = np.arange(len(panel.outcomes)) < panel.donors
    return Contrasts(controls[None, :], ~controls[None, :])


def contrasts(panel: Panel, placebos: Placebos) -> Contrasts:
    """The other donors against each set of donors; the treated units take no part."""
    chosen = np.zeros((len(placebos.members), len(panel.outcomes)), dtype=np.bool_)
    np.put_along_axis(chosen, placebos.members, True, axis=1)
    return Contrasts(actual(panel).controls & ~chosen, chosen)


def rank_p(effect: float, placebos: Numbers) -> float:
    """Share of the placebo effects (B,) and the effect itself that are at least as large in size."""
    close = 1.0 - 1e-12
    return (1.0 + float(np.sum(np.abs(placebos) >= close * abs(effect)))) / (len(placebos) + 1.0)
