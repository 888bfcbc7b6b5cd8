"""Second opinions from cross-products: the wild cluster bootstrap, and permutation of what clusters were assigned."""

from typing import Final

import numpy as np

from effects.codes import Design
from effects.inference.assignment import Assignment, two_arms
from effects.inference.gram_fit import GramFit
from effects.inference.permutation import sums_of_products
from effects.inference.wild_bootstrap import scores_from_grams
from effects.message import Message
from effects.moments import CONSTANT, OUTCOME, TREATED, Grams
from effects.planning.settings import DEFAULT_SEED, Settings
from effects.reassignment import MIXED, NOT_RANDOM, UNKNOWN_START, filled
from effects.results import EffectEstimate
from effects.rows.columns import Numbers
from effects.second_opinions import Opinion, by_bootstrap, by_permutation, with_opinions

_EXACT: Final = 1e-6


def seconded_from(entry: EffectEstimate, fitted: GramFit, grams: Grams, settings: Settings) -> EffectEstimate:
    """The entry with the second opinions that the plan asks for, from the prepared cross-products of its model."""
    seed = DEFAULT_SEED if settings.seed is None else settings.seed
    bootstrap = permuted = Opinion(None)
    if settings.bootstrap is not None:
        arms = int(np.sum(grams.treated < grams.rows)), int(np.sum(grams.treated > 0))
        scores = scores_from_grams(fitted.model.products, fitted.model.outcome[:, :, None], fitted.model.effect)
        bootstrap = by_bootstrap(scores, arms, settings.bootstrap, seed)
    if settings.permutation_draws is not None:
        permuted = _permuted(fitted, grams, settings.design, settings.permutation_draws, seed)
    return with_opinions(entry, bootstrap, permuted)


def _permuted(fitted: GramFit, grams: Grams, design: Design, draws: int, seed: int) -> Opinion:
    """Clusters over arms, or over the paths of a stepped wedge."""
    if design is Design.TWO_PERIOD_DID:
        return Opinion(None, (NOT_RANDOM,))
    wedge = design is Design.STEPPED_WEDGE
    columns = [grams.column(name) for name in (grams.levels("period") if wedge else (CONSTANT,))]
    arms = (grams.treated > 0).astype(np.int64)
    assignment = _wedge(grams.products, columns, grams.column(TREATED)) if wedge else two_arms(arms)
    if isinstance(assignment, Message):
        return Opinion(None, (assignment,))
    nuisance = np.array([grams.column(name) for name in fitted.model.names if name != TREATED], dtype=np.int64)
    paths = np.zeros((len(assignment.paths), len(grams.names)))
    paths[:, columns] = assignment.paths
    outcome = grams.products[:, :, [grams.column(OUTCOME)]]
    return by_permutation(sums_of_products(grams.products, outcome, nuisance, paths), assignment, draws, seed)


def _wedge(products: Numbers, periods: list[int], treated: int) -> Assignment | Message:
    """The path of each cluster: the sum of its period columns that is its treatment, if there is one.

    Demeaned columns show a path up to a constant only; always and never treated then count as one path, which no
    statistic of such columns tells apart.
    """
    cells = np.full((len(products), len(periods)), np.nan)
    for cluster, own in enumerate(products):
        square, dose = own[np.ix_(periods, periods)], own[periods, treated]
        seen = np.diag(square) > _EXACT
        path = np.linalg.lstsq(square[np.ix_(seen, seen)], dose[seen], rcond=None)[0] if seen.any() else np.zeros(0)
        path = path - min(0.0, path.min(initial=0.0))
        left = own[treated, treated] - path @ square[np.ix_(seen, seen)] @ path
        if abs(left) > _EXACT or np.any(np.abs(path - np.rint(path)) > _EXACT) or np.any(np.rint(path) > 1.0):
            return MIXED
        cells[cluster, seen] = np.rint(path)
    paths = filled(cells)
    if paths is None:
        return UNKNOWN_START
    distinct, place = np.unique(paths, axis=0, return_inverse=True)
    return Assignment(place.reshape(-1), distinct, np.zeros(len(cells), dtype=np.int64))
