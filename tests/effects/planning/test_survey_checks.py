import pytest

from effects.errors import PlanError
from effects.planning.survey_checks import is_numeric_total
from tests.effects.designs import plan_for

KINDS = {"kind": {"E": 60, "H": 40}}


def found(calibration: str, margins: dict[str, dict[str, float]]) -> list[tuple[str, str]]:
    survey = {"wave": "wave", "calibration": calibration, "margins": margins}
    with pytest.raises(PlanError) as raised:
        plan_for("survey_before_after", survey=survey)
    return [(finding.where, finding.code) for finding in raised.value.findings]


def test_a_margin_with_the_single_key_total_is_about_numbers() -> None:
    assert is_numeric_total({"total": 3914069.0})
    assert not is_numeric_total({"total": 1.0, "E": 2.0})
    assert not is_numeric_total({"E": 2.0})


@pytest.mark.parametrize(
    ("calibration", "margins"),
    [
        ("poststratification", KINDS),
        ("raking", {**KINDS, "area": {"city": 30, "land": 70}}),
        ("greg", {**KINDS, "last": {"total": 5000}}),
        ("greg", {"last": {"total": -5000}}),
    ],
)
def test_margins_that_can_hold_together_are_accepted(calibration: str, margins: dict[str, dict[str, float]]) -> None:
    survey = {"wave": "wave", "calibration": calibration, "margins": margins}
    assert plan_for("survey_before_after", survey=survey).survey.margins.keys() == margins.keys()


@pytest.mark.parametrize(
    ("calibration", "margins", "expected"),
    [
        (
            "poststratification",
            {**KINDS, "area": {"city": 30, "land": 70}},
            [("survey.margins", "too_many_margins")],
        ),
        ("raking", {**KINDS, "last": {"total": 5000}}, [("survey.margins.last", "key_not_for_method")]),
        ("raking", {"kind": {"E": 60, "H": 0}}, [("survey.margins.kind.H", "not_positive")]),
        ("raking", {"kind": {}}, [("survey.margins.kind", "missing_key")]),
        ("raking", {**KINDS, "area": {"city": 30, "land": 60}}, [("survey.margins.area", "margins_disagree")]),
        (
            "greg",
            {"kind": {"E": -1, "H": 101}, "area": {"city": 30, "land": 60}},
            [("survey.margins.kind.E", "not_positive"), ("survey.margins.area", "margins_disagree")],
        ),
    ],
)
def test_every_contradiction_among_margins_is_named(
    calibration: str, margins: dict[str, dict[str, float]], expected: list[tuple[str, str]]
) -> None:
    assert found(calibration, margins) == expected
