"""What a business case is valued with: measured effects and the places they are brought to."""

from dataclasses import dataclass
from typing import Final

LARGEST: Final = 1e100


@dataclass(frozen=True, slots=True)
class Effect:
    """A measured effect in the indicator's unit, + as measured: its mean, the sd of that mean, and of a new place's.

    Raises ValueError for a number beyond any scale (1e100) or a negative sd.
    """

    mean: float
    sd: float
    predictive_sd: float

    def __post_init__(self) -> None:
        """Refuse what is no effect."""
        if not all(0 <= figure <= LARGEST for figure in (abs(self.mean), self.sd, self.predictive_sd)):
            raise ValueError("an effect has finite figures and no negative sd")


@dataclass(frozen=True, slots=True)
class Place:
    """A municipality with its number of inhabitants; what is not known of it is None."""

    code: str
    name: str
    region: str | None
    size_class: str | None
    population: int | None
