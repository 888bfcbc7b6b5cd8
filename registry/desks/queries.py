"""Desks and pilot homes, composed from the slices' queries."""

from effects.message import Message
from registry.audit.tables import AuditEntry
from registry.desks.gathering import facts_of
from registry.desks.lights import lights_of
from registry.desks.schemas import Desk, DeskPilot, Light, PilotHome, Portfolio, Step, Upkeep, WallFilter
from registry.desks.turns import done_part, falls_to, rated
from registry.desks.wall import narrowed, wall
from registry.kit import jobs
from registry.kit.paging import Paging
from registry.people.rules import Person, Role, holds
from registry.people.tables import Account
from registry.pilots.queries import visible_pilot, visible_pilots
from registry.pilots.rules import Facts, Phase, at_rest, next_step, phase
from registry.pilots.schemas import PilotFilter, PilotRow, PilotView
from registry.recommendations.tables import Recommendation

RATE = Message("Rate the indicators on behalf of your group.")
ON_A_DESK = 100  # pilots; the list of pilots has the rest


async def desk(person: Person) -> Desk:
    """What waits for the person and what they follow, newest pilots first."""
    listed = await visible_pilots(person, Paging(size=ON_A_DESK), PilotFilter())
    ids = [pilot.id for pilot in listed.pilots]
    facts = await facts_of(ids)
    done = await done_part(person, ids) | await rated(person)
    alive = [pilot for pilot in listed.pilots if not at_rest(facts[pilot.id])]
    advice = await _advice_of(ids)
    running = [pilot for pilot in alive if phase(facts[pilot.id]) is not Phase.DECIDED]
    lights = await lights_of(running) if holds(person, Role.PROJECT_LEAD) else {}
    shown = [
        _on_desk(person, pilot, facts[pilot.id], done, advice.get(pilot.id), lights.get(pilot.id)) for pilot in alive
    ]
    return Desk(
        roles=[role for role in Role if holds(person, role)],
        waiting=[pilot for pilot in shown if pilot.mine],
        following=[pilot for pilot in shown if not pilot.mine],
        more=listed.total - len(shown),
        wall=await wall(person) if holds(person, Role.DECISION_MAKER) else [],
        upkeep=await _upkeep() if holds(person, Role.ADMINISTRATOR) else None,
    )


async def pilot_home(person: Person, pilot_id: int) -> PilotHome:
    """A pilot at a glance. Raises NotFound when there is none that the person may see."""
    pilot = await visible_pilot(person, pilot_id)
    facts = (await facts_of([pilot_id]))[pilot_id]
    done = await done_part(person, [pilot_id]) | await rated(person)
    mine = _mine(person, pilot, facts, done)
    counts = {
        "sites": facts.sites,
        "comparison_sites": facts.comparison_sites,
        "indicators": facts.indicators,
        "agreed": facts.agreed,
        "data_approved": facts.data_approved,
        "analyses": facts.analyses,
        "recommendations": facts.recommendations,
        "decisions": facts.decisions,
    }
    return PilotHome(
        pilot=pilot,
        phase=phase(facts),
        step=_step(pilot_id, facts, (await _advice_of([pilot_id])).get(pilot_id), mine=mine),
        mine=mine,
        counts=counts,
    )


async def portfolio(person: Person, wanted: WallFilter, paging: Paging) -> Portfolio:
    """The wall as it was asked for, and the pilots of the technology that have no advice yet."""
    rows = await wall(person)
    listed = await visible_pilots(person, Paging(size=ON_A_DESK), PilotFilter(technology=wanted.technology))
    facts = await facts_of([pilot.id for pilot in listed.pilots])
    ahead = [one for one in listed.pilots if not facts[one.id].recommendations and not at_rest(facts[one.id])]
    return Portfolio(
        wall=narrowed(rows, wanted, paging),
        total=len(rows),
        unadvised=[_on_desk(person, one, facts[one.id], frozenset(), None) for one in ahead],
    )


async def _upkeep() -> Upkeep:
    return Upkeep(
        worker_alive=await jobs.worker_alive(),
        jobs_waiting=await jobs.waiting(),
        audit_entries=await AuditEntry.count(),
        accounts=await Account.count(),
    )


async def _advice_of(pilots: list[int]) -> dict[int, int]:
    """The newest recommendation of each pilot that has one."""
    if not pilots:
        return {}
    pilot = Recommendation.assessment._.pilot
    query = Recommendation.select(Recommendation.id, pilot.as_alias("pilot")).where(pilot.is_in(pilots))
    return {row["pilot"]: row["id"] for row in await query.order_by(Recommendation.id)}


def _on_desk(
    person: Person,
    pilot: PilotRow,
    facts: Facts,
    done: frozenset[int],
    advice: int | None,
    light: Light | None = None,
) -> DeskPilot:
    mine = _mine(person, pilot, facts, done)
    return DeskPilot(
        id=pilot.id,
        title=pilot.title,
        technology=f"{pilot.technology_name} {pilot.major_version}".strip(),
        organisation=pilot.organisation_name,
        simulated=pilot.simulated,
        phase=phase(facts),
        step=_step(pilot.id, facts, advice, mine=mine),
        mine=mine,
        light=light,
    )


def _mine(person: Person, pilot: PilotRow | PilotView, facts: Facts, done: frozenset[int]) -> bool:
    step, now = next_step(facts), phase(facts)
    return not at_rest(facts) and falls_to(
        person, step, now, organisation=pilot.organisation, pilot=pilot.id, done=done
    )


def _step(pilot_id: int, facts: Facts, advice: int | None, *, mine: bool) -> Step:
    """The next step; what concerns the decision leads straight to the recommendation or to what was decided on it."""
    step = next_step(facts)
    href = step.path(pilot_id)
    if step.role is Role.DECISION_MAKER and advice is not None:
        href = f"/recommendations/{advice}" + ("/decision" if facts.decisions else "")
    return Step(step.role, RATE if mine and step.role is Role.STAKEHOLDER else step.message, href)
