"""What moments of a plan look like, whoever made them: a file that looks otherwise was not made by this method."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from effects.codes import Design, FixedEffect
from effects.compression.plan_reasons import within_units
from effects.compression.sampling import MOST_PEOPLE
from effects.compression.unmeasured import base_of, plain_columns
from effects.federation.answering import effects_need_squares
from effects.federation.people import sums_by_arm
from effects.moments import CONSTANT, OUTCOME, TREATED, Grams, Moments, OutcomeMoments
from effects.plan import AnalysisPlan
from effects.planning.sections import Outcome
from effects.planning.settings import Settings, settle
from effects.rows.columns import Numbers, parse_number
from effects.unit_changes import UnitChanges

_INDEFINITE: Final = 1e-6
"""Of products brought to unit diagonal: grids and sums of doubles stay far below it."""

_LARGEST: Final = 1e100
"""Beyond it squares and their sums overflow."""


def misfits(moments: Moments, plan: AnalysisPlan) -> Iterator[str]:
    """The places, as `score.columns`, in which moments are not what this plan makes of any rows; the first of each."""
    if tuple(one.outcome for one in moments.outcomes) != tuple(outcome.column for outcome in plan.outcomes):
        yield "outcomes"
        return
    if not set(moments.shared) <= moments.clusters:
        yield "shared"
    for outcome, found in zip(plan.outcomes, moments.outcomes, strict=True):
        place = next(_astray(found, outcome, moments.rows, plan), None)
        if place is not None:
            yield f"{found.outcome}.{place}"


def _astray(found: OutcomeMoments, outcome: Outcome, rows: int, plan: AnalysisPlan) -> Iterator[str]:
    settings = settle(plan)[0]
    staggered = plan.design is Design.STAGGERED_ADOPTION
    within = within_units(plan, settings)
    plain, effect = plain_columns(outcome, plan, settings), _effect(plan, settings)
    names = ("changes",) if staggered else ("grams",) if outcome.covariates else ("cells", "masked_cells")
    if found.statistic not in names:
        yield "statistic"
    if found.grams.demeaned != within:
        yield "demeaned"
    if not staggered and effects_need_squares(settings) and not found.grams.squared:
        yield "squared"
    if not _has_columns(found.grams, plain, effect):
        yield "columns"
    if not _has_bases(found.grams, within=within):
        yield "base"
    if not _counts_hold(found, rows, plan):
        yield "rows"
    if not _arms_hold(found.grams, plan):
        yield "treated"
    if not (staggered or (_marks_hold(found.grams) and _definite(found.grams))):
        yield "products"
    yield from _beside(found, plan, within=within)


def _effect(plan: AnalysisPlan, settings: Settings) -> str:
    """What the dummies are of; empty where there are none."""
    if plan.design in (Design.STEPPED_WEDGE, Design.TWO_PERIOD_DID) or within_units(plan, settings):
        return "period"
    strata = FixedEffect.STRATA in settings.fixed_effects and plan.design is not Design.STAGGERED_ADOPTION
    return "strata" if strata else ""


def _has_columns(grams: Grams, plain: tuple[str, ...], effect: str) -> bool:
    dummies = grams.levels(effect) if effect else ()
    every = {*plain, *dummies, OUTCOME}
    return (
        len(grams.names) == len(every)
        and set(grams.names) == every
        and bool(dummies or not effect or not grams.clusters)
    )


def _has_bases(grams: Grams, *, within: bool) -> bool:
    """Whether only covariates and the outcome have an origin, of a size that can be squared."""
    for name, base, origin in zip(grams.names, grams.base, grams.origin, strict=True):
        expected = base_of(name, moved=not within and CONSTANT in grams.names)
        if base != expected or (base == name and origin != 0.0) or abs(origin) > _LARGEST:
            return False
    return True


def _counts_hold(found: OutcomeMoments, rows: int, plan: AnalysisPlan) -> bool:
    grams = found.grams
    used, treated = int(grams.rows.sum()), int(grams.treated.sum())
    behind = np.array(found.people_by_cluster or np.zeros(len(grams.units)))
    people = np.array([*behind, *(found.least or ()), *found.people])
    lost = sum(dropped.rows for dropped in found.dropped)
    stated = plan.data.persons is not None or found.people == (float(used - treated), float(treated))
    return bool(
        used + lost == rows
        and max(found.missing, sum(found.rows_in_arm), sum(found.missing_in_arm)) <= rows
        and np.all(grams.units >= 1)
        and np.all(people <= MOST_PEOPLE * max(rows, 1))
        and (plan.data.persons is not None or np.all(behind <= grams.units))
        and stated
    )


def _arms_hold(grams: Grams, plan: AnalysisPlan) -> bool:
    """Whether clusters lie in one arm where they must, and arms are called by their number."""
    if sums_by_arm(plan):
        arms = {"0": np.zeros_like(grams.rows), "1": grams.rows}
        return all(
            name in arms and grams.treated[place] == arms[name][place] for place, name in enumerate(grams.clusters)
        )
    apart = (grams.treated == 0) | (grams.treated == grams.rows)
    return plan.design is not Design.CLUSTER_RANDOMISED or bool(np.all(apart))


def _marks_hold(grams: Grams) -> bool:
    """Whether products of columns that are 0 or 1 are the counts of rows that they must be."""
    if np.abs(grams.products).max(initial=0.0) > _LARGEST**2:
        return False
    if CONSTANT not in grams.names:
        return True
    place, counts = grams.column(TREATED), np.stack([grams.treated, grams.rows], axis=1)
    treated, constant = grams.products[:, place], grams.products[:, grams.column(CONSTANT)]
    size = np.abs(constant).max(axis=0, initial=0.0) + (1.0 + np.abs(grams.origin)) * grams.rows[:, None]
    alike = np.where((grams.treated == grams.rows)[:, None], constant, np.where(counts[:, :1] == 0, 0.0, treated))
    return bool(
        np.array_equal(treated[:, [place, grams.column(CONSTANT)]], counts[:, [0, 0]])
        and np.array_equal(constant[:, grams.column(CONSTANT)], grams.rows)
        and np.all(np.abs(treated - alike) <= _INDEFINITE * size)
    )


def _definite(grams: Grams) -> bool:
    """Whether no combination of the columns has a negative square, beyond rounding."""
    known = slice(None) if grams.squared else slice(-1)
    products = grams.products[:, known, known]
    squares = np.maximum(np.diagonal(products, axis1=1, axis2=2), 0.0)
    floor = np.maximum(squares.max(axis=0, initial=0.0)[None, :], grams.rows[:, None])
    size: Numbers = np.sqrt(np.maximum(squares, _INDEFINITE * floor))
    scaled = products / size[:, :, None] / size[:, None, :]
    return bool(np.all(np.linalg.eigvalsh(scaled) >= -_INDEFINITE * max(1, products.shape[-1])))


def _beside(found: OutcomeMoments, plan: AnalysisPlan, *, within: bool) -> Iterator[str]:
    """Counts of waves, starts and changes: there where the design asks for them, and of the same rows."""
    grams, waves, starts, changes = found.grams, found.waves, found.starts, found.changes
    if (waves is None) is (plan.design is Design.TWO_PERIOD_DID):
        yield "waves"
    elif waves is not None:
        sums = waves.by_period[:, :2].sum(), waves.by_cluster.sum(), waves.by_period[:, 2].sum()
        if sums != (grams.rows.sum(), grams.rows.sum(), grams.treated.sum()):
            yield "waves"
    if starts is not None:
        levels = {name.removeprefix("period:") for name in grams.levels("period")}
        known = set(grams.clusters) <= set(starts.clusters) and levels <= set(starts.periods)
        if plan.design is not Design.STEPPED_WEDGE or within or not known:
            yield "starts"
    asked = plan.design is Design.STAGGERED_ADOPTION
    if asked is (changes is None) or (changes is not None and not _changes_hold(changes, grams)):
        yield "changes"


def _changes_hold(changes: UnitChanges, grams: Grams) -> bool:
    labels = [*changes.periods, *(first for first in changes.first if first is not None)]
    if changes.numeric and any(parse_number(label) is None for label in labels):
        return False
    counts = np.zeros((2, len(grams.clusters)), dtype=np.int64)
    for place, cluster in enumerate(changes.clusters):
        if cluster not in grams.clusters:
            return False
        counts[:, grams.clusters.index(cluster)] += [int(changes.rows[place]), int(changes.units[place])]
    seen = np.einsum("upp->u", changes.seen)
    return np.array_equal(counts, [grams.rows, grams.units]) and np.array_equal(seen, changes.rows)
