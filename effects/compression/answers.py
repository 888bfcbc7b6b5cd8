"""Entries and checks of the result from moments: the questions that are put to rows, answered from cross-products."""

import numpy as np

from effects import checks
from effects.codes import Aggregation, Design, StandardError, Verdict
from effects.compression.models import model_of, prepared
from effects.compression.plan_reasons import BY_ARM
from effects.compression.resampling import seconded_from
from effects.effect_entries import Basis, Question, stated, unanswered
from effects.inference.gram_fit import GramFit, fit_products, precision_from_products
from effects.linear_model import Obstacle
from effects.message import Message
from effects.moments import CONSTANT, TREATED, Grams, Moments, OutcomeMoments
from effects.planning.sections import PlanSections
from effects.planning.settings import Settings
from effects.results import Diagnostic, EffectEstimate, Entry
from effects.rows.columns import Numbers


def entry_from(moments: OutcomeMoments, plan: PlanSections, settings: Settings) -> Entry:
    """The overall effect on one outcome, or why these moments do not give it."""
    question = Question(moments.outcome, plan.estimand, Aggregation.OVERALL, dropped=moments.dropped)
    grams = prepared(moments.grams, settings)
    model = model_of(grams, plan, settings, moments.waves)
    fitted = model if isinstance(model, Obstacle) else fit_products(model)
    if isinstance(fitted, Obstacle):
        return unanswered(question, fitted)
    found = precision_from_products(fitted, settings.standard_error)
    if isinstance(found, Obstacle):
        return unanswered(question, found)
    entry = stated(question, fitted.estimate, found, _basis(moments, fitted, plan, settings), settings)
    return seconded_from(entry, fitted, grams, settings) if isinstance(entry, EffectEstimate) else entry


def outcome_checks(
    moments: OutcomeMoments, rows: int, plan: PlanSections, settings: Settings, entry: Entry | None = None
) -> tuple[Diagnostic, ...]:
    """Every check that belongs to one outcome; `rows` counts those before any is dropped."""
    grams, column = moments.grams, moments.outcome
    found = [_missing(moments, rows, plan.design)]
    if not grams.clusters:
        return tuple(found)
    terms = tuple(name.removeprefix("term:") for name in grams.names if name.startswith("term:"))
    compared = plan.design is not Design.TWO_PERIOD_DID or not terms
    if plan.design is not Design.STEPPED_WEDGE and compared:
        found.append(checks.balance(column, terms, _standardised(grams)))
    if plan.design is not Design.INDIVIDUAL_RANDOMISED:
        treated, untreated = int(np.sum(grams.treated > 0)), int(np.sum(grams.treated < grams.rows))
        if plan.design is Design.STAGGERED_ADOPTION:
            untreated = len(grams.clusters) - treated
        found.append(checks.clusters_per_arm(column, treated, untreated))
        found.append(checks.largest_cluster(column, grams.rows.astype(np.float64)))
        if isinstance(entry, EffectEstimate):
            kind = entry.standard_error_kind
            if checks.few_to_trust(kind, treated, untreated, entry.df):
                found.append(checks.small_sample_inference(entry, treated, untreated))
    if isinstance(entry, EffectEstimate) and settings.standard_error in (StandardError.CR2, StandardError.CR3):
        found.append(checks.degrees_of_freedom(entry))
    return (*found, _compression(_STATISTICS[moments.statistic], Verdict.PASS, column))


def run_checks(moments: Moments, plan: PlanSections) -> tuple[Diagnostic, ...]:
    """Every check that belongs to the whole run, counted on the rows of the first outcome that has any."""
    first = next((one for one in moments.outcomes if one.grams.clusters), moments.outcomes[0])
    if plan.design is not Design.STEPPED_WEDGE or first.cells is None or first.reversals is None:
        return ()
    possible = int(first.grams.units.sum()) * len(first.grams.levels("period"))
    return checks.cell_counts(first.cells, possible), checks.treatment_reversals(first.reversals)


def _basis(moments: OutcomeMoments, fitted: GramFit, plan: PlanSections, settings: Settings) -> Basis:
    units = int(moments.grams.units.sum())
    clusters: int | None = len(moments.grams.clusters)
    if settings.standard_error in BY_ARM:
        clusters = None if plan.data.unit is None else units
    return Basis(int(moments.grams.rows.sum()), units, clusters, fitted.model.estimator, moments.people)


def _missing(moments: OutcomeMoments, rows: int, design: Design) -> Diagnostic:
    sizes = moments.rows_in_arm[1], moments.rows_in_arm[0]
    lost = moments.missing_in_arm[1], moments.missing_in_arm[0]
    shares = (lost[0] / sizes[0], lost[1] / sizes[1]) if min(sizes) else None
    independent = design is Design.INDIVIDUAL_RANDOMISED
    return checks.missing_by_arm(moments.outcome, shares, sizes, moments.missing, rows, independent=independent)


def _standardised(grams: Grams) -> Numbers:
    """Mean differences of the covariates between the arms in pooled standard deviations (m,)."""
    names = [name for name in grams.names if name.startswith("term:")]
    if not names:
        return np.empty(0)
    sizes, sums, squares = _by_arm(grams, names)
    if min(sizes) < 2:
        return np.empty(0)
    means = [total / size for total, size in zip(sums, sizes, strict=True)]
    variances = [
        np.maximum(0.0, square - size * mean**2) / (size - 1)
        for square, size, mean in zip(squares, sizes, means, strict=True)
    ]
    return checks.standardised(means, variances)


def _by_arm(grams: Grams, names: list[str]) -> tuple[list[float], list[Numbers], list[Numbers]]:
    """Rows, sums and sums of squares of the covariates in the treated and in the untreated arm."""
    terms = np.array([grams.column(name) for name in names], dtype=np.int64)
    total = grams.products.sum(axis=0)
    if f"treated x {names[0]}" in grams.names:
        products = [grams.column(f"treated x {name}") for name in names]
        sums, squares = total[grams.column(TREATED), terms], total[products, terms]
    else:
        own = grams.products[grams.treated > 0].sum(axis=0)
        sums, squares = own[grams.column(CONSTANT), terms], own[terms, terms]
    treated, rows = float(grams.treated.sum()), float(grams.rows.sum())
    everyone, everything = total[grams.column(CONSTANT), terms], total[terms, terms]
    return [treated, rows - treated], [sums, everyone - sums], [squares, everything - squares]


def rows_were_read(reason: Message) -> Diagnostic:
    """The check of a run whose many rows were not compressed, with the reason."""
    return _compression(reason, Verdict.INAPPLICABLE, None)


def _compression(detail: Message, verdict: Verdict, outcome: str | None) -> Diagnostic:
    return Diagnostic(
        name="compression",
        question=Message("Was anything lost by compressing the rows?"),
        null=Message("The compressed rows give the same answer as the rows."),
        statistic=None,
        p_value=None,
        verdict=verdict,
        detail=detail,
        outcome=outcome,
    )


_STATISTICS = {
    "cells": Message("sums by cluster and period are exact for this plan and these rows"),
    "masked_cells": Message("sums by cluster, period and the periods in which a unit was observed are exact here"),
    "changes": Message("sums of the changes of units by cluster and cohort are exact for this plan and these rows"),
    "grams": Message("cross-products of all columns by cluster are exact for this plan and these rows"),
}
