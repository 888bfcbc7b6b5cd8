"""The effect of an indicator moved along its scale: what would be said had every estimate been larger by the same."""

from collections.abc import Callable
from dataclasses import replace
from statistics import NormalDist
from typing import Any, TypeAlias

from scipy.stats import t as student_t

from effects.codes import Better, Claim
from effects.rules.claims import inverse_normal, standard_error
from effects.rules.indicator import Indicator
from effects.rules.pooled import moved, posterior
from effects.rules.ruleset import Ruleset
from effects.rules.verdicts import turned

Mover: TypeAlias = Callable[[float], Indicator]
NORMAL = NormalDist()


def mover(indicator: Indicator, ruleset: Ruleset) -> Mover | None:
    """The indicator as a function of a shift in the outcome's unit, as measured; None without estimate and interval.

    Studies move together and are pooled anew, which leaves their spread as it is. Where nothing is pooled interval and
    predictive interval move along and the p value by as many standard errors; a shift of 0 gives back what is stated.
    """
    effect = turned(indicator)
    if effect.estimate is None or effect.low is None:
        return None
    answer = posterior(indicator, ruleset)
    if answer is not None:
        return lambda shift: moved(indicator, answer, shift, ruleset)
    return lambda shift: _moved(indicator, shift, ruleset.constant("level")) if shift else indicator


def _moved(indicator: Indicator, shift: float, level: float) -> Indicator:
    names = ("estimate", "low", "high", "predictive_low", "predictive_high")
    ends = {name: getattr(indicator, name) for name in names}
    placed: dict[str, Any] = {name: end + shift for name, end in ends.items() if end is not None}
    better = indicator.claim is Claim.BETTER
    proof = _moved_p(indicator, shift if indicator.better is Better.HIGHER else -shift, level)
    return replace(
        indicator,
        **placed,
        p_value=proof if better else indicator.p_value,
        margin_p_value=None if better else proof,
        stage_p_values=(),
    )


def _moved_p(indicator: Indicator, gain: float, level: float) -> float | None:
    """The stated p value of the claim after a gain; None where it is to be worked out of the interval."""
    error, below = standard_error(indicator, level), _stated_below(indicator)
    if error is None:
        return indicator.p_value if indicator.claim is Claim.BETTER else indicator.margin_p_value
    if below is None or not 0 < below < 1:
        return None
    statistic = _quantile(below, indicator.df) - gain / error
    tail = _probability(statistic, indicator.df)
    return min(1.0, 2 * min(tail, 1 - tail))


def _stated_below(indicator: Indicator) -> float | None:
    """One-sided p value of the claim as stated; None where none is."""
    if indicator.stage_p_values:
        return inverse_normal(indicator.stage_p_values)
    better = indicator.claim is Claim.BETTER
    stated = indicator.p_value if better else indicator.margin_p_value
    estimate, margin = turned(indicator).estimate, 0.0 if better else indicator.harm_margin
    if stated is None or estimate is None or margin is None:
        return None
    return stated / 2 if estimate + margin > 0 else 1 - stated / 2


def _quantile(probability: float, df: float | None) -> float:
    return NORMAL.inv_cdf(probability) if df is None else float(student_t.ppf(probability, df))


def _probability(statistic: float, df: float | None) -> float:
    return NORMAL.cdf(statistic) if df is None else float(student_t.cdf(statistic, df))
