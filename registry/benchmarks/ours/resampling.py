"""The wild cluster bootstrap and the randomisation test of twenty indicators at once, from their sums."""

from typing import Final

import numpy as np
from threadpoolctl import threadpool_limits

from effects.codes import BootstrapWeights
from effects.inference.assignment import Assignment, two_arms
from effects.inference.permutation import BlockSums, permutation
from effects.inference.wild_bootstrap import scores_from_grams, wild_bootstrap
from effects.rows.columns import Numbers
from registry.benchmarks.indicators import CLUSTERS, MONTHS, Indicators, indicators
from registry.benchmarks.readings import Meter, Reading, Task

SEED: Final = 20260304


def bootstrapped(task: Task) -> Reading:
    """Two-way fixed effects, null imposed, Rademacher signs, all indicators."""
    found = indicators()
    with threadpool_limits(limits=1), Meter() as meter:
        columns = np.concatenate([found.treated[:, :, None], _months()], axis=2)
        columns, values = _within(columns), _within(found.values)
        grams, products = (columns.transpose(0, 2, 1) @ right for right in (columns, values))
        scores = scores_from_grams(grams, products, effect=0)
        p_values = wild_bootstrap(scores, BootstrapWeights.RADEMACHER, task.draws, SEED).p_values
    return meter.reading(len(p_values), {"p_value": float(p_values[0])})


def permuted_sequences(task: Task) -> Reading:
    """The stepped wedge drawn again: which municipality starts when; two-way fixed effects, all indicators."""
    found = indicators()
    with threadpool_limits(limits=1), Meter() as meter:
        starts, observed = np.unique(found.starts, return_inverse=True)
        paths = (np.arange(MONTHS) >= starts[:, None]).astype(np.float64)
        drawn = Assignment(observed, paths, np.zeros(CLUSTERS, dtype=np.int64))
        p_values = permutation(_cells(found), drawn, task.draws, SEED).p_values
    return meter.reading(len(p_values), {"p_value": float(p_values[0])})


def permuted_arms(task: Task) -> Reading:
    """Two arms drawn again among municipalities, difference of means, all indicators."""
    found = indicators()
    with threadpool_limits(limits=1), Meter() as meter:
        values = found.values.sum(axis=1)
        each = np.arange(CLUSTERS)
        rows = np.full(CLUSTERS, float(MONTHS))
        bread = np.array([[1.0 / rows.sum()]])
        sums = BlockSums(each, np.zeros_like(each), values - values.mean(axis=0), rows, rows[:, None], bread)
        p_values = permutation(sums, two_arms(found.arm), task.draws, SEED).p_values
    return meter.reading(len(p_values), {"p_value": float(p_values[0])})


def _cells(found: Indicators) -> BlockSums:
    """A block each municipality and month; the nuisance columns are all dummies of both."""
    residuals = _within(found.values) - _within(found.values).mean(axis=0)
    unit, month = np.divmod(np.arange(CLUSTERS * MONTHS), MONTHS)
    nuisance = np.column_stack([np.eye(CLUSTERS)[unit], np.eye(MONTHS)[month][:, 1:]])
    bread: Numbers = np.asarray(np.linalg.inv(nuisance.T @ nuisance), dtype=np.float64)
    return BlockSums(unit, month, residuals.reshape(len(unit), -1), np.ones(len(unit)), nuisance, bread)


def _months() -> Numbers:
    return np.broadcast_to(np.eye(MONTHS)[:, 1:], (CLUSTERS, MONTHS, MONTHS - 1))


def _within(cells: Numbers) -> Numbers:
    centred: Numbers = cells - cells.mean(axis=1, keepdims=True)
    return centred
