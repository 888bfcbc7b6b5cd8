from dataclasses import replace

import pytest

from effects.case import Case, Economy
from effects.codes import Kind
from effects.recommendation import judge_of, recommend
from effects.rules.indicator import Study
from effects.rules.pooled import pooled
from effects.rules.ruleset import load_ruleset
from effects.rules.stability import Stability, net_sd, stability
from tests.effects.sound_case import guardrails, indicator, primaries, sound_case, telecare_nord, with_economy

RULES = load_ruleset()
GOLDEN = telecare_nord()


def of(case: Case, draws: int = 400, seed: int = 1) -> Stability:
    return stability(case, RULES, judge_of(RULES), draws=draws, seed=seed)


def share(found: Stability, kind: Kind) -> float:
    return next((one.share for one in found.shares if one.kind is kind), 0.0)


def test_the_golden_case_stops_as_often_as_its_value_is_drawn_negative_and_nothing_proven() -> None:
    # P(net value < 0) = 0.7153; the two scales and the QALY are each proven in some draws, which stops the stopping.
    found = of(GOLDEN, draws=800)
    assert found.same == share(found, Kind.STOP)
    assert 0.53 <= found.same <= 0.65
    assert found.drawn[-1] == "expected_net_value"


def test_where_nothing_can_be_proven_it_is_the_probability_that_the_net_value_is_negative() -> None:
    sure = {"estimate": -1e-3, "low": -1.001e-3, "high": -0.999e-3}
    found = of(replace(GOLDEN, indicators=tuple(replace(item, **sure) for item in GOLDEN.indicators)), draws=1600)
    assert share(found, Kind.STOP) == pytest.approx(0.7153, abs=0.035)


def test_what_has_no_error_is_held_and_named() -> None:
    found = of(sound_case(indicator(low=None, high=None), indicator(name="strain")), draws=10)
    assert [one.indicator for one in found.held] == ["control"]
    assert found.drawn[0] == "strain"


def test_shares_add_to_one_with_their_error() -> None:
    found = of(sound_case())
    assert sum(one.share for one in found.shares) == pytest.approx(1)
    for one in found.shares:
        assert one.error == pytest.approx((one.share * (1 - one.share) / 400) ** 0.5)


def test_the_same_seed_gives_the_same_shares_and_another_seed_about_the_same() -> None:
    assert of(sound_case()) == of(sound_case())
    one, other = of(sound_case(), 600, 1).same, of(sound_case(), 600, 2).same
    assert one is not None and other is not None
    assert one == pytest.approx(other, abs=0.08)


def test_far_from_every_edge_the_advice_never_changes() -> None:
    far = {"estimate": 3.0, "low": 2.9, "high": 3.1, "p_value": None, "predictive_low": 2.8, "predictive_high": 3.2}
    unharmed = guardrails(estimate=0.0, low=-0.1, high=0.1, predictive_low=-0.2, predictive_high=0.2)
    case = replace(
        with_economy(sound_case(), probability_positive=0.99999999), indicators=(*primaries(**far), *unharmed)
    )
    assert of(case).same == 1.0


def test_near_an_edge_it_often_does() -> None:
    near = sound_case(*primaries(estimate=0.45, low=0.05, high=1.05, p_value=None))
    found = of(near).same
    assert found is not None and found < 0.8


def test_pooled_studies_are_drawn_by_the_error_of_their_mean() -> None:
    studies = (Study("Skive", 1.6, 0.35), Study("Morsø", 1.4, 0.35), Study("Thisted", 1.5, 0.35))
    case = pooled(sound_case(*primaries(studies=studies)), RULES)
    found = of(case)
    assert found.drawn[:2] == ("control", "strain")
    assert found.same is not None and 0.5 < found.same < 1


def test_without_anything_to_draw_from_it_says_so() -> None:
    blank = indicator(estimate=None, low=None, high=None, p_value=None)
    bare = replace(sound_case(), indicators=(blank,), economy=Economy())
    found = of(bare)
    assert (found.draws, found.same, found.shares) == (0, None, ())
    assert str(found.reason) == "No estimate and no economy has a stated uncertainty."
    assert [one.indicator for one in found.held] == ["control", None]


@pytest.mark.parametrize(
    ("economy", "expected"),
    [
        (GOLDEN.economy, 790.75),
        (Economy(expected_net_value=100.0, probability_positive=0.8413447), 100.0),
        (Economy(expected_net_value=-100.0, probability_positive=0.1586553), 100.0),
        (Economy(expected_net_value=100.0, probability_positive=0.4), None),
        (Economy(expected_net_value=100.0, probability_positive=1.0), None),
        (Economy(expected_net_value=0.0, probability_positive=0.5), None),
        (Economy(expected_net_value=100.0), None),
        (Economy(), None),
    ],
)
def test_the_spread_of_the_net_value(economy: Economy, expected: float | None) -> None:
    assert net_sd(economy) == (None if expected is None else pytest.approx(expected, abs=0.01))


def test_the_advice_carries_it() -> None:
    found = recommend(GOLDEN).stability
    assert found.draws == 400
    assert found.same == max(one.share for one in found.shares)
