"""The forest of a technology."""

import re
from typing import Any

import pytest

from effects.codes import Better
from registry.evidence.charts import MOST_LETTERS, MOST_PANELS, POOLED, forest
from registry.evidence.compute import look_of
from tests.registry.evidence.test_compute import a_ground, heard
from tests.registry.evidence.test_pooling import falls

TITLES = {"1": "Robots in Testkøbing", "2": "Night watch"}


def drawn() -> list[Any]:
    return list(look_of(a_ground()).result["indicators"])


def test_every_pilot_the_mean_and_a_new_place_have_a_row() -> None:
    chart = forest(drawn(), TITLES, "en")
    assert chart.startswith("<svg")
    for label in ("1. Night watch", "2. Robots in Testkøbing", "All pilots together", "A new place", "Falls"):
        assert label in chart, label


def test_without_titles_no_pilot_is_shown() -> None:
    chart = forest(drawn(), {}, "en")
    assert "Night watch" not in chart and "All pilots together" in chart


def test_the_texts_are_in_the_readers_language() -> None:
    assert "Alle afprøvninger tilsammen" in forest(drawn(), TITLES, "da")


def test_a_long_title_is_cut_and_pilots_of_one_title_keep_rows_of_their_own() -> None:
    chart = forest(drawn(), {"1": "x" * 90, "2": "x" * 90}, "en")
    cut = "x" * (MOST_LETTERS - 1) + "…"
    assert f"1. {cut}" in chart and f"2. {cut}" in chart


def test_an_effect_is_turned_so_that_right_is_better() -> None:
    """Where fewer are better, a lower figure lies to the right, just as a higher one does where more are better."""
    lower = look_of(a_ground(heard(2, falls(-2.0)), heard(1, falls(-1.0)))).result["indicators"]
    higher = look_of(
        a_ground(heard(2, falls(2.0, better=Better.HIGHER)), heard(1, falls(1.0, better=Better.HIGHER)))
    ).result["indicators"]
    assert forest(list(lower), TITLES, "en") == forest(list(higher), TITLES, "en")


def test_nothing_to_draw_is_said() -> None:
    assert "No effect can be drawn." in forest([], TITLES, "en")


def an_item(**changes: Any) -> dict[str, Any]:
    """An indicator of a look as the worker keeps it."""
    pooled = {"low": 0.5, "mean": 1.0, "high": 1.5, "predictive_low": 0.0, "predictive_high": 2.0}
    studies = [{"pilot": pilot, "low": 0.4, "estimate": 1.1, "high": 1.8} for pilot in (1, 2)]
    stated = {"name": "Falls", "better": "higher", "minimal_important": 1.0, "studies": studies, "pooled": pooled}
    return {**stated, **changes}


def test_the_drawing_stands_alone_without_script_or_anything_from_elsewhere() -> None:
    chart = forest([an_item()], TITLES, "en")
    assert chart.startswith("<svg") and chart.rstrip().endswith("</svg>")
    assert "<script" not in chart and "href" not in chart and "url(http" not in chart


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "a & b", '"x"', "{{ 7*7 }}"])
def test_names_are_drawn_as_text_whatever_they_hold(name: str) -> None:
    chart = forest([an_item(name=name)], {"1": name, "2": name}, "en")
    assert "<script>alert" not in chart
    assert name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") in chart or "&quot;" in chart


def test_every_indicator_has_its_panel_up_to_the_most_that_are_drawn() -> None:
    chart = forest([an_item(name=f"Indicator {place}.") for place in range(MOST_PANELS + 2)], {}, "en")
    assert chart.count(f">{POOLED.template}<") == MOST_PANELS
    assert f">Indicator {MOST_PANELS - 1}.<" in chart and f">Indicator {MOST_PANELS}.<" not in chart


def test_the_unit_does_not_change_the_drawing() -> None:
    """Everything is drawn in important differences."""
    large = an_item(
        minimal_important=50.0,
        studies=[{"pilot": pilot, "low": 20.0, "estimate": 55.0, "high": 90.0} for pilot in (1, 2)],
        pooled={"low": 25.0, "mean": 50.0, "high": 75.0, "predictive_low": 0.0, "predictive_high": 100.0},
    )
    assert forest([large], TITLES, "en") == forest([an_item()], TITLES, "en")


def test_the_same_look_gives_the_same_bytes() -> None:
    assert forest([an_item()], TITLES, "da") == forest([an_item()], TITLES, "da")


def test_mean_pilots_and_a_new_place_are_told_apart_by_shape_and_line() -> None:
    """A circle for each pilot, one diamond for the mean, a dashed line for a new place."""
    chart = forest([an_item()], TITLES, "en")
    shapes = [described for described in re.findall(r'aria-roledescription="(\w+)"', chart) if described == "point"]
    assert len(shapes) == 3
    assert 'stroke-dasharray="6,3"' in chart


def test_a_single_pilot_is_drawn_once_beside_what_a_new_place_may_expect() -> None:
    single = an_item(studies=an_item()["studies"][:1])
    chart = forest([single], TITLES, "en")
    assert "1. Robots in Testkøbing" in chart and "A new place" in chart
    assert "All pilots together" not in chart + forest([single], {}, "en")
