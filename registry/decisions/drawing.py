"""Drawing the order of a roll-out in stages: once, by a seed nobody chose."""

import secrets
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

import msgspec

from effects.errors import Finding
from effects.rollout import Place, RolloutError, draw_order, plan_file
from registry.audit.actions import record
from registry.decisions import rollouts
from registry.decisions.rollout_schemas import Candidate, Drawing
from registry.decisions.rules import DRAW, DRAWN_ALREADY
from registry.decisions.tables import StagedRollout
from registry.kit.clock import now, today
from registry.kit.database import transaction
from registry.kit.errors import Conflict, Invalid
from registry.people.rules import Person, require
from registry.pilots.queries import visible_pilot

LARGEST_SEED: Final = 2**31 - 1
LAST_YEAR: Final = 2200


async def draw(decision_id: int, drawing: Drawing, *, by: Person) -> None:
    """Draw who starts when, and write the plan that measures it.

    Raises NotFound, Forbidden, Conflict when it is drawn already or was not decided, and Invalid with every finding.
    """
    found = await rollouts.staged(by, decision_id)
    pilot = await visible_pilot(by, found.decision.pilot_id)
    require(by, DRAW, organisation=pilot.organisation, pilot=pilot.id)
    known = {one.code: one for one in await rollouts.candidates(by, found.technology_id)}
    wrong = list(_problems(drawing, known))
    if wrong:
        raise Invalid(wrong)
    chosen = [known[code] for code in drawing.places]
    try:
        order = draw_order([_place(one) for one in chosen], drawing.stages, secrets.randbelow(LARGEST_SEED))
    except RolloutError as error:
        raise Invalid(error.findings) from error
    title = f"{found.decision.technology_name} {found.decision.major_version}".strip()
    plan = plan_file(order, await rollouts.measured(found.decision.recommendation_id), title=title)
    stored = {
        "order": order.to_mapping(),
        "starts": [day.isoformat() for day in starts(drawing)],
        "names": {one.code: one.name for one in chosen},
    }
    async with transaction():
        if await StagedRollout.exists().where(StagedRollout.decision == decision_id):
            raise Conflict(DRAWN_ALREADY)
        row = StagedRollout(
            decision=decision_id,
            seed=order.seed,
            stages=msgspec.json.encode(stored).decode(),
            plan=plan.to_toml(),
            drawn_by=by.id,
            drawn_at=now(),
        )
        await row.save()
        content = {"decision": decision_id, "seed": order.seed, "plan": plan.fingerprint}
        await record(action="decisions.draw", object_kind="decision", object_id=decision_id, content=content, by=by.id)


def starts(drawing: Drawing) -> list[date]:
    """The day on which each stage begins; a month that lacks the day begins on its last."""
    return [_months_later(drawing.first_period, number * drawing.months_between) for number in range(drawing.stages)]


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def _problems(drawing: Drawing, known: Mapping[str, Candidate]) -> Iterator[Finding]:
    if drawing.first_period <= today():
        yield Finding("first_period", "begins_in_the_past", "The first day has passed.", "Choose a day to come.")
    if drawing.first_period.year + drawing.stages * drawing.months_between // 12 >= LAST_YEAR:
        yield Finding(
            "first_period", "begins_too_late", "The last stage would begin too late.", "Choose an earlier day."
        )
    for code in drawing.places:
        if code not in known:
            yield Finding(
                "places", "no_municipality", "There is no municipality {code}.", "Leave it out.", {"code": code}
            )
    if len(set(drawing.places)) < drawing.stages:
        yield Finding(
            "places",
            "too_few_places",
            "{places} places cannot start in {stages} stages.",
            "State fewer stages, or more places.",
            {"places": len(set(drawing.places)), "stages": drawing.stages},
        )


def _place(one: Candidate) -> Place:
    return Place(one.code, one.region, one.size_class or "", one.population or 0)
