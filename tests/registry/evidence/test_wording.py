"""Effects in words."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from effects.message import Message
from registry.evidence.wording import COUNTS, SHARES, between, said
from registry.kit.language import translate


@pytest.mark.parametrize(
    ("unit", "low", "high", "words"),
    [
        ("share", 0.02, 0.06, "between 2 and 6 more of every 100"),
        ("share", -0.06, -0.02, "between 2 and 6 fewer of every 100"),
        ("%", -3.0, 2.0, "between 3 fewer and 2 more of every 100"),
        ("andel", 0.0, 0.05, "between 0 and 5 more of every 100"),
        ("count", 0.1, 0.3, "between 10 and 30 more per 100"),
        ("per 100", -4.0, 1.5, "between 4 fewer and 1.5 more per 100"),
        ("0-100", -1.0, 4.0, "between 1 points lower and 4 points higher"),
        ("0-100", 1.0, 4.0, "between 1 and 4 points higher"),
        ("days", -2.0, -0.5, "between 0.5 and 2 days less"),
        ("", -1.4, 1.7, "between 1.4 lower and 1.7 higher"),
        ("", 0.1, 0.25, "between 0.1 and 0.25 higher"),
    ],
)
def test_an_interval_is_said_in_the_unit_that_was_measured(unit: str, low: float, high: float, words: str) -> None:
    assert translate(between(low, high, unit), "en") == words


@pytest.mark.parametrize(
    ("unit", "estimate", "words"),
    [
        ("share", 0.2, "20 more of every 100"),
        ("SHARE ", -0.2, "20 fewer of every 100"),
        ("0-88", -3.5, "3.5 points lower (scale 0-88)"),
        ("min", 4.25, "4.25 min more"),
        ("DKK", -1200.0, "1,200 DKK less"),
        ("", 0.0132, "0.0132 higher"),
        ("", 0.0, "no difference"),
    ],
)
def test_an_effect_says_its_size_and_its_way(unit: str, estimate: float, words: str) -> None:
    found = said(estimate, None, None, unit)
    assert found is not None and found.interval is None
    assert translate(found.effect, "en") == words


def test_what_is_not_known_is_not_said() -> None:
    assert said(None, 0.0, 1.0) is None


def test_the_words_of_danish_have_danish_numbers() -> None:
    assert translate(between(0.0132, 0.0346, ""), "da") == "mellem 0,0132 og 0,0346 højere"
    assert "af hver 100" in translate(between(0.02, 0.06, "share"), "da")


def test_a_unit_in_braces_is_somebodys_word_and_no_template() -> None:
    found = said(1.0, 0.5, 1.5, "{size}")
    assert found is not None and isinstance(found.interval, Message)
    assert translate(found.effect, "en") == "1 {size} more"


UNITS = st.sampled_from(["share", "%", "count", "per 100", "0-100", "days", ""])
SIZES = st.floats(-1000, 1000).map(lambda value: round(value, 3))


def numbers(message: Message) -> list[float]:
    """The figures of a sentence, in the order in which a reader meets them."""
    names = re.findall(r"{(size|least|most|below|above)}", message.template)
    return [float(message.params[name]) for name in names]


@given(SIZES, SIZES, UNITS)
def test_an_interval_names_both_sides_exactly_where_it_holds_zero(one: float, other: float, unit: str) -> None:
    low, high = sorted((one, other))
    words = between(low, high, unit).template
    both = ("more" in words or "higher" in words) and ("fewer" in words or "less" in words or "lower" in words)
    assert both is (low < 0 < high)


@given(SIZES, SIZES, UNITS)
def test_no_figure_of_a_sentence_is_negative_and_the_smaller_comes_first(one: float, other: float, unit: str) -> None:
    low, high = sorted((one, other))
    figures = numbers(between(low, high, unit))
    assert len(figures) == 2 and all(figure >= 0 for figure in figures)
    if not low < 0 < high:
        assert figures == sorted(figures)


@given(SIZES, SIZES, UNITS)
def test_turned_round_more_becomes_fewer_and_the_figures_stay(one: float, other: float, unit: str) -> None:
    low, high = sorted((one, other))
    there, back = between(low, high, unit), between(-high, -low, unit)
    assert sorted(numbers(there)) == sorted(numbers(back))
    if high < 0 or low > 0:
        assert there.template != back.template


@given(SIZES, UNITS)
def test_an_effect_and_its_interval_agree_on_the_way(size: float, unit: str) -> None:
    found = said(size, size - 0.5, size + 0.5, unit)
    assert found is not None and found.interval is not None
    if abs(size) > 0.5:
        up = ("more", "higher")
        assert any(word in found.effect.template for word in up) is any(w in found.interval.template for w in up)


@pytest.mark.parametrize(("unit", "times"), [*SHARES.items(), *COUNTS.items()])
def test_every_unit_of_a_hundred_is_said_of_a_hundred_in_both_languages(unit: str, times: float) -> None:
    words = between(2.0 / times, 6.0 / times, unit)
    assert numbers(words) == [2.0, 6.0]
    assert all("100" in translate(words, language) for language in ("en", "da"))


def test_figures_are_rounded_to_what_a_page_shows() -> None:
    assert numbers(between(0.123456, 1234.56)) == [0.123, 1230.0]
