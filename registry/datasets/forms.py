"""Templates to fill in: the columns that the plan asks for and, where they are known, the sites. Pure."""

from collections.abc import Iterable, Sequence
from typing import Final

from registry.datasets.schema import FileSchema, Part
from registry.people.rules import OrganisationKind
from registry.pilots.schemas import SiteView

PERIODS: Final = 1
"""Rows per site; the period is for the person to fill in."""


def template_rows(schema: FileSchema, sites: Iterable[SiteView]) -> tuple[list[str], list[Sequence[str]]]:
    """The header, and a row for each municipality or region of the pilot where those are what is observed.

    Codes are filled in where the unit or the cluster is a site, told by a pilot in which every site is one of them.
    """
    header = [column.name for column in schema.columns]
    places = [site for site in sites if site.kind in (OrganisationKind.MUNICIPALITY, OrganisationKind.REGION)]
    levels = schema.named(Part.CLUSTER) or schema.named(Part.UNIT)
    if not levels:
        return header, []
    level = levels[0].name
    return header, [[site.code if name == level else "" for name in header] for site in places]
