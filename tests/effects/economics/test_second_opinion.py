import pytest

from effects.economics import BusinessCase
from effects.economics.discounting import flat
from effects.economics.facts import Effect
from effects.economics.second_opinion import simulated
from effects.economics.sums import sums
from tests.effects.economics.cases import (
    CITIZENS,
    EFFECTS,
    MINUTES,
    PLACES,
    TENDER,
    TRAINING,
    hand_sums,
    stated,
    with_lines,
)

DRAWS = 50_000


def test_the_simulated_case_agrees_with_the_closed_form_within_its_error() -> None:
    found = hand_sums()
    mean, sd = found.terms.total(found.net_weights)
    answer = simulated(found, 0.0, draws=DRAWS, seed=1)
    assert abs(answer.mean - mean) <= 3 * answer.mean_error
    assert abs(answer.sd - sd) <= 3 * answer.sd_error
    assert answer.agrees
    assert answer.mean_error == pytest.approx(sd / DRAWS**0.5, rel=0.02)


def test_an_uncertain_volume_and_correlated_effects_agree_too() -> None:
    table = stated() | {"volume": [CITIZENS | {"amount": None, "low": 6, "likely": 10, "high": 14}]}
    other = MINUTES | {"title": "Share", "indicator": "share", "better": "higher", "multiplier": 1}
    table["line"] = [TENDER, TRAINING, MINUTES, other]
    case = BusinessCase.from_mapping(table)
    effects = EFFECTS | {"share": Effect(1.0, 1.0, 1.0)}
    found = sums(case, case.lines, effects, PLACES, flat(0.1))
    alone = simulated(found, 0.0, draws=DRAWS, seed=2)
    assert alone.agrees

    correlated = BusinessCase.from_mapping(
        stated(effect_correlation=0.8) | {key: table[key] for key in ("volume", "line")}
    )
    together = sums(correlated, correlated.lines, effects, PLACES, flat(0.1))
    answer = simulated(together, 0.8, draws=DRAWS, seed=2)
    assert abs(answer.sd - together.terms.total(together.net_weights)[1]) <= 3 * answer.sd_error
    assert answer.sd > alone.sd


def test_equal_seeds_give_equal_figures_and_others_do_not() -> None:
    first, again, other = (simulated(hand_sums(), 0.0, draws=500, seed=seed) for seed in (4, 4, 5))
    assert first == again
    assert first.mean != other.mean


def test_what_is_exact_is_simulated_exactly() -> None:
    case = with_lines(TENDER | {"low": 5, "likely": 5, "high": 5})
    answer = simulated(hand_sums(case), 0.0, draws=100, seed=1)
    assert (answer.mean, answer.sd, answer.sd_error, answer.probability_positive) == (-5, 0, 0, 0)
    assert answer.agrees


def test_a_value_far_from_normal_is_said_to_be() -> None:
    # A product of an uncertain amount and an uncertain effect is peaked and skewed.
    line = MINUTES | {"low": 0, "likely": 0, "high": 600}
    case = with_lines(line, TENDER | {"low": 40, "likely": 40, "high": 40})
    found = sums(case, case.lines, {"minutes": Effect(-0.5, 1.0, 1.0)}, PLACES, flat(0.1))
    answer = simulated(found, 0.0, draws=DRAWS, seed=3)
    assert not answer.agrees
    assert "not normal" in str(answer.agreement)


def test_lines_that_do_not_count_are_not_drawn_into_the_sum() -> None:
    case = with_lines(TENDER | {"payer": "state"}, MINUTES, payers=["municipality"])
    answer = simulated(hand_sums(case), 0.0, draws=5_000, seed=1)
    assert answer.mean == pytest.approx(3282.64, abs=4 * answer.mean_error)


def test_perfect_information_is_never_worth_less_than_nothing() -> None:
    for seed in range(5):
        assert simulated(hand_sums(), 0.0, draws=200, seed=seed).evpi >= 0
