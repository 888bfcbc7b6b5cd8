"""Comparisons matched on covariates: doubly robust, weighted and nearest-neighbour effects beside each other."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

import numpy as np

from effects.codes import AnalysisRole, Estimator, Reason, StandardError
from effects.design_answers import Asked, DesignAnswer, Effect, NoEffect, Place, refused
from effects.estimators.matched.diagnostics import comparability, hidden_bias
from effects.estimators.matched.doubly_robust import augmented
from effects.estimators.matched.nearest import matched
from effects.estimators.matched.precision import summed
from effects.estimators.matched.weighting import Scored, balancing_weights, weighted_difference
from effects.inference.cluster_robust import Precision
from effects.inference.covariance import precision
from effects.inference.least_squares import fit
from effects.inference.propensity import Propensity, propensity
from effects.linear_model import LinearModel, Obstacle
from effects.message import Message
from effects.rows.columns import Codes, Numbers
from effects.rows.samples import Sample, count

MOST_MATCHED: Final = 200_000
FEW_UNITS: Final = 60
PER_COEFFICIENT: Final = 10
_INFLUENCES: Final = frozenset({StandardError.INFLUENCE, StandardError.INFLUENCE_SMALL, StandardError.SANDWICH})
_Found: TypeAlias = tuple[float, Precision]


def matched_comparison(asked: Asked) -> DesignAnswer:
    """The effect by the plan's estimator (aipw unless stated), the other two as sensitivity; att or ate.

    Errors: `influence` counts that the weights were estimated, `influence_small` also that each cluster pulls the
    models towards itself (chosen, with a note, where the plan is silent and an arm has fewer than 60 clusters or 10 a
    coefficient), `sandwich` takes the weights as known, the hc and cr kinds are those of the weighted regression (ipw
    alone), `abadie_imbens` belongs to matching. All but the last are summed over clusters.
    """
    obstacle = _unfit(asked.sample)
    if obstacle is not None:
        return refused(obstacle)
    sample = asked.sample
    model = propensity(sample.treated, sample.covariates, sample.covariate_names, sample.weights)
    if isinstance(model, Obstacle):
        return refused(model)
    first = asked.settings.estimator or Estimator.AIPW
    effects = [
        _effect(asked, model, estimator, primary=estimator is first)
        for estimator in sorted(_ESTIMATORS, key=lambda estimator: estimator is not first)
    ]
    own = balancing_weights(sample.treated, model.probabilities, asked.plan.estimand, sample.weights)
    found = comparability(asked, model.probabilities, own)
    if isinstance(effects[0], Effect):
        found = (*found, hidden_bias(asked, effects[0]))
    return DesignAnswer(tuple(effects), found)


def _unfit(sample: Sample) -> Obstacle | None:
    treated = int(np.sum(sample.treated))
    untreated = sample.size - treated
    if min(treated, untreated) == 0:
        return Obstacle(
            Reason.EMPTY_ARM,
            Message("{treated} of {rows} rows are treated", {"treated": treated, "rows": sample.size}),
            Message("rows with and without treatment"),
        )
    if min(treated, untreated) < 2:
        return Obstacle(
            Reason.TOO_FEW_ROWS,
            Message("{treated} treated and {untreated} untreated rows", {"treated": treated, "untreated": untreated}),
            Message("at least 2 complete rows in each arm"),
        )
    if not sample.covariate_names:
        return Obstacle(
            Reason.NO_COVARIATES,
            Message("no covariate makes the arms comparable: the difference of their means is no effect"),
            Message("covariates that explain who was treated and what became of them"),
        )
    return None


def _effect(asked: Asked, model: Propensity, estimator: Estimator, *, primary: bool) -> Effect | NoEffect:
    place = Place() if primary else Place(analysis=AnalysisRole.SENSITIVITY)
    beside = StandardError.ABADIE_IMBENS if estimator is Estimator.MATCHING else StandardError.INFLUENCE
    kind = asked.settings.standard_error if primary else beside
    silent = not primary or asked.plan.inference.standard_error is None
    few = kind is StandardError.INFLUENCE and silent and _few(asked.sample)
    kind = StandardError.INFLUENCE_SMALL if few else kind
    found = _ESTIMATORS[estimator](asked, model, kind)
    if isinstance(found, Obstacle):
        return NoEffect(place=place, obstacle=found)
    estimate, error = found
    note = Message(
        "Few units in an arm: each is compared with what the others say, so that the error is not too small."
    )
    return Effect(
        place=place,
        estimate=estimate,
        standard_error=error.standard_error,
        kind=kind,
        df=error.df,
        estimator=estimator.value,
        notes=(note,) if few else (),
    )


def _few(sample: Sample) -> bool:
    """Whether an arm has too few clusters (rows, where none are stated) for the plain large-sample error."""
    own = _clusters(sample)
    smaller = min(len(np.unique(own[sample.treated == arm])) for arm in (0.0, 1.0))
    return smaller < max(FEW_UNITS, PER_COEFFICIENT * (1 + len(sample.covariate_names)))


def _clusters(sample: Sample) -> Codes:
    return np.arange(sample.size) if sample.cluster is None else sample.cluster


def _aipw(asked: Asked, model: Propensity, kind: StandardError) -> _Found | Obstacle:
    if kind not in _INFLUENCES:
        return _undefined(kind, Estimator.AIPW)
    sample, estimand = asked.sample, asked.plan.estimand
    within = _clusters(sample) if kind is StandardError.INFLUENCE_SMALL else None
    scored = augmented(sample.outcome, sample.treated, model, estimand, sample.weights, sample.covariate_names, within)
    return scored if isinstance(scored, Obstacle) else _summed(scored, sample, kind)


def _ipw(asked: Asked, model: Propensity, kind: StandardError) -> _Found | Obstacle:
    sample, estimand = asked.sample, asked.plan.estimand
    if kind is StandardError.ABADIE_IMBENS:
        return _undefined(kind, Estimator.IPW)
    if kind in _INFLUENCES:
        within = _clusters(sample) if kind is StandardError.INFLUENCE_SMALL else None
        scored = weighted_difference(sample.outcome, sample.treated, model, estimand, sample.weights, within)
        return _summed(scored, sample, kind)
    weights = balancing_weights(sample.treated, model.probabilities, estimand, sample.weights)
    return _regressed(sample, weights, asked, kind)


def _regressed(sample: Sample, weights: Numbers, asked: Asked, kind: StandardError) -> _Found | Obstacle:
    """The weighted regression of the outcome on treatment with its own error, weights taken as known."""
    fitted = fit(
        LinearModel(
            outcome=sample.outcome,
            design=np.column_stack([np.ones(sample.size), sample.treated]),
            names=("intercept", "treated"),
            effect=1,
            weights=weights,
            clusters=sample.cluster,
            absorbed=0,
            estimator=Estimator.IPW.value,
        )
    )
    if isinstance(fitted, Obstacle):
        return fitted
    error = precision(fitted, kind, asked.settings.working_variance)
    return error if isinstance(error, Obstacle) else (fitted.estimate, error)


def _matching(asked: Asked, _model: Propensity, kind: StandardError) -> _Found | Obstacle:
    sample = asked.sample
    if kind is not StandardError.ABADIE_IMBENS:
        return _undefined(kind, Estimator.MATCHING)
    repeated = sample.cluster is not None and count(sample.cluster) < sample.size
    if repeated or np.ptp(sample.weights) > 0.0:
        return Obstacle(
            Reason.NOT_IMPLEMENTED,
            Message("matching has no error for clusters of several rows or for weights"),
            Message("the estimator aipw or ipw"),
        )
    if sample.size > MOST_MATCHED:
        return Obstacle(
            Reason.NOT_IMPLEMENTED,
            Message("{rows} rows are too many to match", {"rows": sample.size}),
            Message("the estimator aipw or ipw"),
        )
    found = matched(sample.outcome, sample.treated, sample.covariates, asked.plan.estimand)
    smaller = min(int(np.sum(sample.treated == arm)) for arm in (0.0, 1.0))
    return found.estimate, Precision(found.standard_error, float(smaller - 1))


def _summed(scored: Scored, sample: Sample, kind: StandardError) -> _Found | Obstacle:
    scores = {StandardError.SANDWICH: scored.known, StandardError.INFLUENCE_SMALL: scored.cautious}.get(
        kind, scored.scores
    )
    error = summed(scores, sample.treated, sample.cluster)
    return error if isinstance(error, Obstacle) else (scored.estimate, error)


def _undefined(kind: StandardError, estimator: Estimator) -> Obstacle:
    return Obstacle(
        Reason.NOT_IMPLEMENTED,
        Message(
            "the standard error {kind} is not defined for {estimator}",
            {"kind": kind.value, "estimator": estimator.value},
        ),
        Message("influence or sandwich for aipw and ipw, abadie_imbens for matching"),
    )


_Estimate: TypeAlias = Callable[[Asked, Propensity, StandardError], _Found | Obstacle]
_ESTIMATORS: Final[Mapping[Estimator, _Estimate]] = MappingProxyType(
    {Estimator.AIPW: _aipw, Estimator.IPW: _ipw, Estimator.MATCHING: _matching}
)
