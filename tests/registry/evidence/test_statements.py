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
