"""Checks of what the mixed models of a stepped wedge assume."""

from typing import Final

from scipy.special import ndtr

from effects.codes import Verdict
from effects.inference.kenward_roger import FTest
from effects.inference.mixed_blocks import CELL, CLUSTER
from effects.inference.mixed_model import MixedFit
from effects.message import Message
from effects.results import Diagnostic
from effects.rows.columns import Codes, Numbers

SIGNIFICANT: Final = 0.05
VARIES: Final = Message(
    "The effect varies with the time under treatment: the average over exposure times leads the reading."
)


def significant(tested: FTest | None) -> bool:
    """Whether the effect varies with exposure time at 5 %."""
    return tested is not None and tested.p_value < SIGNIFICANT


def correlation_decay(column: str, nested: MixedFit, simple: MixedFit) -> Diagnostic:
    """Cluster autocorrelation: the correlation of two periods' true means of one cluster (Hooper et al. 2016).

    Its test against 1 is the restricted likelihood ratio with half its weight at zero (Self and Liang 1987).
    """
    question = Message("Does the correlation within a cluster decay between periods?")
    null = Message("Two periods of a cluster are as alike as one: the cluster autocorrelation is 1.")
    variance = float(nested.ratios.sum())
    if nested.merged or variance == 0.0:
        return Diagnostic(
            name="correlation_decay",
            question=question,
            null=null,
            statistic=None,
            p_value=None,
            verdict=Verdict.INAPPLICABLE,
            detail=Message("one row in each cluster and period")
            if nested.merged
            else Message("clusters are not estimated to differ"),
            outcome=column,
        )
    ratio = max(2.0 * (nested.log_likelihood - simple.log_likelihood), 0.0)
    p_value = 1.0 if nested.ratios[CELL] == 0.0 else float(ndtr(-(ratio**0.5)))
    return Diagnostic(
        name="correlation_decay",
        question=question,
        null=null,
        statistic=float(nested.ratios[CLUSTER]) / variance,
        p_value=p_value,
        verdict=Verdict.WARN if p_value < SIGNIFICANT else Verdict.PASS,
        detail=Message(
            "of the variance between cluster-periods, {share:.0%} lasts from one period to another",
            {"share": float(nested.ratios[CLUSTER]) / variance},
        ),
        outcome=column,
    )


def effect_by_exposure(column: str, effects: Numbers, exposures: Codes, tested: FTest | None) -> Diagnostic:
    """F test that the effect is the same at every exposure time, with the first and the last effect."""
    verdict = Verdict.WARN if significant(tested) else Verdict.PASS
    figures = {"first": float(effects[0]), "last": float(effects[-1]), "period": int(exposures[-1]) + 1}
    spread = Message("{first:.4g} in the first period under treatment, {last:.4g} in period {period}", dict(figures))
    leads = Message(
        "{first:.4g} in the first period under treatment, {last:.4g} in period {period}: "
        "the average over exposure times leads the reading",
        dict(figures),
    )
    return Diagnostic(
        name="effect_by_exposure",
        question=Message("Is the effect the same however long a cluster has been treated?"),
        null=Message("The effect is the same at every exposure time (F test of Kenward and Roger)."),
        statistic=None if tested is None else tested.statistic,
        p_value=None if tested is None else tested.p_value,
        verdict=Verdict.INAPPLICABLE if tested is None else verdict,
        detail=leads if significant(tested) else spread,
        outcome=column,
    )
