"""Everything that is asked about one outcome."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from effects.codes import Aggregation, AnalysisRole, Change, Design, Estimand, Estimator, Family, MissingMethod, Reason
from effects.design_answers import Asked, Effect, NoEffect, Place
from effects.diagnostics import outcome_diagnostics
from effects.effect_entries import Question, answered, degenerate, entry_of, unanswered
from effects.estimators import ANSWERING, BESIDE, LINEAR, is_linear
from effects.estimators.compliance import first_stage
from effects.estimators.one_left_out import one_left_out
from effects.linear_model import LinearModel, Obstacle
from effects.message import Message
from effects.missing.completed import imputed, with_lost
from effects.missing.response import response_weighted
from effects.planning.sections import PlanSections
from effects.planning.settings import Settings
from effects.results import Diagnostic, Entry
from effects.rows.columns import Codes
from effects.rows.roles import OutcomeColumns, Roles
from effects.rows.samples import KEPT, Sample, draw, only_outcome_lost, tally, why_dropped
from effects.subgroups import Comparison, comparisons

_Answered: TypeAlias = tuple[tuple[Entry, ...], tuple[Diagnostic, ...]]
_STAGGERED = (Aggregation.SIMPLE, Aggregation.DYNAMIC, Aggregation.GROUP, Aggregation.CALENDAR)
_SERIES = (Design.INTERRUPTED_TIME_SERIES, Design.CONTROLLED_INTERRUPTED_TIME_SERIES)
_CHANGES = {Change.LEVEL: Aggregation.LEVEL_CHANGE, Change.SLOPE: Aggregation.SLOPE_CHANGE}


@dataclass(frozen=True, slots=True)
class OutcomeAnswer:
    """Entries and diagnostics of one outcome, and why each row (n,) was left out."""

    entries: tuple[Entry, ...]
    diagnostics: tuple[Diagnostic, ...]
    reasons: Codes


def answer(outcome: OutcomeColumns, roles: Roles, plan: PlanSections, settings: Settings) -> OutcomeAnswer:
    """Estimates, subgroups and diagnostics of one outcome; never raises for what the data hold."""
    reasons = why_dropped(roles, outcome, received=plan.estimand is Estimand.CACE)
    lost = only_outcome_lost(outcome, reasons)
    if settings.missing is MissingMethod.MULTIPLE_IMPUTATION:
        reasons[lost] = KEPT
    questions = [
        Question(outcome.stated.column, plan.estimand, aggregation, dropped=tally(reasons))
        for aggregation in asked_aggregations(plan)
    ]
    obstacle = outcome.obstacle or not_implemented(outcome, plan, settings)
    if obstacle is not None:
        return OutcomeAnswer(tuple(unanswered(question, obstacle) for question in questions), (), reasons)
    known = (reasons == KEPT) & ~np.isnan(outcome.values)
    sample: Sample | Obstacle = draw(roles, outcome, known)
    if settings.missing is MissingMethod.RESPONSE_WEIGHTS:
        sample = response_weighted(draw(roles, outcome, known | lost))
    if isinstance(sample, Obstacle):
        return OutcomeAnswer(tuple(unanswered(question, sample) for question in questions), (), reasons)
    asked = Asked(outcome=outcome, roles=roles, plan=plan, settings=settings, sample=sample)
    primary = None
    if settings.imputations is not None:
        primary = _imputed(asked, draw(roles, outcome, reasons == KEPT), questions[0])
    entries, checks = _linear(asked, questions[0], primary) if is_linear(settings) else _answered(asked, questions)
    diagnostics = outcome_diagnostics(outcome, roles, plan, asked.sample, entries[0])
    compared = [_compare(asked, _as_weighted(asked, one)) for one in comparisons(outcome, roles, reasons)]
    return OutcomeAnswer((*entries, *compared), (*diagnostics, *checks), reasons)


def _imputed(asked: Asked, everybody: Sample, question: Question) -> Entry:
    """The coefficient over completed outcomes; where none is lost, that of the rows as they are."""
    known = ~np.isnan(everybody.outcome)
    obstacle = degenerate(everybody.part(known))
    if obstacle is not None:
        return unanswered(question, obstacle)
    model = LINEAR[asked.settings.design](with_lost(everybody, known), asked.settings)
    if known.all():
        return answered(question, everybody, model, asked.settings)
    return entry_of(imputed(model, known, asked.settings), replace(asked, sample=everybody), question)


def _linear(asked: Asked, question: Question, imputed_entry: Entry | None) -> _Answered:
    """One coefficient, with the second opinions of its design where it could be estimated."""
    obstacle = degenerate(asked.sample)
    model = obstacle or LINEAR[asked.settings.design](asked.sample, asked.settings)
    primary = imputed_entry or answered(question, asked.sample, model, asked.settings)
    if obstacle is not None:
        return (primary,), ()
    found = [first_stage(asked, model), one_left_out(asked, model)]
    found += [beside(asked) for beside in BESIDE.get(asked.settings.design, ())]
    entries = (entry_of(effect, asked, question) for answer in found for effect in answer.effects)
    return (primary, *entries), tuple(check for answer in found for check in answer.diagnostics)


def _answered(asked: Asked, questions: Sequence[Question]) -> _Answered:
    """All effects of a design with an estimator of its own."""
    obstacle = degenerate(asked.sample, arms=False)
    if obstacle is not None:
        return tuple(unanswered(question, obstacle) for question in questions), ()
    found = ANSWERING[asked.settings.design](asked)
    return tuple(entry_of(effect, asked, questions[0]) for effect in found.effects), found.diagnostics


def asked_aggregations(plan: PlanSections) -> tuple[Aggregation, ...]:
    """The aggregations that the design asks for by itself."""
    if plan.design is Design.STAGGERED_ADOPTION and plan.model.estimator is not Estimator.TWFE:
        return _STAGGERED
    if plan.design in _SERIES:
        return tuple(_CHANGES[change] for change in plan.model.change or tuple(Change))
    return (Aggregation.OVERALL,)


def not_implemented(outcome: OutcomeColumns, plan: PlanSections, settings: Settings) -> Obstacle | None:
    """What the plan rightly asks for and this version cannot do."""
    family, method = outcome.stated.family, settings.missing
    linked = plan.design in _SERIES
    lacking = (
        (
            plan.estimand is Estimand.CACE and not is_linear(settings),
            Message("the estimand cace needs a linear model: fixed effects, and errors that are not model_based"),
        ),
        (
            family not in (None, Family.GAUSSIAN) and not linked,
            Message("the family {name} is not available yet", {"name": str(family)}),
        ),
        (outcome.stated.offset is not None and not linked, Message("an offset is not available yet")),
        (
            method is MissingMethod.MULTIPLE_IMPUTATION and not is_linear(settings),
            Message("the missing-data method {name} needs a linear model", {"name": method.value}),
        ),
    )
    for absent, detail in lacking:
        if absent:
            return Obstacle(Reason.NOT_IMPLEMENTED, detail, Message("a later version of the library"))
    return None


def _model(sample: Sample, settings: Settings) -> LinearModel | Obstacle:
    return degenerate(sample) or LINEAR[settings.design](sample, settings)


def _compare(asked: Asked, comparison: Comparison) -> Entry:
    """The effect in a level, or the difference between two levels' effects."""
    question = Question(
        asked.outcome.stated.column,
        asked.plan.estimand,
        comparison.aggregation,
        AnalysisRole.EXPLORATORY,
        comparison.subgroup,
    )
    if comparison.level is not None and asked.plan.estimand is Estimand.CACE:
        detail = Message("the difference between two subgroups' complier effects is not available")
        return unanswered(question, Obstacle(Reason.NOT_IMPLEMENTED, detail, Message("the estimand itt")))
    if asked.settings.imputations is not None and comparison.level is None:
        return _imputed(asked, comparison.sample, question)
    if asked.settings.imputations is not None:
        detail = Message("the difference between two subgroups is not available with imputed outcomes")
        return unanswered(question, Obstacle(Reason.NOT_IMPLEMENTED, detail, Message("complete cases")))
    if is_linear(asked.settings):
        model = _model(comparison.sample, asked.settings)
        if comparison.level is not None and isinstance(model, LinearModel):
            model = _interacted(model, comparison.sample, comparison.level)
        return answered(question, comparison.sample, model, asked.settings)
    part = replace(asked, sample=comparison.sample)
    if comparison.level is None:
        return entry_of(_headline(part), part, question)
    return entry_of(_difference(part, comparison.level), part, question)


def _as_weighted(asked: Asked, comparison: Comparison) -> Comparison:
    """The comparison with the weights that the rows have in the whole sample, where response is weighted for."""
    if asked.settings.missing is not MissingMethod.RESPONSE_WEIGHTS:
        return comparison
    weights = np.ones(asked.roles.rows)
    weights[asked.sample.rows] = asked.sample.weights
    return replace(comparison, sample=replace(comparison.sample, weights=weights[comparison.sample.rows]))


def _headline(asked: Asked) -> Effect | NoEffect:
    obstacle = degenerate(asked.sample, arms=False)
    if obstacle is not None:
        return NoEffect(obstacle=obstacle)
    return replace(ANSWERING[asked.settings.design](asked).effects[0], place=Place())


def _difference(asked: Asked, level: Codes) -> Effect | NoEffect:
    """The level's effect less that of the reference, estimated apart: nobody who is in both may tie them together."""
    place = Place(aggregation=Aggregation.INTERACTION)
    own = asked.sample.cluster
    shared = own is not None and bool(np.intersect1d(own[level == 1], own[level == 0]).size)
    if shared:
        obstacle = Obstacle(
            Reason.NEEDS_ROWS, Message("clusters lie in both levels"), Message("a subgroup of whole clusters")
        )
        return NoEffect(place=place, obstacle=obstacle)
    parts = [_headline(replace(asked, sample=asked.sample.part(level == one))) for one in (1, 0)]
    for part in parts:
        if isinstance(part, NoEffect):
            return NoEffect(place=place, obstacle=part.obstacle)
    other, reference = (part for part in parts if isinstance(part, Effect))
    variances = other.standard_error**2, reference.standard_error**2
    total = sum(variances)
    dfs = [effect.df for effect in (other, reference)]
    spread = sum(one**2 / df for one, df in zip(variances, dfs, strict=True) if df is not None)
    return replace(
        other,
        place=place,
        estimate=other.estimate - reference.estimate,
        standard_error=float(np.sqrt(total)),
        df=total**2 / spread if spread > 0.0 else None,
        p_value=None,
        interval=None,
        p_permutation=None,
        p_bootstrap=None,
        people=None,
        rows=None,
        units=None,
        clusters=None,
    )


def _interacted(model: LinearModel, sample: Sample, level: Codes) -> LinearModel:
    """The model with the level (unless unit effects imply it) and its product with treatment, which is asked for."""
    indicator = level.astype(np.float64)
    product = sample.treated * indicator
    basis, _ = np.linalg.qr(model.design)
    rest = indicator - basis @ (basis.T @ indicator)
    if np.linalg.norm(rest) <= 1e-8 * np.linalg.norm(indicator):
        return model.with_columns(product[:, None], ("treated x subgroup",), 0)
    return model.with_columns(np.column_stack([indicator, product]), ("subgroup", "treated x subgroup"), 1)
