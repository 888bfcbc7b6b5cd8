"""Reading roll-outs in stages: who can take part, the order that was drawn, and the plan that measures it."""

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

import msgspec

from effects.plan import AnalysisPlan
from registry.decisions import queries
from registry.decisions.measuring import measured_by
from registry.decisions.rollout_schemas import Balance, Candidate, Drawn, RolloutSummary, RolloutView, Stage
from registry.decisions.rules import NOT_DRAWN, NOT_IN_STAGES, Choice
from registry.decisions.schemas import DecisionView
from registry.decisions.tables import StagedRollout
from registry.kit.errors import Conflict
from registry.people.rules import OrganisationKind, Person
from registry.people.tables import Organisation
from registry.pilots.queries import visible_to
from registry.pilots.rules import Part
from registry.pilots.tables import Pilot, Site
from registry.recommendations.tables import Recommendation

_SUMMARY: Final = (StagedRollout.seed, StagedRollout.drawn_by._.name.as_alias("drawn_by"), StagedRollout.drawn_at)


async def rollout(person: Person, decision_id: int) -> RolloutView:
    """The order of a decision, or who can take part while it is not drawn.

    Raises NotFound where the person may not see the decision, Conflict where it is not one to roll out in stages.
    """
    found = await staged(person, decision_id)
    about = found.decision
    technology = f"{about.technology_name} {about.major_version}".strip()
    row = (
        await StagedRollout.select(*_SUMMARY, StagedRollout.stages).where(StagedRollout.decision == decision_id).first()
    )
    places = await candidates(person, found.technology_id)
    if row is None:
        return RolloutView(decision_id=decision_id, technology=technology, candidates=places)
    stored = msgspec.json.decode(row["stages"])
    return RolloutView(
        decision_id=decision_id,
        technology=technology,
        summary=msgspec.convert(row, RolloutSummary),
        drawn=drawn(stored),
        left_out=tuple(one for one in places if one.code not in stored["names"]),
    )


async def staged(person: Person, decision_id: int) -> DecisionView:
    """The decision to roll out in stages. Raises NotFound, and Conflict for another decision."""
    found = await queries.decision(person, decision_id)
    if found.decision.choice is not Choice.ROLL_OUT_IN_STAGES:
        raise Conflict(NOT_IN_STAGES)
    return found


async def plan_text(person: Person, decision_id: int) -> str:
    """The plan file that measures the roll-out. Raises NotFound, and Conflict while no order is drawn."""
    await staged(person, decision_id)
    row = await StagedRollout.select(StagedRollout.plan).where(StagedRollout.decision == decision_id).first()
    if row is None:
        raise Conflict(NOT_DRAWN)
    return str(row["plan"])


async def order_rows(person: Person, decision_id: int) -> list[tuple[int, str, str, str, str]]:
    """Each place of the order, the earliest first: stage, the day it starts, code, name, group of the draw.

    Raises NotFound, and Conflict while no order is drawn.
    """
    await staged(person, decision_id)
    row = await StagedRollout.select(StagedRollout.stages).where(StagedRollout.decision == decision_id).first()
    if row is None:
        raise Conflict(NOT_DRAWN)
    stored = msgspec.json.decode(row["stages"])
    names, days = stored["names"], stored["starts"]
    placed = ((one["stage"], one["place"]["code"], one["stratum"]) for one in stored["order"]["placed"])
    return [(stage, days[stage - 1], code, names[code], stratum) for stage, code, stratum in sorted(placed)]


async def candidates(person: Person, technology_id: int) -> tuple[Candidate, ...]:
    """Every municipality by code; those that run a pilot of the technology which the person may see have it already."""
    seen = Pilot.select(Pilot.id).where(visible_to(person) & (Pilot.technology == technology_id))
    running = await Site.select(Site.organisation).where(Site.pilot.is_in(seen) & (Site.part == Part.INTERVENTION))
    has_it = {row["organisation"] for row in running}
    rows = await _municipalities()
    return tuple(
        msgspec.convert({**row, "region": row["region"] or "", "has_it": row["id"] in has_it}, Candidate)
        for row in rows
    )


async def _municipalities() -> Iterable[Mapping[str, Any]]:
    shown = (Organisation.id, Organisation.code, Organisation.name, Organisation.size_class, Organisation.population)
    query = Organisation.select(*shown, Organisation.region._.name.as_alias("region"))
    rows: list[dict[str, Any]] = await query.where(Organisation.kind == OrganisationKind.MUNICIPALITY).order_by(
        Organisation.code
    )
    return rows


async def measured(recommendation_id: int) -> AnalysisPlan:
    """A plan with the outcomes that the advice rests on: the plan that was analysed, else the published case."""
    assessment = Recommendation.assessment._
    about = (assessment.analysis._.plan._.toml.as_alias("plan"), assessment.case.as_alias("case"))
    row = await Recommendation.select(*about).where(Recommendation.id == recommendation_id).first()
    assert row is not None, "a decision is on a recommendation"
    return AnalysisPlan.from_text(row["plan"]) if row["plan"] else measured_by(tomllib.loads(row["case"]))


def drawn(stored: Mapping[str, Any]) -> Drawn:
    """The order as it was stored."""
    order, names = stored["order"], stored["names"]
    return Drawn(
        stages=tuple(
            Stage(
                number,
                date.fromisoformat(day),
                tuple(
                    (names[one["place"]["code"]], one["stratum"]) for one in order["placed"] if one["stage"] == number
                ),
            )
            for number, day in enumerate(stored["starts"], start=1)
        ),
        balance=tuple(msgspec.convert(one, Balance) for one in order["balance"]),
    )
