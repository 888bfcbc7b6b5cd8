"""Effects in words."""

import pytest

from effects.message import Message
from registry.evidence.wording import between, said
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
