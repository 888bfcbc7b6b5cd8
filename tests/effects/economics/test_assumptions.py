from effects.economics.assumptions import assumptions
from effects.economics.business_case import BusinessCase
from effects.economics.discounting import Schedule, flat, in_force
from tests.effects.economics.cases import MINUTES, TENDER, TRAINING, hand_case, stated, with_lines


def said(case: BusinessCase, schedule: Schedule | None = None) -> str:
    return "\n".join(map(str, assumptions(case, schedule or flat(0.1))))


def test_horizon_start_and_prices_come_first() -> None:
    first = said(hand_case()).splitlines()[0]
    assert first == "3 years from 2027, in prices of 2026; the first year is not discounted."


def test_a_stated_rate_is_said_to_be_stated() -> None:
    assert "Discounted at 10.0 % a year, as stated." in said(hand_case())


def test_a_rate_in_force_is_said_with_its_source() -> None:
    text = said(hand_case(), in_force("2026-11-01"))
    assert "in force on 2026-11-01, 3.5 % a year (Finansministeriet" in text
    assert "After year" not in text


def test_a_long_horizon_is_told_of_the_falling_rates() -> None:
    schedule = in_force("2026-11-01")
    assert "After year 35 the rate is 2.5 %." in said(hand_case(horizon_years=40), schedule)
    assert "After year 70" not in said(hand_case(horizon_years=71), schedule)
    assert "After year 70 the rate is 1.5 %." in said(hand_case(horizon_years=72), schedule)


def test_no_phase_in_is_said() -> None:
    assert "No phase-in is stated" in said(hand_case())
    assert "25 %, 100 %" in said(hand_case(phase_in=[0.25, 1.0]))


def test_no_haircut_is_said_and_so_is_one() -> None:
    assert "No haircut for optimism is made of: Minutes saved." in said(hand_case())
    cut = BusinessCase.from_mapping(stated() | {"optimism": {"working_time": 0.7}})
    assert "Benefits of the kind working_time are multiplied by 0.7." in said(cut)
    assert "No haircut" not in said(cut)


def test_costs_are_not_said_to_lack_a_haircut() -> None:
    assert "No haircut" not in said(with_lines(TENDER, TRAINING))


def test_the_correlation_of_effects_is_said_where_there_are_two() -> None:
    assert "correlation" not in said(hand_case())
    other = MINUTES | {"title": "Share", "indicator": "share"}
    assert "a correlation of 0.3" in said(with_lines(MINUTES, other, effect_correlation=0.3))


def test_what_a_municipality_does_not_bear_is_said_where_it_matters() -> None:
    assert "National costs" in said(hand_case())
    assert "National costs" not in said(with_lines(TRAINING, MINUTES))
    assert "not counted" in said(hand_case(payers=["municipality"]))
    assert "not counted" not in said(hand_case())
