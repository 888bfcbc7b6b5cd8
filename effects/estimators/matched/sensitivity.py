"""How strong an unmeasured confounder would have to be."""

from typing import Final

import numpy as np

PER_SD: Final = 0.91
PER_ERROR: Final = 1.78


def e_values(effect: float, error: float) -> tuple[float, float]:
    """E-values of a standardised effect and of the 95 % limit nearer to none; 1 where the interval includes none.

    `effect` and its standard error are in standard deviations of the outcome. The risk ratio that an unmeasured
    confounder would need with both treatment and outcome to explain the effect away: RR + sqrt(RR (RR - 1)) with RR =
    exp(0.91 d), the limit exp(0.91 d - 1.78 s). VanderWeele and Ding 2017.
    """
    size = abs(effect)
    return _e_value(PER_SD * size), _e_value(PER_SD * size - PER_ERROR * error)


def _e_value(log_ratio: float) -> float:
    ratio = float(np.exp(min(max(log_ratio, 0.0), 300.0)))
    return ratio + float(np.sqrt(ratio * (ratio - 1.0)))
