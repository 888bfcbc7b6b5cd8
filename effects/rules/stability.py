"""How firmly the advice stands: its share when effects and economy are drawn again within their stated uncertainty.

An effect is drawn normal around its estimate with its standard error (pooled studies: around the mean of the pooling
model, their spread staying as it is), the net value around its expectation; all independently. It says how near the
advice lies to its edges, not how probable it is that it is right.
"""

from collections import Counter
from dataclasses import dataclass, replace
from math import sqrt
from statistics import NormalDist
from typing import Final

import numpy as np

from effects.case import Case
from effects.codes import Kind
from effects.message import Message
from effects.rules.claims import standard_error
from effects.rules.economy import Economy, completed, net_value_sd
from effects.rules.indicator import Indicator
from effects.rules.moving import Mover, mover
from effects.rules.ruleset import Ruleset
from effects.rules.turning_points import Judge

DRAWS: Final = 400
SEED: Final = 20160512
NORMAL: Final = NormalDist()


@dataclass(frozen=True, slots=True)
class KindShare:
    """Share of the draws that one advice was given in, with its Monte Carlo standard error."""

    kind: Kind
    share: float
    error: float


@dataclass(frozen=True, slots=True)
class Held:
    """What was not drawn, and why not; the indicator None for the economy."""

    indicator: str | None
    reason: Message


@dataclass(frozen=True, slots=True)
class Stability:
    """Shares of each advice, the most frequent first; `same` is the share of the advice that is given.

    Without anything to draw from there are no draws and `reason` says so.
    """

    draws: int
    seed: int
    same: float | None
    shares: tuple[KindShare, ...]
    drawn: tuple[str, ...]
    held: tuple[Held, ...]
    reason: Message | None = None


def stability(case: Case, ruleset: Ruleset, judge: Judge, *, draws: int = DRAWS, seed: int = SEED) -> Stability:
    """Stability of the advice on a case whose figures are pooled; the same for the same seed."""
    movers = {place: _mover(item, ruleset) for place, item in enumerate(case.indicators)}
    moving = {place: found for place, found in movers.items() if found is not None}
    sd = net_sd(case.economy)
    held = _held(case, moving, sd)
    drawn = tuple(case.indicators[place].name for place in moving)
    if not moving and sd is None:
        return Stability(0, seed, None, (), (), held, Message("No estimate and no economy has a stated uncertainty."))
    errors = [error for _, error in moving.values()]
    scatter = np.random.default_rng(seed).standard_normal((draws, len(errors) + 1)) * [*errors, sd or 0.0]
    counted = Counter(Kind(judge(_drawn(case, moving, row))[0]) for row in scatter.tolist())
    shares = tuple(
        KindShare(kind, times / draws, sqrt(times / draws * (1 - times / draws) / draws))
        for kind, times in sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    )
    same = counted[Kind(judge(case)[0])] / draws
    return Stability(draws, seed, same, shares, drawn if sd is None else (*drawn, "expected_net_value"), held)


def net_sd(economy: Economy) -> float | None:
    """Standard deviation of the net value: from its parts, else from its mean and the chance that it is positive."""
    found = net_value_sd(economy)
    if found is not None:
        return found
    mean, likely = economy.net_value, economy.probability_positive
    if mean is None or likely is None or not 0 < likely < 1 or (mean > 0) is not (likely > 0.5) or likely == 0.5:
        return None
    return mean / NORMAL.inv_cdf(likely) or None


def _mover(indicator: Indicator, ruleset: Ruleset) -> tuple[Mover, float] | None:
    error, moving = standard_error(indicator, ruleset.constant("level")), mover(indicator, ruleset)
    return None if error is None or moving is None else (moving, error)


def _held(case: Case, moving: dict[int, tuple[Mover, float]], sd: float | None) -> tuple[Held, ...]:
    reason = Message("It has no estimate with a standard error or an interval.")
    fixed = [Held(item.name, reason) for place, item in enumerate(case.indicators) if place not in moving]
    if sd is None:
        fixed.append(Held(None, Message("Neither the intervals of its parts nor its probability is known.")))
    return tuple(fixed)


def _drawn(case: Case, moving: dict[int, tuple[Mover, float]], row: list[float]) -> Case:
    shifts = dict(zip(moving, row, strict=False))
    indicators = tuple(
        moving[place][0](shifts[place]) if place in moving else item for place, item in enumerate(case.indicators)
    )
    return replace(case, indicators=indicators, economy=_moved(case.economy, row[-1]))


def _moved(economy: Economy, gain: float) -> Economy:
    """The economy had the expected net value been larger; its probability moves along."""
    whole, sd = completed(economy), net_sd(economy)
    if sd is None or whole.net_value is None:
        return economy
    likely = whole.probability_positive
    if likely is not None and 0 < likely < 1:
        likely = NORMAL.cdf(NORMAL.inv_cdf(likely) + gain / sd)
    return replace(whole, expected_net_value=whole.net_value + gain, probability_positive=likely)
