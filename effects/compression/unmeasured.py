"""An outcome without a complete row beside others that have some: what its sums are called, with nothing in them."""

import numpy as np

from effects.codes import Design
from effects.compression.groups import GROUP
from effects.compression.plan_reasons import within_units
from effects.compression.relation import Relation
from effects.compression.sampling import Counts, terms_of
from effects.compression.starts import find_starts
from effects.moments import CONSTANT, OUTCOME, TREATED, Grams, OutcomeMoments
from effects.planning.sections import Outcome, PlanSections
from effects.planning.settings import Settings
from effects.unit_changes import UnitChanges
from effects.wave_counts import WaveCounts


def plain_columns(outcome: Outcome, plan: PlanSections, settings: Settings) -> tuple[str, ...]:
    """The columns of an outcome's cross-products that stand before dummies and the outcome."""
    if plan.design is Design.STAGGERED_ADOPTION:
        return ()
    terms = tuple(f"term:{term.label}" for term in terms_of(outcome))
    if within_units(plan, settings):
        return (TREATED, *terms)
    if plan.design is Design.INDIVIDUAL_RANDOMISED:
        terms += tuple(f"{TREATED} x {term}" for term in terms)
    group = (GROUP.name,) if plan.design is Design.TWO_PERIOD_DID else ()
    return (TREATED, CONSTANT, *group, *terms)


def base_of(name: str, *, moved: bool) -> str:
    """The column of which a column's origin is a multiple, itself where it has none."""
    if not moved:
        return name
    if name.startswith(f"{TREATED} x "):
        return TREATED
    return CONSTANT if name.startswith("term:") or name == OUTCOME else name


def unmeasured(
    relation: Relation, plan: PlanSections, settings: Settings, counts: Counts, place: int
) -> OutcomeMoments:
    """The outcome at a place of the plan with no clusters; added to others' it changes their counts of rows alone."""
    outcome = plan.outcomes[place]
    within, staggered = within_units(plan, settings), plan.design is Design.STAGGERED_ADOPTION
    over_time = within or plan.design is Design.STEPPED_WEDGE
    starts = find_starts(relation, plan) if plan.design is Design.STEPPED_WEDGE and not within else None
    return OutcomeMoments(
        outcome=outcome.column,
        statistic="changes" if staggered else "grams" if outcome.covariates else "cells",
        grams=_no_grams(plain_columns(outcome, plan, settings), within=within, squared=not staggered),
        dropped=counts.dropped_by_outcome[place],
        people=(0.0, 0.0),
        rows_in_arm=counts.in_arm,
        missing_in_arm=counts.missing_in_arm[place],
        missing=counts.missing[place],
        cells=0 if over_time else None,
        reversals=0 if over_time else None,
        starts=starts,
        waves=_no_waves() if plan.design is Design.TWO_PERIOD_DID else None,
        changes=_no_changes(numeric=relation.is_number(plan.data.period or "")) if staggered else None,
    )


def _no_grams(plain: tuple[str, ...], *, within: bool, squared: bool) -> Grams:
    names = (*plain, OUTCOME)
    width, nothing = len(names), np.zeros(0, dtype=np.int64)
    base = tuple(base_of(name, moved=CONSTANT in names) for name in names)
    products = np.zeros((0, width, width))
    return Grams((), names, products, nothing, nothing, nothing, within, squared, base, np.zeros(width))


def _no_waves() -> WaveCounts:
    return WaveCounts((), (), np.zeros((0, 3), dtype=np.int64), np.zeros((0, 2), dtype=np.int64))


def _no_changes(*, numeric: bool) -> UnitChanges:
    nothing, nobody = np.zeros(0, dtype=np.int64), np.zeros(0)
    seen, present = np.zeros((0, 0, 0), dtype=np.int64), np.zeros((0, 0, 0))
    return UnitChanges((), numeric, (), (), nothing, nothing, nobody, nothing, seen, present, present)
