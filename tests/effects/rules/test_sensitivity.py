import json
from dataclasses import replace

import pytest

from effects.codes import Kind
from effects.message import spoken
from effects.recommendation import judge_of, recommend
from effects.rules.indicator import Study
from effects.rules.pooled import pooled
from effects.rules.ruleset import load_ruleset
from effects.rules.sensitivity import Pooling, pooling
from effects.synthesis.answers import Answer, PooledAnswer, Unanswered
from tests.effects.sound_case import indicator, primaries, sound_case

RULES = load_ruleset()


def studies(*estimates: float, error: float = 0.35) -> tuple[Study, ...]:
    return tuple(Study(f"pilot {place}", estimate, error) for place, estimate in enumerate(estimates))


def of(*estimates: float, **facts: object) -> Pooling:
    found = pooling(sound_case(*primaries(studies=studies(*estimates), **facts)), RULES, judge_of)
    assert found is not None
    return found


def test_without_several_studies_there_is_nothing_to_compare() -> None:
    assert pooling(sound_case(), RULES, judge_of) is None
    assert recommend(sound_case()).pooling is None


def test_every_estimator_stands_beside_the_one_that_counts() -> None:
    found = of(1.4, 1.5, 1.6).indicators[0]
    assert (found.indicator, found.pilots) == ("control", 3)
    assert isinstance(found.pooling, PooledAnswer) and isinstance(found.fixed_effects, Answer)
    seen = pooled(sound_case(*primaries(studies=studies(1.4, 1.5, 1.6))), RULES).indicators[0]
    assert (found.pooling.estimate, found.pooling.interval.low) == (seen.estimate, seen.low)
    assert found.fixed_effects.estimate == pytest.approx(1.5)
    assert found.fixed_effects.standard_error == pytest.approx(0.35 / 3**0.5)


def test_homogeneous_pilots_say_the_same_at_every_scale() -> None:
    found = of(2.0, 2.0, 2.0)
    assert [one.factor for one in found.scales] == [0.5, 1.0, 2.0]
    assert {one.kind for one in found.scales} == {Kind.ROLL_OUT}
    assert found.differ is False


def test_a_claim_that_hangs_on_the_prior_is_told() -> None:
    found = of(0.47, 0.52, 0.57)
    assert [one.claims["control"] for one in found.scales] == [True, True, False]
    assert found.differ is True


def test_the_scale_that_counts_gives_the_advice() -> None:
    case = sound_case(*primaries(studies=studies(0.47, 0.52, 0.57)))
    advice = recommend(case)
    assert advice.pooling is not None
    stated = advice.pooling.scales[1]
    assert (stated.kind, stated.rule) == (advice.kind, advice.rule)
    assert stated.claims == {"control": True, "strain": True}


def test_without_what_is_important_the_pooling_model_says_what_it_needs() -> None:
    found = of(1.4, 1.5, 1.6, minimal_important=None, margin=None)
    assert isinstance(found.indicators[0].pooling, Unanswered)
    assert isinstance(found.indicators[0].fixed_effects, Answer)
    assert found.scales[1].claims == {"control": None, "strain": None}


def test_it_is_ready_for_json_without_the_names_of_pilots() -> None:
    told = json.dumps(spoken(of(1.4, 1.5, 1.6)), allow_nan=False)
    assert "pilot 0" not in told


def test_an_indicator_of_one_study_is_left_out() -> None:
    alone = replace(indicator(name="other"), studies=studies(1.0))
    found = pooling(sound_case(*primaries(studies=studies(1.4, 1.6)), alone), RULES, judge_of)
    assert found is not None
    assert [one.indicator for one in found.indicators] == ["control", "strain"]
