"""What pilots would find: estimates drawn under a truth."""

import numpy as np

from effects.decision_simulation.setting import Setting
from effects.decision_simulation.truths import Truth
from effects.rows.columns import Numbers


def draw(setting: Setting, truth: Truth, replications: int, seed: int | np.random.SeedSequence) -> Numbers:
    """Estimates (replications, pilots, indicators) in each outcome's unit, + for an improvement.

    effect + tau x deviation of the pilot + standard error x error; deviations and errors are standard normal, drawn
    anew for every indicator and pilot, and correlated between the indicators of a pilot. The same seed gives the same
    deviations and errors under every truth.
    """
    random = np.random.Generator(np.random.PCG64(seed))
    shape = (replications, setting.pilots, len(setting.indicators))
    important = np.array([item.minimal_important for item in setting.indicators])
    errors = np.array([item.standard_error for item in setting.indicators])
    effects = important * [truth.effects.get(item.name, 0.0) for item in setting.indicators]
    spread = setting.tau * important * _alike(random, shape, setting.correlation)
    found: Numbers = effects + spread + errors * _alike(random, shape, setting.correlation)
    return found


def _alike(random: np.random.Generator, shape: tuple[int, int, int], correlation: float) -> Numbers:
    """Standard normal numbers whose last axis is equally correlated."""
    common = random.standard_normal((*shape[:2], 1))
    found: Numbers = np.sqrt(correlation) * common + np.sqrt(1.0 - correlation) * random.standard_normal(shape)
    return found
