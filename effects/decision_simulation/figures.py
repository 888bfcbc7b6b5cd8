"""From the estimates of the pilots to what the rules read of each indicator, for all replications at once."""

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtr, ndtri

from effects.case import Case
from effects.codes import Better, Claim
from effects.decision_simulation.setting import Setting
from effects.rows.columns import Flags, Numbers
from effects.rules.indicator import Indicator
from effects.rules.ruleset import Ruleset
from effects.synthesis.pooling import PooledMany, pool_many


@dataclass(frozen=True, slots=True)
class Figures:
    """Arrays (replications, indicators) in each outcome's unit, + for an improvement.

    `p_value` is about no effect and `margin_p_value` about a harm of the margin, both two-sided. A single pilot has no
    predictive interval and nothing to differ from.
    """

    estimate: Numbers
    standard_error: Numbers
    low: Numbers
    high: Numbers
    p_value: Numbers
    margin_p_value: Numbers
    predictive_low: Numbers | None = None
    predictive_high: Numbers | None = None
    apart: Flags | None = None

    def case(self, template: Case, row: int) -> Case:
        """The template with the figures of one replication, as measured."""
        indicators = tuple(self._measured(item, row, place) for place, item in enumerate(template.indicators))
        return replace(template, indicators=indicators)

    def _measured(self, item: Indicator, row: int, place: int) -> Indicator:
        sign = 1.0 if item.better is Better.HIGHER else -1.0
        low, high = _turned(sign, self.low[row, place], self.high[row, place])
        measured = replace(
            item,
            estimate=sign * float(self.estimate[row, place]),
            standard_error=float(self.standard_error[row, place]),
            low=low,
            high=high,
            p_value=float(self.p_value[row, place]),
            margin_p_value=float(self.margin_p_value[row, place]) if item.claim is Claim.NOT_WORSE else None,
        )
        if self.predictive_low is None or self.predictive_high is None or self.apart is None:
            return measured
        low, high = _turned(sign, self.predictive_low[row, place], self.predictive_high[row, place])
        overlap = bool(self.apart[row, place])
        return replace(measured, predictive_low=low, predictive_high=high, intervals_barely_overlap=overlap)


def _turned(sign: float, low: float, high: float) -> tuple[float, float]:
    ends = sign * float(low), sign * float(high)
    return min(ends), max(ends)


def read(setting: Setting, estimates: Numbers, ruleset: Ruleset) -> Figures:
    """What is known once the estimates (replications, pilots, indicators) of all pilots are in.

    Several pilots are pooled as the rules pool them, the estimate being the mean of the pooling model. One pilot stands
    for itself, with normal intervals.
    """
    level = ruleset.constant("level")
    reach = float(ndtri((1.0 + level) / 2.0))
    errors = np.array([item.standard_error for item in setting.indicators])
    margins = np.array([item.harm_margin for item in setting.indicators])
    if setting.pilots == 1:
        alone, error = estimates[:, 0], np.broadcast_to(errors, estimates[:, 0].shape)
        p_values = _two_sided(ndtr(alone / error)), _two_sided(ndtr((alone + margins) / error))
        return Figures(alone, error, alone - reach * error, alone + reach * error, *p_values)
    scales = [ruleset.constant("prior_scale") * item.minimal_important for item in setting.indicators]
    pooled = [_pooled(estimates[:, :, place], errors[place], scale, level) for place, scale in enumerate(scales)]
    worse = [item.below(-margin) for item, margin in zip(pooled, margins.tolist(), strict=True)]
    return Figures(
        estimate=np.column_stack([item.mean for item in pooled]),
        standard_error=np.column_stack([item.standard_error for item in pooled]),
        low=np.column_stack([item.low for item in pooled]),
        high=np.column_stack([item.high for item in pooled]),
        p_value=np.column_stack([item.p_value for item in pooled]),
        margin_p_value=_two_sided(np.column_stack(worse)),
        predictive_low=np.column_stack([item.predictive_low for item in pooled]),
        predictive_high=np.column_stack([item.predictive_high for item in pooled]),
        apart=(estimates - reach * errors).max(axis=1) > (estimates + reach * errors).min(axis=1),
    )


def _pooled(estimates: Numbers, error: float, scale: float, level: float) -> PooledMany:
    return pool_many(estimates, np.full_like(estimates, error), scale, level=level)


def _two_sided(tail: Numbers) -> Numbers:
    """Twice the smaller of a tail and what it leaves."""
    found: Numbers = 2.0 * np.minimum(tail, 1.0 - tail)
    return found
