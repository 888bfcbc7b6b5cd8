"""Which claims of the primary indicators are proven, one by one and as "at least r of n".

Every p value here is two-sided and directional: 1 where the estimate points the wrong way, so that p <= alpha goes with
an interval of coverage 1 - alpha that lies above 0 (superiority) or above -margin (non-inferiority).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import sqrt
from statistics import NormalDist

from scipy.stats import t as student_t

from effects.case import Case
from effects.codes import Claim, Role
from effects.inference.multiplicity import benjamini_hochberg, holm, partial_conjunction
from effects.rules.indicator import Indicator
from effects.rules.ruleset import Ruleset
from effects.rules.tristate import Tristate, all_of, any_of
from effects.rules.verdicts import turned

NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class ClaimTest:
    """One claim; `p_adjusted` is Holm's over the primaries (for a secondary: Benjamini-Hochberg's).

    `proven` is about this claim alone, `carried` also counts it where the conjunction proves r claims and its own p
    value would do for the r-th of them.
    """

    indicator: str
    claim: Claim
    p_value: float | None
    p_adjusted: float | None
    proven: Tristate
    carried: Tristate


@dataclass(frozen=True, slots=True)
class Conjunction:
    """Whether at least `required` of `claims` primary claims hold, whichever they are."""

    required: int
    claims: int
    p_value: float | None
    proven: Tristate


def alpha_now(case: Case, ruleset: Ruleset) -> float:
    """Error rate this decision look may spend: all of it at an only look, else the O'Brien-Fleming-type increment.

    Spending function of Lan and DeMets (1983, Biometrika 70:659-663), 2 - 2 Phi(z / sqrt(information)); testing each
    look at its own increment ignores the correlation of looks and is therefore conservative.
    """
    alpha = ruleset.constant("alpha")
    if not case.information or case.information == (1.0,):
        return alpha
    bound = NORMAL.inv_cdf(1 - alpha / 2)
    spent = [0.0, *(2 - 2 * NORMAL.cdf(bound / sqrt(share)) for share in case.information)]
    return spent[-1] - spent[-2]


def inverse_normal(stages: Sequence[float]) -> float:
    """One-sided p of equally weighted stages (Lehmacher and Wassmer 1999, Biometrics 55:1286-1290)."""
    if 0 in stages or 1 in stages:
        return float(1 in stages)
    return NORMAL.cdf(sum(NORMAL.inv_cdf(stage) for stage in stages) / sqrt(len(stages)))


def claim_p(indicator: Indicator, level: float) -> float | None:
    """Directional two-sided p of the indicator's claim, from what is stated.

    Non-inferiority is tested at the margin (Piaggio and others, CONSORT 2012). An error or p value that is not stated
    is worked out of the interval (Altman and Bland 2011, BMJ 343:d2304), `level` standing for a coverage not stated.
    """
    if indicator.stage_p_values:
        return min(1.0, 2 * inverse_normal(indicator.stage_p_values))
    interval = turned(indicator)
    shift = 0.0 if indicator.claim is Claim.BETTER else indicator.harm_margin
    if interval.estimate is None or shift is None:
        return None
    if interval.estimate + shift <= 0:
        return 1.0
    stated = indicator.p_value if indicator.claim is Claim.BETTER else indicator.margin_p_value
    if stated is not None:
        return stated
    error = standard_error(indicator, level)
    return None if error is None else _two_sided((interval.estimate + shift) / error, indicator.df)


def standard_error(indicator: Indicator, level: float) -> float | None:
    """Standard error in the outcome's unit, as stated or half the interval over its quantile; None without either."""
    if indicator.standard_error is not None or indicator.low is None or indicator.high is None:
        return indicator.standard_error
    tail = (1 + (indicator.level or level)) / 2
    quantile = NORMAL.inv_cdf(tail) if indicator.df is None else float(student_t.ppf(tail, indicator.df))
    return (indicator.high - indicator.low) / 2 / quantile or None


def _two_sided(statistic: float, df: float | None) -> float:
    return 2 * (NORMAL.cdf(-statistic) if df is None else float(student_t.sf(statistic, df)))


def primary_claims(case: Case, ruleset: Ruleset) -> tuple[tuple[ClaimTest, ...], Conjunction]:
    """Claims of the primaries that count, in the case's order, and their conjunction."""
    chosen = [item for item in case.indicators if item.role is Role.PRIMARY and item.counts]
    p_values = [claim_p(item, ruleset.constant("level")) for item in chosen]
    alpha = alpha_now(case, ruleset)
    required = case.claims_required or int(ruleset.constant("claims_required"))
    worst = [1.0 if p is None else p for p in p_values]
    at_most = partial_conjunction(worst, required)
    at_least = sorted([p or 0.0 for p in p_values])[required - 1] if required <= len(p_values) else 1.0
    if _family_known(chosen):
        at_least = partial_conjunction([p or 0.0 for p in p_values], required)
    conjunction = Conjunction(
        required, len(chosen), None if None in p_values else at_most, _shown(at_least, at_most, alpha)
    )
    tests = _tests(chosen, p_values, holm, alpha)
    others = len(chosen) - required + 1
    carried = [
        all_of([conjunction.proven, item.in_plan, None if p is None else others * p <= alpha])
        for item, p in zip(chosen, p_values, strict=True)
    ]
    together = (replace(test, carried=any_of([test.proven, also])) for test, also in zip(tests, carried, strict=True))
    return tuple(together), conjunction


def secondary_claims(case: Case, ruleset: Ruleset) -> tuple[ClaimTest, ...]:
    """Secondary indicators at their false discovery rate; read after the primaries, never part of a rule."""
    chosen = [item for item in case.indicators if item.role is Role.SECONDARY]
    p_values = [claim_p(item, ruleset.constant("level")) for item in chosen]
    return tuple(_tests(chosen, p_values, benjamini_hochberg, ruleset.constant("secondary_fdr")))


def _tests(
    chosen: Sequence[Indicator],
    p_values: Sequence[float | None],
    adjust: Callable[[Sequence[float]], list[float]],
    alpha: float,
) -> list[ClaimTest]:
    """Adjusted p values grow with every p value and with their number, which brackets what is not known.

    Where it is not known whether an indicator stood in the plan, the correction may be smaller than for all of them.
    """
    if not chosen:
        return []
    highest = adjust([1.0 if p is None else p for p in p_values])
    lowest = [p or 0.0 for p in p_values]
    if _family_known(chosen):
        lowest = adjust(lowest)
    tests = []
    for item, p, low, high in zip(chosen, p_values, lowest, highest, strict=True):
        proven = all_of([item.in_plan, _shown(low, high, alpha)])
        tests.append(ClaimTest(item.name, item.claim, p, None if p is None else high, proven, proven))
    return tests


def _family_known(chosen: Sequence[Indicator]) -> bool:
    return all(item.in_plan is not None for item in chosen)


def _shown(at_least: float, at_most: float, alpha: float) -> Tristate:
    if at_most <= alpha:
        return True
    return False if at_least > alpha else None
