"""The indicators that are resampled."""

import numpy as np

from registry.benchmarks.indicators import CLUSTERS, INDICATORS, MONTHS, indicators


def test_they_are_the_same_at_every_call() -> None:
    first, second = indicators(), indicators()
    assert np.array_equal(first.values, second.values)
    assert np.array_equal(first.starts, second.starts)


def test_treatment_follows_from_the_start_and_nobody_starts_at_once() -> None:
    found = indicators()
    assert found.values.shape == (CLUSTERS, MONTHS, INDICATORS)
    assert np.array_equal(found.treated.sum(axis=1), MONTHS - found.starts)
    assert found.starts.min() == 1
    assert found.arm.sum() * 2 == CLUSTERS
