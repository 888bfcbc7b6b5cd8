from datetime import date

import pytest

from registry.decisions.rollout_schemas import Balance, Drawn, Stage


@pytest.mark.parametrize(
    ("places", "tolerance", "within"), [((3, 3), 0, True), ((3, 4, 3), 1, True), ((2, 4), 1, False), ((0, 2), 2, True)]
)
def test_a_group_is_even_when_no_two_stages_differ_by_more_than_its_tolerance(
    places: tuple[int, ...], tolerance: int, within: bool
) -> None:
    assert Balance("region", "Nord", places, tolerance).within is within


def test_an_order_is_balanced_when_all_its_groups_are() -> None:
    stages = (Stage(1, date(2027, 1, 1), (("Rebild", "Nord small"),)), Stage(2, date(2027, 4, 1), ()))
    even, uneven = Balance("all", "", (3, 3), 1), Balance("region", "Nord", (3, 0), 1)
    assert Drawn(stages=stages, balance=(even,)).balanced
    assert not Drawn(stages=stages, balance=(even, uneven)).balanced
