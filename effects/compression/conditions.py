"""When cross-products answer a plan exactly; each condition that fails is named, and the rows are read instead."""

from collections.abc import Iterator, Sequence
from typing import Final

from effects.codes import (
    Adjustment,
    Design,
    Estimand,
    Family,
    FixedEffect,
    MissingMethod,
    StandardError,
    WorkingModel,
    WorkingVariance,
)
from effects.compression.relation import Relation
from effects.compression.sampling import MOST_PEOPLE, terms_of
from effects.message import Message
from effects.planning.sections import PlanSections
from effects.planning.settings import Settings
from effects.planning.terms import Transform
from effects.rows.parquet import quoted

_TOGETHER: Final = frozenset({Adjustment.WESTFALL_YOUNG, Adjustment.ROMANO_WOLF})
LINEAR: Final = frozenset({Design.INDIVIDUAL_RANDOMISED, Design.CLUSTER_RANDOMISED, Design.STEPPED_WEDGE})
BY_CLUSTER: Final = frozenset(
    {StandardError.CR0, StandardError.CR1, StandardError.CR1S, StandardError.CR2, StandardError.CR3}
)
BY_ARM: Final = frozenset({StandardError.HC1, StandardError.HC2, StandardError.HC3})


def plan_needs_rows(plan: PlanSections, settings: Settings) -> Message | None:
    """The first reason in the plan why no cross-products will do; None where they may."""
    return next(_plan_reasons(plan, settings), None)


def columns_need_rows(relation: Relation, plan: PlanSections) -> Message | None:
    """The first reason in names and types of the columns; whatever is wrong with them, the rows will say."""
    return next(_column_reasons(relation, plan), None)


def value_tests(relation: Relation, plan: PlanSections) -> list[tuple[str, Message]]:
    """SQL that no row may satisfy, with the reason why rows must be read where one does."""
    treated = f"CAST({quoted(plan.data.treated or '')} AS DOUBLE)"
    tests = [(f"{treated} NOT IN (0, 1) AND NOT isnan({treated})", Message("treatment is not always 0 or 1"))]
    for outcome in plan.outcomes:
        terms = terms_of(outcome)
        for column in dict.fromkeys([outcome.column, *(term.column for term in terms)]):
            if not relation.is_whole(column):
                value = f"CAST({quoted(column)} AS DOUBLE)"
                tests.append((f"isinf({value})", Message("a value of {column} is infinite", {"column": column})))
        for term in terms:
            if term.transform is Transform.LOG:
                tests.append((f"{quoted(term.column)} <= 0", Message("a logarithm does not exist")))
    if plan.data.strata is not None:
        tests.append((f"NOT {relation.known(plan.data.strata)}", Message("a stratum is missing")))
    if plan.data.persons is not None:
        persons = f"CAST({quoted(plan.data.persons)} AS DOUBLE)"
        sound = f"coalesce({persons} BETWEEN 0 AND {MOST_PEOPLE:e}, false)"
        tests.append((f"NOT {sound}", Message("a number of people is missing")))
    return tests


def _plan_reasons(plan: PlanSections, settings: Settings) -> Iterator[Message]:
    adjusted = any(outcome.covariates for outcome in plan.outcomes)
    effects, error = set(settings.fixed_effects), settings.standard_error
    reasons = (
        (plan.design not in LINEAR, Message("the design {design} needs rows", {"design": plan.design.value})),
        (plan.estimand is Estimand.CACE, Message("the estimand cace needs rows")),
        (plan.data.treated is None, Message("no treatment is stated")),
        (plan.data.weight is not None, Message("weights may vary within a unit")),
        (plan.data.received is not None, Message("what was received is compared row by row")),
        (bool(plan.subgroups), Message("subgroups are drawn from rows")),
        (bool(plan.indices), Message("an index is made of rows")),
        (
            bool({settings.adjust_primary, settings.adjust_secondary} & _TOGETHER),
            Message("outcomes that are resampled together need rows"),
        ),
        (_permutes_rows(plan), Message("the permutation test of this plan needs rows")),
        (settings.missing is not MissingMethod.COMPLETE_CASES, Message("missing values are filled in row by row")),
        (
            any(outcome.family not in (None, Family.GAUSSIAN) for outcome in plan.outcomes),
            Message("the family of an outcome is not gaussian"),
        ),
        (any(outcome.offset is not None for outcome in plan.outcomes), Message("an offset needs rows")),
        (
            any(term.transform is Transform.FACTOR for outcome in plan.outcomes for term in terms_of(outcome)),
            Message("a factor has too many columns for cross-products"),
        ),
        (error in BY_ARM and adjusted, Message("hc errors with covariates need every row's leverage")),
        (
            error in BY_ARM and (plan.design is not Design.INDIVIDUAL_RANDOMISED or plan.data.cluster is not None),
            Message("hc errors of this design need every row's leverage"),
        ),
        (
            error not in (*BY_CLUSTER, *BY_ARM, StandardError.IID),
            Message("the standard error {kind} needs rows", {"kind": error.value}),
        ),
        (error in BY_CLUSTER and plan.data.assignment is None, Message("no clusters are stated")),
        (settings.working_variance is WorkingVariance.INVERSE_WEIGHT, Message("weights may vary within a unit")),
        (
            plan.design is Design.STEPPED_WEDGE
            and (settings.working_model is not WorkingModel.FIXED_EFFECTS or not (plan.data.unit and plan.data.period)),
            Message("a mixed model needs rows"),
        ),
        (
            {FixedEffect.UNIT, FixedEffect.CLUSTER} <= effects,
            Message("effects of units and of clusters determine each other"),
        ),
        (
            not effects <= _known_effects(plan.design),
            Message("these fixed effects need rows"),
        ),
    )
    return (reason for failed, reason in reasons if failed)


def _permutes_rows(plan: PlanSections) -> bool:
    """Whether what a permutation shuffles is smaller than a cluster, or bound to what sums do not show."""
    bound = plan.data.strata is not None or plan.data.sequence is not None
    whole = plan.design is not Design.INDIVIDUAL_RANDOMISED and not bound
    return plan.inference.permutation is not None and not whole


def _known_effects(design: Design) -> set[FixedEffect]:
    if design is Design.STEPPED_WEDGE:
        return {FixedEffect.UNIT, FixedEffect.PERIOD, FixedEffect.CLUSTER}
    return {FixedEffect.STRATA} if design is Design.CLUSTER_RANDOMISED else set()


def _column_reasons(relation: Relation, plan: PlanSections) -> Iterator[Message]:
    named = _columns(plan)
    yield from (
        Message("the column {column} is not there", {"column": column})
        for column in named
        if column not in relation.kinds
    )
    numbers = [plan.data.treated, plan.data.persons, *(outcome.column for outcome in plan.outcomes)]
    numbers += [term.column for outcome in plan.outcomes for term in terms_of(outcome)]
    yield from (
        Message("the column {column} does not hold numbers", {"column": column})
        for column in numbers
        if column is not None and not relation.is_number(column)
    )


def _columns(plan: PlanSections) -> Sequence[str]:
    roles = plan.data
    stated = [roles.unit, roles.period, roles.cluster, roles.treated, roles.strata, roles.sequence, roles.persons]
    stated += [roles.first_treated, roles.group]
    named = [*stated, *(outcome.column for outcome in plan.outcomes)]
    named += [term.column for outcome in plan.outcomes for term in terms_of(outcome)]
    return [column for column in dict.fromkeys(named) if column is not None]
