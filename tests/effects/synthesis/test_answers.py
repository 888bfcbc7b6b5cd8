import pytest
from scipy.stats import norm, t

from effects.serialize import plain
from effects.synthesis.answers import Interval, answer, excludes_zero, interval, pooled_answer, two_sided
from effects.synthesis.pooling import pool


def test_an_answer_by_z() -> None:
    found = answer("reml_z", 0.5, 0.2, 0.95, tau2=0.1)
    assert (found.interval.low, found.interval.high) == pytest.approx(
        (0.5 - 1.959963985 * 0.2, 0.5 + 1.959963985 * 0.2)
    )
    assert (found.df, found.interval.method, found.tau2) == (None, "normal", 0.1)
    assert found.p_value == pytest.approx(2 * norm.sf(2.5))


def test_an_answer_by_t() -> None:
    found = answer("reml_hartung_knapp", -0.5, 0.2, 0.9, df=4.0)
    reach = 0.2 * t.ppf(0.95, 4)
    assert (found.interval.low, found.interval.high) == pytest.approx((-0.5 - reach, -0.5 + reach))
    assert (found.interval.method, found.interval.level) == ("t", 0.9)
    assert found.p_value == pytest.approx(2 * t.sf(2.5, 4))


@pytest.mark.parametrize("df", [None, 0.7, 1.0, 12.4])
def test_an_interval_that_touches_zero_has_the_p_value_of_its_level(df: float | None) -> None:
    limits = interval(0.0, 1.0, 0.95, df)
    assert two_sided(limits.high, df) == pytest.approx(0.05)
    assert limits.low == pytest.approx(-limits.high)


def test_the_pooling_model_speaks_as_the_others_do() -> None:
    pooled = pool([0.2, 0.9], [0.3, 0.3], 0.3, level=0.9)
    found = pooled_answer(pooled, 0.3, 0.9)
    assert (found.estimate, found.interval.low, found.interval.method) == (pooled.mean, pooled.low, "mixture")
    assert found.predictive_interval.high == pooled.predictive_high
    assert found.probability_above_zero == pytest.approx(1.0 - pooled.p_value / 2.0)
    assert 0.5 < found.next_above_zero < found.probability_above_zero
    assert isinstance(plain(found), dict)


@pytest.mark.parametrize(
    ("low", "high", "excluded"), [(0.1, 0.2, True), (-0.2, -0.1, True), (-0.1, 0.1, False), (0, 1, False)]
)
def test_an_interval_excludes_zero_or_not(low: float, high: float, excluded: bool) -> None:
    assert excludes_zero(Interval(level=0.95, low=low, high=high, method="t")) is excluded
