import json
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from effects.case import Economy
from effects.rules.economy import (
    COMPARED,
    appraised,
    comparison,
    completed,
    contradictions,
    lacking,
    net_value_sd,
    worked_out,
)

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


def test_the_appraisal_shows_the_facts_beside_the_figures_and_names_which_is_which() -> None:
    found = appraised(economy())
    table = found.to_mapping()
    assert {name: table[name] for name in TRIAL} == TRIAL
    assert found.worked_out == ("expected_net_value", "probability_positive", "evpi", "icer", "probability_cost_saving")
    assert table["icer"] == pytest.approx(55152, abs=1)
    assert (table["icer_low"], table["icer_high"]) == (None, None), "the units may be none at all: no interval"
    assert table["net_value_sd"] == pytest.approx(790.76, abs=0.01)
    assert "level" not in table and table["interval_level"] is None


def test_what_a_figure_rests_on_that_nobody_stated_is_named() -> None:
    assert appraised(economy()).assumed == ("level", "correlation")
    assert appraised(economy(level=0.9)).assumed == ("correlation",)
    assert appraised(economy(level=0.9, correlation=0.0)).assumed == ()
    assert appraised(economy(cost_low=None)).assumed == (), "nothing is worked out from intervals"


def test_a_stated_figure_is_not_said_to_be_worked_out() -> None:
    found = appraised(economy(expected_net_value=-440.0, evpi=139.0))
    assert "expected_net_value" not in found.worked_out and "evpi" not in found.worked_out
    assert found.to_mapping()["expected_net_value"] == -440.0


def test_an_economy_of_net_values_alone_has_no_comparison_and_says_nothing_more() -> None:
    found = appraised(Economy(expected_net_value=100.0, probability_positive=0.9))
    table = found.to_mapping()
    assert (found.comparison, found.worked_out, found.assumed) == (None, (), ())
    assert [table[name] for name in COMPARED] == [None] * len(COMPARED)
    assert (table["ratio"], table["acceptability"], table["notes"]) == (None, [], [])


def test_nothing_known_is_nothing_worked_out() -> None:
    table = appraised(Economy()).to_mapping()
    assert {value for value in table.values() if not isinstance(value, list | dict)} == {None}
    assert (table["worked_out"], table["share_positive_by_size_class"]) == ([], {})


def test_the_appraisal_is_finite_json() -> None:
    for stated in (economy(), economy(units_gained=0.0), economy(value_per_unit=None), Economy()):
        text = json.dumps(appraised(stated).to_mapping(), allow_nan=False)
        assert json.loads(text)["worked_out"] == list(appraised(stated).worked_out)


def test_acceptability_rises_from_saving_cost_to_gaining_units() -> None:
    """Where a unit is worth nothing it is the chance to save, far out the chance to gain: 0.168 and 0.886."""
    found = comparison(economy())
    assert found is not None
    curve = [(point.threshold, point.probability) for point in found.acceptability]
    assert [threshold for threshold, _ in curve] == sorted(threshold for threshold, _ in curve)
    chances = [chance for _, chance in curve]
    assert chances == sorted(chances)
    assert chances[0] >= 0.16 and chances[-1] <= NormalDist().cdf(0.0132 / 0.010944) + 1e-6


def test_the_closed_form_agrees_with_a_hundred_thousand_draws() -> None:
    """An obvious second way: draw cost and units with correlated errors and count."""
    stated = economy(correlation=0.4)
    random = np.random.Generator(np.random.PCG64(5))
    errors = np.array([0.010944, 756.39])
    spread = np.outer(errors, errors) * np.array([[1.0, 0.4], [0.4, 1.0]])
    units, cost = random.multivariate_normal([0.0132, 728.0], spread, 100_000).T
    worth = 21068.0 * units - cost
    found = worked_out(stated)
    assert found["expected_net_value"] == pytest.approx(np.mean(worth), abs=4 * np.std(worth) / 100_000**0.5)
    assert net_value_sd(stated) == pytest.approx(np.std(worth), rel=0.01)
    assert found["probability_positive"] == pytest.approx(np.mean(worth > 0), abs=0.006)
    assert found["evpi"] == pytest.approx(np.mean(np.maximum(worth, 0.0)), rel=0.03)


@given(st.floats(-1, 1), st.floats(0.01, 1e6), st.floats(0.01, 1e6))
def test_whatever_the_correlation_the_error_lies_between_difference_and_sum(
    correlation: float, units: float, cost: float
) -> None:
    reach = 1.959964
    ends = {"units_low": 1.0 - units * reach, "units_high": 1.0 + units * reach}
    ends |= {"cost_low": 1.0 - cost * reach, "cost_high": 1.0 + cost * reach}
    stated = economy(units_gained=1.0, cost_difference=1.0, value_per_unit=1.0, correlation=correlation, **ends)
    found = net_value_sd(stated)
    assert found is not None
    assert abs(units - cost) * (1 - 1e-5) - 1e-6 <= found <= (units + cost) * (1 + 1e-5) + 1e-6


@given(st.floats(-1e5, 1e5), st.floats(-1e5, 1e5))
def test_completing_twice_changes_nothing(value: float, cost: float) -> None:
    stated = economy(value_per_unit=value, cost_difference=cost, cost_low=cost - 100.0, cost_high=cost + 100.0)
    once = completed(stated)
    assert completed(once) == once
    assert once.expected_net_value == pytest.approx(value * 0.0132 - cost)
    assert contradictions(once, "economy") == [], "what follows from the parts never contradicts them"
