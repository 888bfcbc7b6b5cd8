from dataclasses import replace

import pytest

from effects.codes import Better, Claim
from effects.rules.indicator import Indicator, Study
from effects.rules.pooled import barely_overlap, moved, pooled, posterior
from effects.rules.ruleset import load_ruleset
from effects.synthesis.pooling import pool
from tests.effects.sound_case import indicator, sound_case

RULES = load_ruleset()
THREE = (Study("Skive", 1.2, 0.4), Study("Morsø", 0.8, 0.35), Study("Thisted", 1.4, 0.5))


def seen(*studies: Study, **facts: object) -> Indicator:
    return pooled(sound_case(indicator(studies=studies or THREE, **facts)), RULES).indicators[0]


def test_several_studies_take_the_place_of_the_figures_of_the_effect() -> None:
    answer = pool([1.2, 0.8, 1.4], [0.4, 0.35, 0.5], 0.3)
    found = seen()
    ends = (found.estimate, found.low, found.high, found.predictive_low, found.predictive_high)
    assert ends == pytest.approx(
        (answer.mean, answer.low, answer.high, answer.predictive_low, answer.predictive_high), rel=1e-9
    )
    assert (found.p_value, found.standard_error) == pytest.approx((answer.p_value, answer.standard_error), rel=1e-9)
    assert (found.df, found.level) == (None, 0.95)


def test_the_scale_of_the_prior_is_in_minimal_important_differences() -> None:
    tenfold = [Study(study.pilot, 10 * study.estimate, 10 * study.standard_error) for study in THREE]
    small, large = seen(), seen(*tenfold, minimal_important=10.0, margin=10.0)
    assert large.low == pytest.approx(10 * (small.low or 0))
    assert large.p_value == pytest.approx(small.p_value)


@pytest.mark.parametrize("studies", [(), THREE[:1]])
def test_a_single_study_keeps_the_figures_of_the_indicator(studies: tuple[Study, ...]) -> None:
    alone = indicator(studies=studies)
    case = pooled(sound_case(alone, indicator(name="strain", studies=THREE)), RULES)
    assert case.indicators[0] is alone
    assert posterior(alone, RULES) is None


def test_without_several_studies_the_case_stays_as_it_is() -> None:
    case = sound_case()
    assert pooled(case, RULES) is case


def test_only_indicators_with_several_studies_change() -> None:
    case = pooled(sound_case(indicator(studies=THREE), indicator(name="strain")), RULES)
    assert case.indicators[0].low == seen().low
    assert case.indicators[1] == indicator(name="strain")


def test_indicators_with_different_numbers_of_studies_are_each_pooled_by_themselves() -> None:
    fewer, more = THREE[:2], (*THREE, Study("Struer", 1.0, 0.3))
    names = ("a", "b", "c")
    items = [indicator(name=name, studies=one) for name, one in zip(names, (THREE, more, fewer), strict=True)]
    found = pooled(sound_case(*items), RULES).indicators[:3]
    assert [item.low for item in found] == pytest.approx([seen(*one).low for one in (THREE, more, fewer)])


def test_pooling_twice_changes_nothing() -> None:
    once = pooled(sound_case(indicator(studies=THREE)), RULES)
    again = pooled(once, RULES)
    assert [item.low for item in again.indicators] == [item.low for item in once.indicators]
    assert again.indicators[0].p_value == once.indicators[0].p_value


def test_without_what_is_important_the_pooled_effect_is_not_known() -> None:
    found = seen(minimal_important=None, margin=None)
    assert (found.estimate, found.low, found.high, found.p_value, found.predictive_low) == (None,) * 5
    assert found.intervals_barely_overlap is None


@pytest.mark.parametrize("shift", [-2.0, -0.3, 0.0, 0.7])
@pytest.mark.parametrize("claim", Claim)
def test_a_shift_of_all_studies_moves_the_answer_along(shift: float, claim: Claim) -> None:
    stated = indicator(studies=THREE, claim=claim)
    answer = posterior(stated, RULES)
    assert answer is not None
    there = tuple(replace(study, estimate=study.estimate + shift) for study in THREE)
    quick, slow = moved(stated, answer, shift, RULES), seen(*there, claim=claim)
    for name in ("estimate", "low", "high", "p_value", "margin_p_value", "predictive_low", "predictive_high"):
        assert getattr(quick, name) == (None if getattr(slow, name) is None else pytest.approx(getattr(slow, name)))
    assert quick.studies == slow.studies


def test_not_being_worse_is_asked_of_the_margin() -> None:
    found = seen(claim=Claim.NOT_WORSE, margin=0.5)
    assert found.margin_p_value == pytest.approx(2 * pool([1.2, 0.8, 1.4], [0.4, 0.35, 0.5], 0.3).below(-0.5))


def test_where_fewer_is_better_the_margin_lies_above() -> None:
    falls = [Study(study.pilot, -study.estimate, study.standard_error) for study in THREE]
    found = seen(*falls, better=Better.LOWER, claim=Claim.NOT_WORSE, margin=0.5)
    assert found.margin_p_value == pytest.approx(seen(claim=Claim.NOT_WORSE, margin=0.5).margin_p_value or 0)


@pytest.mark.parametrize(("second", "apart"), [(1.3, False), (1.38, False), (1.40, True), (-1.40, True)])
def test_intervals_barely_overlap_where_no_effect_lies_in_all_of_them(second: float, apart: bool) -> None:
    studies = [Study("Skive", 0.0, 0.5), Study("Morsø", second, 0.2106)]
    assert barely_overlap([*studies, Study("Thisted", second / 2, 3.0)], 0.95) is apart
