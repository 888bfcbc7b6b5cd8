"""Thirteen trials of a tuberculosis vaccine, log risk ratios worked out from their published counts.

Colditz et al. 1994: people with tuberculosis and without it, among the vaccinated and among the others, and the
latitude of the trial. Any machine can check against these.
"""

from typing import Final

import numpy as np

from effects.synthesis.studies import Studies

_COUNTS: Final = (
    (4, 119, 11, 128, 44, 1948, "random"),
    (6, 300, 29, 274, 55, 1949, "random"),
    (3, 228, 11, 209, 42, 1960, "random"),
    (62, 13536, 248, 12619, 52, 1977, "random"),
    (33, 5036, 47, 5761, 13, 1973, "alternate"),
    (180, 1361, 372, 1079, 44, 1953, "alternate"),
    (8, 2537, 10, 619, 19, 1973, "random"),
    (505, 87886, 499, 87892, 13, 1980, "random"),
    (29, 7470, 45, 7232, 27, 1968, "random"),
    (17, 1699, 65, 1600, 42, 1961, "systematic"),
    (186, 50448, 141, 27197, 18, 1974, "systematic"),
    (5, 2493, 3, 2338, 33, 1969, "systematic"),
    (27, 16886, 29, 17825, 33, 1976, "systematic"),
)


def trials() -> Studies:
    """The log risk ratios with date, latitude and way of allocation."""
    counts = np.array([row[:4] for row in _COUNTS], dtype=np.float64)
    ill, well, ill_others, well_others = counts.T
    treated, others = ill + well, ill_others + well_others
    return Studies(
        names=tuple(f"trial {number}" for number in range(1, 14)),
        estimates=tuple(np.log(ill / treated * others / ill_others).tolist()),
        variances=tuple((1 / ill - 1 / treated + 1 / ill_others - 1 / others).tolist()),
        dates=tuple(str(row[5]) for row in _COUNTS),
        moderators={"latitude": [float(row[4]) for row in _COUNTS], "allocation": [row[6] for row in _COUNTS]},
    )
