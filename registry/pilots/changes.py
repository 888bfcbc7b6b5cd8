"""An amendment as data: each field that differs, with what it was and what it becomes. Pure."""

from collections.abc import Iterable, Mapping
from datetime import date

from registry.pilots.rules import Part
from registry.pilots.schemas import Described, MilestoneView, PilotView, SiteView

PLAIN = (
    "title",
    "technology_version",
    "target_group",
    "description",
    "starts",
    "ends",
    "legal_basis",
    "dpia",
    "visibility",
)
"""Fields that stand in the pilot's own row, as stated."""

DAYS = ("starts", "ends")

State = Mapping[str, object]


def as_stored(pilot: PilotView, sites: Iterable[SiteView], milestones: Iterable[MilestoneView]) -> State:
    """What the pilot promises now; milestones already kept are history and no promise."""
    by_part = {part: sorted(site.code for site in sites if site.part is part) for part in Part}
    return {
        **{name: _plain(getattr(pilot, name)) for name in PLAIN},
        "technology": pilot.technology,
        "sites": by_part[Part.INTERVENTION],
        "comparison_sites": by_part[Part.COMPARISON],
        "milestones": sorted(_promise(row.title, row.due) for row in milestones if row.done_at is None),
    }


def as_stated(command: Described) -> State:
    """What the command wants the pilot to promise."""
    return {
        **{name: _plain(getattr(command, name)) for name in PLAIN},
        "technology": command.technology,
        "sites": sorted(set(command.sites)),
        "comparison_sites": sorted(set(command.comparison_sites)),
        "milestones": sorted(_promise(row.title, row.due) for row in command.milestones if row.stated),
    }


def differences(before: State, after: State) -> dict[str, tuple[object, object]]:
    """Every field that changes -> (before, after), ready for JSON."""
    return {name: (before[name], after[name]) for name in before if before[name] != after[name]}


def with_days(changes: Mapping[str, tuple[object, object]]) -> dict[str, tuple[object, object]]:
    """Stored changes as (before, after) with dates as dates again, so that each language writes them its own way."""
    return {name: (_dated(name, before), _dated(name, after)) for name, (before, after) in changes.items()}


def _plain(value: object) -> object:
    return None if value is None else str(value)


def _dated(name: str, value: object) -> object:
    if name in DAYS and isinstance(value, str):
        return date.fromisoformat(value)
    if name == "milestones" and isinstance(value, list):
        return [[date.fromisoformat(due), title] for due, title in value]
    return value


def _promise(title: str, due: object) -> list[str]:
    return [str(due), title]
