from datetime import date

import msgspec
import pytest

from registry.pilots.schemas import MilestoneRow, PilotView, TechnologyView
from tests.registry.pilots.story import a_view


def test_a_milestone_row_is_stated_when_anything_stands_in_it() -> None:
    assert not MilestoneRow().stated
    assert MilestoneRow(title="Halfway").stated
    assert MilestoneRow(due=date(2026, 6, 30)).stated


def test_a_technology_is_called_by_name_and_major_version() -> None:
    assert TechnologyView(1, "Robot", "2").label == "Robot 2"


def test_a_pilot_survives_the_wire_with_its_dates_and_codes() -> None:
    pilot = a_view(ends=None)
    assert msgspec.json.decode(msgspec.json.encode(pilot), type=PilotView) == pilot


def test_a_view_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        a_view().title = "Another"
