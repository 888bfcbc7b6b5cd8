"""What a wall may be narrowed to."""

from typing import Any

import msgspec
import pytest

from effects.codes import Kind
from registry.desks.schemas import WallFilter, WallState


def wanted(**asked: str) -> WallFilter:
    return msgspec.convert(asked, WallFilter, strict=False)


def test_nothing_asked_narrows_nothing() -> None:
    assert wanted() == WallFilter(None, None, None)


def test_every_advice_and_every_state_can_be_asked_for() -> None:
    assert [wanted(advice=kind.value).advice for kind in Kind] == list(Kind)
    assert [wanted(state=state.value).state for state in WallState] == list(WallState)
    assert wanted(technology="7").technology == 7


def test_the_states_stand_in_the_order_of_their_urgency() -> None:
    assert tuple(WallState) == ("undecided", "due", "decided", "replaced")


@pytest.mark.parametrize(
    "asked",
    [{"technology": "0"}, {"technology": "-1"}, {"technology": str(2**31)}, {"advice": "roll_out"}, {"state": "x"}],
)
def test_anything_else_is_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        wanted(**asked)
