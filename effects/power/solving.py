"""Whichever of effect, power and clusters is missing, from the other two."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from effects.codes import Design
from effects.message import Message
from effects.power.assumptions import assumptions, convention_words
from effects.power.curves import Conventions, detectable, powers
from effects.power.planned import MOST_CLUSTERS, Planned
from effects.power.variances import Precision, precision

SCHEMA: Final = "virkning-power/1"
_PROPORTION_STEPS: Final = 200
_CLOSE: Final = 1e-13
_TOO_FEW_DONORS: Final = (
    Message("With so few donors no placebo p-value can be as small as the test asks."),
    Message("at least 1 / (1 - level) - 1 donors"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerAnswer:
    """Effect, power and clusters of a planned design, one of them solved for.

    `effect`, `power` and `clusters` hold for the leading convention; beside them stand the powers at this effect and
    the detectable effects at this power by every convention. `design_effect` as in `Precision`.
    """

    schema: str = SCHEMA
    kind: Literal["power"] = "power"
    design: Design
    solved: Literal["effect", "power", "clusters"]
    convention: Literal["z", "t"]
    effect: float
    power: float
    clusters: tuple[int, ...]
    level: float
    standard_error: float
    df: float
    design_effect: float | None
    power_z: float | None
    power_t: float | None
    power_noncentral_t: float | None
    mde_z: float | None
    mde_t: float | None
    mde_noncentral_t: float | None
    conventions: tuple[Message, ...]
    assumptions: tuple[Message, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unattainable:
    """There is no such effect or number of clusters: why, and what would be needed."""

    schema: str = SCHEMA
    kind: Literal["not_attainable"] = "not_attainable"
    design: Design
    solved: Literal["effect", "power", "clusters"]
    detail: Message
    needs: Message
    assumptions: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class _Obstacle:
    detail: Message
    needs: Message


def solve(planned: Planned) -> PowerAnswer | Unattainable:
    """The missing one of effect, power and clusters.

    A stepped wedge leads with z, as its literature does, every other design with t. The effect solved for is an
    increase unless only a decrease leaves proportions between 0 and 1.
    """
    unknown = _unknown(planned)
    found: float | int | _Obstacle
    if unknown == "clusters":
        found = _least_clusters(planned)
    elif unknown == "effect":
        found = _detectable(planned, _counts(planned))
    else:
        found = _effect(planned)
    if isinstance(found, _Obstacle):
        words = assumptions(planned)
        return Unattainable(
            design=planned.design, solved=unknown, detail=found.detail, needs=found.needs, assumptions=words
        )
    clusters = _each(planned, int(found)) if unknown == "clusters" else _counts(planned)
    return _answer(planned, unknown, clusters, found if unknown == "effect" else _effect(planned))


def _answer(
    planned: Planned, unknown: Literal["effect", "power", "clusters"], clusters: Sequence[int], effect: float
) -> PowerAnswer | Unattainable:
    spread = precision(planned, clusters, effect)
    reached = powers(effect, spread, planned.level)
    leading = _leading(planned)
    power = planned.power if unknown == "effect" else reached.named(leading)
    if power is None or _beyond_placebos(planned, clusters):
        detail, needs = _no_power(spread) if power is None else _TOO_FEW_DONORS
        words = assumptions(planned)
        return Unattainable(design=planned.design, solved=unknown, detail=detail, needs=needs, assumptions=words)
    least = _all_detectable(planned, clusters, planned.power)
    return PowerAnswer(
        design=planned.design,
        solved=unknown,
        convention=leading,
        effect=effect,
        power=power,
        clusters=tuple(clusters),
        level=planned.level,
        standard_error=spread.standard_error,
        df=spread.df,
        design_effect=spread.design_effect,
        power_z=reached.z,
        power_t=reached.t,
        power_noncentral_t=reached.noncentral_t,
        mde_z=least.z,
        mde_t=least.t,
        mde_noncentral_t=least.noncentral_t,
        conventions=convention_words(planned),
        assumptions=assumptions(planned),
    )


def _unknown(planned: Planned) -> Literal["effect", "power", "clusters"]:
    if planned.clusters is None and planned.design is not Design.INTERRUPTED_TIME_SERIES:
        return "clusters"
    return "power" if planned.power is None else "effect"


def _leading(planned: Planned) -> Literal["z", "t"]:
    return "z" if planned.design is Design.STEPPED_WEDGE else "t"


def _counts(planned: Planned) -> tuple[int, ...]:
    """Clusters of every arm or sequence."""
    stated = planned.clusters or (1,)
    return _each(planned, stated[0]) if len(stated) == 1 else stated


def _each(planned: Planned, count: int) -> tuple[int, ...]:
    """The same number for every arm or sequence; a synthetic control compares one treated with so many donors."""
    return (1, count) if planned.design is Design.SYNTHETIC_CONTROL else (count,) * planned.groups


def _effect(planned: Planned) -> float:
    """The effect as stated, by itself or by two proportions."""
    if len(planned.proportions) == 2:
        return planned.proportions[1] - planned.proportions[0]
    return planned.effect or 0.0


def _no_power(found: Precision) -> tuple[Message, Message]:
    if not np.isfinite(found.standard_error):
        return Message("The design does not identify the effect."), Message("more periods, or a comparison group")
    return Message("No degrees of freedom are left."), Message("more clusters, donors or periods")


def _all_detectable(planned: Planned, clusters: Sequence[int], power: float | None) -> Conventions:
    """Detectable effects by every convention; those of proportions each at their own variance."""
    if power is None:
        return Conventions(None, None, None)
    if not planned.proportions:
        return detectable(precision(planned, clusters, 0.0), planned.level, power)
    if len(planned.proportions) == 2:
        return detectable(precision(planned, clusters, _effect(planned)), planned.level, power)
    found = [_of_proportions(planned, clusters, power, name) for name in ("z", "t", "noncentral_t")]
    return Conventions(*found)


def _detectable(planned: Planned, clusters: Sequence[int]) -> float | _Obstacle:
    found = _all_detectable(planned, clusters, planned.power).named(_leading(planned))
    if found is not None:
        return found
    spread = precision(planned, clusters, 0.0)
    if np.isfinite(spread.standard_error) and spread.df >= 1.0:
        return _Obstacle(
            Message("No difference between 0 and 1 reaches this power."), Message("more clusters or people")
        )
    return _Obstacle(*_no_power(spread))


def _of_proportions(planned: Planned, clusters: Sequence[int], power: float, convention: str) -> float | None:
    """The smallest difference from the untreated proportion with this power, upwards, else downwards; None if none."""
    untreated = planned.proportions[0]

    def reaches(effect: float) -> bool:
        least = detectable(precision(planned, clusters, effect), planned.level, power).named(convention)
        return least is not None and abs(effect) >= least

    for room in (1.0 - untreated, -untreated):
        steps = room * np.arange(1, _PROPORTION_STEPS) / _PROPORTION_STEPS
        first = next((place for place, step in enumerate(steps.tolist()) if reaches(step)), None)
        if first is not None:
            low, high = float(steps[first]) - room / _PROPORTION_STEPS, float(steps[first])
            return _bisected(reaches, low, high)
    return None


def _bisected(reaches: Callable[[float], bool], low: float, high: float) -> float:
    while abs(high - low) > _CLOSE * max(abs(high), _CLOSE):
        middle = (low + high) / 2.0
        if middle in (low, high):
            break
        low, high = (low, middle) if reaches(middle) else (middle, high)
    return high


def _least_clusters(planned: Planned) -> int | _Obstacle:
    """The smallest equal number for every arm or sequence with the power asked for."""
    leading, effect, target = _leading(planned), _effect(planned), planned.power or 0.0

    def reaches(count: int) -> bool:
        spread = precision(planned, _each(planned, count), effect)
        found = powers(effect, spread, planned.level).named(leading)
        return found is not None and found >= target and not _beyond_placebos(planned, _each(planned, count))

    if not reaches(MOST_CLUSTERS):
        return _Obstacle(
            Message("No number of clusters reaches this power."), Message("a larger effect, or less spread")
        )
    low, high = 0, MOST_CLUSTERS
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reaches(middle) else (middle, high)
    return high


def _beyond_placebos(planned: Planned, clusters: Sequence[int]) -> bool:
    """Whether not even the most extreme of all enumerated placebos would be significant."""
    return planned.design is Design.SYNTHETIC_CONTROL and 1.0 / (clusters[1] + 1.0) > 1.0 - planned.level + 1e-12
