"""One value for each period, or for each group and period, out of rows; or by name why there is no series."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from effects.codes import Family, Reason
from effects.design_answers import Asked
from effects.estimators.series.calendar import calendar_steps
from effects.linear_model import Obstacle
from effects.message import Message
from effects.rows.columns import Codes, Flags, Numbers, parse_number

LEAST_POINTS: Final = 3
MOST_PERIODS: Final = 10_000
_WHOLE: Final = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """A series (n,) in order of group and time, or two of them.

    `times` are on the scale of the period column, or count periods where it holds dates or texts, 0 at the first under
    treatment; `steps` count periods from the first. `weights` are the summed weights of the rows behind a point;
    `group` is 1 where the intervention came.
    """

    times: Numbers
    steps: Codes
    outcome: Numbers
    offset: Numbers
    weights: Numbers
    covariates: Numbers
    names: tuple[str, ...]
    group: Codes
    family: Family
    start: str
    notes: tuple[Message, ...]

    @property
    def after(self) -> Flags:
        """Which points are under treatment, or would be in the control."""
        begun: Flags = self.times >= 0.0
        return begun

    def part(self, kept: Flags, shift: float = 0.0) -> "Points":
        """The kept points (n,) alone, as if treatment had begun `shift` later."""
        return replace(
            self,
            times=self.times[kept] - shift,
            steps=self.steps[kept],
            outcome=self.outcome[kept],
            offset=self.offset[kept],
            weights=self.weights[kept],
            covariates=self.covariates[kept],
            group=self.group[kept],
        )


def read_points(asked: Asked, *, controlled: bool) -> Points | Obstacle:
    """The series of an outcome; several rows of a period become their mean, by weight, with a note."""
    sample, roles, timing = asked.sample, asked.roles, asked.roles.timing
    assert roles.period is not None
    assert timing is not None
    assert timing.start is not None
    begun = np.flatnonzero(timing.times >= timing.start)
    if not len(begun):
        return _too_few(0, "after")
    first = int(begun[np.argmin(timing.times[begun])])
    calendar = calendar_steps(roles.period.levels)
    axis = timing.times if calendar is None else calendar
    times = axis[roles.period.codes[sample.rows]] - axis[first]
    even = _even(times)
    if isinstance(even, Obstacle):
        return even
    group = np.zeros(len(times), dtype=np.int64)
    if controlled:
        assert roles.group is not None
        group = roles.group[sample.rows].astype(np.int64)
    if calendar is not None:
        times = times * float(np.ptp(even)) / float(np.ptp(times))
    points = _averaged(asked, times, even, group, roles.period.levels[first])
    return _short(points) or _invalid(points) or points


def _even(times: Numbers) -> Codes | Obstacle:
    """Steps (n,) from the first period, in units of the smallest gap; all gaps must be multiples of it."""
    known = np.unique(times)
    if len(known) < 2:
        return _too_few(len(known), "in all")
    gaps = np.diff(known)
    steps = (times - known[0]) / gaps.min()
    whole = np.rint(steps)
    length = float(whole.max()) + 1.0
    if np.max(np.abs(steps - whole)) > _WHOLE * length or length > 2.0 * len(known) or length > MOST_PERIODS:
        return Obstacle(
            Reason.UNEVEN_PERIODS,
            Message("{periods} periods lie unevenly over {steps:.0f} steps", {"periods": len(known), "steps": length}),
            Message("periods numbered 1, 2, 3, ... or written as dates, few of them missing"),
        )
    answer: Codes = whole.astype(np.int64)
    return answer


def _averaged(asked: Asked, times: Numbers, steps: Codes, group: Codes, start: str) -> Points:
    sample, family = asked.sample, asked.outcome.stated.family or Family.GAUSSIAN
    keys, place, rows = np.unique(np.column_stack([group, steps]), axis=0, return_inverse=True, return_counts=True)
    place = place.ravel()
    first = np.zeros(len(keys), dtype=np.int64)
    first[place[::-1]] = np.arange(len(place))[::-1]
    weights: Numbers = np.bincount(place, sample.weights).astype(np.float64)

    def mean(values: Numbers) -> Numbers:
        sums = np.bincount(place, sample.weights * values)
        return np.where(rows == 1, values[first], sums / weights)

    offset = np.zeros(sample.size) if asked.outcome.offset is None else asked.outcome.offset[sample.rows]
    linked = family is not Family.GAUSSIAN
    exposure = np.where(rows == 1, offset[first], np.log(mean(np.exp(offset)))) if linked else mean(offset)
    covariates = [mean(sample.covariates[:, column]) for column in range(sample.covariates.shape[1])]
    return Points(
        times=times[first],
        steps=keys[:, 1],
        outcome=mean(sample.outcome),
        offset=exposure,
        weights=weights / weights.max(),
        covariates=np.column_stack([np.empty((len(keys), 0)), *covariates]),
        names=sample.covariate_names,
        group=keys[:, 0],
        family=family,
        start=start,
        notes=_notes(asked, keys[:, 1], rows, weights),
    )


def _notes(asked: Asked, steps: Codes, rows: Codes, weights: Numbers) -> tuple[Message, ...]:
    found = []
    if rows.max() > 1:
        counted = {"least": int(rows.min()), "most": int(rows.max())}
        found.append(Message("Each point is the mean of {least} to {most} rows, by weight where stated.", counted))
    if weights.min() < weights.max():
        found.append(Message("Points count by the summed weights of their rows."))
    absent = int(steps.max() - steps.min()) + 1 - len(np.unique(steps))
    if absent:
        found.append(
            Message("{absent} periods in between are missing; distances in time are kept.", {"absent": absent})
        )
    period = asked.roles.period
    texts = period is not None and any(parse_number(level) is None for level in period.levels)
    if period is not None and texts and calendar_steps(period.levels) is None:
        found.append(Message("Periods are no numbers: they count as equally spaced in their order."))
    return tuple(found)


def _short(points: Points) -> Obstacle | None:
    if not len(points.times):
        return _too_few(0, "in all")
    for arm in np.unique(points.group):
        own = points.after[points.group == arm]
        for seen, when in ((int(np.sum(~own)), "before"), (int(np.sum(own)), "after")):
            if seen < LEAST_POINTS:
                return _too_few(seen, when)
    return None


def _too_few(seen: int, when: str) -> Obstacle:
    messages = {
        "before": Message("{periods} periods before the start", {"periods": seen}),
        "after": Message("{periods} periods from the start on", {"periods": seen}),
        "in all": Message("{periods} periods in all", {"periods": seen}),
    }
    needs = Message("at least {least} periods before and {least} from the start on", {"least": LEAST_POINTS})
    return Obstacle(Reason.TOO_FEW_PERIODS, messages[when], needs)


def _invalid(points: Points) -> Obstacle | None:
    if not (np.isfinite(points.outcome).all() and np.isfinite(points.offset).all()):
        return Obstacle(
            Reason.NOT_FINITE,
            Message("values are infinite or too large to compute with"),
            Message("finite values in a sensible unit"),
        )
    if points.family is Family.POISSON and np.any(points.outcome < 0.0):
        return Obstacle(Reason.OUT_OF_RANGE, Message("a count is negative"), Message("counts of 0 or more"))
    if points.family is Family.BINOMIAL and np.any((points.outcome < 0.0) | (points.outcome > 1.0)):
        return Obstacle(
            Reason.OUT_OF_RANGE, Message("a share lies outside 0 to 1"), Message("shares or 0 and 1 as the outcome")
        )
    return None


def differenced(points: Points) -> Points | Obstacle:
    """The intervention's series less the control's, over the periods in which both are observed.

    A covariate with the same values in both cancels and is left out. The weight of a difference is 1 / (1/w1 + 1/w0).
    """
    ours, theirs = points.part(points.group == 1), points.part(points.group == 0)
    if not (len(ours.times) and len(theirs.times)):
        return Obstacle(
            Reason.EMPTY_ARM,
            Message("{treated} and {untreated} points", {"treated": len(ours.times), "untreated": len(theirs.times)}),
            Message("a series with the intervention and one without"),
        )
    _, mine, other = np.intersect1d(ours.steps, theirs.steps, assume_unique=True, return_indices=True)
    covariates = ours.covariates[mine] - theirs.covariates[other]
    kept = np.any(covariates != 0.0, axis=0)
    absent = len(ours.times) + len(theirs.times) - 2 * len(mine)
    notes = [Message("The control's series is taken from the intervention's, period by period.")]
    if absent:
        notes.append(Message("{absent} points without their counterpart are left out.", {"absent": absent}))
    paired = replace(
        ours.part(np.isin(ours.steps, theirs.steps)),
        outcome=ours.outcome[mine] - theirs.outcome[other],
        offset=ours.offset[mine] - theirs.offset[other],
        weights=1.0 / (1.0 / ours.weights[mine] + 1.0 / theirs.weights[other]),
        covariates=covariates[:, kept],
        names=tuple(name for name, there in zip(points.names, kept, strict=True) if there),
        notes=(*notes, *points.notes),
    )
    return _short(paired) or paired
