import math

import pytest

from effects.economics.facts import Effect, Place


def test_an_effect_keeps_its_figures() -> None:
    assert Effect(-4.0, 1.0, 2.0) == Effect(mean=-4.0, sd=1.0, predictive_sd=2.0)


@pytest.mark.parametrize("figures", [(math.nan, 1, 1), (0, math.inf, 1), (0, -1, 1), (0, 1, -1), (-1e101, 1, 1)])
def test_what_is_no_effect_is_refused(figures: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="finite"):
        Effect(*figures)


def test_a_place_may_be_unknown_in_parts() -> None:
    assert Place("0101", "Town", None, None, None).population is None
