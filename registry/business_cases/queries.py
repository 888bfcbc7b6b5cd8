"""Reading business cases; technologies are common to the programme, and so are their business cases."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from effects.economics.facts import Place
from registry.business_cases.schemas import BusinessCaseView, CasePage, VersionSummary
from registry.business_cases.tables import BusinessCase
from registry.indicators.queries import library
from registry.indicators.tables import Indicator
from registry.kit import jobs
from registry.kit.errors import NotFound
from registry.kit.jobs import JobState
from registry.kit.language import Language
from registry.people.rules import OrganisationKind, Person
from registry.people.tables import Organisation
from registry.pilots.queries import visible_to
from registry.pilots.tables import Pilot

_SUMMARY: Final = (
    BusinessCase.id,
    BusinessCase.technology.as_alias("technology_id"),
    BusinessCase.number,
    BusinessCase.reason,
    BusinessCase.stated_by._.name.as_alias("stater"),
    BusinessCase.stated_at,
)
_WHOLE: Final = (*_SUMMARY, BusinessCase.stated, BusinessCase.valuation, BusinessCase.job)


async def current(technology_id: int) -> BusinessCaseView | None:
    """The version of a technology that holds, or None before the first."""
    query = BusinessCase.select(*_WHOLE).where(BusinessCase.technology == technology_id)
    row = await query.order_by(BusinessCase.number, ascending=False).first()
    return None if row is None else await _view(row, current=True)


async def business_case(case_id: int) -> BusinessCaseView:
    """A version, of whatever age. Raises NotFound when there is none."""
    row = await BusinessCase.select(*_WHOLE).where(BusinessCase.id == case_id).first()
    if row is None:
        raise NotFound
    newest = await BusinessCase.select(BusinessCase.number).where(
        (BusinessCase.technology == row["technology_id"]) & (BusinessCase.number > row["number"])
    )
    return await _view(row, current=not newest)


async def page_of(person: Person, technology_id: int, case: BusinessCaseView | None) -> CasePage:
    """A version beside all versions of its technology, as the person may read it."""
    query = BusinessCase.select(*_SUMMARY).where(BusinessCase.technology == technology_id)
    rows = await query.order_by(BusinessCase.number, ascending=False)
    versions = [msgspec.convert(row, VersionSummary) for row in rows]
    shown = None if case is None else await _open_to(person, case)
    return CasePage(technology_id=technology_id, case=shown, versions=versions)


async def _open_to(person: Person, case: BusinessCaseView) -> BusinessCaseView:
    """The version without its worth where that rests on pilots none of which the person may see."""
    rests_on = [] if case.valuation is None else case.valuation.get("evidence", {}).get("pilots", [])
    if not rests_on or await Pilot.exists().where(Pilot.id.is_in(rests_on) & visible_to(person)):
        return case
    return msgspec.structs.replace(case, valuation=None, closed=True)


async def indicator_names(person: Person, technology_id: int, language: Language) -> dict[str, str]:
    """The names of the library's indicators by code, and of those that the technology's pilots the person sees have."""
    seen = Pilot.select(Pilot.id).where((Pilot.technology == technology_id) & visible_to(person))
    own = await Indicator.select(Indicator.code, Indicator.name).where(Indicator.pilot.is_in(seen))
    return {one.code: one.name for one in await library(language)} | {row["code"]: row["name"] for row in own}


async def measured(technology_id: int) -> set[str]:
    """The indicators of all pilots of the technology, by code and by name, withdrawn ones left out."""
    pilots = Pilot.select(Pilot.id).where(Pilot.technology == technology_id)
    kept = Indicator.pilot.is_in(pilots) & Indicator.withdrawn_at.is_null()
    rows = await Indicator.select(Indicator.code, Indicator.name).where(kept)
    return {word for row in rows for word in row.values()}


async def places() -> tuple[Place, ...]:
    """The municipalities that a technology can be brought to, by code, with size class and inhabitants."""
    rows = (
        await Organisation.select(
            *(Organisation.code, Organisation.name, Organisation.size_class, Organisation.population),
            Organisation.region._.name.as_alias("region"),
        )
        .where(Organisation.kind == OrganisationKind.MUNICIPALITY)
        .order_by(Organisation.code)
    )
    return tuple(Place(**row) for row in rows)


async def _view(row: Mapping[str, Any], *, current: bool) -> BusinessCaseView:
    """The valuation stays once there is one, whatever a later job does."""
    job = None if row["valuation"] or row["job"] is None else await jobs.find(row["job"])
    state = JobState.DONE if job is None else job.state
    valuation = msgspec.json.decode(row["valuation"]) if row["valuation"] else None
    return msgspec.convert({**row, "current": current, "valuation": valuation, "state": state}, BusinessCaseView)
