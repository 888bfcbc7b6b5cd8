import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from effects.inference.shares import wilson


def test_the_interval_is_that_of_wilson() -> None:
    """Agresti and Coull (1998): 10 of 10 gives 0.722 to 1, 5 of 10 gives 0.237 to 0.763."""
    assert wilson(10, 10) == pytest.approx((0.7225, 1.0), abs=1e-4)
    assert wilson(5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_the_interval_is_that_of_other_software_and_holds_the_share(trials: int, part: float) -> None:
    successes = round(part * trials)
    low, high = wilson(successes, trials)
    assert (low, high) == pytest.approx(proportion_confint(successes, trials, method="wilson"), abs=1e-12)
    assert 0.0 <= low <= successes / trials + 1e-12 and successes / trials - 1e-12 <= high <= 1.0
