from datetime import date
from typing import Any

from registry.pilots.changes import as_stated, as_stored, differences, with_days
from registry.pilots.rules import Dpia, Part
from registry.pilots.schemas import Described, MilestoneRow, MilestoneView, SiteView
from tests.registry.pilots.story import a_view

SITES = [
    SiteView(2, "0751", "Aarhus", "municipality", "Region Midtjylland", Part.INTERVENTION, "large", 2016),
    SiteView(1, "0101", "København", "municipality", "Region Hovedstaden", Part.INTERVENTION, "large", 2016),
    SiteView(3, "0851", "Aalborg", "municipality", "Region Nordjylland", Part.COMPARISON, "large", 2016),
]
MILESTONES = [
    MilestoneView(1, "Baseline measured", date(2026, 2, 1), done_at=date(2026, 2, 3)),
    MilestoneView(2, "Halfway measurement", date(2026, 6, 30), done_at=None),
]
STORED = as_stored(a_view(), SITES, MILESTONES)


def restated(**changes: Any) -> Described:
    same: dict[str, Any] = {
        "title": "Robot vacuum cleaners",
        "technology": 4,
        "target_group": "Citizens in home care",
        "starts": date(2026, 1, 1),
        "ends": date(2026, 12, 31),
        "legal_basis": "Serviceloven § 83",
        "dpia": Dpia.DONE,
        "sites": ("0101", "0751"),
        "comparison_sites": ("0851",),
        "milestones": (MilestoneRow(title="Halfway measurement", due=date(2026, 6, 30)),),
    }
    return Described(**{**same, **changes})


def test_restating_what_stands_changes_nothing() -> None:
    assert differences(STORED, as_stated(restated())) == {}


def test_the_order_of_sites_and_a_repeated_site_change_nothing() -> None:
    assert differences(STORED, as_stated(restated(sites=("0751", "0101", "0751")))) == {}


def test_an_empty_row_and_a_milestone_already_kept_are_no_promise() -> None:
    rows = (MilestoneRow(), MilestoneRow(title="Halfway measurement", due=date(2026, 6, 30)))
    assert differences(STORED, as_stated(restated(milestones=rows))) == {}


def test_each_changed_field_carries_what_it_was_and_what_it_becomes() -> None:
    after = as_stated(restated(ends=None, dpia=Dpia.PLANNED, comparison_sites=(), technology=5))
    assert differences(STORED, after) == {
        "ends": ("2026-12-31", None),
        "dpia": ("done", "planned"),
        "comparison_sites": (["0851"], []),
        "technology": (4, 5),
    }


def test_a_moved_milestone_shows_both_dates() -> None:
    rows = (MilestoneRow(title="Halfway measurement", due=date(2026, 9, 30)),)
    assert differences(STORED, as_stated(restated(milestones=rows))) == {
        "milestones": ([["2026-06-30", "Halfway measurement"]], [["2026-09-30", "Halfway measurement"]])
    }


def test_stored_dates_become_dates_again_for_the_reader() -> None:
    stored: dict[str, tuple[Any, Any]] = {
        "ends": ("2026-12-31", None),
        "milestones": ([["2026-06-30", "Halfway"]], []),
        "title": ("2026-12-31", "New title"),
    }
    assert with_days(stored) == {
        "ends": (date(2026, 12, 31), None),
        "milestones": ([[date(2026, 6, 30), "Halfway"]], []),
        "title": ("2026-12-31", "New title"),
    }
