"""The lines of a business case as weights times uncertain factors: what every figure of a valuation is summed from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from effects.codes import Better
from effects.economics.business_case import BusinessCase
from effects.economics.codes import LineKind, Scope, Timing
from effects.economics.discounting import Schedule
from effects.economics.facts import Effect, Place
from effects.economics.products import Factor, Numbers, product, shared
from effects.economics.stated import Line
from effects.economics.three_points import ThreePoints

EXACTLY_ONE = (1.0, 0.0)


@dataclass(frozen=True, slots=True)
class Sums:
    """k lines whose figures are known, over the nation and over p places.

    A line is worth `sign` x `worth` x units x amount x volume x effect: `sign` holds the haircut and the multiplier,
    `worth` its discounted years. `units` (p, k) is what a place has of what the amount is for (NaN where not known, 0
    of what is national), `nation` (k,) the same for all of them. Effects are turned so that + is good.
    """

    lines: tuple[Line, ...]
    counted: Numbers
    sign: Numbers
    shares: Numbers
    factors: Numbers
    units: Numbers
    nation: Numbers
    volume_points: tuple[ThreePoints | None, ...]
    amount: Factor
    volume: Factor
    effect: Factor
    new_place: Factor

    @property
    def worth(self) -> Numbers:
        """Discounted years of each line, (k,)."""
        return np.asarray(self.shares @ self.factors)

    @property
    def weights(self) -> Numbers:
        """What each line's factors are multiplied by for the nation, (k,), whoever pays."""
        return self.sign * self.worth * self.nation

    @property
    def net_weights(self) -> Numbers:
        """The same, 0 for lines whose payer does not count."""
        return np.where(self.counted > 0, self.weights, 0.0)

    @property
    def terms(self) -> Factor:
        """Amount x volume x effect for the nation, whose effect is the mean effect."""
        return product([self.amount, self.volume, self.effect])

    @property
    def yearly(self) -> Numbers:
        """Expected net value of the nation in each year before discounting, (years,)."""
        return np.asarray((np.where(self.counted > 0, self.sign * self.nation, 0.0) * self.terms.mean) @ self.shares)

    @property
    def local_terms(self) -> Factor:
        """The same for one new place, whose effect is drawn from the predictive distribution."""
        return product([self.amount, self.volume, self.new_place])


def turned(effect: Effect, better: Better | None) -> float:
    """The mean effect with its sign such that + is good."""
    return -effect.mean if better is Better.LOWER else effect.mean


def sums(
    case: BusinessCase,
    lines: Sequence[Line],
    effects: Mapping[str, Effect],
    places: Sequence[Place],
    schedule: Schedule,
) -> Sums:
    """The sums of lines whose amount, volume and effect are all known."""
    units = np.array([[units_at(case, line, place) for line in lines] for place in places], dtype=float)
    units = units.reshape(len(places), len(lines))
    national = np.array([line.scope is Scope.NATIONAL for line in lines])
    volumes = [case.volume(line.volume) for line in lines]
    volume_points = [None if volume is None else volume.amount for volume in volumes]
    amounts = [line.amount for line in lines if line.amount is not None]
    return Sums(
        lines=tuple(lines),
        counted=np.array([float(case.counts(line)) for line in lines]),
        sign=np.array(
            [(1 if line.kind is LineKind.BENEFIT else -1) * case.haircut(line) * line.multiplier for line in lines]
        ),
        shares=np.array([shares_by_year(case, line) for line in lines]).reshape(len(lines), case.horizon_years),
        factors=np.array(schedule.factors(case.horizon_years)),
        units=units,
        nation=np.where(national, 1.0, units.sum(axis=0)),
        amount=shared([line.title for line in lines], [a.mean for a in amounts], [a.sd for a in amounts]),
        volume_points=tuple(volume_points),
        volume=_volumes(lines, volume_points),
        effect=_effects(case, lines, effects, local=False),
        new_place=_effects(case, lines, effects, local=True),
    )


def units_at(case: BusinessCase, line: Line, place: Place) -> float:
    """How many a place has of what the line's amount is for, a volume in thousands of inhabitants; NaN: not known."""
    if line.scope is not Scope.UNIT:
        return float(line.scope is Scope.PLACE)
    volume = case.volume(line.volume)
    if volume is not None and volume.by_place:
        return volume.by_place.get(place.code, float("nan"))
    return float("nan") if place.population is None else place.population / 1000


def shares_by_year(case: BusinessCase, line: Line) -> tuple[float, ...]:
    """The share of the nation that the line falls for in each year; what is national does not wait for the others."""
    stated = [*case.phase_in, *[case.phase_in[-1]] * case.horizon_years][: case.horizon_years]
    in_use = [1.0] * case.horizon_years if line.scope is Scope.NATIONAL else stated
    if line.timing is Timing.YEARLY:
        return tuple(in_use)
    return tuple(now - before for before, now in zip([0.0, *in_use], in_use, strict=False))


def _volumes(lines: Sequence[Line], points: Sequence[ThreePoints | None]) -> Factor:
    stated = [EXACTLY_ONE if point is None else (point.mean, point.sd) for point in points]
    names = [line.volume if point is not None else None for line, point in zip(lines, points, strict=True)]
    return shared(names, [mean for mean, _ in stated], [sd for _, sd in stated])


def _effects(case: BusinessCase, lines: Sequence[Line], effects: Mapping[str, Effect], *, local: bool) -> Factor:
    found = [None if line.indicator is None else effects[line.indicator] for line in lines]
    means = [1.0 if effect is None else turned(effect, line.better) for line, effect in zip(lines, found, strict=True)]
    sds = [0.0 if effect is None else effect.predictive_sd if local else effect.sd for effect in found]
    return shared([line.indicator for line in lines], means, sds, case.effect_correlation)
