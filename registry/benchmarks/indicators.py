"""Twenty seeded indicators of 98 municipalities over a year, with nothing to find."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from effects.rows.columns import Codes, Numbers

SEED: Final = 20260303
CLUSTERS: Final = 98
MONTHS: Final = 12
INDICATORS: Final = 20


@dataclass(frozen=True, slots=True)
class Indicators:
    """One row a municipality and month, ordered by these.

    starts (G,) is the month in which a municipality is first treated, arm (G,) a plain two-armed assignment; treated
    (G, T) follows from starts; values (G, T, 20).
    """

    starts: Codes
    arm: Codes
    treated: Numbers
    values: Numbers


def indicators() -> Indicators:
    """The same numbers at every call."""
    random = np.random.default_rng(SEED)
    starts = random.permutation(1 + np.arange(CLUSTERS) % (MONTHS - 1))
    arm = random.permutation(np.arange(CLUSTERS) % 2)
    level = random.normal(0.0, 1.0, (CLUSTERS, 1, INDICATORS))
    season = random.normal(0.0, 0.5, (1, MONTHS, INDICATORS))
    values = 10.0 + level + season + random.normal(0.0, 1.0, (CLUSTERS, MONTHS, INDICATORS))
    return Indicators(starts, arm, (np.arange(MONTHS) >= starts[:, None]).astype(np.float64), values)
