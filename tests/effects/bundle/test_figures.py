"""Figures that several files state are the same in all of them."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from effects.bundle.checked import indicators_of
from effects.bundle.figures import in_the_pilots, in_the_plan, in_the_result
from effects.bundle.parts import CASE
from effects.bundle.recomputing import case_of
from effects.plan import AnalysisPlan
from effects.rules.indicator import Indicator
from tests.effects.bundle.story import PLAN, the_files, the_parts

Change = Callable[[list[dict[str, Any]]], object]
STATED = AnalysisPlan.from_mapping(PLAN)
RESULT = json.loads(the_files()["pilots/2/result.json"])


def indicators(name: str, change: Change) -> list[dict[str, Any]]:
    found = json.loads(json.dumps(indicators_of(the_files()[name])))
    change(found)
    return list(found)


def planned(change: Change) -> list[str]:
    case = indicators("pilots/2/case.toml", change)
    return [one.where for one in in_the_plan("case.toml", case, STATED, "plan.toml")]


def resulting(change: Change, result: dict[str, Any] = RESULT) -> list[str]:
    case = indicators("pilots/2/case.toml", change)
    return [one.where for one in in_the_result("case.toml", case, STATED.analysed, result, "result.json")]


def together(change: Change) -> list[str]:
    pilots = {one.study: (one.study, case_of(one.case).indicators) for one in the_parts().pilots}
    return [one.where for one in in_the_pilots(CASE, indicators(CASE, change), pilots, 0.95)]


def test_what_was_written_together_agrees() -> None:
    assert planned(list) == resulting(list) == together(list) == []


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda case: case[0].update(minimal_important=0.6), "indicator[0].minimal_important"),
        (lambda case: case[1].update(role="primary"), "indicator[1].role"),
        (lambda case: case[0].update(better="higher"), "indicator[0].better"),
        (lambda case: case[0].update(margin=0.1), "indicator[0].margin"),
        (lambda case: case[0].update(claim="not_worse"), "indicator[0].claim"),
        (lambda case: case[0].update(design="before_after"), "indicator[0].design"),
        (lambda case: case.pop(), "indicator"),
    ],
)
def test_a_case_that_leaves_the_plan_is_named(change: Change, where: str) -> None:
    assert planned(change) == [where]


@pytest.mark.parametrize(
    "name", ["estimate", "standard_error", "df", "p_value", "low", "high", "level", "clusters_control"]
)
def test_a_figure_that_is_not_the_results_is_named(name: str) -> None:
    assert resulting(lambda case: case[0].update({name: 99})) == [f"indicator[0].{name}"]
    assert resulting(lambda case: case[0].pop(name)) == [f"indicator[0].{name}"]


def test_an_effect_that_is_no_fact_for_the_grade_has_no_figures() -> None:
    unsound = {
        **RESULT,
        "diagnostics": [*RESULT["diagnostics"], {"name": "small_sample_inference", "outcome": "falls"}],
    }
    figures = ("estimate", "standard_error", "df", "p_value", "level", "low", "high")
    assert resulting(list, unsound) == [f"indicator[0].{name}" for name in figures]
    assert resulting(lambda case: [case[0].pop(name) for name in figures], unsound) == []


def test_every_cluster_of_a_stepped_wedge_stands_in_both_arms() -> None:
    def wedge(case: list[dict[str, Any]]) -> None:
        for indicator in case:
            indicator |= {"design": "stepped_wedge", "clusters_treated": 16, "clusters_control": 16}

    assert resulting(wedge) == []


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda case: case[0]["study"][1].update(estimate=-2.0), "indicator[0].study[1].estimate"),
        (lambda case: case[0]["study"][2].update(standard_error=0.1), "indicator[0].study[2].standard_error"),
        (lambda case: case[0]["study"][0].update(pilot="99"), "indicator[0].study[0].pilot"),
        (lambda case: case[1].update(dose=0.95), "indicator[1].dose"),
        (lambda case: case[1].update(margin=0.3), "indicator[1].margin"),
        (lambda case: case[0].update(estimate=-2.0), "indicator[0].estimate"),
    ],
)
def test_a_pooled_figure_that_is_none_of_the_pilots_is_named(change: Change, where: str) -> None:
    assert together(change) == [where]


def test_a_margin_may_be_the_important_difference() -> None:
    assert together(lambda case: case[1].update(margin=0.4)) == []


def test_names_are_matched_as_they_were_pooled() -> None:
    """Whatever their letters and spaces, and with the direction in brackets where two pilots measure opposite ways."""
    assert together(lambda case: case[0].update(name="  FALLS ")) == []
    assert together(lambda case: case[0].update(name="falls (lower)")) == []
    assert together(lambda case: case[0].update(name="trips"))[0] == "indicator[0].study[0].pilot"


def test_the_source_of_a_study_is_the_case_of_its_pilot() -> None:
    own = Indicator(
        **{name: getattr(case_of(the_parts().pilots[2].case).indicators[0], name) for name in Indicator.__slots__}
    )
    changed = indicators(CASE, lambda case: case[0]["study"][2].update(estimate=4.0))
    (found,) = in_the_pilots(CASE, changed[:1], _pilots(), 0.95)
    assert (found.source, found.stated, found.recomputed) == ("pilots/3/case.toml", "4.0", f"{own.estimate}")


def _pilots() -> dict[str, tuple[str, tuple[Indicator, ...]]]:
    return {
        one.study: (f"pilots/{number}/case.toml", case_of(one.case).indicators)
        for number, one in enumerate(the_parts().pilots, start=1)
    }
