"""How far the pilots of a technology reach: which are silent, where they ran, who is still untried."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from registry.kit.clock import today
from registry.people.rules import OrganisationKind
from registry.people.tables import Organisation
from registry.pilots.rules import Part
from registry.pilots.tables import Pilot, Site
from registry.plans.tables import Plan


@dataclass(frozen=True, slots=True)
class Place:
    """Where a pilot runs: its municipality, None for a region or a school, and the region it lies in."""

    pilot: int
    municipality: int | None
    region: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Counted from the registry; None where it cannot be counted.

    `registered` and `planned` (with a locked plan or approved evidence) are numbers of pilots, private ones among
    them. `completed` have ended or are approved, `silent` of these have no approved assessment. `untested` is the
    share of all inhabitants in size classes without a site, `strata_covered` whether every size class has one.
    `sites` are the places that run a pilot that is heard.
    """

    registered: int
    planned: int
    completed: int
    silent: int
    untested: float | None
    sites: tuple[Place, ...]
    strata_covered: bool | None

    @property
    def share_silent(self) -> float | None:
        """Share of the completed pilots that nothing is heard of; None while none is completed."""
        return self.silent / self.completed if self.completed else None

    def compared(self, pilots: Collection[int]) -> tuple[int, int]:
        """Municipalities and regions in which these pilots ran, which have a comparison of their own."""
        there = [site for site in self.sites if site.pilot in pilots]
        municipalities = {site.municipality for site in there if site.municipality}
        return len(municipalities), len({site.region for site in there if site.region})


async def reach_of(technology_id: int, heard: Collection[int]) -> Reach:
    """The reach of the pilots `heard`, those with an approved assessment."""
    pilots = await Pilot.select(Pilot.id, Pilot.ends).where(Pilot.technology == technology_id)
    ended = {row["id"] for row in pilots if row["ends"] is not None and row["ends"] < today()}
    locked = (Plan.pilot._.technology == technology_id) & Plan.locked_at.is_not_null()
    planned = {row["pilot"] for row in await Plan.select(Plan.pilot).where(locked)}
    sites = await _sites(heard)
    everybody = await _inhabitants()
    tried = {site["size_class"] for site in sites if site["size_class"]}
    elsewhere = sum(number for size, number in everybody.items() if size not in tried)
    counted = bool(tried and everybody)
    return Reach(
        registered=len(pilots),
        planned=len(planned | set(heard)),
        completed=len(ended | set(heard)),
        silent=len(ended - set(heard)),
        untested=elsewhere / sum(everybody.values()) if counted else None,
        sites=tuple(_place(row) for row in sites),
        strata_covered=set(everybody) <= tried if counted else None,
    )


async def _sites(pilots: Collection[int]) -> list[dict[str, Any]]:
    """The places where the pilots ran."""
    if not pilots:
        return []
    place = Site.organisation._
    return (
        await Site.select(
            Site.pilot,
            Site.size_class,
            Site.organisation.as_alias("place"),
            place.kind.as_alias("kind"),
            place.region.as_alias("region"),
        )
        .where(Site.pilot.is_in(sorted(pilots)))
        .where(Site.part == Part.INTERVENTION)
    )


async def _inhabitants() -> Mapping[str | None, int]:
    """Inhabitants of the country's municipalities by size class, of those whose number is known."""
    known = (Organisation.kind == OrganisationKind.MUNICIPALITY) & Organisation.population.is_not_null()
    by_size: dict[str | None, int] = {}
    for row in await Organisation.select(Organisation.population, Organisation.size_class).where(known):
        by_size[row["size_class"]] = by_size.get(row["size_class"], 0) + row["population"]
    return by_size


def _place(row: Mapping[str, Any]) -> Place:
    municipality = row["place"] if row["kind"] == OrganisationKind.MUNICIPALITY else None
    return Place(row["pilot"], municipality, row["region"] or None)
