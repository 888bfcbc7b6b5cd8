import pytest

from effects.economics.business_case import BusinessCase
from effects.economics.codes import Input
from effects.economics.discounting import flat
from effects.economics.sensitivity import acceptability, switching_values
from effects.economics.sums import sums
from effects.economics.valuation import Switching
from tests.effects.economics.cases import (
    CITIZENS,
    EFFECTS,
    MINUTES,
    PLACES,
    TENDER,
    TRAINING,
    hand_case,
    hand_sums,
    stated,
    with_lines,
)


def switching(case: BusinessCase) -> dict[tuple[Input, str], Switching]:
    found = sums(case, case.lines, EFFECTS, PLACES, flat(0.1))
    return {(item.kind, item.name): item for item in switching_values(case, found, flat(0.1))}


def test_every_switching_value_by_hand() -> None:
    # Net value 3282.64 - 1000 - 1050 = 1232.64 (HM Treasury, The Green Book: switching values).
    # Tender: 1000 + 1232.64 = 2232.64. Training: 350 + 1232.64 / 3 = 760.88.
    # Minutes: 2050 / (30 x 0.5 x 4 x 2.735537) = 2050 / 164.132 = 12.490. Volume: 10 x 2050 / 3282.64 = 6.245.
    # Effect: 2050 / (30 x 0.5 x 20 x 2.735537) = 2.498 minutes fewer: -2.498. Factor: 2050 / 3282.64 = 0.6245.
    expected = {
        (Input.AMOUNT, "Tender"): (1000, 2232.64),
        (Input.AMOUNT, "Training"): (350, 760.88),
        (Input.AMOUNT, "Minutes saved"): (20, 12.490),
        (Input.VOLUME, "Citizens"): (10, 6.245),
        (Input.EFFECT, "minutes"): (-4, -2.498),
        (Input.HAIRCUT, "working_time"): (1, 0.6245),
    }
    found = switching(hand_case())
    for key, (now, at) in expected.items():
        assert found[key].now == pytest.approx(now), key
        assert found[key].at == pytest.approx(at, rel=1e-4), key


@pytest.mark.parametrize(("line", "key"), [(0, "Tender"), (1, "Training"), (2, "Minutes saved")])
def test_at_its_switching_value_the_net_value_is_zero(line: int, key: str) -> None:
    at = switching(hand_case())[Input.AMOUNT, key].at
    lines = [TENDER, TRAINING, MINUTES]
    lines[line] = lines[line] | {"low": at, "likely": at, "high": at, "status": "agreed"}
    found = hand_sums(with_lines(*lines))
    assert found.terms.total(found.net_weights)[0] == pytest.approx(0, abs=1e-6)


def test_the_rate_at_which_the_net_value_is_zero_by_hand() -> None:
    # -3400 + 1200 + 1200 x + 1200 x^2 = 0 with x = 1 / (1 + r): x = (-1 + sqrt(1 + 4 x 2200 / 1200)) / 2 = 0.943376
    # r = 1 / 0.943376 - 1 = 6.0023 %
    found = switching(with_lines(TENDER | {"low": 3400, "likely": 3400, "high": 3400}, MINUTES))
    rate = found[Input.RATE, "discount_rate"]
    assert (rate.now, rate.at) == (0.1, pytest.approx(0.060023, abs=1e-6))


def test_a_case_that_pays_at_any_rate_has_no_such_rate() -> None:
    rate = switching(hand_case())[Input.RATE, "discount_rate"]
    assert rate.at is None
    assert "No rate" in str(rate.reason)


def test_an_amount_that_would_have_to_be_negative_is_a_named_answer() -> None:
    found = switching(with_lines(TENDER | {"low": 1, "likely": 2, "high": 3}, TENDER | {"title": "More"}))
    more = found[Input.AMOUNT, "More"]
    assert more.at is None
    assert "above zero" in str(more.reason)


def test_an_input_that_counts_for_nothing_is_a_named_answer() -> None:
    found = switching(with_lines(TENDER, MINUTES, phase_in=[0.0]))
    assert found[Input.AMOUNT, "Minutes saved"].at is None
    assert "does not depend" in str(found[Input.AMOUNT, "Minutes saved"].reason)


def test_an_effect_may_switch_to_a_harm() -> None:
    # A saving of 1000 without any effect leaves room for 1000 / 820.66 = 1.2185 minutes more.
    saving = TENDER | {"title": "Saved licence", "kind": "benefit"}
    assert switching(with_lines(saving, MINUTES))[Input.EFFECT, "minutes"].at == pytest.approx(1.2185, abs=1e-4)


def test_a_counted_volume_switches_as_a_share_of_itself() -> None:
    counts = {"0101": 20, "0151": 6, "0825": 4}
    case = BusinessCase.from_mapping(stated() | {"volume": [CITIZENS | {"amount": None, "by_place": counts}]})
    found = switching(case)[Input.COUNT, "Citizens"]
    assert (found.now, found.at) == (1, pytest.approx(0.6245, abs=1e-4))


def test_lines_that_do_not_count_have_no_switching_value() -> None:
    found = switching(with_lines(TENDER | {"payer": "state"}, MINUTES, payers=["municipality"]))
    assert (Input.AMOUNT, "Tender") not in found


def test_acceptability_of_what_a_unit_is_worth_by_hand() -> None:
    # At 0: -2050, sd sqrt(4444 + 62,500) = 258.74: Phi(-7.92) = 0.
    # At 20 exactly: 1232.64; sd of the effect part 30 x 0.5 x 2.735537 x 20 x 1 = 820.66;
    #   sqrt(820.66^2 + 66,944) = 860.48; Phi(1.43250) = 0.92400
    # At 15: 3 / 4 x 3282.64 - 2050 = 411.98; sqrt(615.50^2 + 66,944) = 667.67; Phi(0.61705) = 0.73140
    (curve,) = acceptability(hand_sums())
    chances = {point.threshold: point.probability for point in curve.points}
    assert curve.line == "Minutes saved"
    assert list(chances) == [0, 15, 20, 25, 50]
    assert chances[0] < 1e-12
    assert chances[15] == pytest.approx(0.73140, abs=1e-4)
    assert chances[20] == pytest.approx(0.92400, abs=1e-4)


def test_what_is_not_measured_or_not_counted_has_no_curve() -> None:
    assert acceptability(hand_sums(with_lines(TENDER, TRAINING))) == ()
    assert acceptability(hand_sums(with_lines(TENDER, MINUTES | {"payer": "citizen"}, payers=["municipality"]))) == ()
