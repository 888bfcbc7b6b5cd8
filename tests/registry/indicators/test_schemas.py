from datetime import UTC, datetime

import msgspec
import pytest

from effects.codes import Better, Domain, Role
from registry.indicators.consensus import tally
from registry.indicators.rules import Outcome, RoundState
from registry.indicators.schemas import AgreedIndicator, Dissent, GroupScore, RoundView
from registry.people.rules import StakeholderGroup

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
AGREED = AgreedIndicator(
    id=1,
    code="language",
    name="Language",
    wording="Share with a language stated.",
    domain=Domain.CITIZEN,
    role=Role.PRIMARY,
    better=Better.HIGHER,
    unit="%",
    minimal_important=0.05,
    margin=None,
    outcome=Outcome.IN,
    tallies={StakeholderGroup.CITIZENS: tally([9, 8, 2, 7]), StakeholderGroup.IT: tally([7])},
    dissent=(Dissent(StakeholderGroup.CITIZENS, "Too crude"),),
    agreed_at=NOON,
)


def test_a_round_is_open_until_it_is_closed() -> None:
    assert RoundView(1, 1, NOON, None).state is RoundState.OPEN
    assert RoundView(1, 1, NOON, NOON).state is RoundState.CLOSED


def test_groups_are_counted_by_people() -> None:
    assert AGREED.voted == {StakeholderGroup.CITIZENS: 4, StakeholderGroup.IT: 1}


def test_the_median_of_a_small_group_is_told_to_nobody() -> None:
    told = AGREED.told(minimum=4)
    assert told.scores[StakeholderGroup.CITIZENS] == GroupScore(people=4, median=7.5)
    alone = told.scores[StakeholderGroup.IT]
    assert (alone.people, alone.median) == (None, None)
    assert str(alone.withheld) == "fewer than 4 answered"
    assert AGREED.told(minimum=5).scores[StakeholderGroup.CITIZENS].median is None
    assert "tallies" not in msgspec.to_builtins(told)


def test_an_agreed_indicator_survives_the_wire() -> None:
    assert msgspec.json.decode(msgspec.json.encode(AGREED), type=AgreedIndicator) == AGREED


def test_dissent_names_a_group_and_nobody_else() -> None:
    assert Dissent.__struct_fields__ == ("group", "text")
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"group": "Anna Holm", "text": "No"}, Dissent)
