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


def test_treatment_never_goes_back() -> None:
    treated = indicators().treated
    assert np.isin(treated, (0.0, 1.0)).all()
    assert (np.diff(treated, axis=1) >= 0.0).all()
    assert not treated[:, 0].any() and treated[:, -1].all()


def test_every_month_but_the_first_starts_about_as_many() -> None:
    months, counts = np.unique(indicators().starts, return_counts=True)
    assert months.tolist() == list(range(1, MONTHS))
    assert counts.max() - counts.min() <= 1


def test_there_is_nothing_to_find() -> None:
    """Neither arm is higher: of twenty t values none is beyond what twenty draws may give."""
    found = indicators()
    means = found.values.mean(axis=1)
    one, other = means[found.arm == 1], means[found.arm == 0]
    spread = np.sqrt(one.var(axis=0, ddof=1) / len(one) + other.var(axis=0, ddof=1) / len(other))
    assert np.abs((one.mean(axis=0) - other.mean(axis=0)) / spread).max() < 3.5


def test_no_indicator_is_another_in_disguise() -> None:
    values = indicators().values.reshape(-1, INDICATORS)
    between = np.corrcoef(values.T) - np.eye(INDICATORS)
    assert np.abs(between).max() < 0.5


def test_municipalities_and_months_differ_in_level() -> None:
    """What fixed effects take out is there to be taken out."""
    values = indicators().values
    assert (values.mean(axis=1).std(axis=0) > 0.7).all()
    assert values.mean(axis=0).std(axis=0).mean() > 0.3
