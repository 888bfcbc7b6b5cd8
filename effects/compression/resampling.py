"""Second opinions from cross-products: the wild cluster bootstrap, and permutation of whole clusters."""

import numpy as np

from effects.inference.assignment import two_arms
from effects.inference.gram_fit import GramFit
from effects.inference.permutation import BlockSums
from effects.inference.wild_bootstrap import scores_from_grams
from effects.moments import CONSTANT, Grams
from effects.planning.settings import DEFAULT_SEED, Settings
from effects.results import EffectEstimate
from effects.second_opinions import Opinion, by_bootstrap, by_permutation, with_opinions


def seconded_from(entry: EffectEstimate, fitted: GramFit, grams: Grams, settings: Settings) -> EffectEstimate:
    """The entry with the second opinions that the plan asks for; `conditions` leaves to rows what these do not give."""
    seed = DEFAULT_SEED if settings.seed is None else settings.seed
    bootstrap = permuted = Opinion(None)
    if settings.bootstrap is not None:
        arms = int(np.sum(grams.treated < grams.rows)), int(np.sum(grams.treated > 0))
        scores = scores_from_grams(fitted.model.products, fitted.model.outcome[:, :, None], fitted.model.effect)
        bootstrap = by_bootstrap(scores, arms, settings.bootstrap, seed)
    if settings.permutation_draws is not None:
        treated = (grams.treated > 0).astype(np.int64)
        permuted = by_permutation(_clusters(fitted), two_arms(treated), settings.permutation_draws, seed)
    return with_opinions(entry, bootstrap, permuted)


def _clusters(fitted: GramFit) -> BlockSums:
    """Each cluster as a block: the sums of a column over its rows are its products with the constant."""
    model = fitted.model
    others = [place for place in range(len(model.names)) if place != model.effect]
    total = model.products.sum(axis=0)[np.ix_(others, others)]
    bread = np.linalg.inv(total)
    coefficients = bread @ model.outcome.sum(axis=0)[others]
    constant = model.names.index(CONSTANT)
    nuisance = model.products[:, constant, :][:, others]
    residuals = model.outcome[:, constant] - nuisance @ coefficients
    return BlockSums(
        unit=np.arange(len(model.rows), dtype=np.int64),
        period=np.zeros(len(model.rows), dtype=np.int64),
        residuals=residuals[:, None],
        rows=model.rows.astype(np.float64),
        nuisance=nuisance,
        bread=bread,
    )
