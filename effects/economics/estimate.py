"""A figure with its interval, and the normal distribution it is read as."""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

STANDARD: Final = NormalDist()


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean with its central interval at `level`; without both ends its uncertainty is not known.

    Raises ValueError where a number is not finite, the interval does not hold the mean or the level is no level.
    """

    mean: float
    low: float | None = None
    high: float | None = None
    level: float = 0.95

    def __post_init__(self) -> None:
        """Refuse what is no estimate."""
        stated = [end for end in (self.low, self.mean, self.high) if end is not None]
        if not all(math.isfinite(end) for end in stated) or stated != sorted(stated):
            raise ValueError("an estimate is finite and lies within its interval")
        if not 0 < self.level < 1:
            raise ValueError("a level lies strictly between 0 and 1")

    @property
    def standard_error(self) -> float | None:
        """Width of the interval over twice the normal quantile of its level; None without an interval."""
        if self.low is None or self.high is None:
            return None
        return (self.high - self.low) / (2 * STANDARD.inv_cdf((1 + self.level) / 2))

    @property
    def excludes_zero(self) -> bool | None:
        """Whether the whole interval lies on one side of 0; None without an interval."""
        if self.low is None or self.high is None:
            return None
        return self.low > 0 or self.high < 0


def probability_above(mean: float, sd: float, value: float = 0.0) -> float:
    """P(X > value) for a normal X, in 0 to 1; without spread 1 or 0, and 0 where the mean is the value itself."""
    if sd == 0:
        return float(mean > value)
    return 0.5 * math.erfc((value - mean) / (sd * math.sqrt(2)))


def density(z: float) -> float:
    """Standard normal density."""
    return math.exp(-z * z / 2) / math.sqrt(2 * math.pi)


def both_above(first: float, second: float, correlation: float, *, steps: int = 2_000) -> float:
    """P(Z1 > -first and Z2 > -second) of two standard normals, to about 1e-7.

    Plackett (1954): the derivative in the correlation is the bivariate density; integrated over its arc sine by the
    midpoint rule, which never touches the singular ends at a correlation of +-1.
    """
    apart = probability_above(first, 1.0) * probability_above(second, 1.0)
    if correlation == 0:
        return apart
    arc = math.asin(correlation)
    width = arc / steps
    angles = ((step + 0.5) * width for step in range(steps))
    together = sum(
        math.exp(-(first * first + second * second - 2 * first * second * math.sin(angle)) / (2 * math.cos(angle) ** 2))
        for angle in angles
    )
    return min(1.0, max(0.0, apart + width * together / (2 * math.pi)))
