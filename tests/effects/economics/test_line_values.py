import pytest

from effects.economics.business_case import BusinessCase
from effects.economics.codes import Payer, Status
from effects.economics.line_values import by_payer, guessed_share, line_values, tornado
from effects.economics.valuation import LineValue
from effects.message import Message
from tests.effects.economics.cases import CITIZENS, MINUTES, TENDER, TRAINING, hand_case, hand_sums, stated, with_lines


def lines(case: BusinessCase | None = None) -> dict[str, LineValue]:
    case = case or hand_case()
    return {line.title: line for line in line_values(case, hand_sums(case), {}, whole=True)}


def test_the_drill_down_by_hand() -> None:
    # 30 citizens x 20 x 4 minutes x 0.5 x 1 x 2.735537 years = 3282.64, sd 867.75 (test_sums.py)
    line = lines()["Minutes saved"]
    assert (line.units, line.amount, line.effect, line.multiplier, line.haircut) == (30, 20, 4, 0.5, 1)
    assert (line.amount_sd, line.effect_sd) == (pytest.approx(5 / 3), 1)
    assert line.years == pytest.approx(2.735537, abs=1e-6)
    assert line.mean == pytest.approx(3282.64, abs=0.01)
    assert line.sd == pytest.approx(867.75, abs=0.01)


def test_the_parts_of_every_line_multiply_to_its_mean() -> None:
    for line in lines(hand_case(phase_in=[0.3, 1.0])).values():
        parts = [line.units, line.amount, line.effect, line.multiplier, line.haircut, line.years]
        whole = 1.0
        for part in parts:
            whole *= 1.0 if part is None else part
        assert abs(line.mean or 0) == pytest.approx(whole), line.title


def test_a_cost_is_negative_and_has_no_effect() -> None:
    line = lines()["Training"]
    assert (line.mean, line.sd) == (-1050, pytest.approx(250))
    assert (line.effect, line.effect_sd, line.indicator) == (None, None, None)


def test_shares_of_the_variance_by_hand() -> None:
    # 66.667^2 = 4444.4; 250^2 = 62,500; 867.75^2 = 752,993; together 819,938
    found = lines()
    assert found["Tender"].variance_share == pytest.approx(0.00542, abs=1e-5)
    assert found["Training"].variance_share == pytest.approx(0.07623, abs=1e-5)
    assert found["Minutes saved"].variance_share == pytest.approx(0.91835, abs=1e-5)


def test_shares_of_lines_that_hang_together_add_to_one() -> None:
    table = stated() | {"volume": [CITIZENS | {"amount": None, "low": 4, "likely": 10, "high": 16}]}
    table["line"] = [MINUTES, MINUTES | {"title": "Licence", "kind": "cost", "indicator": None, "better": None}]
    shares = [line.variance_share for line in lines(BusinessCase.from_mapping(table)).values()]
    assert sum(share or 0 for share in shares) == pytest.approx(1)
    assert min(share or 0 for share in shares) < 0


def test_the_tornado_begins_with_what_matters_most() -> None:
    assert tornado(list(lines().values())) == ("Minutes saved", "Training", "Tender")


def test_an_exact_line_is_not_in_the_tornado() -> None:
    case = with_lines(TENDER | {"low": 5, "likely": 5, "high": 5}, TRAINING)
    assert tornado(list(lines(case).values())) == ("Training",)


def test_without_uncertainty_there_are_no_shares() -> None:
    case = with_lines(TENDER | {"low": 5, "likely": 5, "high": 5})
    assert lines(case)["Tender"].variance_share is None
    assert tornado(list(lines(case).values())) == ()


def test_a_line_of_another_payer_is_shown_and_has_no_share() -> None:
    line = lines(with_lines(TENDER | {"payer": "state"}, MINUTES, payers=["municipality"]))["Tender"]
    assert (line.counted, line.mean, line.variance_share) == (False, -1000, None)


def test_a_line_that_cannot_be_valued_says_why() -> None:
    case = hand_case()
    reason = Message("{line}: its amount is not stated.", {"line": "Tender"})
    tender, training, _ = line_values(case, hand_sums(case), {"Tender": reason}, whole=False)
    assert (tender.mean, tender.sd, tender.units, tender.unknown) == (None, None, None, reason)
    assert (training.mean, training.variance_share) == (-1050, None)


def test_a_guess_of_the_volume_makes_the_line_a_guess() -> None:
    table = stated()
    table["volume"] = [CITIZENS | {"amount": None, "low": 9, "likely": 10, "high": 11, "status": "guessed"}]
    line = lines(BusinessCase.from_mapping(table))["Minutes saved"]
    assert (line.status, line.volume_status, line.guessed) == (Status.MEASURED, Status.GUESSED, True)


def test_the_share_of_guesses_by_hand() -> None:
    # Training 1050 of 1000 + 1050 + 3282.64
    assert guessed_share(list(lines().values())) == pytest.approx(0.19690, abs=1e-5)


def test_nothing_to_share_has_no_share_of_guesses() -> None:
    assert guessed_share([]) is None
    assert guessed_share(list(lines(with_lines(TENDER | {"low": 0, "likely": 0, "high": 0})).values())) is None


def test_payers_are_told_apart_counted_or_not() -> None:
    case = with_lines(TENDER | {"payer": "state"}, TRAINING, MINUTES, payers=["municipality"])
    found = by_payer(list(lines(case).values()))
    assert found == {Payer.STATE: pytest.approx(-1000), Payer.MUNICIPALITY: pytest.approx(2232.64, abs=0.01)}


def test_a_payer_with_an_unknown_line_has_no_sum() -> None:
    case = hand_case()
    answers = line_values(case, hand_sums(case), {"Tender": Message("Unknown")}, whole=False)
    assert by_payer(answers) == {}
