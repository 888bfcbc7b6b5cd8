"""Variance of the effect that a planned design would estimate, in closed form.

B and W are the variances between and within clusters, m the people of a cluster in a period, k clusters.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from effects.codes import Design
from effects.power.planned import Planned, Spread
from effects.rows.columns import Numbers


@dataclass(frozen=True, slots=True)
class Precision:
    """Standard error of the effect, degrees of freedom of its t, and the factor that clusters and weights cost.

    `design_effect` compares with as many people drawn one by one, each asked once in each period; None where no people
    are counted.
    """

    standard_error: float
    df: float
    design_effect: float | None


@dataclass(frozen=True, slots=True)
class Components:
    """Variances between and within clusters, after covariates."""

    between: float
    within: float

    @property
    def icc(self) -> float:
        """Share between clusters."""
        return self.between / (self.between + self.within)


def precision(planned: Planned, clusters: Sequence[int], effect: float) -> Precision:
    """The precision with so many clusters by arm or sequence; `effect` matters to proportions alone."""
    return _BY_DESIGN[planned.design](planned, clusters, effect)


def components(planned: Planned, variance: float) -> Components:
    """B and W from the variance that `sd` or a proportion states, by icc or tau."""
    kept = 1.0 - planned.explained
    lasting = 1.0 if planned.cac is None else planned.cac
    icc = planned.icc or 0.0
    residual = planned.spread is Spread.RESIDUAL
    between = variance * (icc / (1.0 - icc) if residual else icc)
    if planned.tau is not None:
        between = planned.tau**2 / lasting if lasting > 0.0 else np.inf
    within = variance if residual else max(variance - between, 0.0)
    return Components(between * kept, within * kept)


def arm_variances(planned: Planned, effect: float) -> tuple[float, float]:
    """Variance of the outcome of the treated and of the untreated: sd squared, or p (1 - p)."""
    if not planned.proportions:
        variance = (planned.sd or 0.0) ** 2
        return variance, variance
    untreated = planned.proportions[0]
    treated = planned.proportions[1] if len(planned.proportions) == 2 else untreated + effect
    return treated * (1.0 - treated), untreated * (1.0 - untreated)


def pooled_variance(planned: Planned, effect: float) -> float:
    """sd squared, or p (1 - p) at the mean of both proportions."""
    if not planned.proportions:
        return (planned.sd or 0.0) ** 2
    untreated = planned.proportions[0]
    treated = planned.proportions[1] if len(planned.proportions) == 2 else untreated + effect
    middle = (untreated + treated) / 2.0
    return middle * (1.0 - middle)


def effect_variance(paths: Numbers, counts: Numbers, information: Numbers) -> float:
    """Generalised least squares: 1 / sum_s k_s (x_s - x)' P (x_s - x), periods being free and x the mean path.

    paths (S, T) of 0 and 1, counts (S,) clusters on each, information P (T, T) the inverse covariance of a cluster's
    means, or that of their differences where cluster effects are fixed. Infinite where nothing identifies the effect.
    """
    apart = paths - np.average(paths, axis=0, weights=counts)
    found = float(np.sum(counts * np.einsum("st,tu,su->s", apart, information, apart)))
    return 1.0 / found if found > 1e-12 * float(np.trace(information)) else np.inf


def hussey_hughes(paths: Numbers, counts: Numbers, sigma2: float, tau2: float) -> float:
    """The closed form of Hussey and Hughes (2007, equation 8) for cluster means of variance sigma2 about tau2.

    Nested exchangeable means (Hooper and others 2016) have the same form, with sigma2 the variance of a mean about
    what lasts.
    """
    clusters, periods = float(counts.sum()), paths.shape[1]
    total = float(counts @ paths.sum(axis=1))
    columns = float(np.sum((counts @ paths) ** 2))
    rows = float(counts @ paths.sum(axis=1) ** 2)
    below = (clusters * total - columns) * sigma2
    below += (total**2 + clusters * periods * total - periods * columns - clusters * rows) * tau2
    return float(clusters * sigma2 * (sigma2 + periods * tau2) / below)


def autoregressive(periods: int, correlation: float) -> Numbers:
    """Correlation matrix of a stationary AR(1), (T, T)."""
    apart = np.abs(np.subtract.outer(np.arange(periods), np.arange(periods)))
    matrix: Numbers = np.where(apart == 0, 1.0, float(correlation) ** np.maximum(apart, 1))
    return matrix


def _parallel(planned: Planned, clusters: Sequence[int], effect: float) -> Precision:
    """sum over arms of (W + m (1 + cv^2) B) / (m k); k + k - 2 df (Donner and Klar 2000; Eldridge and others 2006)."""
    weighing = 1.0 + planned.weight_cv**2 if planned.design is Design.MATCHED_COMPARISON else 1.0
    variance = plain = 0.0
    for place, (own, count) in enumerate(zip(arm_variances(planned, effect), clusters, strict=True)):
        parts = components(planned, own)
        untreated = place == 1
        cost = weighing if untreated else 1.0
        variance += cost * (parts.within + _heavy(planned) * parts.between) / (planned.size * count)
        plain += (parts.within + parts.between) / (planned.size * count)
    return Precision(float(np.sqrt(variance)), float(sum(clusters) - 2), variance / plain)


def _change(planned: Planned, variance: float) -> tuple[float, float]:
    """Variance of one cluster's change, 2 (W (1 - iac) / m + B (1 - cac)), and without clusters (Hooper 2016)."""
    parts, lasting = components(planned, variance), 1.0 if planned.cac is None else planned.cac
    shocks = parts.between * (1.0 - lasting) * (1.0 + planned.size_cv**2)
    changing = parts.within * (1.0 - planned.iac) / planned.size
    return 2.0 * (changing + shocks), 2.0 * (parts.within + parts.between) / planned.size


def _two_periods(planned: Planned, clusters: Sequence[int], effect: float) -> Precision:
    """Difference of two mean changes; k + k - 2 df."""
    changed = [_change(planned, own) for own in arm_variances(planned, effect)]
    variance = sum(found / count for (found, _), count in zip(changed, clusters, strict=True))
    plain = sum(found / count for (_, found), count in zip(changed, clusters, strict=True))
    return Precision(float(np.sqrt(variance)), float(sum(clusters) - 2), variance / plain)


def _one_group(planned: Planned, clusters: Sequence[int], effect: float) -> Precision:
    """Mean change of one group of clusters; k - 1 df."""
    variance, plain = _change(planned, pooled_variance(planned, effect))
    return Precision(float(np.sqrt(variance / clusters[0])), float(clusters[0] - 1), variance / plain)


def _surveyed(planned: Planned, clusters: Sequence[int], effect: float) -> Precision:
    """Difference of two waves: weights cost 1 + cv^2 (Kish 1965), clusters 1 + (m - 1) icc, a finite population less.

    `iac` is the correlation of who is asked twice. k - 1 df.
    """
    parts = components(planned, pooled_variance(planned, effect))
    people = planned.size * clusters[0]
    plain = 2.0 * (parts.within + parts.between) / people
    finite = 1.0 if planned.population is None else max(0.0, 1.0 - people / planned.population)
    weighing = 1.0 + planned.weight_cv**2
    found = 2.0 * (parts.within + _heavy(planned) * parts.between) / people * weighing * (1.0 - planned.iac) * finite
    return Precision(float(np.sqrt(found)), float(clusters[0] - 1), found / plain)


def _sequenced(planned: Planned, clusters: Sequence[int], effect: float) -> Precision:
    """Period effects and one effect by generalised least squares; clusters - 2 df.

    A stepped wedge has random cluster effects (Hussey and Hughes 2007; nested exchangeable: Hooper and others 2016),
    staggered adoption fixed ones.
    """
    starts = np.array([*planned.first_treated, *([planned.periods + 1] if planned.never_treated else [])])
    counts = np.array([*clusters, *([planned.never_treated] if planned.never_treated else [])], dtype=np.float64)
    paths = (np.arange(1, planned.periods + 1) >= starts[:, None]).astype(np.float64)
    parts, lasting = components(planned, pooled_variance(planned, effect)), 1.0 if planned.cac is None else planned.cac
    shared = parts.between * lasting + parts.within * planned.iac / planned.size
    own = parts.between * (1.0 - lasting) + parts.within * (1.0 - planned.iac) / planned.size
    correlation = autoregressive(planned.periods, planned.autocorrelation)
    if planned.design is Design.STEPPED_WEDGE:
        information = inverted(own * correlation + shared)
    else:
        information = within_clusters(own * correlation)
    variance = effect_variance(paths, counts, information)
    alone: Numbers = np.eye(planned.periods) * planned.size / (parts.within + parts.between)
    plain = effect_variance(paths, counts, alone)
    return Precision(float(np.sqrt(variance)), float(counts.sum() - 2), variance / plain)


def inverted(covariance: Numbers) -> Numbers:
    """The inverse (T, T)."""
    found: Numbers = np.asarray(np.linalg.inv(covariance), dtype=np.float64)
    return found


def within_clusters(covariance: Numbers) -> Numbers:
    """Information (T, T) that is left of means with this covariance when each cluster has a level of its own."""
    inverse = inverted(covariance)
    sums = inverse.sum(axis=1)
    found: Numbers = inverse - np.outer(sums, sums) / sums.sum()
    return found


def _point(planned: Planned, effect: float) -> float:
    """Variance of one point of a cluster's series about its level."""
    parts, lasting = components(planned, pooled_variance(planned, effect)), 1.0 if planned.cac is None else planned.cac
    return parts.within * (1.0 - planned.iac) / planned.size + parts.between * (1.0 - lasting)


def _interrupted(planned: Planned, clusters: Sequence[int], effect: float) -> Precision:
    """Level change of a segmented line with a change of slope, AR(1) errors; two series subtract their errors.

    Periods less 4 coefficients of df, for each of the series.
    """
    periods = np.arange(1.0, planned.periods + 1.0)
    after = (periods >= planned.first_treated[0]).astype(np.float64)
    design = np.column_stack(
        [np.ones_like(periods), periods - planned.periods / 2.0, after, after * (periods - planned.first_treated[0])]
    )
    if planned.periods <= 4 or np.linalg.matrix_rank(design) < 4:
        return Precision(np.inf, float(planned.periods - 4), None)
    covariance = _point(planned, effect) * autoregressive(planned.periods, planned.autocorrelation)
    bread = np.linalg.inv(design.T @ np.linalg.solve(covariance, design))
    series = 1.0 if planned.design is Design.INTERRUPTED_TIME_SERIES else sum(1.0 / count for count in clusters)
    groups = 1 if planned.design is Design.INTERRUPTED_TIME_SERIES else 2
    return Precision(float(np.sqrt(bread[2, 2] * series)), float(groups * (planned.periods - 4)), None)


def _synthetic(planned: Planned, clusters: Sequence[int], effect: float) -> Precision:
    """Mean after less mean before, treated less donors, the spread taken from the donors; donors - 1 df."""
    after = (np.arange(1, planned.periods + 1) >= planned.first_treated[0]).astype(np.float64)
    contrast = after / after.sum() - (1.0 - after) / (1.0 - after).sum()
    covariance = _point(planned, effect) * autoregressive(planned.periods, planned.autocorrelation)
    variance = float(contrast @ covariance @ contrast) * sum(1.0 / count for count in clusters)
    return Precision(float(np.sqrt(variance)), float(clusters[1] - 1), None)


def _heavy(planned: Planned) -> float:
    """What B counts for in a cluster's mean: m (1 + cv^2)."""
    return planned.size * (1.0 + planned.size_cv**2)


_BY_DESIGN: Final[Mapping[Design, Callable[[Planned, Sequence[int], float], Precision]]] = MappingProxyType(
    {
        Design.INDIVIDUAL_RANDOMISED: _parallel,
        Design.CLUSTER_RANDOMISED: _parallel,
        Design.MATCHED_COMPARISON: _parallel,
        Design.TWO_PERIOD_DID: _two_periods,
        Design.BEFORE_AFTER: _one_group,
        Design.SURVEY_BEFORE_AFTER: _surveyed,
        Design.STEPPED_WEDGE: _sequenced,
        Design.STAGGERED_ADOPTION: _sequenced,
        Design.INTERRUPTED_TIME_SERIES: _interrupted,
        Design.CONTROLLED_INTERRUPTED_TIME_SERIES: _interrupted,
        Design.SYNTHETIC_CONTROL: _synthetic,
    }
)
