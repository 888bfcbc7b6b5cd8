"""From a sample and a linear model to an entry of the result."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from effects.codes import Aggregation, AnalysisRole, Estimand, Reason
from effects.design_answers import Asked, Effect, NoEffect, Place
from effects.disclosure import MINIMUM_PEOPLE, is_small
from effects.inference.cluster_robust import Precision
from effects.inference.covariance import precision
from effects.inference.least_squares import Fit, fit
from effects.inference.two_stage import two_stages
from effects.linear_model import LinearModel, Obstacle
from effects.message import Message
from effects.planning.settings import Settings
from effects.results import Dropped, EffectEstimate, Entry, Interval, NotEstimable
from effects.rows.samples import Sample
from effects.second_opinions import seconded


@dataclass(frozen=True, slots=True)
class Question:
    """What an entry answers."""

    outcome: str
    estimand: Estimand
    aggregation: Aggregation
    analysis: AnalysisRole = AnalysisRole.PRIMARY
    subgroup: Mapping[str, str] | None = None
    dropped: tuple[Dropped, ...] = ()
    cohort: float | str | None = None
    period: float | str | None = None
    event_time: int | None = None

    def at(self, place: Place) -> "Question":
        """The same question about one of the effects of a design; a subgroup's standing stays exploratory."""
        analysis = self.analysis if self.analysis is AnalysisRole.EXPLORATORY else place.analysis
        return replace(
            self,
            aggregation=place.aggregation,
            analysis=analysis,
            cohort=place.cohort,
            period=place.period,
            event_time=place.event_time,
        )


@dataclass(frozen=True, slots=True)
class Basis:
    """What an estimate rests on; `people` are those behind the untreated and the treated arm."""

    rows: int
    units: int
    clusters: int | None
    estimator: str
    people: tuple[float, float]
    notes: tuple[Message, ...] = ()


def unanswered(question: Question, obstacle: Obstacle) -> NotEstimable:
    """The entry of a question that has no answer."""
    return NotEstimable(
        outcome=question.outcome,
        estimand=question.estimand,
        aggregation=question.aggregation,
        cohort=question.cohort,
        period=question.period,
        event_time=question.event_time,
        subgroup=question.subgroup,
        analysis=question.analysis,
        reason=obstacle.reason,
        detail=obstacle.detail,
        needs=obstacle.needs,
        dropped=question.dropped,
    )


def degenerate(sample: Sample, *, arms: bool = True) -> Obstacle | None:
    """Why no model at all can be fitted to the sample, if so; `arms` asks for treated and untreated rows."""
    if sample.size == 0:
        return Obstacle(
            Reason.NO_ROWS, Message("no complete rows"), Message("rows with a value in every column of the plan")
        )
    if not (np.isfinite(sample.outcome).all() and np.isfinite(sample.covariates).all()):
        rows = int(np.sum(~np.isfinite(sample.outcome) | ~np.isfinite(sample.covariates).all(axis=1)))
        return Obstacle(
            Reason.NOT_FINITE,
            Message("{rows} rows hold infinite values", {"rows": rows}),
            Message("finite outcomes and covariates"),
        )
    treated = int(np.sum(sample.treated))
    if arms and treated in (0, sample.size):
        return Obstacle(
            Reason.EMPTY_ARM,
            Message("{treated} of {rows} rows are treated", {"treated": treated, "rows": sample.size}),
            Message("rows with and without treatment"),
        )
    if np.all(sample.outcome == sample.outcome[0]):
        return Obstacle(Reason.CONSTANT_OUTCOME, Message("the outcome never varies"), Message("an outcome that varies"))
    return None


def answered(question: Question, sample: Sample, model: LinearModel | Obstacle, settings: Settings) -> Entry:
    """Fit the model and state the effect with its p-values, or why there is none."""
    if isinstance(model, Obstacle):
        return unanswered(question, model)
    assigned = fit(model)
    if isinstance(assigned, Obstacle):
        return unanswered(question, assigned)
    fitted = _received(model, sample) if settings.estimand is Estimand.CACE else assigned
    if isinstance(fitted, Obstacle):
        return unanswered(question, fitted)
    found = precision(fitted, settings.standard_error, settings.working_variance)
    if isinstance(found, Obstacle):
        return unanswered(question, found)
    basis = Basis(sample.size, sample.units, sample.clusters, fitted.model.estimator, people_of(sample), model.notes)
    entry = stated(question, fitted.estimate, found, basis, settings)
    return seconded(entry, assigned, sample, settings) if isinstance(entry, EffectEstimate) else entry


def _received(model: LinearModel, sample: Sample) -> Fit | Obstacle:
    """The second stage for what was received; resampling stays with the assignment, whose null is the same."""
    if sample.received is None:
        needs = Message("data.received")
        return Obstacle(Reason.NO_FIRST_STAGE, Message("what was received is not stated"), needs)
    stages = two_stages(model, sample.received)
    return stages if isinstance(stages, Obstacle) else stages.second


def stated(question: Question, estimate: float, found: Precision, basis: Basis, settings: Settings) -> Entry:
    """The effect with its t interval and two-sided p-value, however estimate and precision came about."""
    reach = float(stdtrit(found.df, 0.5 + settings.level / 2.0)) * found.standard_error
    if not np.isfinite(reach):
        detail = Message("{df:.3g} degrees of freedom", {"df": found.df})
        return unanswered(question, Obstacle(Reason.TOO_FEW_CLUSTERS, detail, Message("more clusters in each arm")))
    return EffectEstimate(
        outcome=question.outcome,
        estimand=question.estimand,
        aggregation=question.aggregation,
        subgroup=question.subgroup,
        estimate=estimate,
        standard_error=found.standard_error,
        standard_error_kind=settings.standard_error,
        df=found.df,
        analysis=question.analysis,
        interval=Interval(settings.level, estimate - reach, estimate + reach),
        p_value=2.0 * float(stdtr(found.df, -abs(estimate) / found.standard_error)),
        rows=basis.rows,
        units=basis.units,
        clusters=basis.clusters,
        estimator=basis.estimator,
        note=(*(small_arms(*basis.people) or ()), *basis.notes) or None,
        dropped=question.dropped,
    )


def entry_of(effect: Effect | NoEffect, asked: Asked, question: Question) -> Entry:
    """The entry of what a design answered; an interval or p-value that is not finite is no answer."""
    sample = asked.sample
    basis = Basis(sample.size, sample.units, sample.clusters, "", people_of(sample))
    return entry_on(effect, basis, question, asked.settings.level)


def entry_on(effect: Effect | NoEffect, basis: Basis, question: Question, level: float) -> Entry:
    """The same on rows that were counted elsewhere; the effect's own counts and estimator win over these."""
    named = question.at(effect.place)
    if isinstance(effect, NoEffect):
        return unanswered(named, effect.obstacle)
    df = effect.df
    quantile = float(ndtri(0.5 + level / 2.0) if df is None else stdtrit(df, 0.5 + level / 2.0))
    reach = quantile * effect.standard_error
    statistic = -abs(effect.estimate) / effect.standard_error if effect.standard_error > 0.0 else np.nan
    tail = float(ndtr(statistic) if df is None else stdtr(df, statistic))
    p_value = 2.0 * tail if effect.p_value is None else effect.p_value
    method: Literal["t", "normal"] = "normal" if df is None else "t"
    interval = effect.interval or Interval(level, effect.estimate - reach, effect.estimate + reach, method)
    if not np.isfinite([effect.estimate, effect.standard_error, p_value, interval.low, interval.high]).all():
        detail = Message("the standard error is not finite or zero")
        return unanswered(named, Obstacle(Reason.NO_RESIDUAL_VARIATION, detail, Message("more units that vary")))
    people = basis.people if effect.people is None else effect.people
    return EffectEstimate(
        outcome=named.outcome,
        estimand=named.estimand,
        aggregation=named.aggregation,
        cohort=named.cohort,
        period=named.period,
        event_time=named.event_time,
        subgroup=named.subgroup,
        estimate=effect.estimate,
        standard_error=effect.standard_error,
        standard_error_kind=effect.kind,
        df=df,
        analysis=named.analysis,
        interval=interval,
        p_value=p_value,
        p_permutation=effect.p_permutation,
        p_bootstrap=effect.p_bootstrap,
        rows=basis.rows if effect.rows is None else effect.rows,
        units=basis.units if effect.units is None else effect.units,
        clusters=basis.clusters if effect.clusters is None else effect.clusters,
        estimator=effect.estimator,
        note=(*(small_arms(*people) or ()), *effect.notes) or None,
        dropped=named.dropped,
    )


def small_arms(untreated: float, treated: float) -> tuple[Message, ...] | None:
    """A warning not to publish where fewer people than the disclosure threshold stand behind an arm."""
    bound = {"people": MINIMUM_PEOPLE}
    warnings = (
        (treated, Message("Fewer than {people} people behind the treated arm: not to be published.", bound)),
        (untreated, Message("Fewer than {people} people behind the untreated arm: not to be published.", bound)),
    )
    for behind, warning in warnings:
        if is_small(behind) or behind == 0.0:
            return (warning,)
    return None


def people_of(sample: Sample) -> tuple[float, float]:
    """People behind the untreated and the treated rows."""
    people = np.ones(sample.size) if sample.persons is None else sample.persons
    return float(np.nansum(people[sample.treated == 0.0])), float(np.nansum(people[sample.treated == 1.0]))
