"""What the figures of a result say of each other."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from effects.analyse import analyse
from effects.bundle.consistency import within_the_result
from effects.bundle.follows import follows_from_the_plan
from tests.effects import designs
from tests.effects.bundle.story import the_files

RESULT = the_files()["pilots/2/result.json"]


def places(change: Callable[[dict[str, Any]], object]) -> list[str]:
    result = json.loads(RESULT)
    change(result)
    return [difference.where for difference in within_the_result("result.json", result)]


def test_a_result_as_it_was_written_agrees_with_itself() -> None:
    assert places(dict) == []


@pytest.mark.parametrize("design", list(designs.BUILT))
def test_every_design_writes_results_that_agree_with_themselves(design: str) -> None:
    plan = designs.plan_for(design, **designs.BUILT[design])
    result = json.loads(analyse(designs.rows_for(design), plan).to_json())
    assert list(within_the_result("result.json", result)) == []
    assert list(follows_from_the_plan("result.json", result, plan, "plan.toml")) == []


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda r: r["data"].update(rows=r["data"]["rows"] + 1), "$.data.rows"),
        (lambda r: r["data"].update(rows_used="many"), "$.data.rows"),
        (lambda r: r["estimates"][0].update(p_value=0.5), "$.estimates[0].p_value"),
        (lambda r: r["estimates"][0]["interval"].update(high=9.0), "$.estimates[0].interval.high"),
        (lambda r: r["estimates"][0]["interval"].update(low=None), "$.estimates[0].interval.low"),
        (lambda r: r["estimates"][0].update(standard_error=0), "$.estimates[0]"),
        (lambda r: r["estimates"][0].pop("df"), "$.estimates[0]"),
        (lambda r: r["diagnostics"][0].update(detail="All is well"), "$.diagnostics[0].detail"),
        (lambda r: r["diagnostics"][0]["messages"]["detail"][0].update(params={}), "$.diagnostics[0].detail"),
        (lambda r: r["diagnostics"][0]["messages"].update(detail="x"), "$.diagnostics[0].detail"),
    ],
)
def test_a_figure_that_does_not_follow_from_the_others_is_named(
    change: Callable[[dict[str, Any]], object], where: str
) -> None:
    assert where in places(change)


def test_an_estimate_that_moves_takes_limits_and_p_value_with_it() -> None:
    moved = places(lambda result: result["estimates"][0].update(estimate=result["estimates"][0]["estimate"] * 1.01))
    assert moved == [f"$.estimates[0].{name}" for name in ("interval.low", "interval.high", "p_value")]


def test_a_p_value_that_was_counted_by_placebos_is_left_as_it_stands() -> None:
    def counted(result: dict[str, Any]) -> None:
        result["estimates"][0].update(standard_error_kind="placebo", p_value=0.25)

    assert places(counted) == []
