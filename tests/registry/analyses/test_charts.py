import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from registry.analyses.charts import MOST_PANELS, SINCE, UNDRAWN, plotted
from registry.analyses.reading import by_time, effects, primary
from registry.kit.language import Language
from tests.registry.analyses.story import FALLS, SLEEP, STRESS, a_result, an_estimate, no_estimate

ENTRIES = (an_estimate("sleep", 0.5, 0.25, 0.01), an_estimate("falls", 0.1, 0.3, 0.9))


def draw(*entries: object, language: Language = "en", name: str = "Hours of sleep") -> str:
    outcomes = (FALLS, STRESS, replace(SLEEP, name=name))
    found = effects(a_result(*entries), outcomes)
    return plotted(primary(found), by_time(found), language)


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(svg).iter() if element.tag.endswith("text")]


def test_the_plot_names_every_drawn_effect() -> None:
    assert {"Hours of sleep", "falls"} <= set(texts(draw(*ENTRIES)))


def test_the_plot_holds_no_style_script_or_reference_elsewhere() -> None:
    svg = draw(*ENTRIES)
    assert not re.search(r"<style|style=|<script|href=|url\(", svg)


def test_a_name_with_markup_is_drawn_as_text() -> None:
    svg = draw(*ENTRIES, name='<script>alert("x")</script>')
    assert "<script" not in svg
    assert '<script>alert("x")</script>' in texts(svg)


@pytest.mark.parametrize(("language", "mark"), [("da", ","), ("en", ".")])
def test_numbers_are_written_as_the_language_does(language: Language, mark: str) -> None:
    ticks = [text for text in texts(draw(*ENTRIES, language=language)) if re.fullmatch(r"[−\d.,]+", text)]
    assert ticks
    assert all(mark in tick for tick in ticks)


def test_the_same_effects_give_the_same_bytes() -> None:
    assert draw(*ENTRIES) == draw(*ENTRIES)


def test_without_a_drawable_effect_the_plot_says_so() -> None:
    assert str(UNDRAWN) in texts(draw(no_estimate("falls"), an_estimate("stress", 1.0, 0.5, None)))


def moments(outcome: str = "sleep", first: int = -2, last: int = 2) -> list[object]:
    times = range(first, last + 1)
    return [an_estimate(outcome, 0.1 * time, 0.2, None, aggregation="event_time", event_time=time) for time in times]


def test_effects_by_time_are_drawn_under_the_forest() -> None:
    svg = draw(*ENTRIES, *moments())
    assert str(SINCE) in texts(svg)
    assert str(SINCE) not in texts(draw(*ENTRIES))
    assert texts(svg).count("Hours of sleep") == 2
    assert {"−2", "−1", "0", "1", "2"} <= set(texts(svg))


def test_the_start_is_said_in_the_readers_language() -> None:
    svg = draw(*ENTRIES, *moments(), language="da")
    assert str(SINCE) not in texts(svg)
    assert "Perioder siden start" in texts(svg)


def test_event_studies_hold_no_style_script_or_reference_elsewhere() -> None:
    assert not re.search(r"<style|style=|<script|href=|url\(", draw(*ENTRIES, *moments("falls")))


def test_cohorts_and_calendar_are_left_to_the_table() -> None:
    cohort = an_estimate("sleep", 0.2, 0.2, None, aggregation="group", cohort=2004.0)
    assert draw(*ENTRIES, cohort) == draw(*ENTRIES)


def test_no_more_panels_are_drawn_than_a_page_can_hold() -> None:
    assert MOST_PANELS == 6
    svg = draw(*ENTRIES, *moments("sleep"), *moments("falls"))
    assert texts(svg).count(str(SINCE)) == 2
