"""The advice on several pilots and with a business case."""

import tomllib
from typing import Any

import pytest

from effects.case import CaseError, case_from_mapping
from effects.economics.facts import Place
from effects.recommendation import recommend
from registry.evidence.grounds import Ground
from registry.recommendations.compute import Business, advice_on, drawn_up
from tests.registry.business_cases.story import BY_EFFECT, HEAD, LINES
from tests.registry.evidence.test_compute import a_ground, heard
from tests.registry.evidence.test_pooling import a_reach, falls

PLACES = (
    Place("0101", "Testkøbing", "Region Test", "medium", 60_000),
    Place("0102", "By", "Region Test", "large", 200_000),
)


def stated(lines: str = LINES) -> Business:
    return Business(HEAD.format(name="Robot", version="1") + lines, PLACES)


def single(**changes: Any) -> Ground:
    alone = heard(1, falls(-1.0, **changes))
    return Ground(technology=7, heard=(alone,), reach=a_reach(registered=1), information=())


def test_the_only_pilot_of_a_technology_is_advised_on_as_it_was_assessed_with_its_reach_counted() -> None:
    ground = single()
    drawn = drawn_up(ground.heard[0].case, ground, None)
    assessed, looked = (tomllib.loads(text) for text in (ground.heard[0].case, drawn.look.case))
    counted = looked.pop("portfolio").items() - assessed.pop("portfolio", {}).items()
    assert looked == assessed and dict(counted)["share_silent"] == pytest.approx(1 / 3)
    assert (drawn.advice, drawn.valuation) == (advice_on(drawn.look.case), None)
    assert drawn.look.result["heard"] == 1


def test_several_pilots_are_advised_on_together() -> None:
    ground = a_ground()
    drawn = drawn_up(ground.heard[0].case, ground, None)
    assert drawn.advice["pooling"] is not None
    assert drawn.advice["verdicts"]["Falls"] == "benefit_size_uncertain"
    assert drawn.look.result["heard"] == 2


def test_the_advice_follows_from_the_case_of_its_look() -> None:
    for ground in (a_ground(), a_ground(information=(0.5, 1.0)), single()):
        drawn = drawn_up(ground.heard[0].case, ground, stated())
        case = case_from_mapping(tomllib.loads(drawn.look.case))
        assert recommend(case).to_mapping() == drawn.advice


def test_a_business_case_that_can_be_valued_gives_the_economy() -> None:
    ground = a_ground()
    drawn = drawn_up(ground.heard[0].case, ground, stated())
    assert drawn.valuation is not None
    assert drawn.advice["economy"]["expected_net_value"] == drawn.valuation["expected_net_value"]
    assert drawn.advice["economy"]["currency"] == "DKK"


def test_lines_that_rest_on_an_effect_are_valued_with_the_pooled_one() -> None:
    ground = a_ground()
    lines = LINES + BY_EFFECT.replace("language", "falls").replace("higher", "lower")
    drawn = drawn_up(ground.heard[0].case, ground, stated(lines))
    assert drawn.valuation is not None
    effects = {line["title"]: line["effect"] for line in drawn.valuation["lines"]}
    assert effects["Fewer calls"] == pytest.approx(-drawn.look.result["indicators"][0]["pooled"]["mean"]), (
        "fewer falls are a gain"
    )


def test_a_business_case_that_waits_for_an_effect_leaves_the_economy_unknown() -> None:
    ground = single(minimal_important=None)
    lines = LINES + BY_EFFECT.replace("language", "falls").replace("higher", "lower")
    drawn = drawn_up(ground.heard[0].case, ground, stated(lines))
    assert drawn.valuation is not None and drawn.valuation["unknown"]
    assert drawn.advice["economy"]["expected_net_value"] is None


def test_a_case_that_cannot_be_read_says_why() -> None:
    with pytest.raises(CaseError):
        drawn_up("[cace]", single(), None)
