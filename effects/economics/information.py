"""What it is worth to know more before a decision, in closed form for a normal net value.

The decision is: adopt where the mean net value is above zero, otherwise do not. Raiffa and Schlaifer 1961, chapter 5;
the unit normal loss is the one of their section 11.
"""

import math

from effects.economics.estimate import density, probability_above


def evpi_normal(mean: float, sd: float) -> float:
    """Expected value of perfect information, in the unit of the net value (never negative).

    `sd` is the standard deviation of what is believed of the mean net value; 0 where it is known. Raises ValueError for
    a negative or infinite one.
    """
    if not (math.isfinite(mean) and math.isfinite(sd)) or sd < 0:
        raise ValueError("a mean is finite, a standard deviation finite and not negative")
    if sd == 0:
        return 0.0
    distance = abs(mean) / sd
    return max(0.0, sd * (density(distance) - distance * probability_above(0.0, 1.0, distance)))


def evsi_normal(mean: float, prior_sd: float, sampling_sd: float) -> float:
    """Expected value of a study that measures the mean net value with error `sampling_sd`; infinite teaches nothing.

    The mean after the study is normal around `mean` with sd prior_sd^2 / sqrt(prior_sd^2 + sampling_sd^2), and the
    study is worth what perfect information would be worth with that sd. Raises ValueError as `evpi_normal` does.
    """
    if math.isnan(sampling_sd) or sampling_sd < 0 or prior_sd < 0:
        raise ValueError("a standard deviation is not negative")
    learnt = 0.0 if prior_sd == 0 or math.isinf(sampling_sd) else prior_sd / math.hypot(prior_sd, sampling_sd)
    return evpi_normal(mean, prior_sd * learnt)
