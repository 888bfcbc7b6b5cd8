"""How much clusters differ, and what that costs a cluster-randomised trial."""

from typing import Final

import numpy as np
from scipy.optimize import brentq
from scipy.special import chdtri, stdtr

from effects.codes import Verdict
from effects.inference.gram_fit import GramFit
from effects.inference.least_squares import Fit
from effects.inference.mixed_blocks import terms
from effects.inference.mixed_curvature import profile_deviance
from effects.inference.mixed_model import MixedFit
from effects.linear_model import Obstacle
from effects.message import Message
from effects.results import Diagnostic
from effects.rows.columns import Flags, Numbers

UNEQUAL: Final = 1.0
MUCH_ALIKE: Final = 0.2
INFORMATIVE: Final = 0.05
UNLIKELY: Final = 0.05
COSTLY: Final = 10.0
_FARTHEST: Final = 1e8


def intracluster_interval(fitted: MixedFit, level: float = 0.95) -> tuple[float, float]:
    """Limits of the intracluster correlation: where the profile of the restricted likelihood falls by chi2(1) / 2."""
    best, bound = float(fitted.ratios[0]), fitted.curvature.deviance + float(chdtri(1, 1.0 - level))

    def above(correlation: float) -> float:
        ratio = correlation / (1.0 - correlation)
        return profile_deviance(terms(fitted.blocks, np.array([ratio]))) - bound

    estimate, last = best / (1.0 + best), _FARTHEST / (1.0 + _FARTHEST)
    low = 0.0 if estimate == 0.0 or above(0.0) <= 0.0 else float(brentq(above, 0.0, estimate, xtol=1e-12))
    high = 1.0 if above(last) <= 0.0 else float(brentq(above, estimate, last, xtol=1e-12))
    return low, high


def intracluster(column: str, fitted: MixedFit | Obstacle) -> Diagnostic:
    """Intracluster correlation given treatment and covariates, with its interval."""
    correlation, detail = None, Message("the variance between clusters cannot be estimated")
    if isinstance(fitted, MixedFit):
        correlation = float(fitted.ratios[0] / (1.0 + fitted.ratios[0]))
        low, high = intracluster_interval(fitted)
        detail = Message(
            "intracluster correlation {icc:.4f}, from {low:.4f} to {high:.4f} (95 %, restricted profile likelihood)",
            {"icc": correlation, "low": low, "high": high},
        )
    return Diagnostic(
        name="intracluster_correlation",
        question=Message("How alike are rows of one cluster?"),
        null=Message("At most {share:.0%} of the variance lies between clusters.", {"share": MUCH_ALIKE}),
        statistic=correlation,
        p_value=None,
        verdict=_verdict(correlation, MUCH_ALIKE),
        detail=detail,
        outcome=column,
    )


def design_effect(column: str, fitted: MixedFit | Obstacle, sizes: Numbers) -> Diagnostic:
    """Variance over that of as many independent rows: 1 + ((1 + cv^2) mean - 1) icc (Eldridge et al. 2006)."""
    factor = None
    if isinstance(fitted, MixedFit):
        correlation = float(fitted.ratios[0] / (1.0 + fitted.ratios[0]))
        factor = float(1.0 + (np.sum(sizes**2) / np.sum(sizes) - 1.0) * correlation)
    return Diagnostic(
        name="design_effect",
        question=Message("How much precision do the clusters cost?"),
        null=Message("The variance is at most {factor:g} times that of independent rows.", {"factor": COSTLY}),
        statistic=factor,
        p_value=None,
        verdict=_verdict(factor, COSTLY),
        detail=Message("the variance between clusters cannot be estimated")
        if factor is None
        else Message(
            "{rows} rows are worth {worth:.0f} independent ones",
            {"rows": int(np.sum(sizes)), "worth": float(np.sum(sizes)) / factor},
        ),
        outcome=column,
    )


def cluster_size(column: str, sizes: Numbers) -> Diagnostic:
    """Coefficient of variation of the clusters' sizes."""
    variation = float(np.std(sizes, ddof=1) / np.mean(sizes)) if len(sizes) > 1 else None
    return Diagnostic(
        name="cluster_size",
        question=Message("Are the clusters of similar size?"),
        null=Message("The standard deviation of the sizes is at most {times:g} times their mean.", {"times": UNEQUAL}),
        statistic=variation,
        p_value=None,
        verdict=_verdict(variation, UNEQUAL),
        detail=Message(
            "{least} to {most} rows, on average {mean:.1f}",
            {"least": int(sizes.min()), "most": int(sizes.max()), "mean": float(np.mean(sizes))},
        ),
        outcome=column,
    )


def recruitment(column: str, sizes: Numbers, treated: Flags) -> Diagnostic:
    """Do clusters of one arm hold more rows? Welch's t on the logarithms of their sizes (G,).

    Where people are recruited after clusters were assigned, who comes may depend on the arm: a difference in numbers is
    the sign of it that data can show (Eldridge, Kerry and Torgerson 2009).
    """
    arms = [np.log(sizes[treated == arm]) for arm in (True, False)]
    spread = [float(np.var(arm, ddof=1)) / len(arm) if len(arm) > 1 else np.inf for arm in arms]
    total, p_value = sum(spread), None
    ratio = float(np.exp(np.mean(arms[0]) - np.mean(arms[1]))) if min(len(arm) for arm in arms) else None
    if ratio is not None and 0.0 < total < np.inf:
        df = total**2 / sum(part**2 / (len(arm) - 1) for part, arm in zip(spread, arms, strict=True))
        p_value = 2.0 * float(stdtr(df, -abs(np.log(ratio)) / np.sqrt(total)))
    unlike = p_value is not None and p_value < UNLIKELY
    return Diagnostic(
        name="recruitment",
        question=Message("Were as many people recruited in one arm as in the other?"),
        null=Message("Clusters of both arms hold as many rows."),
        statistic=ratio,
        p_value=p_value,
        verdict=Verdict.INAPPLICABLE if ratio is None else Verdict.WARN if unlike else Verdict.PASS,
        detail=Message("an arm is empty")
        if ratio is None
        else Message("treated clusters hold {ratio:.2f} times the rows of untreated ones", {"ratio": ratio}),
        outcome=column,
    )


def informative_size(column: str, individuals: Fit | GramFit, clusters: Fit | GramFit) -> Diagnostic:
    """Does the effect on individuals differ from that on clusters? A t test on the clusters' contributions to both.

    Two estimands part where the effect depends on the size of a cluster (Kahan et al. 2023).
    """
    difference = individuals.estimate - clusters.estimate
    contributions = individuals.contributions - clusters.contributions
    groups = len(contributions)
    error = float(np.sqrt(groups / (groups - 1.0) * np.sum(contributions**2)))
    apart = error > 1e-9 * float(np.sqrt(np.sum(individuals.contributions**2)))
    p_value = 2.0 * float(stdtr(groups - 2.0, -abs(difference) / error)) if apart and groups > 2 else None
    informative = p_value is not None and p_value < INFORMATIVE
    return Diagnostic(
        name="informative_size",
        question=Message("Does the effect depend on the size of the cluster?"),
        null=Message("The effect on individuals is that on clusters."),
        statistic=difference,
        p_value=p_value,
        verdict=Verdict.WARN if informative else Verdict.PASS,
        detail=Message(
            "{individuals:.4g} on individuals, {clusters:.4g} on clusters, whatever their size",
            {"individuals": individuals.estimate, "clusters": clusters.estimate},
        ),
        outcome=column,
    )


def _verdict(figure: float | None, most: float) -> Verdict:
    return Verdict.INAPPLICABLE if figure is None else Verdict.WARN if figure > most else Verdict.PASS
