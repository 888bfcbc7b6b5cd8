from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest

from effects.codes import Better
from effects.economics.case_checks import contradictions
from effects.economics.codes import LineKind, Scope, Status
from effects.economics.stated import Line, Volume
from effects.economics.three_points import ThreePoints
from tests.effects.economics.cases import hand_case

VOLUME = hand_case().volumes[0]
TENDER, TRAINING, MINUTES = hand_case().lines


def codes(*lines: Line, volumes: tuple[Volume, ...] = (VOLUME,), **optimism: float) -> list[str]:
    return [f"{finding.where} {finding.code}" for finding in contradictions(volumes, lines, optimism)]


def test_a_sound_case_has_no_finding() -> None:
    assert codes(TENDER, TRAINING, MINUTES, working_time=0.7) == []


def test_a_case_needs_a_line() -> None:
    assert codes() == ["line no_line"]


def test_names_are_told_apart() -> None:
    assert codes(TENDER, TENDER, volumes=(VOLUME, VOLUME)) == [
        "line[1].title repeated_name",
        "volume[1].name repeated_name",
    ]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"status": None}, "line[0].status missing_key"),
        ({"volume": None}, "line[0].volume missing_key"),
        ({"volume": "beds"}, "line[0].volume unknown_volume"),
        ({"scope": Scope.PLACE}, "line[0].volume volume_without_use"),
        ({"better": None}, "line[0].better missing_key"),
        ({"indicator": None}, "line[0].indicator missing_key"),
        ({"kind": LineKind.COST}, "line[0].kind cost_of_an_effect"),
        ({"status": Status.GUESSED, "amount": ThreePoints(2, 2, 2)}, "line[0].amount sure_guess"),
    ],
)
def test_a_line_that_contradicts_itself_is_said(changes: dict[str, Any], code: str) -> None:
    assert codes(replace(MINUTES, **changes)) == [code]


def test_a_guess_with_three_points_is_sound() -> None:
    assert codes(replace(MINUTES, status=Status.GUESSED)) == []


def test_an_amount_that_is_not_known_needs_no_status() -> None:
    assert codes(replace(MINUTES, amount=None, status=None)) == []


def test_an_effect_may_be_valued_for_a_municipality_or_the_nation() -> None:
    assert codes(replace(MINUTES, scope=Scope.PLACE, volume=None)) == []
    assert codes(replace(MINUTES, scope=Scope.NATIONAL, volume=None)) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"by_place": {"0101": 3.0}}, "volume[0].by_place two_volumes"),
        ({"amount": ThreePoints(-1, 2, 3)}, "volume[0].low negative"),
        ({"status": None}, "volume[0].status missing_key"),
        ({"status": Status.GUESSED}, "volume[0].amount sure_guess"),
        ({"amount": None, "by_place": {"0101": 3.0}, "status": None}, "volume[0].status missing_key"),
    ],
)
def test_a_volume_that_contradicts_itself_is_said(changes: dict[str, Any], code: str) -> None:
    assert codes(MINUTES, volumes=(replace(VOLUME, **changes),)) == [code]


def test_an_indicator_is_better_in_one_direction() -> None:
    other = replace(MINUTES, title="Other", better=Better.HIGHER)
    assert codes(MINUTES, other) == ["line[1].better two_directions"]


def test_a_factor_for_a_kind_that_no_benefit_is_of_is_said() -> None:
    assert codes(TENDER, MINUTES, quality=0.5) == ["optimism.quality unused_factor"]
    assert codes(replace(TENDER, benefit_kind="quality"), quality=0.5) == ["optimism.quality unused_factor"]


FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "status": ({"status": None}, "status missing_key"),
    "volume": ({"volume": "beds"}, "volume unknown_volume"),
    "better": ({"better": None}, "better missing_key"),
    "cost": ({"kind": LineKind.COST}, "kind cost_of_an_effect"),
}


@pytest.mark.parametrize("two", list(combinations(FAULTS, 2)), ids=" and ".join)
def test_two_faults_of_a_line_are_both_said(two: tuple[str, str]) -> None:
    changes: dict[str, Any] = {}
    for fault in two:
        changes |= FAULTS[fault][0]
    assert sorted(codes(replace(MINUTES, **changes))) == sorted(f"line[0].{FAULTS[fault][1]}" for fault in two)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_fault_is_said_of_the_line_it_is_in(place: int) -> None:
    lines = [TENDER, TRAINING, MINUTES]
    lines[place] = replace(lines[place], status=None)
    assert codes(*lines, working_time=0.7) == [f"line[{place}].status missing_key"]


def test_every_finding_says_how_to_mend_it() -> None:
    broken = replace(MINUTES, status=None, volume="beds", better=None, kind=LineKind.COST)
    twice = replace(VOLUME, amount=ThreePoints(-1, 2, 3), by_place={"0101": 3.0}, status=None)
    found = contradictions((twice, twice), (broken, broken, replace(MINUTES, title="Third")), {"none": 0.5})
    assert len(found) > 10
    for finding in found:
        assert finding.text() and finding.remedy, finding.code
        assert "{" not in finding.text(), finding.code


def test_a_volume_that_no_line_uses_is_allowed() -> None:
    other = replace(VOLUME, name="beds", title="Beds")
    assert codes(TENDER, TRAINING, MINUTES, volumes=(VOLUME, other), working_time=0.7) == []


def test_a_name_stated_three_times_is_told_twice() -> None:
    assert codes(TENDER, TENDER, TENDER) == ["line[1].title repeated_name", "line[2].title repeated_name"]


def test_indicators_may_differ_in_direction_and_one_may_stand_in_many_lines() -> None:
    same = replace(MINUTES, title="The same indicator")
    other = replace(MINUTES, title="Another", indicator="share", better=Better.HIGHER)
    assert codes(MINUTES, same, other) == []
    turned = replace(same, better=Better.HIGHER)
    assert codes(MINUTES, other, turned) == ["line[2].better two_directions"]


@pytest.mark.parametrize("status", [Status.MEASURED, Status.AGREED])
def test_what_is_no_guess_may_be_exact(status: Status) -> None:
    assert codes(replace(MINUTES, status=status, amount=ThreePoints(2, 2, 2))) == []
