"""A figure stated as low, likely and high, and the mean and spread it is read as (Malcolm et al. 1959, PERT)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ThreePoints:
    """Ends of the possible and the most likely value between them, low <= likely <= high; all equal: known exactly."""

    low: float
    likely: float
    high: float

    @property
    def mean(self) -> float:
        """(low + 4 likely + high) / 6."""
        return (self.low + 4 * self.likely + self.high) / 6

    @property
    def sd(self) -> float:
        """(high - low) / 6, PERT's own rule; not the somewhat wider spread of today's "beta-PERT" distribution."""
        return (self.high - self.low) / 6

    @property
    def shape(self) -> tuple[float, float] | None:
        """The beta distribution over low to high that has this mean and sd; None where nothing is uncertain.

        Its place m = (mean - low) / (high - low) lies between 1/6 and 5/6, so that m (1 - m) exceeds the variance 1/36
        and both parameters are positive.
        """
        if self.high <= self.low:
            return None
        place = (self.mean - self.low) / (self.high - self.low)
        size = 36 * place * (1 - place) - 1
        return place * size, (1 - place) * size
