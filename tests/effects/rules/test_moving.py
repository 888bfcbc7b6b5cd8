import pytest

from effects.codes import Better, Claim
from effects.rules.claims import claim_p
from effects.rules.indicator import Indicator, Study
from effects.rules.moving import mover
from effects.rules.pooled import pooled
from effects.rules.ruleset import load_ruleset
from tests.effects.sound_case import indicator, sound_case

RULES = load_ruleset()
THREE = (Study("Skive", 1.2, 0.4), Study("Morsø", 0.8, 0.35), Study("Thisted", 1.4, 0.5))


def several() -> Indicator:
    return pooled(sound_case(indicator(studies=THREE)), RULES).indicators[0]


def moved(seen: Indicator, shift: float) -> Indicator:
    found = mover(seen, RULES)
    assert found is not None
    return found(shift)


def p_of(seen: Indicator) -> float:
    p = claim_p(seen, 0.95)
    assert p is not None
    return p


def test_the_whole_effect_moves_and_nothing_else() -> None:
    seen = indicator()
    found = moved(seen, -0.5)
    ends = (found.estimate, found.low, found.high, found.predictive_low, found.predictive_high)
    assert ends == pytest.approx((1.0, 0.6, 1.4, -0.3, 2.3))
    assert (found.dose, found.clusters_treated, found.name) == (seen.dose, seen.clusters_treated, seen.name)


@pytest.mark.parametrize(
    "seen",
    [
        indicator(),
        indicator(p_value=None),
        indicator(claim=Claim.NOT_WORSE, p_value=None),
        indicator(stage_p_values=(0.01, 0.02)),
        several(),
    ],
)
def test_without_a_shift_the_claim_is_as_proven_as_before(seen: Indicator) -> None:
    assert p_of(moved(seen, 0.0)) == pytest.approx(p_of(seen))
    assert p_of(moved(seen, 1e-9)) == pytest.approx(p_of(seen), rel=1e-6)


@pytest.mark.parametrize(
    ("facts", "shift", "expected"),
    [
        # p 0.05 is 1.96 errors from 0; an error is 0.4 / 1.96 = 0.2041.
        ({"p_value": 0.05}, 0.0, 0.05),
        ({"p_value": 0.05}, -0.2041, 0.3370),
        ({"p_value": 0.05}, 0.2041, 0.0031),
        ({"p_value": 0.05, "better": Better.LOWER, "estimate": -1.5, "low": -1.9, "high": -1.1}, 0.2041, 0.3370),
        ({"p_value": 0.05}, -2.0, 1.0),
        ({"stage_p_values": (0.1, 0.1)}, 0.2041, 0.0049),
        ({"claim": Claim.NOT_WORSE, "margin_p_value": 0.05}, -0.2041, 0.3370),
        ({"p_value": 0.05, "df": 5.0}, -0.1556, 0.1771),
    ],
)
def test_the_p_value_moves_by_as_many_errors(facts: dict[str, object], shift: float, expected: float) -> None:
    assert p_of(moved(indicator(**facts), shift)) == pytest.approx(expected, abs=2e-4)


def test_a_p_value_of_nothing_is_worked_out_anew() -> None:
    assert moved(indicator(p_value=0.0), -0.5).p_value is None


@pytest.mark.parametrize("facts", [{"low": None, "high": None}, {"estimate": None, "low": None, "high": None}])
def test_without_an_interval_nothing_moves(facts: dict[str, object]) -> None:
    assert mover(indicator(**facts), RULES) is None


def test_an_interval_without_width_keeps_its_p_value() -> None:
    assert moved(indicator(low=1.5, high=1.5, p_value=0.01), 0.1).p_value == 0.01


def test_studies_move_together_and_are_pooled_anew() -> None:
    seen = several()
    found = moved(seen, 0.7)
    assert [study.estimate for study in found.studies] == pytest.approx([1.9, 1.5, 2.1])
    again = pooled(sound_case(found), RULES).indicators[0]
    assert (found.low, found.p_value) == pytest.approx((again.low, again.p_value))
