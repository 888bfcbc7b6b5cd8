"""Units by periods: the shape in which staggered adoption is estimated."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, TypeVar

import numpy as np

from effects.codes import Reason
from effects.design_answers import Asked
from effects.estimators.staggered.members import Change, Label, Members
from effects.linear_model import Obstacle
from effects.message import Message
from effects.rows.columns import Codes, Flags, Numbers, parse_number
from effects.rows.samples import Sample, count

Compared = TypeVar("Compared", bound=Members)

MOST_CELLS: Final = 20_000_000
LARGEST: Final = 1e60
FURTHEST: Final = 1e12


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel(Members):
    """U units by T periods, NaN where a unit is not observed: outcome (U, T) and covariates (U, T, m)."""

    outcome: Numbers
    covariates: Numbers
    covariate_names: tuple[str, ...]

    @property
    def units(self) -> int:
        """Number of units."""
        return self.entries

    @property
    def observed(self) -> Flags:
        """Units by periods (U, T) that hold an outcome."""
        return ~np.isnan(self.outcome)

    @property
    def treated(self) -> Flags:
        """Units by periods (U, T) under treatment."""
        return self.times[None, :] >= self.first[:, None]

    @property
    def rows(self) -> int:
        """Number of outcomes."""
        return int(self.observed.sum())

    @property
    def seen(self) -> Flags:
        """Periods (T,) in which anybody is observed."""
        return np.asarray(self.observed.any(axis=0), dtype=np.bool_)

    @property
    def lacking(self) -> int:
        """Units that are not observed in every such period."""
        return int(np.sum(~self.observed[:, self.seen].all(axis=1)))

    @property
    def scale(self) -> float:
        """The largest outcome."""
        return float(np.nanmax(np.abs(self.outcome)))

    def number(self, members: Flags) -> int:
        """How many are marked (U,)."""
        return int(np.sum(members))

    def change(self, period: int, base: int) -> Change:
        """The change of each unit from one period to another."""
        gain = self.outcome[:, period] - self.outcome[:, base]
        both = ~np.isnan(gain)
        seen = both.astype(np.float64)
        return Change(both, np.where(both, gain, 0.0), self.weights * seen, seen, self.people * seen)

    @property
    def within(self) -> "Panel":
        """The panel with only the covariates that change within units: unit effects absorb the others."""
        lowest, highest = (np.where(self.observed[:, :, None], self.covariates, end) for end in (np.inf, -np.inf))
        changing = np.any(lowest.min(axis=1) < highest.max(axis=1), axis=0)
        names = tuple(name for name, kept in zip(self.covariate_names, changing.tolist(), strict=True) if kept)
        return replace(self, covariates=self.covariates[:, :, changing], covariate_names=names)

    def part(self, kept: Flags) -> "Panel":
        """The kept units (U,) alone; clusters again without gaps."""
        return Panel(
            outcome=self.outcome[kept],
            covariates=self.covariates[kept],
            covariate_names=self.covariate_names,
            times=self.times,
            labels=self.labels,
            first=self.first[kept],
            cluster=np.unique(self.cluster[kept], return_inverse=True)[1].astype(np.int64),
            weights=self.weights[kept],
            people=self.people[kept],
            lost=self.lost + int(np.sum(~kept)),
            averaged=self.averaged,
        )


def panel_of(asked: Asked) -> Panel | Obstacle:
    """The sample as a panel, or why it is none."""
    sample, timing, levels = asked.sample, asked.roles.timing, asked.roles.period
    if timing is None or timing.first is None or levels is None or sample.unit is None or sample.cluster is None:
        return Obstacle(
            Reason.NO_ROWS,
            Message("units, periods or first treated periods are not stated"),
            Message("data.unit, data.period and data.first_treated"),
        )
    period = levels.codes[sample.rows]
    obstacle = _unusable(sample, sample.unit, sample.cluster, period, len(timing.times))
    if obstacle is not None:
        return obstacle
    numeric = all(parse_number(level) is not None for level in levels.levels)
    labels: tuple[Label, ...] = tuple(timing.times.tolist()) if numeric else levels.levels
    spread = _spread(sample, period, len(labels))
    weights, varying = _weights(spread(sample.weights))
    panel = Panel(
        outcome=spread(sample.outcome),
        covariates=spread(sample.covariates),
        covariate_names=sample.covariate_names,
        times=timing.times,
        labels=labels,
        first=_of_units(timing.first[sample.rows], sample.unit),
        cluster=_of_units(sample.cluster, sample.unit).astype(np.int64),
        weights=weights,
        people=np.ones(sample.units) if sample.persons is None else _mean(spread(sample.persons)),
        averaged=varying,
    )
    if not np.any(panel.first <= panel.times[-1]):
        return Obstacle(
            Reason.EMPTY_ARM, Message("no unit is treated within the periods"), Message("units that begin treatment")
        )
    return panel


def with_baseline(panel: Compared, anticipation: float) -> Compared | Obstacle:
    """The panel without units treated, or anticipating treatment, since its first period."""
    begins = panel.times[np.flatnonzero(panel.seen)[0]]
    kept = panel.first - anticipation > begins
    treated = panel.first <= panel.times[-1]
    if not np.any(treated & kept):
        return Obstacle(
            Reason.NO_BASELINE,
            Message(
                "all {units} treated units are treated from their first period on", {"units": panel.number(treated)}
            ),
            Message("at least one period before treatment"),
        )
    return panel.part(kept)


def _unusable(sample: Sample, unit: Codes, cluster: Codes, period: Codes, periods: int) -> Obstacle | None:
    if max(float(np.max(np.abs(values), initial=0.0)) for values in (sample.outcome, sample.covariates)) > LARGEST:
        return Obstacle(
            Reason.NOT_FINITE,
            Message("values are infinite or too large to compute with"),
            Message("finite values in a sensible unit"),
        )
    if float(np.max(sample.weights)) > FURTHEST * float(np.min(sample.weights)):
        return Obstacle(
            Reason.NOT_FINITE,
            Message("weights are too far apart to compute with"),
            Message("weights of a similar size"),
        )
    if sample.units * periods * (1 + len(sample.covariate_names)) > MOST_CELLS:
        return Obstacle(
            Reason.NOT_IMPLEMENTED,
            Message("{units} units by {periods} periods are too many", {"units": sample.units, "periods": periods}),
            Message("longer periods, or units that stand for several"),
        )
    twice = sample.size - len(np.unique(unit * periods + period))
    if twice:
        return Obstacle(
            Reason.NOT_A_PANEL,
            Message("{rows} rows are the second of their unit in a period", {"rows": twice}),
            Message("one row for each unit and period, or data.unit naming who is observed repeatedly"),
        )
    moving = len(np.unique(np.column_stack([unit, cluster]), axis=0)) - sample.units
    if moving:
        return Obstacle(
            Reason.NOT_A_PANEL,
            Message("{units} units change their cluster", {"units": moving}),
            Message("one cluster for each unit"),
        )
    return None


def _spread(sample: Sample, period: Codes, periods: int) -> Callable[[Numbers], Numbers]:
    def spread(values: Numbers) -> Numbers:
        wide = np.full((sample.units, periods, *values.shape[1:]), np.nan)
        wide[sample.unit, period] = values
        return wide

    return spread


def _of_units(values: Numbers | Codes, unit: Codes) -> Numbers:
    found = np.empty(count(unit))
    found[unit] = values
    return found


def _mean(wide: Numbers) -> Numbers:
    present = ~np.isnan(wide)
    known = np.maximum(present.sum(axis=1), 1)
    mean: Numbers = np.where(present, wide, 0.0).sum(axis=1) / known
    return mean


def _weights(wide: Numbers) -> tuple[Numbers, bool]:
    """One weight for each unit (U,), and whether any differed between periods."""
    varying = bool(np.any(np.nanmax(wide, axis=1) != np.nanmin(wide, axis=1)))
    return _mean(wide), varying
