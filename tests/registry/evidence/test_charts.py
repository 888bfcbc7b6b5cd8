"""The forest of a technology."""

from typing import Any

from effects.codes import Better
from registry.evidence.charts import MOST_LETTERS, forest
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
