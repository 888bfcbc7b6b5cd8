"""The net value drawn at random, to be held against the closed form."""

import math
from typing import Final

import numpy as np

from effects.economics.estimate import probability_above
from effects.economics.products import Numbers
from effects.economics.sums import Sums
from effects.economics.three_points import ThreePoints
from effects.economics.valuation import Simulated
from effects.message import Message

ERRORS: Final = 4.0
"""Monte Carlo errors that mean, sd and probability may be apart: by chance once in 15,000."""
SHAPE: Final = 0.01
"""How far the probability may lie from that of a normal with the same mean and sd before it is called apart."""


def simulated(sums: Sums, correlation: float, *, draws: int, seed: int) -> Simulated:
    """Draw every amount and volume from a beta with its mean and sd, every effect from a normal, and add up.

    Equal seeds give equal figures.
    """
    totals = _totals(sums, correlation, draws, np.random.default_rng(seed))
    mean, sd = float(totals.mean()), float(totals.std(ddof=1))
    positive = float((totals > 0).mean())
    gains = np.maximum(totals, 0) - (totals if mean > 0 else 0)
    exact, spread = sums.terms.total(sums.net_weights)
    kurtosis = float((((totals - mean) / sd) ** 4).mean()) if sd > 0 else 1.0
    mean_error = sd / math.sqrt(draws)
    sd_error = sd * math.sqrt(max(0.0, kurtosis - 1) / draws) / 2
    probability_error = math.sqrt(positive * (1 - positive) / draws)
    rounding = 1e-9 * (abs(exact) + spread)
    close = abs(mean - exact) <= ERRORS * mean_error + rounding and abs(sd - spread) <= ERRORS * sd_error + rounding
    apart = abs(positive - probability_above(exact, spread)) > ERRORS * probability_error + SHAPE
    return Simulated(
        draws=draws,
        seed=seed,
        mean=mean,
        mean_error=mean_error,
        sd=sd,
        sd_error=sd_error,
        probability_positive=positive,
        probability_error=probability_error,
        evpi=float(gains.mean()),
        evpi_error=float(gains.std(ddof=1)) / math.sqrt(draws),
        agrees=close and not apart,
        agreement=_agreement(close, apart),
    )


def _agreement(close: bool, apart: bool) -> Message:
    if not close:
        return Message(
            "Simulation and closed form differ by more than chance: rely on neither until it is found out why."
        )
    if apart:
        return Message(
            "Mean and spread agree with the simulation. The probabilities differ because the net value is not normal: "
            "advice rests on the lower one."
        )
    return Message("Simulation and closed form agree within the error of the simulation.")


def _totals(sums: Sums, correlation: float, draws: int, chance: np.random.Generator) -> Numbers:
    common = chance.standard_normal(draws)
    volumes = {
        line.volume: _drawn(points, draws, chance) for line, points in zip(sums.lines, sums.volume_points, strict=True)
    }
    errors = {
        line.indicator: math.sqrt(correlation) * common + math.sqrt(1 - correlation) * chance.standard_normal(draws)
        for line in sums.lines
    }
    spreads = np.sqrt(np.diag(sums.effect.covariance))
    totals = np.zeros(draws)
    for place, (line, weight) in enumerate(zip(sums.lines, sums.net_weights, strict=True)):
        effect = sums.effect.mean[place] + spreads[place] * errors[line.indicator]
        totals += weight * _drawn(line.amount, draws, chance) * volumes[line.volume] * effect
    return totals


def _drawn(points: ThreePoints | None, draws: int, chance: np.random.Generator) -> Numbers:
    """Draws of a stated figure; ones where there is none, and what is exact without chance."""
    if points is None or points.shape is None:
        return np.full(draws, 1.0 if points is None else points.mean)
    return points.low + (points.high - points.low) * chance.beta(*points.shape, draws)
