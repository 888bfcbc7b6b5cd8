"""What a matched comparison rests on: balance, overlap, how many rows count, and what hidden bias it would take."""

from typing import Final

import numpy as np

from effects import checks
from effects.codes import Estimand, Verdict
from effects.design_answers import Asked, Effect
from effects.estimators.matched.sensitivity import e_values
from effects.message import Message
from effects.results import Diagnostic
from effects.rows.columns import Numbers
from effects.rows.samples import Sample

EDGE: Final = 0.05
FEW_EFFECTIVE: Final = 20.0
WEAK: Final = 1.25


def comparability(asked: Asked, probabilities: Numbers, weights: Numbers) -> tuple[Diagnostic, ...]:
    """Balance after weighting, overlap and effective numbers; weights (n,) are the balancing ones."""
    column, sample = asked.outcome.stated.column, asked.sample
    return (
        balance_after(column, sample, weights),
        overlap(column, sample.treated, probabilities, asked.plan.estimand),
        effective_rows(column, sample.treated, weights),
    )


def balance_after(column: str, sample: Sample, weights: Numbers) -> Diagnostic:
    """Largest standardised mean difference after weighting, in pooled SDs before it, beside the largest before."""
    before, after = (_differences(sample, own) for own in (sample.weights, weights))
    worst = int(np.argmax(after))
    return Diagnostic(
        name="balance_after_weighting",
        question=Message("Do the arms still differ in the covariates once they are weighted?"),
        null=Message("No weighted mean differs by more than {most} pooled SD.", {"most": checks.IMBALANCE}),
        statistic=float(after[worst]),
        p_value=None,
        verdict=Verdict.WARN if after[worst] > checks.IMBALANCE else Verdict.PASS,
        detail=Message(
            "largest for {covariate}; {before:.3f} was the largest before",
            {"covariate": sample.covariate_names[worst], "before": float(before.max())},
        ),
        outcome=column,
    )


def overlap(column: str, treated: Numbers, probabilities: Numbers, estimand: Estimand) -> Diagnostic:
    """Share of propensities below 0.05 or above 0.95 (att: above 0.95 alone), and treated beyond all untreated."""
    beyond = probabilities > 1.0 - EDGE
    if estimand is not Estimand.ATT:
        beyond |= probabilities < EDGE
    share = float(np.mean(beyond))
    alone = int(np.sum(probabilities[treated == 1.0] > probabilities[treated == 0.0].max()))
    return Diagnostic(
        name="overlap",
        question=Message("Do both arms hold people of every kind?"),
        null=Message(
            "At most {most:.0%} of the propensities are extreme, and of the treated rows beyond all untreated.",
            {"most": EDGE},
        ),
        statistic=share,
        p_value=None,
        verdict=Verdict.WARN if share > EDGE or alone > EDGE * float(np.sum(treated)) else Verdict.PASS,
        detail=Message(
            "{share:.1%} are extreme; {alone} treated rows are beyond all untreated", {"share": share, "alone": alone}
        ),
        outcome=column,
    )


def effective_rows(column: str, treated: Numbers, weights: Numbers) -> Diagnostic:
    """(sum w)^2 / sum w^2 of the arm where it is smaller (Kish 1965)."""
    arms = [weights[treated == arm] / weights.max() for arm in (1.0, 0.0)]
    counts = [float(np.sum(arm) ** 2 / np.sum(arm**2)) for arm in arms]
    lost = any(count < len(arm) / 2.0 for count, arm in zip(counts, arms, strict=True))
    return Diagnostic(
        name="effective_rows",
        question=Message("How many rows does the weighted comparison really rest on?"),
        null=Message("Each arm keeps half of its rows, and at least {rows:g}.", {"rows": FEW_EFFECTIVE}),
        statistic=min(counts),
        p_value=None,
        verdict=Verdict.WARN if lost or min(counts) < FEW_EFFECTIVE else Verdict.PASS,
        detail=Message(
            "{treated:.1f} of {all_treated} treated and {untreated:.1f} of {all_untreated} untreated rows",
            {
                "treated": counts[0],
                "all_treated": len(arms[0]),
                "untreated": counts[1],
                "all_untreated": len(arms[1]),
            },
        ),
        outcome=column,
    )


def hidden_bias(asked: Asked, effect: Effect) -> Diagnostic:
    """The E-value of the effect, through its size in pooled standard deviations of the outcome."""
    sample = asked.sample
    variances = [float(np.var(sample.outcome[sample.treated == arm], ddof=1)) for arm in (1.0, 0.0)]
    spread = float(np.sqrt(np.mean(variances)))
    usable = np.isfinite(spread) and spread > 0.0
    value, limit = e_values(effect.estimate / spread, effect.standard_error / spread) if usable else (None, None)
    return Diagnostic(
        name="e_value",
        question=Message("How strong would an unmeasured confounder have to be to explain the effect away?"),
        null=Message(
            "Not even a weak confounder, of risk ratio {weak}, brings the interval to no effect.", {"weak": WEAK}
        ),
        statistic=value,
        p_value=None,
        verdict=Verdict.INAPPLICABLE if limit is None else Verdict.WARN if limit < WEAK else Verdict.PASS,
        detail=Message("the outcome does not vary within the arms")
        if value is None or limit is None
        else Message("{value:.2f} for the estimate, {limit:.2f} for its limit", {"value": value, "limit": limit}),
        outcome=asked.outcome.stated.column,
    )


def _differences(sample: Sample, weights: Numbers) -> Numbers:
    arms = [sample.treated == arm for arm in (1.0, 0.0)]
    means = [np.average(sample.covariates[arm], axis=0, weights=weights[arm]) for arm in arms]
    return checks.standardised(means, [np.var(sample.covariates[arm], axis=0, ddof=1) for arm in arms])
