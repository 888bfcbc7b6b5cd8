from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from effects.codes import Adjustment
from effects.inference.multiplicity import adjust, benjamini_hochberg, bonferroni, holm, unadjusted

P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=12)
PUBLISHED = [0.000323, 0.002186, 0.000450, 0.000107]
JUDGES = [(holm, "holm"), (bonferroni, "bonferroni"), (benjamini_hochberg, "fdr_bh")]


def test_the_published_example_is_met() -> None:
    assert holm(PUBLISHED) == pytest.approx([0.000969, 0.002186, 0.000969, 0.000428])
    assert benjamini_hochberg(PUBLISHED) == pytest.approx([0.000600, 0.002186, 0.000600, 0.000428])


@pytest.mark.parametrize(("ours", "theirs"), JUDGES)
@given(p_values=P_VALUES)
def test_every_correction_meets_statsmodels(
    ours: Callable[[Sequence[float]], list[float]], theirs: str, p_values: list[float]
) -> None:
    assert ours(p_values) == pytest.approx(multipletests(p_values, method=theirs)[1].tolist(), abs=1e-12)


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
