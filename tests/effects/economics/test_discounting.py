import math

import pytest

from effects.economics.discounting import flat, in_force, net_present_value


def test_net_present_value_by_hand() -> None:
    # Brealey, Myers and Allen, Principles of Corporate Finance, ch. 2: 370,000 now, 420,000 in a year, 5 %:
    # -370,000 + 420,000 / 1.05 = -370,000 + 400,000 = 30,000
    assert net_present_value([-370_000, 420_000], flat(0.05)) == pytest.approx(30_000)


def test_three_years_by_hand() -> None:
    # -1000 + 500 / 1.1 + 500 / 1.21 + 500 / 1.331 = -1000 + 454.545 + 413.223 + 375.657 = 243.426
    assert net_present_value([-1000, 500, 500, 500], flat(0.1)) == pytest.approx(243.426, abs=0.001)


def test_the_factors_at_three_and_a_half_per_cent_are_the_published_ones() -> None:
    # HM Treasury, The Green Book, table of discount factors: years 0 to 5 and 10, 20, 30.
    published = {0: 1.0, 1: 0.9662, 2: 0.9335, 3: 0.9019, 4: 0.8714, 5: 0.8420, 10: 0.7089, 20: 0.5026, 30: 0.3563}
    factors = flat(0.035).factors(31)
    assert {year: round(factors[year], 4) for year in published} == published


def test_without_a_rate_money_keeps_its_worth() -> None:
    assert flat(0.0).factors(4) == (1, 1, 1, 1)
    assert net_present_value([], flat(0.1)) == 0


@pytest.mark.parametrize(
    ("day", "rates"),
    [
        ("2013-05-31", (0.04, 0.03, 0.02)),
        ("2021-01-06", (0.04, 0.03, 0.02)),
        ("2021-01-07", (0.035, 0.025, 0.015)),
        ("2030-01-01", (0.035, 0.025, 0.015)),
    ],
)
def test_the_rate_in_force_is_that_of_the_day(day: str, rates: tuple[float, ...]) -> None:
    schedule = in_force(day)
    assert schedule is not None
    assert tuple(rate for _, rate in schedule.steps) == rates
    assert "Finansministeriet" in schedule.source


def test_before_the_first_known_day_no_rate_is_invented() -> None:
    assert in_force("2013-05-30") is None


@pytest.mark.parametrize(
    ("year", "rate"), [(1, 0.035), (35, 0.035), (36, 0.025), (70, 0.025), (71, 0.015), (200, 0.015)]
)
def test_the_rate_falls_with_the_years(year: int, rate: float) -> None:
    schedule = in_force("2026-01-01")
    assert schedule is not None
    assert schedule.rate(year) == rate


def test_later_years_are_discounted_through_the_earlier_ones() -> None:
    # Year 37: 35 years at 3.5 % and two at 2.5 %.
    schedule = in_force("2026-01-01")
    assert schedule is not None
    assert schedule.factors(38)[37] == pytest.approx(1.035**-35 * 1.025**-2)
    assert all(now < before for before, now in zip(schedule.factors(99), schedule.factors(99)[1:], strict=False))


def test_a_stated_rate_is_flat_and_has_no_day() -> None:
    assert (flat(0.02).first_rate, flat(0.02).from_day, flat(0.02).rate(90)) == (0.02, None, 0.02)
    assert math.isclose(flat(0.02).factors(51)[50], 1.02**-50)
