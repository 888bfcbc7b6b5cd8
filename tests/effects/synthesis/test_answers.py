import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm, t

from effects.serialize import plain
from effects.synthesis.answers import (
    MOST_STUDIES,
    Interval,
    answer,
    excludes_zero,
    interval,
    pooled_answer,
    too_many,
    two_sided,
)
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


SOME = st.floats(-1e6, 1e6)
POSITIVE = st.floats(1e-6, 1e6)
DEGREES = st.none() | st.floats(0.5, 1e4)


@given(SOME, POSITIVE, st.floats(0.01, 0.999), DEGREES)
def test_an_interval_lies_about_its_centre_and_holds_its_level(
    centre: float, spread: float, level: float, df: float | None
) -> None:
    limits = interval(centre, spread, level, df)
    assert limits.low + limits.high == pytest.approx(2.0 * centre, abs=1e-6 * (spread + abs(centre)))
    reach = (limits.high - centre) / spread
    held = norm.cdf(reach) - norm.cdf(-reach) if df is None else t.cdf(reach, df) - t.cdf(-reach, df)
    assert reach > 0.0
    if spread > 1e-6 * abs(centre):
        assert held == pytest.approx(level, abs=1e-4)


@given(SOME, POSITIVE, DEGREES)
def test_an_interval_excludes_zero_exactly_where_its_p_value_is_small(
    estimate: float, spread: float, df: float | None
) -> None:
    found = answer("any", estimate, spread, 0.95, df=df)
    if abs(found.p_value - 0.05) > 1e-9:
        assert excludes_zero(found.interval) is (found.p_value < 0.05)


@pytest.mark.parametrize("statistic", [0.1, 1.0, 3.0])
def test_fewer_degrees_of_freedom_are_less_sure_down_to_the_normal(statistic: float) -> None:
    sure = [two_sided(statistic, df) for df in (1.0, 2.0, 10.0, 1e6, None)]
    assert sure == sorted(sure, reverse=True)
    assert sure[-2] == pytest.approx(sure[-1], rel=1e-4)


def test_a_p_value_far_out_is_tiny_and_not_nought() -> None:
    assert 0.0 < two_sided(30.0, None) < 1e-190
    assert two_sided(-2.5, 4.0) == two_sided(2.5, 4.0)


def test_too_many_studies_are_counted_and_the_most_is_told() -> None:
    said = too_many(MOST_STUDIES + 1)
    assert str(said.detail).startswith(f"{MOST_STUDIES + 1} studies")
    assert str(said.needs) == f"at most {MOST_STUDIES} studies"
