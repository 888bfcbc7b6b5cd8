import math

import pytest

from effects.economics.discounting import flat
from effects.economics.facts import Effect
from effects.economics.information import evsi_normal
from effects.economics.stated import Extension
from effects.economics.study import extended
from effects.economics.sums import Sums, sums
from tests.effects.economics.cases import EFFECTS, MINUTES, PLACES, TENDER, TRAINING, hand_sums, with_lines

SLOPE = 30 * 0.5 * 20 * (1 + 1 / 1.1 + 1 / 1.21)
"""820.66 for a minute: 30 citizens x 0.5 x 20 x 2.735537."""


def of_two(correlation: float = 0.0) -> Sums:
    other = MINUTES | {"title": "Share", "indicator": "share", "better": "higher"}
    case = with_lines(TENDER, TRAINING, MINUTES, other, effect_correlation=correlation)
    effects = EFFECTS | {"share": Effect(-1.0, 1.0, 1.0)}
    return sums(case, case.lines, effects, PLACES, flat(0.1))


def test_one_indicator_by_hand() -> None:
    # Raiffa and Schlaifer 1961. Net value 1232.645; its part from the effect has sd 820.661 x 1, the study 0.5 of it:
    # 820.661 / sqrt(1 + 0.25) = 734.022; z = 1.679303; phi = 0.097408, Phi(-z) = 0.046546
    # EVSI = 734.022 x (0.097408 - 1.679303 x 0.046546) = 734.022 x 0.019243 = 14.12
    answer = extended(hand_sums(), Extension({"minutes": 0.5}, 10.0))
    assert answer.evsi == pytest.approx(14.12, abs=0.02)
    assert answer.evsi == pytest.approx(evsi_normal(1232.645, SLOPE, SLOPE * 0.5), rel=1e-5)
    assert answer.net == pytest.approx(answer.evsi - 10)
    assert answer.measured == ("minutes",)


def test_a_study_without_a_stated_cost_has_no_net_worth() -> None:
    answer = extended(hand_sums(), Extension({"minutes": 0.5}))
    assert (answer.cost, answer.net) == (None, None)


@pytest.mark.parametrize("errors", [{}, {"falls": 0.1}])
def test_a_study_of_what_the_value_does_not_rest_on_is_worth_nothing(errors: dict[str, float]) -> None:
    answer = extended(hand_sums(), Extension(errors, 1.0))
    assert (answer.evsi, answer.net, answer.measured) == (0, -1, ())


def test_two_independent_indicators_add_what_is_learnt_of_each() -> None:
    # Both slopes are 820.66 and both sds 1; learnt variances 1 / 1.25 and 1 / 2: sd 820.66 x sqrt(0.8 + 0.5)
    found = of_two()
    mean, _ = found.terms.total(found.net_weights)
    answer = extended(found, Extension({"minutes": 0.5, "share": 1.0}))
    assert answer.evsi == pytest.approx(evsi_normal(mean, SLOPE * math.sqrt(1.3), 0.0), rel=1e-9)


def test_one_indicator_teaches_about_a_correlated_one() -> None:
    # Seeing minutes alone with error 0.5: learnt of both 0.8 x (1 + 0.6)^2
    found = of_two(0.6)
    mean, _ = found.terms.total(found.net_weights)
    answer = extended(found, Extension({"minutes": 0.5}))
    assert answer.evsi == pytest.approx(evsi_normal(mean, SLOPE * math.sqrt(0.8) * 1.6, 0.0), rel=1e-9)


def test_lines_on_the_same_indicator_are_learnt_about_together() -> None:
    case = with_lines(TENDER, TRAINING, MINUTES | {"multiplier": 0.2}, MINUTES | {"title": "More", "multiplier": 0.3})
    answer = extended(hand_sums(case), Extension({"minutes": 0.5}))
    assert answer.evsi == pytest.approx(extended(hand_sums(), Extension({"minutes": 0.5})).evsi, rel=1e-9)


def test_an_exact_study_of_a_known_effect_is_worth_nothing() -> None:
    case = with_lines(TENDER, MINUTES)
    found = sums(case, case.lines, {"minutes": Effect(-4, 0.0, 0.0)}, PLACES, flat(0.1))
    assert extended(found, Extension({"minutes": 0.0})).evsi == 0


def test_a_study_of_what_does_not_count_is_worth_nothing() -> None:
    case = with_lines(TENDER, MINUTES | {"payer": "citizen"}, payers=["municipality"])
    assert extended(hand_sums(case), Extension({"minutes": 0.1})).evsi == 0
