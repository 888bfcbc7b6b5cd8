"""What a recommendation says of itself."""

from typing import Any

import msgspec

from registry.kit.clock import now
from registry.kit.language import translate
from registry.recommendations.schemas import RecommendationSummary, RecommendationView, Resting


def a_recommendation(**rests: Any) -> RecommendationView:
    about = RecommendationSummary(
        id=1,
        technology_id=1,
        technology_name="Robot",
        major_version="1",
        pilot_id=1,
        pilot_title="Robots",
        simulated=False,
        assessment_id=1,
        ruleset="1",
        kind="EXTEND",
        rule="R5",
        issued_by=1,
        issuer="Anna Holm",
        issued_at=now(),
    )
    effect = {"low": -0.06, "estimate": -0.04, "high": -0.02}
    unknown = {"low": None, "estimate": None, "high": None}
    advice = {
        "indicators": [
            {"name": "Falls", "better": "lower", "effect": effect},
            {"name": "Strain", "better": "lower", "effect": unknown},
        ]
    }
    resting = Resting(**rests)
    return RecommendationView(recommendation=about, advice=advice, dissent=[], resting=resting, replaced_by=None)


def test_the_effects_are_said_as_they_were_measured_in_the_units_that_were_agreed() -> None:
    told = a_recommendation(units={"Falls": "share"}).said["Falls"]
    assert told is not None and told.interval is not None
    assert translate(told.effect, "en") == "4 more of every 100"
    assert translate(told.interval, "en") == "between 2 and 6 more of every 100"


def test_without_a_unit_the_figure_stands_alone_and_what_is_not_known_is_none() -> None:
    said = a_recommendation().said
    assert said["Falls"] is not None and translate(said["Falls"].effect, "en") == "0.04 higher"
    assert said["Strain"] is None


def test_the_words_are_for_the_page_and_the_figures_for_programs() -> None:
    told = msgspec.to_builtins(a_recommendation())
    assert "said" not in told and told["advice"]["indicators"][0]["effect"]["low"] == -0.06
    assert told["resting"]["pilots"] == 1
