import pytest

from registry.analyses.reading import (
    by_time,
    checks,
    effects,
    primary,
    second_opinions,
    subgroups,
    summary,
    under_agreed_names,
)
from registry.analyses.rules import Meaning
from registry.analyses.schemas import Effect, Figure
from tests.registry.analyses.story import FALLS, SLEEP, STRESS, a_check, a_result, an_estimate, no_estimate

OUTCOMES = (FALLS, SLEEP, STRESS)


def read(*entries: object) -> list[Effect]:
    return effects(a_result(*entries), OUTCOMES)


def test_an_effect_carries_the_plan_s_name_or_else_its_column() -> None:
    sleep, falls = read(an_estimate("sleep", 0.5, 0.1, 0.01), an_estimate("falls", 0.0, 0.2, 0.9))
    assert (sleep.name, falls.name) == ("Hours of sleep", "falls")
    assert sleep.role == "primary"


@pytest.mark.parametrize(
    ("outcome", "estimate", "p_adjusted", "meaning"),
    [
        ("sleep", 0.5, 0.01, Meaning.IMPROVEMENT),
        ("sleep", -0.5, 0.01, Meaning.DETERIORATION),
        ("falls", -0.5, 0.01, Meaning.IMPROVEMENT),
        ("falls", 0.5, 0.01, Meaning.DETERIORATION),
        ("falls", 0.5, 0.051, Meaning.NOT_DISTINGUISHABLE),
        ("falls", 0.5, 0.05, Meaning.DETERIORATION),
    ],
)
def test_the_meaning_follows_the_adjusted_p_and_the_better_direction(
    outcome: str, estimate: float, p_adjusted: float, meaning: Meaning
) -> None:
    (effect,) = read(an_estimate(outcome, estimate, 0.1, p_adjusted))
    assert effect.meaning is meaning


def test_resampled_p_values_stand_beside_the_models_and_do_not_decide() -> None:
    (effect,) = read(an_estimate("sleep", 0.5, 0.1, 0.01, p_permutation=0.2, p_bootstrap=0.3))
    assert (effect.p_permutation, effect.p_bootstrap) == (0.2, 0.3)
    assert effect.meaning is Meaning.IMPROVEMENT


def test_without_adjustment_the_plain_p_decides() -> None:
    (effect,) = read(an_estimate("sleep", 0.5, 0.1, None))
    assert effect.p_value == 0.04
    assert effect.meaning is Meaning.IMPROVEMENT


def test_a_stricter_level_needs_a_smaller_p() -> None:
    strict = {"level": 0.99, "low": 0.4, "high": 0.6, "method": "t"}
    (effect,) = read(an_estimate("sleep", 0.5, 0.1, 0.04, interval=strict))
    assert effect.meaning is Meaning.NOT_DISTINGUISHABLE


def test_what_cannot_be_estimated_keeps_reason_and_need_and_no_number() -> None:
    (effect,) = read(no_estimate("falls"))
    assert effect.meaning is Meaning.NOT_ESTIMABLE
    assert (effect.reason, effect.needs) == ("too_few_clusters", "at least 2 treated clusters")
    assert effect.estimate is None
    assert effect.figure is None


def test_the_figure_counts_minimal_important_differences_with_right_as_better() -> None:
    sleep, falls = read(an_estimate("sleep", 0.5, 0.25, 0.01), an_estimate("falls", -1.0, 0.5, 0.01))
    assert sleep.figure == Figure(2.0, 1.0, 3.0)
    assert falls.figure == Figure(2.0, 1.0, 3.0)


def test_without_a_minimal_important_difference_there_is_no_place_in_the_figure() -> None:
    (effect,) = read(an_estimate("stress", -1.0, 0.5, None))
    assert effect.figure is None
    assert effect.estimate == -1.0


def test_primary_leaves_out_second_opinions_and_subgroups() -> None:
    asked = an_estimate("sleep", 0.5, 0.1, 0.01)
    second = an_estimate("sleep", 0.4, 0.1, None, analysis="sensitivity")
    part = an_estimate("sleep", 0.4, 0.1, None, subgroup={"size_class": "small"})
    found = read(asked, second, part)
    assert len(found) == 3
    assert [effect.estimate for effect in primary(found)] == [0.5]


def test_the_summary_counts_every_indicator_once() -> None:
    found = read(
        an_estimate("sleep", 0.5, 0.1, 0.01),
        an_estimate("falls", 0.5, 0.1, 0.01),
        an_estimate("stress", 0.5, 0.1, 0.9),
        no_estimate("falls"),
    )
    said = summary(found)
    assert said.params == {"total": 4, "better": 1, "worse": 1, "unclear": 1, "silent": 1}
    assert str(said).startswith("Of 4 indicators, 1 improved and 1 deteriorated")


def test_level_and_slope_are_counted_as_effects_of_their_indicators() -> None:
    found = read(
        an_estimate("sleep", 0.5, 0.1, 0.01, aggregation="level_change"),
        an_estimate("sleep", 0.5, 0.1, 0.9, aggregation="slope_change"),
    )
    said = summary(found)
    assert (said.params["total"], said.params["indicators"]) == (2, 1)
    assert str(said).startswith("Of 2 effects on 1 indicators")


def test_effects_are_told_apart_by_what_they_are_for() -> None:
    found = read(
        an_estimate("sleep", 0.5, 0.1, 0.01, aggregation="simple"),
        an_estimate("sleep", 0.6, 0.1, None, aggregation="event_time", event_time=2),
        an_estimate("sleep", 0.7, 0.1, None, aggregation="group_time", cohort=2004.0, period=2006.0),
        an_estimate("sleep", 0.8, 0.1, None, analysis="sensitivity"),
        an_estimate("sleep", 0.9, 0.1, None, analysis="exploratory", subgroup={"size_class": "small"}),
    )
    assert [effect.estimate for effect in primary(found)] == [0.5]
    assert [(effect.event_time, effect.cohort, effect.period) for effect in by_time(found)] == [
        (2, None, None),
        (None, 2004.0, 2006.0),
    ]
    assert [effect.estimate for effect in second_opinions(found)] == [0.8]
    assert [effect.estimate for effect in subgroups(found)] == [0.9]


def test_an_outcome_without_a_name_takes_that_of_the_agreed_indicator_or_its_column() -> None:
    agreement = {"indicators": [{"code": "falls", "name": "Falls a month"}, {"code": "sleep", "name": "Sleep"}]}
    assert [outcome.name for outcome in under_agreed_names(OUTCOMES, agreement)] == [
        "Falls a month",
        "Hours of sleep",
        "stress",
    ]
    assert [outcome.name for outcome in under_agreed_names(OUTCOMES, {})] == ["falls", "Hours of sleep", "stress"]


def test_two_outcomes_called_alike_are_told_apart_by_their_columns() -> None:
    agreement = {"indicators": [{"code": "falls", "name": "Harm"}, {"code": "stress", "name": "Harm"}]}
    names = [outcome.name for outcome in under_agreed_names(OUTCOMES, agreement)]
    assert names == ["Harm (falls)", "Hours of sleep", "Harm (stress)"]


def test_checks_are_gathered_by_question_with_every_indicator_by_name() -> None:
    asked = (
        a_check("cell_counts", "pass"),
        a_check("balance", "pass", "falls"),
        a_check("balance", "warn", "sleep"),
    )
    whole, balance = checks({**a_result(), "diagnostics": list(asked)}, OUTCOMES)
    assert (whole.verdict, [answer.indicator for answer in whole.answers]) == ("pass", [None])
    assert (balance.verdict, [answer.indicator for answer in balance.answers]) == ("warn", ["falls", "Hours of sleep"])
    assert [answer.indicator for answer in balance.remarkable] == ["Hours of sleep"]


@pytest.mark.parametrize(
    ("verdicts", "worst"),
    [
        (("pass", "fail", "warn"), "fail"),
        (("inapplicable", "pass"), "pass"),
        (("inapplicable", "inapplicable"), "inapplicable"),
    ],
)
def test_a_check_is_as_good_as_its_worst_answer(verdicts: tuple[str, ...], worst: str) -> None:
    asked = [a_check("balance", verdict, "falls") for verdict in verdicts]
    (found,) = checks({**a_result(), "diagnostics": asked}, OUTCOMES)
    assert found.verdict == worst


def test_what_a_sentence_is_made_of_is_kept_for_other_languages() -> None:
    (silent,) = read(no_estimate("falls"))
    assert silent.messages["detail"] == [{"template": "{treated} treated cluster", "params": {"treated": 1}}]
    (told,) = read(an_estimate("sleep", 0.5, 0.1, 0.01))
    assert told.messages == {}


def test_a_slope_has_no_place_among_differences_of_level() -> None:
    (level, slope) = read(
        an_estimate("sleep", 0.5, 0.1, 0.01, aggregation="level_change"),
        an_estimate("sleep", 0.5, 0.1, 0.9, aggregation="slope_change"),
    )
    assert level.figure is not None
    assert slope.figure is None
