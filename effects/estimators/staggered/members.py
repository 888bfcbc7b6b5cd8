"""Who is compared in staggered adoption: units, or units alike that stand as one, each in a cluster and a cohort."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Self, TypeAlias

import numpy as np

from effects.rows.columns import Codes, Flags, Numbers

Label: TypeAlias = float | str


@dataclass(frozen=True, slots=True)
class Change:
    """Of U members between two periods: whether any of their units is seen in both, the mean change of those that are,
    their weight, number and people; all but `both` are 0 where none is."""

    both: Flags
    mean: Numbers
    weights: Numbers
    units: Numbers
    people: Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """U members over T periods.

    Shapes: times and labels (T,), first (U,) time of first treatment (inf = never), cluster (U,) codes without gaps,
    weights and people (U,). `lost` counts the units left out because they had no period before treatment; `averaged`
    says that weights differed between the periods of a unit.
    """

    times: Numbers
    labels: tuple[Label, ...]
    first: Numbers
    cluster: Codes
    weights: Numbers
    people: Numbers
    lost: int = 0
    averaged: bool = False

    @property
    def entries(self) -> int:
        """Number of members."""
        return len(self.first)

    @property
    @abstractmethod
    def units(self) -> int:
        """Number of units."""

    @property
    @abstractmethod
    def rows(self) -> int:
        """Number of outcomes."""

    @property
    @abstractmethod
    def seen(self) -> Flags:
        """Periods (T,) in which anybody is observed."""

    @property
    @abstractmethod
    def lacking(self) -> int:
        """Units that are not observed in every such period."""

    @property
    @abstractmethod
    def scale(self) -> float:
        """Size of the outcome, or of its changes: what rounding is relative to."""

    @abstractmethod
    def number(self, members: Flags) -> int:
        """Units of some members (U,)."""

    @abstractmethod
    def change(self, period: int, base: int) -> Change:
        """The change from one period to another."""

    @abstractmethod
    def part(self, kept: Flags) -> Self:
        """The kept members (U,) alone; clusters again without gaps."""

    @property
    def cohorts(self) -> Numbers:
        """Times of first treatment (C,) within the periods, ascending."""
        return np.unique(self.first[self.first <= self.times[-1]])

    @property
    def has_lone_cohort(self) -> bool:
        """Whether all units of some cohort lie in one cluster."""
        return any(len(np.unique(self.cluster[self.first == cohort])) == 1 for cohort in self.cohorts.tolist())

    @property
    def whole(self) -> bool:
        """Whether time counts in whole numbers."""
        numbers = np.concatenate([self.times, self.cohorts])
        return bool(np.all(numbers == np.round(numbers)))

    def never(self, anticipation: float) -> Flags:
        """Members (U,) that are not treated within the periods, nor anticipate it."""
        apart: Flags = self.first > self.times[-1] + anticipation
        return apart

    def place(self, cohort: float) -> int:
        """Place of the first period under treatment of a cohort."""
        return int(np.searchsorted(self.times, cohort))

    def label(self, cohort: float) -> Label:
        """How the plan's data name a cohort."""
        numeric = not isinstance(self.labels[0], str)
        return float(cohort) if numeric else self.labels[self.place(cohort)]

    def named(self, cohort: float) -> str:
        """The same in a sentence."""
        return in_words(self.label(cohort))

    def event_time(self, cohort: float, period: int) -> int:
        """Periods since the first treated one, on the axis of time where it counts in whole numbers."""
        return int(self.times[period] - cohort) if self.whole else period - self.place(cohort)


def in_words(label: Label) -> str:
    """A period as people write it."""
    return label if isinstance(label, str) else f"{label:.12g}"
