"""Reading pilots. What a person may see is part of every statement, the counts included."""

from collections.abc import Iterable
from functools import reduce
from operator import and_, or_
from typing import Any, Final

import msgspec
from piccolo.columns.combination import WhereRaw
from piccolo.custom_types import Combinable
from piccolo.query import Select
from piccolo.query.functions import Count

from registry.kit.errors import NotFound
from registry.kit.paging import Paging
from registry.people.rules import OrganisationKind, Person, reach
from registry.people.tables import Organisation
from registry.pilots.changes import with_days
from registry.pilots.checks import open_questions
from registry.pilots.rules import REGISTER, Kind, Visibility
from registry.pilots.schemas import (
    AmendmentView,
    MilestoneView,
    PilotFacts,
    PilotFilter,
    PilotList,
    PilotRow,
    PilotView,
    Place,
    SiteView,
    TechnologyView,
)
from registry.pilots.tables import Amendment, Milestone, Pilot, Site, Technology

SORTABLE: Final = ("title", "starts", "organisation")

_TECHNOLOGY: Final = (
    Pilot.technology.name.as_alias("technology_name"),
    Pilot.technology.major_version.as_alias("major_version"),
)
_OWNER: Final = (
    Pilot.organisation.code.as_alias("organisation_code"),
    Pilot.organisation.name.as_alias("organisation_name"),
)

_ORDERS: Final = {
    "": "pilot.registered_at",
    "title": "pilot.title",
    "starts": "pilot.starts IS NULL, pilot.starts",  # the databases disagree where to put them
    "organisation": "organisation.name",
}
_LISTED: Final = """
SELECT pilot.id, pilot.title, pilot.kind, pilot.technology, technology.name AS technology_name,
  technology.major_version, pilot.organisation, organisation.name AS organisation_name, pilot.starts, pilot.ends,
  pilot.visibility, pilot.simulated, (SELECT COUNT(*) FROM site WHERE site.pilot = pilot.id) AS sites,
  COUNT(*) OVER () AS total
FROM pilot
JOIN technology ON technology.id = pilot.technology
JOIN organisation ON organisation.id = pilot.organisation
WHERE {{}}
ORDER BY {order}, pilot.id
LIMIT {{}} OFFSET {{}}
"""


def visible_to(person: Person) -> Combinable:
    """The condition on `Pilot` that says which ones the person may see.

    Those open to the programme, and those that a grant of theirs reaches: an empty organisation or pilot reaches
    everywhere, an organisation reaches the pilots it owns and those it is a site of.
    """
    grants = set(person.grants)
    if any(grant.organisation is None and grant.pilot is None for grant in grants):
        return WhereRaw("1 = 1")
    seen: list[Combinable] = [Pilot.visibility == Visibility.PROGRAMME]
    if pilots := sorted(grant.pilot for grant in grants if grant.pilot and grant.organisation is None):
        seen.append(Pilot.id.is_in(pilots))
    if organisations := sorted(grant.organisation for grant in grants if grant.organisation and grant.pilot is None):
        seen.append(_takes_part(organisations))
    seen += [
        _takes_part([grant.organisation]) & (Pilot.id == grant.pilot)
        for grant in sorted(grants, key=repr)
        if grant.organisation and grant.pilot
    ]
    return reduce(or_, seen)


def _takes_part(organisations: list[int]) -> Combinable:
    places = ", ".join("{}" for _ in organisations)
    run_there = f"SELECT site.pilot FROM site WHERE site.organisation IN ({places})"
    owned = f"pilot.organisation IN ({places})"
    return WhereRaw(f"({owned} OR pilot.id IN ({run_there}))", *organisations, *organisations)


async def visible_pilot(person: Person, pilot_id: int) -> PilotView:
    """The pilot. Raises NotFound when there is none, and just the same when this person may not see it."""
    own = (column for column in Pilot.all_columns() if column is not Pilot.registered_by)
    row = await Pilot.select(*own, *_TECHNOLOGY, *_OWNER).where(Pilot.id == pilot_id).where(visible_to(person)).first()
    if row is None:
        raise NotFound
    return msgspec.convert(row, PilotView)


async def visible_pilots(person: Person, paging: Paging, wanted: PilotFilter) -> PilotList:
    """One page of the pilots the person may see, in one statement whatever the size (an empty page takes two)."""
    conditions = reduce(and_, _wanted(wanted), visible_to(person))
    order = _ORDERS[paging.sort] + (" DESC" if paging.descending or not paging.sort else "")
    rows = await Pilot.raw(_LISTED.format(order=order), conditions.querystring, paging.size, paging.offset)
    total = rows[0]["total"] if rows else await Pilot.count().where(conditions)
    return PilotList(
        total=total,
        page=paging.number,
        size=paging.size,
        pilots=tuple(msgspec.convert(row, PilotRow) for row in rows),
    )


def _wanted(wanted: PilotFilter) -> Iterable[Combinable]:
    if wanted.search:
        yield WhereRaw(f"{_folded('pilot.title')} LIKE {{}} ESCAPE '!'", _pattern(wanted.search))
    if wanted.kind:
        yield Pilot.kind == Kind(wanted.kind)
    if wanted.technology:
        yield Pilot.technology == wanted.technology


def _folded(column: str) -> str:
    """SQL that puts a text in small letters on both databases, whose own way may stop at ASCII."""
    folded = f"LOWER({column})"
    for large, small in zip("ÆØÅ", "æøå", strict=True):
        folded = f"REPLACE({folded}, '{large}', '{small}')"
    return folded


def _pattern(search: str) -> str:
    escaped = search.lower().replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return f"%{escaped}%"


async def pilot_facts(person: Person, pilot_id: int) -> PilotFacts:
    """Everything registered about a pilot the person may see. Raises NotFound as `visible_pilot` does."""
    pilot = await visible_pilot(person, pilot_id)
    sites = await sites_of(pilot_id)
    return PilotFacts(
        pilot=pilot,
        sites=sites,
        milestones=await milestones_of(pilot_id),
        amendments=await amendments_of(pilot_id),
        open_questions=open_questions(pilot, sites),
    )


async def sites_of(pilot_id: int) -> tuple[SiteView, ...]:
    """The sites, those of the intervention first, by code. For a pilot the reader may see."""
    place = Site.organisation._
    rows = (
        await Site.select(
            Site.organisation,
            Site.part,
            Site.size_class,
            Site.size_class_year,
            place.code.as_alias("code"),
            place.name.as_alias("name"),
            place.kind.as_alias("kind"),
            place.region._.name.as_alias("region"),
        )
        .where(Site.pilot == pilot_id)
        .order_by(Site.part, ascending=False)
        .order_by(place.code)
    )
    return tuple(msgspec.convert({**row, "region": row["region"] or ""}, SiteView) for row in rows)


async def milestones_of(pilot_id: int) -> tuple[MilestoneView, ...]:
    """The promised dates, the earliest first. For a pilot the reader may see."""
    rows = await Milestone.select().where(Milestone.pilot == pilot_id).order_by(Milestone.due, Milestone.id)
    return tuple(msgspec.convert(row, MilestoneView) for row in rows)


async def amendments_of(pilot_id: int) -> tuple[AmendmentView, ...]:
    """The amendments, the newest first. For a pilot the reader may see."""
    rows: list[dict[str, Any]] = (
        await Amendment.select(*Amendment.all_columns(), Amendment.amended_by.name.as_alias("by"))
        .where(Amendment.pilot == pilot_id)
        .order_by(Amendment.id, ascending=False)
    )
    stored = msgspec.json.Decoder(dict[str, tuple[Any, Any]])
    return tuple(
        msgspec.convert(
            {**row, "amended_by": row["by"], "changes": with_days(stored.decode(row["changes"]))}, AmendmentView
        )
        for row in rows
    )


async def places() -> tuple[Place, ...]:
    """Every organisation that can be a site, by code; an agency cannot."""
    rows = await _places().where(Organisation.kind != OrganisationKind.AGENCY).order_by(Organisation.code)
    return tuple(msgspec.convert({**row, "region": row["region"] or ""}, Place) for row in rows)


def _places() -> Select[Organisation]:
    return Organisation.select(
        *Organisation.all_columns(exclude=[Organisation.region]), Organisation.region._.name.as_alias("region")
    )


async def owners(person: Person) -> tuple[Place, ...]:
    """The organisations that the person may register a pilot for, by name."""
    led = reach(person, REGISTER)
    query = _places().order_by(Organisation.name)
    rows = await (query if led is None else query.where(Organisation.id.is_in(sorted(led) or [0])))
    return tuple(msgspec.convert({**row, "region": row["region"] or ""}, Place) for row in rows)


async def technologies(person: Person) -> tuple[TechnologyView, ...]:
    """Every technology by name; they are common to the programme, the pilots counted are those the person may see."""
    counted = (
        await Pilot.select(Pilot.technology, Count(alias="pilots")).where(visible_to(person)).group_by(Pilot.technology)
    )
    pilots = {row["technology"]: row["pilots"] for row in counted}
    rows = await Technology.select().order_by(Technology.name, Technology.major_version)
    return tuple(msgspec.convert({**row, "pilots": pilots.get(row["id"], 0)}, TechnologyView) for row in rows)


async def technology(person: Person, technology_id: int) -> TechnologyView:
    """One technology. Raises NotFound when there is none."""
    row = await Technology.select().where(Technology.id == technology_id).first()
    if row is None:
        raise NotFound
    pilots = await Pilot.count().where((Pilot.technology == technology_id) & visible_to(person))
    return msgspec.convert({**row, "pilots": pilots}, TechnologyView)
