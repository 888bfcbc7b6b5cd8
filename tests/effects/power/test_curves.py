import pytest
from scipy.stats import nct, norm
from statsmodels.stats.power import NormalIndPower, TTestIndPower

from effects.power.curves import Conventions, detectable, noncentral_power, powers
from effects.power.variances import Precision


@pytest.mark.parametrize(("effect", "people"), [(0.5, 64), (1.0, 20), (0.2, 10), (-0.8, 5), (0.3, 1000)])
def test_power_is_that_of_other_software(effect: float, people: int) -> None:
    found = powers(effect, Precision((2 / people) ** 0.5, 2.0 * people - 2, 1.0), 0.95)
    exact = TTestIndPower().power(abs(effect), people, 0.05)
    assert found.noncentral_t == pytest.approx(exact, rel=1e-8)
    assert found.z == pytest.approx(NormalIndPower().power(abs(effect), people, 0.05), rel=1e-10)
    assert found.t == pytest.approx(exact, abs=0.04)


def test_the_example_of_power_t_test_in_r() -> None:
    """`power.t.test(n = 20, delta = 1, sd = 1)` gives 0.8689528 and leaves the other tail out, which holds 4e-7."""
    found = powers(1.0, Precision((2 / 20) ** 0.5, 38.0, 1.0), 0.95).noncentral_t
    assert found == pytest.approx(0.8689528, abs=5e-7)


@pytest.mark.parametrize("df", [1.0, 3.0, 38.0, 1000.0])
@pytest.mark.parametrize("power", [0.5, 0.8, 0.95])
def test_the_detectable_effect_has_the_power_asked_for(df: float, power: float) -> None:
    error = Precision(0.7, df, None)
    least = detectable(error, 0.95, power)
    assert least.z is not None and least.t is not None and least.noncentral_t is not None
    assert powers(least.noncentral_t, error, 0.95).noncentral_t == pytest.approx(power, abs=1e-9)
    assert least.z == pytest.approx(0.7 * (norm.ppf(0.975) + norm.ppf(power)))
    assert least.z < least.t


def test_the_detectable_effect_is_that_of_other_software() -> None:
    least = detectable(Precision((2 / 30) ** 0.5, 58.0, 1.0), 0.95, 0.8).noncentral_t
    assert TTestIndPower().power(least, 30, 0.05) == pytest.approx(0.8, abs=1e-9)


@pytest.mark.parametrize(("shift", "df"), [(0.0, 5.0), (2.0, 2.0), (6.9, 10.0), (7.1, 10.0), (20.0, 4.0)])
def test_the_noncentral_t_is_that_of_the_distribution(shift: float, df: float) -> None:
    expected = nct.sf(2.3, df, shift) + (nct.cdf(-2.3, df, shift) if shift < 10 else 0.0)
    assert noncentral_power(shift, df, 2.3) == pytest.approx(expected, abs=1e-10)


def test_far_out_the_power_is_one() -> None:
    assert noncentral_power(200.0, 30.0, 2.0) == 1.0
    assert powers(1e300, Precision(1e-3, 30.0, 1.0), 0.95) == Conventions(1.0, 1.0, 1.0)


def test_no_effect_is_found_as_often_as_the_level_says() -> None:
    found = powers(0.0, Precision(1.0, 12.0, 1.0), 0.9)
    assert (found.z, found.t, found.noncentral_t) == pytest.approx((0.1, 0.1, 0.1))


def test_without_degrees_of_freedom_only_z_is_known() -> None:
    found = powers(1.0, Precision(0.5, 0.0, None), 0.95)
    assert found.z is not None
    assert (found.t, found.noncentral_t) == (None, None)
    least = detectable(Precision(0.5, 0.0, None), 0.95, 0.8)
    assert (least.t, least.noncentral_t) == (None, None)


def test_what_is_not_identified_has_no_power() -> None:
    endless = Precision(float("inf"), 10.0, None)
    assert powers(1.0, endless, 0.95) == detectable(endless, 0.95, 0.8) == Conventions(None, None, None)


def test_where_all_are_asked_nothing_is_left_to_chance() -> None:
    census = Precision(0.0, 10.0, 0.0)
    assert powers(0.1, census, 0.95) == Conventions(1.0, 1.0, 1.0)
    assert detectable(census, 0.95, 0.8) == Conventions(0.0, 0.0, 0.0)


def test_a_convention_is_asked_for_by_its_name() -> None:
    found = Conventions(0.1, 0.2, 0.3)
    assert [found.named(name) for name in ("z", "t", "noncentral_t")] == [0.1, 0.2, 0.3]


@pytest.mark.parametrize(
    ("df", "shift", "critical"), [(10, 36.26, 0.8), (998, 36.26, 1.2), (1, 38.85, 0.8), (3, 200.0, 2.0)]
)
def test_far_out_the_power_is_one_and_never_unknown(df: float, shift: float, critical: float) -> None:
    """scipy's noncentral t has gaps there, where its value is below 1e-70."""
    assert noncentral_power(shift, df, critical) == pytest.approx(1.0)


def test_a_far_bound_still_counts() -> None:
    assert noncentral_power(40.0, 1.0, 63.7) < 0.5
