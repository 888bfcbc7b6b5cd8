"""From cross-products to the linear model of a design: the columns that its estimator would take from rows."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from effects.codes import Design, FixedEffect, Reason
from effects.estimators.two_period_did import unsupported
from effects.inference.gram_fit import GramModel
from effects.linear_model import Obstacle
from effects.message import Message
from effects.moments import CONSTANT, OUTCOME, TREATED, Grams
from effects.planning.sections import PlanSections
from effects.planning.settings import Settings
from effects.rows.columns import Numbers
from effects.wave_counts import WaveCounts

_OVER_TIME: Final = (Design.STEPPED_WEDGE, Design.TWO_PERIOD_DID)


def prepared(grams: Grams, settings: Settings) -> Grams:
    """The cross-products, less the means of each cluster where its dummies are in the model and nothing is absorbed."""
    within = FixedEffect.UNIT in settings.fixed_effects or FixedEffect.CLUSTER in settings.fixed_effects
    if grams.demeaned or not within or settings.design not in _OVER_TIME:
        return grams
    sums = grams.products[:, grams.column(CONSTANT), :]
    products = grams.products - sums[:, :, None] * sums[:, None, :] / grams.rows[:, None, None]
    return replace(grams, products=products, units=np.ones_like(grams.rows), demeaned=True)


def model_of(
    grams: Grams, plan: PlanSections, settings: Settings, waves: WaveCounts | None = None
) -> GramModel | Obstacle:
    """The model of the plan's design on prepared cross-products, or why there is none."""
    obstacle = obstacle_of(grams, plan.design, waves)
    if obstacle is not None:
        return obstacle
    if plan.design is Design.INDIVIDUAL_RANDOMISED:
        return _individual(grams)
    effects = ("strata",) if plan.design is Design.CLUSTER_RANDOMISED else ("period",)
    stated = [effect for effect in effects if FixedEffect(effect) in settings.fixed_effects]
    group = ["group"] if FixedEffect.GROUP in settings.fixed_effects else []
    names = [*group, *terms_of_grams(grams), *(name for effect in stated for name in grams.levels(effect)[1:])]
    estimator = "ols" if plan.design is Design.CLUSTER_RANDOMISED else "ols_fixed_effects"
    if grams.demeaned:
        return _model(grams, grams.products, [TREATED, *names], int(grams.units.sum()), estimator)
    return _model(grams, grams.products, [TREATED, CONSTANT, *names], 0, estimator)


def _individual(grams: Grams) -> GramModel:
    """Difference in means; covariates enter centred at their means over all rows and interacted (Lin 2013)."""
    terms = terms_of_grams(grams)
    interactions = [f"treated x {term}" for term in terms]
    constant = grams.column(CONSTANT)
    means = grams.products[:, constant, :].sum(axis=0) / grams.rows.sum()
    change = np.eye(len(grams.names))
    for term, interaction in zip(terms, interactions, strict=True):
        change[constant, grams.column(term)] = -means[grams.column(term)]
        change[grams.column(TREATED), grams.column(interaction)] = -means[grams.column(term)]
    products = change.T @ grams.products @ change
    estimator = "lin" if terms else "difference_in_means"
    return _model(grams, products, [TREATED, CONSTANT, *terms, *interactions], 0, estimator)


def _model(grams: Grams, products: Numbers, names: Sequence[str], absorbed: int, estimator: str) -> GramModel:
    places = np.array([grams.column(name) for name in names], dtype=np.int64)
    outcome = grams.column(OUTCOME)
    return GramModel(
        products=products[:, places[:, None], places],
        outcome=products[:, places, outcome],
        squares=products[:, outcome, outcome] if grams.squared else None,
        rows=grams.rows,
        names=tuple(names),
        effect=0,
        absorbed=absorbed,
        estimator=estimator,
    )


def terms_of_grams(grams: Grams) -> list[str]:
    """The columns of covariates."""
    return [name for name in grams.names if name.startswith("term:")]


def obstacle_of(grams: Grams, design: Design, waves: WaveCounts | None = None) -> Obstacle | None:
    """What an estimator on rows would refuse too: arms without rows, or too few clusters in them."""
    treated, rows = int(grams.treated.sum()), int(grams.rows.sum())
    if treated in (0, rows):
        return Obstacle(
            Reason.EMPTY_ARM,
            Message("{treated} of {rows} rows are treated", {"treated": treated, "rows": rows}),
            Message("rows with and without treatment"),
        )
    if design is Design.INDIVIDUAL_RANDOMISED:
        return None if min(treated, rows - treated) >= 2 else _few_rows(treated, rows - treated)
    if waves is not None:
        return unsupported(waves.cells, waves.arms)
    ever = int(np.sum(grams.treated > 0))
    untreated = len(grams.clusters) - ever if design is Design.CLUSTER_RANDOMISED else 2
    if min(ever, untreated) < 2:
        return Obstacle(
            Reason.TOO_FEW_CLUSTERS,
            Message(
                "{treated} treated and {untreated} untreated clusters",
                {"treated": ever, "untreated": len(grams.clusters) - ever},
            ),
            Message("at least 2 clusters in each arm"),
        )
    return None


def _few_rows(treated: int, untreated: int) -> Obstacle:
    return Obstacle(
        Reason.TOO_FEW_ROWS,
        Message("{treated} treated and {untreated} untreated rows", {"treated": treated, "untreated": untreated}),
        Message("at least 2 complete rows in each arm"),
    )
