"""Intervals of shares that were counted."""

from typing import Final

import numpy as np

_Z: Final = 1.959963984540054


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """The 95 % interval of a share of at least one trial (Wilson 1927)."""
    share, square = successes / trials, _Z**2
    middle = (share + square / (2.0 * trials)) / (1.0 + square / trials)
    reach = _Z * np.sqrt(share * (1.0 - share) / trials + square / (4.0 * trials**2)) / (1.0 + square / trials)
    return float(max(0.0, middle - reach)), float(min(1.0, middle + reach))
