"""Few treated units: how large would their change look among units that were not treated?"""

from math import comb
from typing import Final

import numpy as np
from scipy.optimize import nnls

from effects.codes import AnalysisRole, Reason, StandardError
from effects.design_answers import Asked, DesignAnswer, Effect, Place, refused
from effects.estimators.two_period_did import group_of
from effects.estimators.waves import after_start
from effects.inference.assignment import all_assignments, random_assignments, two_arms
from effects.linear_model import Obstacle
from effects.message import Message
from effects.planning.settings import DEFAULT_SEED
from effects.rows.columns import Codes, Numbers
from effects.rows.samples import Sample, count

MOST_PLACEBOS: Final = 9_999
FEWEST_UNTREATED: Final = 5
MANY_TREATED: Final = 10
"""From here on cluster-robust errors need no second opinion by placebos."""
_PLACE: Final = Place(analysis=AnalysisRole.SENSITIVITY)


def placebo_change(asked: Asked) -> DesignAnswer:
    """The difference in mean changes of units, judged by the changes of the untreated alone.

    Each untreated unit's deviation from their mean change is scaled to the variance expected of a treated unit with as
    many people (variance = a + b / people, both at least 0); every choice of as many of them as there are treated is a
    placebo, all of them where at most 9,999. Valid with one treated unit and many untreated ones; sizes are rows where
    the plan states no persons. Conley and Taber 2011; Ferman and Pinto 2019.
    """
    sample = asked.sample
    owner = sample.cluster if sample.unit is None else sample.unit
    if owner is None or sample.period is None:
        return refused(Obstacle(Reason.NO_ROWS, Message("no units are stated"), Message("data.unit")), _PLACE)
    change, size, group = _unit_changes(sample, owner)
    treated, untreated = change[group == 1], change[group == 0]
    if len(treated) >= MANY_TREATED:
        return DesignAnswer(())
    if len(treated) < 1 or len(untreated) < max(FEWEST_UNTREATED, len(treated) + 1):
        counts = {"treated": len(treated), "untreated": len(untreated)}
        detail = Message("{treated} treated and {untreated} untreated units seen before and after", dict(counts))
        needs = Message("more untreated than treated units, and at least {units}", {"units": FEWEST_UNTREATED})
        return refused(Obstacle(Reason.TOO_FEW_CLUSTERS, detail, needs), _PLACE)
    estimate = float(np.mean(treated) - np.mean(untreated))
    seed = DEFAULT_SEED if asked.settings.seed is None else asked.settings.seed
    scaled = _scaled(untreated - np.mean(untreated), size[group == 0], size[group == 1])
    placebos = _placebos(scaled, len(treated), seed)
    p_value = (1.0 + float(np.sum(np.abs(placebos) >= abs(estimate) * (1.0 - 1e-12)))) / (len(placebos) + 1.0)
    smallest = Message(
        "Judged by {placebos} placebos among {untreated} untreated units; the least p-value possible is {least:.3g}.",
        {"placebos": len(placebos), "untreated": len(untreated), "least": 1.0 / (len(placebos) + 1.0)},
    )
    effect = Effect(
        place=_PLACE,
        estimate=estimate,
        standard_error=float(np.std(placebos, ddof=1)),
        kind=StandardError.PLACEBO,
        df=None,
        estimator="placebo_change",
        p_value=min(1.0, p_value),
        units=len(change),
        notes=(smallest,),
    )
    return DesignAnswer((effect,))


def _unit_changes(sample: Sample, owner: Codes) -> tuple[Numbers, Numbers, Codes]:
    """Change, people and group of each unit seen before and after (u,)."""
    after = after_start(sample)
    people = np.ones(sample.size) if sample.persons is None else np.nan_to_num(sample.persons, nan=1.0)
    means, seen = [], np.ones(count(owner), dtype=np.bool_)
    for late in (True, False):
        rows = after == late
        weight = np.bincount(owner[rows], weights=sample.weights[rows], minlength=count(owner))
        seen &= weight > 0.0
        total = np.bincount(owner[rows], weights=(sample.weights * sample.outcome)[rows], minlength=count(owner))
        means.append(total / np.where(weight > 0.0, weight, 1.0))
    group = np.zeros(count(owner), dtype=np.int64)
    np.maximum.at(group, owner, group_of(sample))
    size = np.bincount(owner, weights=people).astype(np.float64)
    return (means[0] - means[1])[seen], size[seen], group[seen]


def _scaled(residuals: Numbers, own: Numbers, treated: Numbers) -> Numbers:
    """Residuals (u,) as if each came from a unit of the treated units' (harmonic) mean size."""
    design = np.column_stack([np.ones(len(own)), 1.0 / own])
    variance, _ = nnls(design, residuals**2)
    expected = design @ variance
    wanted = variance[0] + variance[1] * float(np.mean(1.0 / treated))
    if wanted <= 0.0 or np.min(expected) <= 0.0:
        return residuals
    scaled: Numbers = residuals * np.sqrt(wanted / expected)
    return scaled


def _placebos(residuals: Numbers, treated: int, seed: int) -> Numbers:
    """Differences in means (p,) that arise when `treated` of the untreated are called so."""
    chosen = two_arms((np.arange(len(residuals)) < treated).astype(np.int64))
    if comb(len(residuals), treated) <= MOST_PLACEBOS:
        drawn = all_assignments(chosen)
    else:
        drawn = random_assignments(chosen, MOST_PLACEBOS, seed)
    total = float(np.sum(residuals))
    rest = len(residuals) - treated
    pieces = []
    for paths in drawn:
        inside = paths @ residuals
        pieces.append(inside / treated - (total - inside) / rest)
    return np.concatenate(pieces)
