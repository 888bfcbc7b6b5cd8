import pytest

from effects.rollout.places import Place, problems
from tests.effects.rollout.some_places import EVEN, places


def codes(listed: list[Place], stages: int) -> list[str]:
    return [finding.code for finding in problems(listed, stages)]


def test_places_that_differ_and_suffice_are_fine() -> None:
    assert codes(places(EVEN), 4) == []
    assert codes(places({("1081", "small"): 2}), 2) == []


def test_everything_wrong_is_named_at_once() -> None:
    twice = [Place("0101", "1084", "large", 600_000)] * 2
    assert codes([*twice, Place("0147", " ", "large", 100_000)], 9) == [
        "too_few_places",
        "repeated_place",
        "incomplete_place",
    ]


def test_one_stage_compares_nobody() -> None:
    assert codes(places(EVEN), 1) == ["too_few_stages"]


@pytest.mark.parametrize(
    "lacking",
    [
        Place("", "1084", "large", 1),
        Place("0101", "", "large", 1),
        Place("0101", "1084", "", 1),
        Place("0101", "1084", "large", -1),
    ],
)
def test_a_place_states_all_that_the_draw_reads(lacking: Place) -> None:
    assert codes([lacking, *places(EVEN)], 2) == ["incomplete_place"]
