"""The form of a pilot: what stands in it at first, and what was typed when it is shown again. Pure."""

from collections.abc import Iterable, Mapping
from itertools import groupby, zip_longest
from typing import Any, Final

from registry.people.rules import OrganisationKind
from registry.pilots.rules import Part
from registry.pilots.schemas import PilotFacts, Place

SPARE_ROWS: Final = 3
"""Empty milestone rows below the filled ones."""

_STATED: Final = (
    "title",
    "technology",
    "technology_version",
    "target_group",
    "description",
    "starts",
    "ends",
    "legal_basis",
    "dpia",
    "visibility",
    "version",
)


def from_facts(facts: PilotFacts) -> dict[str, Any]:
    """The form filled with what is registered now; milestones already reached are not up for change."""
    by_part = {part: [site.code for site in facts.sites if site.part is part] for part in Part}
    open_ones = [row for row in facts.milestones if row.done_at is None]
    return {
        **{name: _shown(getattr(facts.pilot, name)) for name in _STATED},
        "sites": by_part[Part.INTERVENTION],
        "comparison_sites": by_part[Part.COMPARISON],
        "milestones.title": [row.title for row in open_ones],
        "milestones.due": [row.due for row in open_ones],
    }


def milestone_rows(values: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    """Titles and dates side by side, as the findings count them: without empty rows, spare ones at the end."""
    typed = zip_longest(_many(values, "milestones.title"), _many(values, "milestones.due"), fillvalue="")
    return [row for row in typed if any(row)] + [("", "")] * SPARE_ROWS


def chosen(values: Mapping[str, Any], name: str) -> frozenset[str]:
    """The codes ticked in a list of boxes."""
    return frozenset(str(value) for value in _many(values, name))


def grouped(places: Iterable[Place]) -> list[tuple[str, list[Place]]]:
    """Municipalities below their region, then regions, then schools; each group by name."""
    order = [OrganisationKind.MUNICIPALITY, OrganisationKind.REGION, OrganisationKind.SCHOOL]

    def group(place: Place) -> tuple[int, str]:
        kind = OrganisationKind(place.kind)
        return order.index(kind), place.region if kind is OrganisationKind.MUNICIPALITY else ""

    ordered = sorted(places, key=lambda place: (group(place), place.name))
    return [(_heading(key), list(members)) for key, members in groupby(ordered, key=group)]


def _heading(key: tuple[int, str]) -> str:
    """The region's own name, or a word for the group that the page translates."""
    return key[1] or ("Municipalities", "Regions", "Schools")[key[0]]


def _many(values: Mapping[str, Any], name: str) -> list[Any]:
    given = values.get(name, [])
    return list(given) if isinstance(given, list | tuple) else [given]


def _shown(value: object) -> object:
    return "" if value is None else value
