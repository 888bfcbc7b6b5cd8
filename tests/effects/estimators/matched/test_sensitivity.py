import math

import pytest

from effects.estimators.matched.sensitivity import e_values


def test_no_effect_needs_no_confounder() -> None:
    assert e_values(0.0, 0.1) == (1.0, 1.0)


def test_the_published_conversion_of_a_standardised_effect() -> None:
    """VanderWeele and Ding 2017, table 2: RR = exp(0.91 d), E = RR + sqrt(RR (RR - 1)); d = ln(3.9) / 0.91 gives 7.26.

    Their example is maternal breastfeeding and respiratory death: RR 3.9 (1.8, 8.7), E-values 7.2 and 3.0.
    """
    size = math.log(3.9) / 0.91
    error = (math.log(3.9) - math.log(1.8)) / 1.78
    value, limit = e_values(size, error)
    assert value == pytest.approx(7.26, abs=0.01)
    assert limit == pytest.approx(3.0, abs=0.01)


def test_harm_needs_as_strong_a_confounder_as_benefit() -> None:
    assert e_values(-0.4, 0.1) == e_values(0.4, 0.1)


def test_an_interval_that_includes_no_effect_needs_none() -> None:
    value, limit = e_values(0.2, 0.3)
    assert value > 1.0
    assert limit == 1.0


def test_an_enormous_effect_stays_finite() -> None:
    assert math.isfinite(e_values(1e6, 1.0)[0])
