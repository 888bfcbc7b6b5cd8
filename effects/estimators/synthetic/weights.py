"""Weights of units and of periods for a comparison, and for many comparisons within one panel at once."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from effects.codes import Estimator
from effects.estimators.synthetic.frank_wolfe import Problems, solve
from effects.rows.columns import Flags, Numbers

PERIOD_RIDGE: Final = 1e-6
TOLERANCE: Final = 1e-5


@dataclass(frozen=True, slots=True)
class Contrasts:
    """B comparisons in a panel of N units: which units (B, N) are the controls, and which count as treated."""

    controls: Flags
    treated: Flags


@dataclass(frozen=True, slots=True)
class Weighted:
    """Effects (B,) with the weights behind them: of units (B, N), of periods before the start (B, T0).

    `rmse` (B,) is the root mean square gap before the start between treated and weighted controls, after the constant
    difference that the estimator allows for.
    """

    effects: Numbers
    units: Numbers
    periods: Numbers
    rmse: Numbers


@dataclass(frozen=True, slots=True)
class Tuning:
    """What synthdid derives from the actual comparison and keeps for its placebos.

    `noise` is the standard deviation (n - 1) of first differences of the controls before the start; `units_ridge` is
    (treated units x treated periods)^(1/4) times it, and 1e-6 times it in a plain synthetic control.
    """

    noise: float
    units_ridge: float


def tuning(panel: Numbers, before: int, actual: Contrasts, estimator: Estimator) -> Tuning:
    """Noise and ridge of the actual comparison, the only row of `actual`, in a panel (N, T)."""
    noise = float(np.std(np.diff(panel[actual.controls[0], :before], axis=1), ddof=1))
    cells = float(actual.treated[0].sum()) * (panel.shape[1] - before)
    root = cells**0.25 if estimator is Estimator.SYNTHETIC_DID else PERIOD_RIDGE
    return Tuning(noise, root * noise)


def weigh(
    panel: Numbers,
    before: int,
    contrasts: Contrasts,
    estimator: Estimator,
    chosen: Tuning,
    warm: Weighted | None = None,
) -> Weighted:
    """Effects of all contrasts in a panel (N, T) of which the first `before` periods are untreated.

    synthetic_did: unit weights with ridge and intercept, period weights. synthetic_control: unit weights alone, no
    intercept. did: equal weights. `warm` is the actual comparison, from whose weights a placebo's search begins.
    """
    centred = panel - panel[contrasts.controls.any(axis=0)].mean(axis=0)
    equal = contrasts.controls / contrasts.controls.sum(axis=1, keepdims=True)
    target = contrasts.treated / contrasts.treated.sum(axis=1, keepdims=True)
    units, periods = equal, np.full((len(equal), before), 1.0 / before)
    if estimator is not Estimator.DID:
        begin = equal if warm is None else _restarted(contrasts.controls, warm.units[0], equal)
        units = _units(centred[:, :before], contrasts, target, begin, estimator, chosen)
    if estimator is Estimator.SYNTHETIC_CONTROL:
        periods = np.zeros_like(periods)
    if estimator is Estimator.SYNTHETIC_DID:
        first = periods if warm is None else np.repeat(warm.periods, len(equal), axis=0)
        periods = _periods(centred, before, contrasts, first, chosen)
    gap = (target - units) @ centred
    effects = gap[:, before:].mean(axis=1) - np.einsum("bt,bt->b", gap[:, :before], periods)
    past = gap[:, :before]
    misfit = past if estimator is Estimator.SYNTHETIC_CONTROL else past - past.mean(axis=1, keepdims=True)
    return Weighted(effects, units, periods, np.sqrt(np.mean(misfit**2, axis=1)))


def _restarted(controls: Flags, weights: Numbers, equal: Numbers) -> Numbers:
    """The weights (N,) of the actual comparison over each contrast's controls (B, N), equal where none is left."""
    kept = np.where(controls, weights, 0.0)
    total = kept.sum(axis=1, keepdims=True)
    return np.where(total > 0.0, kept / np.where(total > 0.0, total, 1.0), equal)


def _units(
    past: Numbers, contrasts: Contrasts, target: Numbers, start: Numbers, estimator: Estimator, chosen: Tuning
) -> Numbers:
    if estimator is Estimator.SYNTHETIC_DID:
        past = past - past.mean(axis=1, keepdims=True)
    gram = past @ past.T
    count = len(start)
    problems = Problems(
        gram,
        np.empty((count, len(gram), 0)),
        target @ gram,
        np.full(count, float(past.shape[1])),
        contrasts.controls,
    )
    return solve(problems, start, chosen.units_ridge, TOLERANCE * chosen.noise)


def _periods(centred: Numbers, before: int, contrasts: Contrasts, start: Numbers, chosen: Tuning) -> Numbers:
    """Weights of periods that turn the controls' past into their mean after the start, up to a constant.

    Cross-products over all that are controls somewhere are computed once; each contrast takes away its absentees.
    """
    everybody = contrasts.controls.any(axis=0)
    collapsed = np.column_stack([centred[:, :before], centred[:, before:].mean(axis=1)])
    collapsed = collapsed - collapsed.mean(axis=1, keepdims=True)
    collapsed = collapsed - collapsed[everybody].mean(axis=0)
    whole = collapsed[everybody].T @ collapsed[everybody]
    absent = _absent(collapsed, everybody & ~contrasts.controls)
    left = contrasts.controls.sum(axis=1).astype(np.float64)
    summed = absent.sum(axis=2, keepdims=True) / np.sqrt(left)[:, None, None]
    taken = np.concatenate([absent, summed], axis=2)
    cross = whole[:before, before] - np.einsum("bpr,br->bp", taken[:, :before], taken[:, before])
    problems = Problems(
        np.ascontiguousarray(whole[:before, :before]),
        np.ascontiguousarray(taken[:, :before]),
        cross,
        left,
        np.ones((len(start), before), dtype=np.bool_),
    )
    return solve(problems, start, PERIOD_RIDGE * chosen.noise, TOLERANCE * chosen.noise)


def _absent(collapsed: Numbers, missing: Flags) -> Numbers:
    """Rows of the collapsed panel that each contrast leaves out, (B, columns, most left out), zeros where fewer."""
    most = int(missing.sum(axis=1).max(initial=0))
    order = np.argsort(~missing, axis=1, kind="stable")[:, :most]
    there = np.take_along_axis(missing, order, axis=1)
    return np.swapaxes(np.where(there[:, :, None], collapsed[order], 0.0), 1, 2)
