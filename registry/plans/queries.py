"""Reading plans. Whoever may see a pilot may see its plans."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec

from effects.errors import EffectsError, Finding
from effects.federation.answering import readiness
from effects.plan import AnalysisPlan
from registry.indicators.queries import agreed_set
from registry.indicators.schemas import AgreedIndicator
from registry.kit.errors import NotFound
from registry.people.rules import Person
from registry.pilots.queries import visible_pilot
from registry.plans.rules import NOTHING_AGREED, State, agreement_findings, overtaken
from registry.plans.schemas import PlanList, PlanSummary, PlanView
from registry.plans.tables import Plan

_NAMES: Final = (Plan.drafted_by.name.as_alias("drafter"), Plan.locked_by.name.as_alias("locker"))


async def plans_of(person: Person, pilot_id: int) -> PlanList:
    """The plans of a pilot, the newest first. Raises NotFound when the person may not see the pilot."""
    await visible_pilot(person, pilot_id)
    rows = await _rows(pilot_id)
    listed = tuple(_summary(row, rows) for row in rows)
    current = next((plan.id for plan in listed if plan.state == State.LOCKED), None)
    return PlanList(pilot=pilot_id, plans=listed, current=current, agreed=len(await agreed_set(pilot_id)))


async def plan(person: Person, plan_id: int) -> PlanView:
    """A plan with its findings. Raises NotFound when there is none that the person may see."""
    row = await Plan.select(Plan.pilot).where(Plan.id == plan_id).first()
    if row is None:
        raise NotFound
    await visible_pilot(person, row["pilot"])
    found = next(view for view in await _views(row["pilot"]) if view.id == plan_id)
    return msgspec.structs.replace(found, moments=readiness(parsed(found)))


async def current_plan(pilot_id: int) -> PlanView | None:
    """The locked plan that no later one supersedes; for a pilot the reader may see."""
    return next((view for view in await _views(pilot_id) if view.state == State.LOCKED), None)


def parsed(plan: PlanView) -> AnalysisPlan:
    """The plan as the effects library reads it; what is stored was read before, so that it never fails."""
    return AnalysisPlan.from_text(plan.toml)


async def agreement(pilot_id: int) -> Mapping[str, Any]:
    """Who agreed, when and to which wording, as it is locked with a plan: groups and counts, no person."""
    return {
        "indicators": [
            {
                **{name: getattr(one, name) for name in ("code", "name", "role", "wording")},
                "groups": {group.value: people for group, people in one.voted.items()},
                "agreed_at": one.agreed_at.isoformat(),
            }
            for one in await agreed_set(pilot_id)
        ]
    }


def findings_of(toml: str, known: tuple[AgreedIndicator, ...]) -> tuple[Finding, ...]:
    """Everything that is noteworthy about a plan file: what it says, and where it leaves the agreement."""
    try:
        stated = AnalysisPlan.from_text(toml)
    except EffectsError as error:
        return error.findings
    return tuple(agreement_findings(stated.outcomes, known)) if known else (NOTHING_AGREED,)


async def _views(pilot_id: int) -> list[PlanView]:
    rows = await _rows(pilot_id)
    known = await agreed_set(pilot_id)
    listed = [(row, _summary(row, rows)) for row in rows]
    current = next((plan for _, plan in listed if plan.state == State.LOCKED), None)
    return [
        PlanView(
            **msgspec.structs.asdict(plan),
            toml=row["toml"],
            agreement=msgspec.json.decode(row["agreement"]),
            findings=(*_against(plan, current), *findings_of(row["toml"], known)),
            current=None if current is None else current.id,
        )
        for row, plan in listed
    ]


def _against(plan: PlanSummary, current: PlanSummary | None) -> Iterator[Finding]:
    if plan.state == State.DRAFT and current is not None and plan.supersedes != current.id:
        yield overtaken(current.number)


async def _rows(pilot_id: int) -> list[dict[str, Any]]:
    query = Plan.select(*Plan.all_columns(), *_NAMES).where(Plan.pilot == pilot_id)
    rows: list[dict[str, Any]] = await query.order_by(Plan.number, ascending=False)
    return rows


def _summary(row: Mapping[str, Any], rows: list[dict[str, Any]]) -> PlanSummary:
    later = next((other for other in rows if other["supersedes"] == row["id"] and other["locked_at"]), None)
    state = State.DRAFT if row["locked_at"] is None else State.SUPERSEDED if later else State.LOCKED
    shown = {name: row[name] for name in PlanSummary.__struct_fields__ if name in row}
    names = {"drafted_by": row["drafter"], "locked_by": row["locker"]}
    return PlanSummary(**{**shown, **names}, state=state, superseded_by=later["id"] if later else None)
