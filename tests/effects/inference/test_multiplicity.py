import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from effects.codes import Adjustment
from effects.inference.multiplicity import adjust, benjamini_hochberg, bonferroni, holm, unadjusted

P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=12)
PUBLISHED = [0.000323, 0.002186, 0.000450, 0.000107]


def test_the_published_example_is_met() -> None:
    assert holm(PUBLISHED) == pytest.approx([0.000969, 0.002186, 0.000969, 0.000428])
    assert benjamini_hochberg(PUBLISHED) == pytest.approx([0.000600, 0.002186, 0.000600, 0.000428])


@given(P_VALUES)
def test_the_step_up_correction_meets_scipy(p_values: list[float]) -> None:
    judge = false_discovery_control(p_values, method="bh").tolist()
    assert benjamini_hochberg(p_values) == pytest.approx(judge, abs=1e-12)


@given(P_VALUES, st.floats(0.001, 0.999))
def test_the_step_down_correction_rejects_what_holms_procedure_rejects(p_values: list[float], level: float) -> None:
    rejected: set[int] = set()
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        if p_values[place] * (len(p_values) - rank) > level:
            break
        rejected.add(place)
    assert {place for place, value in enumerate(holm(p_values)) if value <= level} == rejected


@given(P_VALUES)
def test_corrections_only_ever_raise_p_values_and_order_by_strength(p_values: list[float]) -> None:
    for raw, false_discovery, step_down, all_tests in zip(
        p_values, benjamini_hochberg(p_values), holm(p_values), bonferroni(p_values), strict=True
    ):
        assert raw <= false_discovery + 1e-15
        assert false_discovery <= step_down + 1e-15
        assert step_down <= all_tests + 1e-15
        assert all_tests <= 1.0


@given(st.floats(0, 1))
def test_a_single_test_needs_no_correction(p_value: float) -> None:
    assert holm([p_value]) == bonferroni([p_value]) == benjamini_hochberg([p_value]) == [p_value]


@pytest.mark.parametrize("method", [Adjustment.WESTFALL_YOUNG, Adjustment.ROMANO_WOLF])
def test_a_method_that_resamples_is_not_available_rather_than_replaced(method: Adjustment) -> None:
    assert adjust([0.1, 0.2], method) is None


def test_the_stated_method_is_applied() -> None:
    assert adjust([0.01, 0.02], Adjustment.HOLM) == [0.02, 0.02]
    assert adjust([0.01, 0.02], Adjustment.BONFERRONI) == [0.02, 0.04]
    assert adjust([0.01, 0.02], Adjustment.NONE) == unadjusted([0.01, 0.02]) == [0.01, 0.02]
    assert adjust([], Adjustment.HOLM) == []
