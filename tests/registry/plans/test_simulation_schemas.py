"""What may be assumed at all: bounds, defaults, and what survives being stored."""

from typing import Any

import msgspec
import pytest

from registry.plans.simulation_schemas import FEWEST, MOST, OFFERED, Expected, Prior, Simulating
from tests.registry.plans.story import A_REQUEST


def test_what_is_offered_divides_a_hundred_percent() -> None:
    assert sum(msgspec.structs.astuple(OFFERED)) == 100
    assert Simulating().prior == OFFERED
    assert OFFERED.own == 0


def test_a_request_is_stored_and_read_back_the_same() -> None:
    whole = Simulating(
        outcomes=(Expected(column="falls", sd=1.5, effect=-0.5),),
        clusters=12,
        size=40.0,
        icc=0.02,
        periods=6,
        chance_of_value=80.0,
        prior=Prior(nothing_helps=60, own=40),
        own_truth="It backfires",
    )
    for stated in (A_REQUEST, whole):
        assert msgspec.json.decode(msgspec.json.encode(stated), type=Simulating) == stated


@pytest.mark.parametrize(
    ("field", "least", "most"),
    [
        ("pilots", 1, 50),
        ("tau", 0.0, 5.0),
        ("correlation", 0.0, 0.95),
        ("chance_of_value", 1.0, 99.0),
        ("replications", FEWEST, MOST),
        ("clusters", 1, 100_000),
        ("periods", 2, 500),
        ("icc", 0.0, 0.99),
        ("seed", 0, 2**31 - 1),
    ],
)
def test_a_figure_lies_within_its_bounds(field: str, least: float, most: float) -> None:
    for inside in (least, most):
        assert getattr(msgspec.convert({field: inside}, Simulating), field) == inside
    step = 1 if isinstance(least, int) else 0.01
    for outside in (least - step, most + step):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert({field: outside}, Simulating)


@pytest.mark.parametrize(
    "stated",
    [
        {"standard_error": 0.0},
        {"standard_error": -1.0},
        {"sd": 0.0},
        {"effect": 11.0},
        {"standard_error": float("inf")},
        {"column": "x" * 121},
    ],
)
def test_an_outcome_that_cannot_be_meant_is_refused(stated: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"column": "falls", **stated}, Expected)


@pytest.mark.parametrize("percent", [-1.0, 100.5])
def test_a_truth_is_held_for_no_less_than_nothing_and_no_more_than_everything(percent: float) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"nothing_helps": percent}, Prior)
