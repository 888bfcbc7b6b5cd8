"""The measured resamplings give the shares of a slow loop, within the error of the draws."""

import numpy as np
import pytest

from effects.rows.columns import Numbers
from registry.benchmarks.indicators import CLUSTERS, MONTHS, indicators
from registry.benchmarks.ours.resampling import bootstrapped, permuted_arms, permuted_sequences
from registry.benchmarks.readings import Task

TASK = Task(folder="", draws=1_999)
TOLERANCE = 0.04
"""Four standard errors of the difference of two shares near 0.1 from 2,000 draws each."""


def coefficient(treated: Numbers, values: Numbers) -> float:
    for axis in (0, 1):
        treated = treated - treated.mean(axis=axis, keepdims=True)
    return float((treated * values).sum() / (treated * treated).sum())


def test_redrawn_arms_agree_with_a_loop() -> None:
    found, random = indicators(), np.random.default_rng(1)
    means = found.values[:, :, 0].mean(axis=1)
    size = abs(means[found.arm == 1].mean() - means[found.arm == 0].mean())
    drawn = [random.permutation(found.arm) for _ in range(TASK.draws)]
    share = np.mean([abs(means[arm == 1].mean() - means[arm == 0].mean()) >= size for arm in drawn])
    assert permuted_arms(TASK).answer["p_value"] == pytest.approx(share, abs=TOLERANCE)


def test_redrawn_starts_agree_with_a_loop() -> None:
    found, random = indicators(), np.random.default_rng(2)
    values = found.values[:, :, 0]
    size = abs(coefficient(found.treated, values))
    drawn = (found.treated[random.permutation(CLUSTERS)] for _ in range(TASK.draws))
    share = np.mean([abs(coefficient(treated, values)) >= size for treated in drawn])
    assert permuted_sequences(TASK).answer["p_value"] == pytest.approx(share, abs=TOLERANCE)


def test_the_bootstrap_agrees_with_a_loop_over_refits() -> None:
    found, random = indicators(), np.random.default_rng(3)
    values = found.values[:, :, 0]
    restricted = values - values.mean(axis=0) - values.mean(axis=1, keepdims=True) + values.mean()
    observed = abs(studentised(found.treated, values))
    drawn = (restricted * random.choice([-1.0, 1.0], (CLUSTERS, 1)) for _ in range(TASK.draws))
    share = np.mean([abs(studentised(found.treated, each)) >= observed for each in drawn])
    assert bootstrapped(TASK).answer["p_value"] == pytest.approx(share, abs=TOLERANCE)


def studentised(treated: Numbers, values: Numbers) -> float:
    for axis in (0, 1):
        treated = treated - treated.mean(axis=axis, keepdims=True)
        values = values - values.mean(axis=axis, keepdims=True)
    estimate = (treated * values).sum() / (treated * treated).sum()
    scores = (treated * (values - estimate * treated)).sum(axis=1)
    return float(estimate * (treated * treated).sum() / np.sqrt((scores**2).sum()))


def test_all_twenty_are_counted() -> None:
    assert {found(TASK).count for found in (bootstrapped, permuted_arms, permuted_sequences)} == {20}
    assert MONTHS == 12
