"""Everything that is asked about one outcome."""

from dataclasses import dataclass

import numpy as np

from effects.codes import Aggregation, AnalysisRole, Change, Design, Estimand, Family, MissingMethod, Reason
from effects.diagnostics import outcome_diagnostics
from effects.effect_entries import Question, answered, degenerate, unanswered
from effects.estimators import ESTIMATORS
from effects.linear_model import LinearModel, Obstacle
from effects.message import Message
from effects.planning.sections import PlanSections
from effects.planning.settings import Settings
from effects.results import Diagnostic, Entry
from effects.rows.columns import Codes
from effects.rows.roles import OutcomeColumns, Roles
from effects.rows.samples import KEPT, Sample, draw, tally, why_dropped
from effects.subgroups import Comparison, comparisons

_STAGGERED = (Aggregation.SIMPLE, Aggregation.DYNAMIC, Aggregation.GROUP, Aggregation.CALENDAR)
_CHANGES = {Change.LEVEL: Aggregation.LEVEL_CHANGE, Change.SLOPE: Aggregation.SLOPE_CHANGE}


@dataclass(frozen=True, slots=True)
class OutcomeAnswer:
    """Entries and diagnostics of one outcome, and why each row (n,) was left out."""

    entries: tuple[Entry, ...]
    diagnostics: tuple[Diagnostic, ...]
    reasons: Codes


def answer(outcome: OutcomeColumns, roles: Roles, plan: PlanSections, settings: Settings) -> OutcomeAnswer:
    """Estimates, subgroups and diagnostics of one outcome; never raises for what the data hold."""
    reasons = why_dropped(roles, outcome)
    questions = [
        Question(outcome.stated.column, plan.estimand, aggregation, dropped=tally(reasons))
        for aggregation in asked_aggregations(plan)
    ]
    obstacle = not_implemented(outcome, plan, settings)
    if obstacle is not None:
        return OutcomeAnswer(tuple(unanswered(question, obstacle) for question in questions), (), reasons)
    sample = draw(roles, outcome, reasons == KEPT)
    entries = [answered(question, sample, _model(sample, plan, settings), settings) for question in questions]
    diagnostics = outcome_diagnostics(outcome, roles, plan, sample, entries[0])
    for comparison in comparisons(outcome, roles, reasons):
        entries.append(_compare(comparison, outcome, plan, settings))
    return OutcomeAnswer(tuple(entries), diagnostics, reasons)


def asked_aggregations(plan: PlanSections) -> tuple[Aggregation, ...]:
    """The aggregations that the design asks for by itself."""
    if plan.design is Design.STAGGERED_ADOPTION:
        return _STAGGERED
    if plan.design in (Design.INTERRUPTED_TIME_SERIES, Design.CONTROLLED_INTERRUPTED_TIME_SERIES):
        return tuple(_CHANGES[change] for change in plan.model.change or tuple(Change))
    return (Aggregation.OVERALL,)


def not_implemented(outcome: OutcomeColumns, plan: PlanSections, settings: Settings) -> Obstacle | None:
    """What the plan rightly asks for and this version cannot do."""
    family, method = outcome.stated.family, settings.missing
    lacking = (
        (plan.design not in ESTIMATORS, Message("the design {name} is not available yet", {"name": plan.design.value})),
        (plan.estimand is Estimand.CACE, Message("the estimand cace is not available yet")),
        (
            family not in (None, Family.GAUSSIAN),
            Message("the family {name} is not available yet", {"name": str(family)}),
        ),
        (outcome.stated.offset is not None, Message("an offset is not available yet")),
        (
            method is not MissingMethod.COMPLETE_CASES,
            Message("the missing-data method {name} is not available yet", {"name": method.value}),
        ),
    )
    for absent, detail in lacking:
        if absent:
            return Obstacle(Reason.NOT_IMPLEMENTED, detail, Message("a later version of the library"))
    return None


def _model(sample: Sample, plan: PlanSections, settings: Settings) -> LinearModel | Obstacle:
    return degenerate(sample) or ESTIMATORS[plan.design](sample, settings)


def _compare(comparison: Comparison, outcome: OutcomeColumns, plan: PlanSections, settings: Settings) -> Entry:
    question = Question(
        outcome.stated.column,
        plan.estimand,
        comparison.aggregation,
        AnalysisRole.EXPLORATORY,
        comparison.subgroup,
    )
    model = _model(comparison.sample, plan, settings)
    if comparison.level is not None and isinstance(model, LinearModel):
        model = _interacted(model, comparison.sample, comparison.level)
    return answered(question, comparison.sample, model, settings)


def _interacted(model: LinearModel, sample: Sample, level: Codes) -> LinearModel:
    """The model with the level (unless unit effects imply it) and its product with treatment, which is asked for."""
    indicator = level.astype(np.float64)
    product = sample.treated * indicator
    basis, _ = np.linalg.qr(model.design)
    rest = indicator - basis @ (basis.T @ indicator)
    if np.linalg.norm(rest) <= 1e-8 * np.linalg.norm(indicator):
        return model.with_columns(product[:, None], ("treated x subgroup",), 0)
    return model.with_columns(np.column_stack([indicator, product]), ("subgroup", "treated x subgroup"), 1)
