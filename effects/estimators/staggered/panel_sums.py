"""Groups of units, by cluster and cohort, as the members of a panel: sums of changes stand for the changes."""

from bisect import bisect_left
from dataclasses import dataclass

import numpy as np

from effects.codes import Reason
from effects.estimators.staggered.members import Change, Members
from effects.linear_model import Obstacle
from effects.message import Message
from effects.rows.columns import Codes, Flags, Numbers, parse_number
from effects.rows.timing import NEVER
from effects.unit_changes import UnitChanges


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelSums(Members):
    """Shapes: counted, outcomes and complete (U,), together, present and gains (U, T, T), as in `UnitChanges`."""

    counted: Codes
    outcomes: Codes
    complete: Codes
    together: Codes
    present: Numbers
    gains: Numbers

    @property
    def units(self) -> int:
        """Number of units."""
        return int(self.counted.sum())

    @property
    def rows(self) -> int:
        """Number of outcomes."""
        return int(self.outcomes.sum())

    @property
    def seen(self) -> Flags:
        """Periods (T,) in which anybody is observed."""
        return np.asarray(np.einsum("upp->p", self.together) > 0, dtype=np.bool_)

    @property
    def lacking(self) -> int:
        """Units that are not observed in every such period."""
        return int(np.sum(self.counted - self.complete))

    @property
    def scale(self) -> float:
        """The largest mean change of a group."""
        return float(np.max(np.abs(self.gains) / np.maximum(self.together, 1), initial=0.0))

    def number(self, members: Flags) -> int:
        """Units of the groups that are marked (U,)."""
        return int(self.counted[members].sum())

    def change(self, period: int, base: int) -> Change:
        """The mean change of each group's units that are seen in both periods."""
        units = self.together[:, period, base].astype(np.float64)
        mean = self.gains[:, period, base] / np.maximum(units, 1.0)
        return Change(units > 0.0, mean, units, units, self.present[:, period, base])

    def part(self, kept: Flags) -> "PanelSums":
        """The kept groups (U,) alone; clusters again without gaps."""
        return PanelSums(
            times=self.times,
            labels=self.labels,
            first=self.first[kept],
            cluster=np.unique(self.cluster[kept], return_inverse=True)[1].astype(np.int64),
            weights=self.weights[kept],
            people=self.people[kept],
            lost=self.lost + int(self.counted[~kept].sum()),
            averaged=self.averaged,
            counted=self.counted[kept],
            outcomes=self.outcomes[kept],
            complete=self.complete[kept],
            together=self.together[kept],
            present=self.present[kept],
            gains=self.gains[kept],
        )


def panel_of_sums(changes: UnitChanges) -> PanelSums | Obstacle:
    """The groups on the axis of time, or why they are no panel."""
    numbers = [parse_number(period) for period in changes.periods]
    known = [number for number in numbers if number is not None]
    numeric = changes.numeric and len(known) == len(numbers)
    times = np.array(known if numeric else range(len(numbers)), dtype=np.float64)
    first = np.array([_time(start, changes.periods, numeric=numeric) for start in changes.first])
    if not np.any(first <= times[-1]):
        return Obstacle(
            Reason.EMPTY_ARM, Message("no unit is treated within the periods"), Message("units that begin treatment")
        )
    return PanelSums(
        times=times,
        labels=tuple(times.tolist()) if numeric else changes.periods,
        first=first,
        cluster=np.unique(np.array(changes.clusters), return_inverse=True)[1].astype(np.int64),
        weights=changes.units.astype(np.float64),
        people=changes.people,
        counted=changes.units,
        outcomes=changes.rows,
        complete=changes.complete,
        together=changes.seen,
        present=changes.present,
        gains=changes.gains,
    )


def _time(start: str | None, periods: tuple[str, ...], *, numeric: bool) -> float:
    if start is None:
        return NEVER
    if numeric:
        number = parse_number(start)
        return NEVER if number is None else number
    return float(bisect_left(periods, start))
