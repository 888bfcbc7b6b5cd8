"""A look in words."""

from typing import Any

from registry.evidence.compute import look_of
from registry.evidence.statements import graded, measured, statements, summary
from registry.kit.language import translate
from tests.registry.evidence.test_compute import a_ground, heard
from tests.registry.evidence.test_pooling import falls


def test_an_indicator_is_said_in_its_unit_as_it_was_measured() -> None:
    told = statements(look_of(a_ground()).result)["Falls"]
    assert told.effect is not None and told.effect.interval is not None and told.place is not None
    assert "fewer per 100" in translate(told.effect.effect, "en")
    assert translate(told.effect.interval, "en").startswith("between ")
    assert translate(told.place, "en").endswith("per 100")
    assert told.probability is not None and told.probability > 0.9


def test_what_is_not_pooled_says_nothing() -> None:
    told = statements(look_of(a_ground(heard(1, falls(minimal_important=None)))).result)["Falls"]
    assert (told.effect, told.place, told.probability) == (None, None, None)


def test_a_grade_is_turned_back_to_how_it_was_measured() -> None:
    turned = {"low": 1.0, "estimate": 2.0, "high": 3.0}
    assert measured(turned, "lower") == (-3.0, -2.0, -1.0)
    assert measured(turned, "higher") == (1.0, 2.0, 3.0)
    assert measured({**turned, "low": None}, "lower") == (-3.0, -2.0, None)
    advice: dict[str, Any] = {"indicators": [{"name": "Falls", "better": "lower", "effect": turned}]}
    told = graded(advice, {"Falls": "%"})["Falls"]
    assert told is not None and told.interval is not None
    assert translate(told.interval, "en") == "between 1 and 3 fewer of every 100"


def test_the_figure_has_its_sentence() -> None:
    assert translate(summary(look_of(a_ground()).result), "en").startswith(
        "2 pilots looked at together. Of 1 indicators 1 are better and 0 are worse"
    )
    alone = look_of(a_ground(heard(1, falls(0.1)))).result
    assert translate(summary(alone), "en").startswith("One pilot so far.")


def a_result(*ends: tuple[float | None, float | None], heard: int = 2) -> dict[str, Any]:
    """A look whose grade has indicators with these intervals, turned so that + is better."""
    return {"heard": heard, "grade": {"indicators": [{"effect": {"low": low, "high": high}} for low, high in ends]}}


def test_an_indicator_counts_as_better_worse_or_open_and_never_twice() -> None:
    told = summary(a_result((0.1, 0.5), (-0.5, -0.1), (-0.1, 0.1), (None, None), (0.0, 0.3), (None, -0.1)))
    assert dict(told.params) == {"pilots": 2, "indicators": 6, "better": 1, "worse": 2, "open": 3}


def test_a_look_without_indicators_says_so_in_figures() -> None:
    assert dict(summary(a_result()).params) == {"pilots": 2, "indicators": 0, "better": 0, "worse": 0, "open": 0}


def test_one_pilot_is_not_said_to_be_pooled() -> None:
    alone = summary(a_result((0.1, 0.2), heard=1))
    assert translate(alone, "en").startswith("One pilot")
    assert translate(alone, "da") != translate(alone, "en")


def test_an_effect_of_a_grade_without_a_unit_is_said_bare_and_an_unknown_one_not_at_all() -> None:
    effect = {"low": 0.1, "estimate": 0.2, "high": 0.3}
    none = dict.fromkeys(("low", "estimate", "high"))
    listed = [{"name": "A", "better": "higher", "effect": effect}, {"name": "B", "better": "lower", "effect": none}]
    told = graded({"indicators": listed}, {})
    assert told["A"] is not None and translate(told["A"].effect, "en") == "0.2 higher"
    assert told["B"] is None
