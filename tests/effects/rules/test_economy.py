from typing import Any

import pytest

from effects.case import Economy
from effects.rules.economy import comparison, completed, contradictions, lacking, net_value_sd, worked_out

TRIAL: dict[str, Any] = {
    "value_per_unit": 21068.0,
    "units_gained": 0.0132,
    "units_low": -0.0083,
    "units_high": 0.0346,
    "cost_difference": 728.0,
    "cost_low": -754.0,
    "cost_high": 2211.0,
}


def economy(**changes: Any) -> Economy:
    return Economy(**(TRIAL | changes))


def codes(**changes: Any) -> list[tuple[str, str]]:
    return [(finding.where, finding.code) for finding in contradictions(economy(**changes), "economy")]


def test_the_published_trial_by_hand() -> None:
    # Errors: 2965 / 3.919928 = 756.39 and 0.0429 / 3.919928 = 0.010944, worth 230.57; together 790.76.
    found = worked_out(economy())
    assert found["expected_net_value"] == pytest.approx(-449.90, abs=0.01)
    assert net_value_sd(economy()) == pytest.approx(790.76, abs=0.01)
    assert found["probability_positive"] == pytest.approx(0.2847, abs=1e-4)
    assert found["evpi"] == pytest.approx(140.1, abs=0.2)


def test_its_ratio_and_the_probability_that_it_saves() -> None:
    found = comparison(economy())
    assert found is not None
    assert found.icer == pytest.approx(55152, abs=1)
    assert found.probability_cost_saving == pytest.approx(0.168, abs=0.002)
    assert found.expected_net_value == pytest.approx(worked_out(economy())["expected_net_value"])
    assert found.probability_positive == pytest.approx(worked_out(economy())["probability_positive"])
    assert found.evpi == pytest.approx(worked_out(economy())["evpi"])


@pytest.mark.parametrize(("correlation", "sd"), [(1.0, 525.82), (-1.0, 986.96), (0.0, 790.76)])
def test_errors_that_go_together(correlation: float, sd: float) -> None:
    assert net_value_sd(economy(correlation=correlation)) == pytest.approx(sd, abs=0.01)


@pytest.mark.parametrize(
    ("name", "value"), [("expected_net_value", -440.0), ("probability_positive", 0.3), ("evpi", 135.0)]
)
def test_what_is_stated_is_never_overridden(name: str, value: float) -> None:
    found = completed(economy(**{name: value}))
    assert getattr(found, name) == value
    assert found.evpi is not None


@pytest.mark.parametrize("name", ["value_per_unit", "units_gained", "cost_difference"])
def test_without_one_of_its_parts_there_is_no_net_value(name: str) -> None:
    blind = economy(**{name: None})
    assert completed(blind) == blind
    assert lacking(blind) == {"expected_net_value": (name,), "probability_positive": (name,)}


@pytest.mark.parametrize("name", ["units_low", "cost_high"])
def test_without_an_interval_there_is_no_probability(name: str) -> None:
    blind = economy(**{name: None})
    assert worked_out(blind) == {"expected_net_value": pytest.approx(-449.9, abs=0.01)}
    assert lacking(blind) == {"probability_positive": (name,)}


def test_nothing_stated_lacks_no_part() -> None:
    assert lacking(Economy()) == {}
    assert comparison(Economy()) is None


def test_a_wider_level_means_a_smaller_error() -> None:
    wide, narrow = net_value_sd(economy(level=0.99)), net_value_sd(economy())
    assert wide is not None and narrow is not None and wide < narrow


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"expected_net_value": -450.0}, []),
        ({"expected_net_value": 450.0}, [("economy.expected_net_value", "contradicts_its_parts")]),
        ({"probability_positive": 0.3}, []),
        ({"probability_positive": 0.6}, [("economy.probability_positive", "contradicts_its_parts")]),
        ({"evpi": 140.0}, []),
        ({"evpi": 900.0}, [("economy.evpi", "contradicts_its_parts")]),
        ({"cost_low": None}, [("economy.cost_low", "half_interval")]),
        ({"units_high": None}, [("economy.units_high", "half_interval")]),
        ({"cost_low": 800.0}, [("economy.cost_low", "interval_order")]),
        ({"units_gained": 0.05}, [("economy.units_low", "interval_order")]),
        ({"units_gained": 1e-300, "units_low": None, "units_high": None}, [("economy.units_gained", "too_large")]),
    ],
)
def test_figures_that_contradict_each_other(changes: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert codes(**changes) == expected
