"""What in a plan keeps sums from answering it, and what to state instead; known before any rows are.

Nothing here reads a row, so that a page can ask it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from effects.codes import (
    Adjustment,
    Design,
    Estimand,
    Estimator,
    Family,
    FixedEffect,
    MissingMethod,
    StandardError,
    WorkingModel,
    WorkingVariance,
)
from effects.message import Message
from effects.planning.sections import Outcome, PlanSections
from effects.planning.settings import Settings
from effects.planning.terms import Transform, parse_term

_TOGETHER: Final = frozenset({Adjustment.WESTFALL_YOUNG, Adjustment.ROMANO_WOLF})
ANSWERED: Final = frozenset(
    {
        Design.INDIVIDUAL_RANDOMISED,
        Design.CLUSTER_RANDOMISED,
        Design.STEPPED_WEDGE,
        Design.TWO_PERIOD_DID,
        Design.STAGGERED_ADOPTION,
    }
)
BY_CLUSTER: Final = frozenset(
    {StandardError.CR0, StandardError.CR1, StandardError.CR1S, StandardError.CR2, StandardError.CR3}
)
BY_ARM: Final = frozenset({StandardError.HC1, StandardError.HC2, StandardError.HC3})
_INFLUENCE: Final = (StandardError.INFLUENCE, StandardError.INFLUENCE_SMALL)
_CLUSTERED: Final = Message("State a standard error by cluster: cr0, cr1, cr1s, cr2 or cr3.")


About: TypeAlias = Literal["effect", "subgroup", "index", "permutation", "together"]


@dataclass(frozen=True, slots=True)
class PlanReason:
    """Why rows are needed and what to state in the plan so that they are not; of one outcome, or of all (None).

    `about` is what asks for them: the effects themselves, or what the plan wants beside them.
    """

    reason: Message
    remedy: Message
    outcome: str | None = None
    about: About = "effect"


def plan_needs_rows(plan: PlanSections, settings: Settings) -> Message | None:
    """The first reason in the plan why no cross-products will do; None where they may."""
    return next((found.reason for found in plan_reasons(plan, settings)), None)


def within_units(plan: PlanSections, settings: Settings) -> bool:
    """Whether every column is less its unit's mean."""
    stated = FixedEffect.UNIT in settings.fixed_effects and plan.data.unit not in (None, plan.data.assignment)
    return stated and plan.design is not Design.STAGGERED_ADOPTION


def rows_say_more(settings: Settings) -> Message | None:
    """Why rows that are at hand are better read although sums would do: more stands beside the effect then."""
    if (
        settings.design in (Design.TWO_PERIOD_DID, Design.STAGGERED_ADOPTION)
        or settings.standard_error is StandardError.MODEL_BASED
    ):
        return Message("what stands beside the effect needs rows")
    return None


def plan_reasons(plan: PlanSections, settings: Settings) -> Iterator[PlanReason]:
    """Every reason in the plan: of the effects, of what is wanted beside them, then of each outcome."""
    for failed, reason, remedy in (*_whole(plan), *_error(plan, settings), *_method(plan, settings)):
        if failed:
            yield PlanReason(reason, remedy)
    if plan.design is Design.STAGGERED_ADOPTION:
        yield from (PlanReason(reason, remedy) for failed, reason, remedy in _staggered(plan, settings) if failed)
    yield from _beside(plan, settings)
    for outcome in plan.outcomes:
        for failed, reason, remedy in _of_outcome(outcome, settings):
            if failed:
                yield PlanReason(reason, remedy, outcome.column)


def _whole(plan: PlanSections) -> Iterator[tuple[bool, Message, Message]]:
    """Design, estimand and columns."""
    design = plan.design
    yield (
        design not in ANSWERED,
        Message("the design {design} needs rows", {"design": design.value}),
        Message("Let the rows be analysed in one place, or choose a design that sums answer."),
    )
    yield (
        plan.estimand is Estimand.CACE,
        Message("the estimand cace needs rows"),
        Message("State itt: the effect of the offer needs no rows."),
    )
    told = plan.data.treated is not None or design is Design.STAGGERED_ADOPTION
    yield not told, Message("no treatment is stated"), Message("State data.treated, a column of 0/1.")
    yield plan.data.weight is not None, Message("weights may vary within a unit"), Message("Leave out data.weight.")
    yield (
        plan.data.received is not None,
        Message("what was received is compared row by row"),
        Message("Leave out data.received."),
    )


def _error(plan: PlanSections, settings: Settings) -> Iterator[tuple[bool, Message, Message]]:
    """Standard errors."""
    error = settings.standard_error
    yield (
        error in BY_ARM and (plan.design is not Design.INDIVIDUAL_RANDOMISED or plan.data.cluster is not None),
        Message("hc errors of this design need every row's leverage"),
        _CLUSTERED,
    )
    yield (
        error not in (*BY_CLUSTER, *BY_ARM, *_INFLUENCE, StandardError.IID, StandardError.MODEL_BASED),
        Message("the standard error {kind} needs rows", {"kind": error.value}),
        _CLUSTERED,
    )
    yield (
        plan.design is Design.STEPPED_WEDGE
        and settings.working_model is not WorkingModel.FIXED_EFFECTS
        and error is not StandardError.MODEL_BASED,
        Message("{kind} around a mixed model needs rows", {"kind": error.value}),
        Message("State model_based under inference.standard_error."),
    )
    yield (
        error in (*BY_CLUSTER, StandardError.MODEL_BASED) and plan.data.assignment is None,
        Message("no clusters are stated"),
        Message("State data.cluster or data.unit."),
    )
    yield (
        settings.working_variance is WorkingVariance.INVERSE_WEIGHT,
        Message("weights may vary within a unit"),
        Message("State identity under inference.working_variance."),
    )


def _method(plan: PlanSections, settings: Settings) -> Iterator[tuple[bool, Message, Message]]:
    """Missing values and the model."""
    effects = set(settings.fixed_effects)
    yield (
        settings.missing is not MissingMethod.COMPLETE_CASES,
        Message("missing values are filled in row by row"),
        Message("State complete_cases under missing."),
    )
    yield (
        plan.design is Design.STEPPED_WEDGE and not (plan.data.unit and plan.data.period),
        Message("units or periods are not stated"),
        Message("State data.unit and data.period."),
    )
    yield (
        FixedEffect.UNIT in effects and bool({FixedEffect.CLUSTER, FixedEffect.GROUP} & effects),
        Message("effects of units and of clusters determine each other"),
        Message("State one of them under model.fixed_effects."),
    )
    yield (
        not effects <= _known_effects(plan.design),
        Message("these fixed effects need rows"),
        Message("State other fixed effects, or none."),
    )


def _beside(plan: PlanSections, settings: Settings) -> Iterator[PlanReason]:
    """What the plan wants beside one effect for each outcome."""
    if plan.subgroups:
        remedy = Message("Leave out the subgroups, or make a plan of its own for each.")
        yield PlanReason(Message("subgroups are drawn from rows"), remedy, about="subgroup")
    if plan.indices:
        remedy = Message("Leave out the index, or compute it before and state it as an outcome.")
        yield PlanReason(Message("an index is made of rows"), remedy, about="index")
    if {settings.adjust_primary, settings.adjust_secondary} & _TOGETHER:
        remedy = Message("State holm, bonferroni or benjamini_hochberg under multiplicity.")
        yield PlanReason(Message("outcomes that are resampled together need rows"), remedy, about="together")
    if _permutes_rows(plan):
        remedy = Message("Leave out inference.permutation.")
        yield PlanReason(Message("the permutation test of this plan needs rows"), remedy, about="permutation")


def _staggered(plan: PlanSections, settings: Settings) -> Iterator[tuple[bool, Message, Message]]:
    """What sums of changes by cluster and cohort do not give."""
    own = settings.estimator
    yield (
        own is not Estimator.CALLAWAY_SANTANNA,
        Message("the estimator {name} needs rows", {"name": "" if own is None else own.value}),
        Message("State callaway_santanna under model.estimator."),
    )
    yield (
        any(outcome.covariates for outcome in plan.outcomes),
        Message("covariates of staggered adoption are compared unit by unit"),
        Message("Leave out the covariates."),
    )
    yield (
        plan.data.cluster in (None, plan.data.unit),
        Message("every unit is a cluster of its own"),
        Message("State data.cluster, within which units may be summed."),
    )


def _of_outcome(outcome: Outcome, settings: Settings) -> Iterator[tuple[bool, Message, Message]]:
    terms = [parse_term(text) for text in outcome.covariates]
    yield (
        outcome.family not in (None, Family.GAUSSIAN),
        Message("the family of an outcome is not gaussian"),
        Message("State gaussian: the effect is then a difference in means or shares."),
    )
    yield outcome.offset is not None, Message("an offset needs rows"), Message("Leave out the offset.")
    yield (
        any(term is not None and term.transform is Transform.FACTOR for term in terms),
        Message("a factor has too many columns for cross-products"),
        Message("State one 0/1 column for each level instead of factor(...)."),
    )
    yield (
        settings.standard_error in BY_ARM and bool(terms),
        Message("hc errors with covariates need every row's leverage"),
        Message("Leave out the covariates, or state a standard error by cluster."),
    )


def _permutes_rows(plan: PlanSections) -> bool:
    """Whether what a permutation shuffles is smaller than a cluster, or bound to what sums do not show."""
    bound = plan.data.strata is not None or plan.data.sequence is not None
    whole = plan.design is not Design.INDIVIDUAL_RANDOMISED and not bound
    return plan.inference.permutation is not None and not whole


def _known_effects(design: Design) -> set[FixedEffect]:
    if design is Design.TWO_PERIOD_DID:
        return {FixedEffect.GROUP, FixedEffect.PERIOD, FixedEffect.CLUSTER, FixedEffect.UNIT}
    if design is Design.STEPPED_WEDGE:
        return {FixedEffect.UNIT, FixedEffect.PERIOD, FixedEffect.CLUSTER}
    return {FixedEffect.STRATA} if design is Design.CLUSTER_RANDOMISED else set()
