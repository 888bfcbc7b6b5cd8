"""Drafting, locking and superseding plans. What is locked never changes."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import msgspec

from effects.errors import Finding, PlanError
from effects.message import Message
from effects.plan import AnalysisPlan
from registry.audit.actions import record
from registry.indicators.queries import agreed_set
from registry.kit.clock import now
from registry.kit.database import take_turn, transaction
from registry.kit.errors import Conflict, Invalid
from registry.kit.forms import refuse_cpr, text_of
from registry.people.rules import Person, require
from registry.pilots.queries import visible_pilot
from registry.pilots.schemas import PilotView
from registry.pilots.tables import Pilot
from registry.plans import forms, queries, simulating, simulations
from registry.plans.rules import DRAFT, LOCK, NEVER_CHANGES, State
from registry.plans.schemas import Drafting, Locking, PlanView, Superseding
from registry.plans.tables import Plan

LARGEST_FILE = 200_000  # bytes
TOO_LARGE: Final = Finding("file", "too_large", "This is too large for a plan file.", "Choose another file.")


async def draft(pilot_id: int, command: Drafting, *, by: Person) -> int:
    """Keep a new draft, written from the file, its text or the form; the answer is its id.

    Raises NotFound, Forbidden, and Invalid with everything that is wrong in the plan: a draft may leave what was
    agreed, but it is always a plan.
    """
    async with transaction():
        pilot = await visible_pilot(by, pilot_id)
        require(by, DRAFT, organisation=pilot.organisation, pilot=pilot.id)
        stated, text = await _read(pilot, command, {})
        return await _insert(pilot, stated, text, by)


async def edit(plan_id: int, command: Drafting, *, by: Person) -> None:
    """Change a draft. Raises what `draft` raises, and Conflict when it is locked or somebody else changed it."""
    async with transaction():
        plan = await queries.plan(by, plan_id)
        pilot = await visible_pilot(by, plan.pilot)
        require(by, DRAFT, organisation=pilot.organisation, pilot=pilot.id)
        _refuse_locked(plan)
        stated, text = await _read(pilot, command, queries.parsed(plan).to_mapping())
        changes: dict[Any, Any] = {
            Plan.title: stated.title[:200],
            Plan.toml: text,
            Plan.fingerprint: stated.fingerprint,
        }
        await _update(plan_id, command.version, changes)
        await _record("plans.edit", plan_id, {"fingerprint": stated.fingerprint}, by)


async def lock(plan_id: int, command: Locking, *, by: Person) -> None:
    """Freeze the plan, with the server's time, with who agreed on what, and with the simulation that was seen.

    Raises NotFound, Forbidden, Conflict when it is locked already, was changed meanwhile or another plan counts, and
    Invalid with everything in it that leaves what was agreed and with what the simulation lacks.
    """
    async with transaction():
        plan = await queries.plan(by, plan_id)
        pilot = await visible_pilot(by, plan.pilot)
        require(by, LOCK, organisation=pilot.organisation, pilot=pilot.id)
        await take_turn(Pilot, pilot.id)
        _refuse_locked(plan)
        current = await queries.current_plan(pilot.id)
        if current is not None and plan.supersedes != current.id:
            raise Conflict(
                Message("Plan {number} is locked already. Supersede it instead.", {"number": current.number})
            )
        wrong = [finding for finding in plan.findings if finding.severity == "error"]
        wrong += await simulations.objections(plan, command.simulation, command.unsettled_reason)
        if wrong:
            raise Invalid(wrong, "The plan cannot be locked yet.")
        agreement = await queries.agreement(pilot.id)
        changes: dict[Any, Any] = {
            Plan.locked_at: now(),
            Plan.locked_by: by.id,
            Plan.agreement: msgspec.json.encode(agreement).decode(),
        }
        await _update(plan_id, command.version, changes)
        assert command.simulation is not None, "a lock without a simulation was objected to"
        await simulating.seen(command.simulation, command.unsettled_reason, by=by)
        content = {"fingerprint": plan.fingerprint, "number": plan.number, "simulation": command.simulation}
        await _record("plans.lock", plan_id, content, by)


async def supersede(plan_id: int, command: Superseding, *, by: Person) -> int:
    """Begin a new draft from the locked plan; it takes the place of the old one when it is locked itself.

    Raises NotFound, Forbidden, and Conflict when the plan is not the one that counts.
    """
    async with transaction():
        plan = await queries.plan(by, plan_id)
        pilot = await visible_pilot(by, plan.pilot)
        require(by, DRAFT, organisation=pilot.organisation, pilot=pilot.id)
        if plan.state != State.LOCKED:
            raise Conflict("Only the locked plan that counts can be superseded. Edit the draft instead.")
        return await _insert(pilot, queries.parsed(plan), plan.toml, by, plan.id, command.reason)


async def _read(pilot: PilotView, command: Drafting, before: Mapping[str, Any]) -> tuple[AnalysisPlan, str]:
    """The plan that was sent and its text: as it was written, or, from the form, the file that says the same.

    Raises Invalid with findings at the fields they belong to.
    """
    if command.form is not None:
        known = await agreed_set(pilot.id)
        try:
            stated = AnalysisPlan.from_mapping(forms.stated(command.form, before, known))
        except PlanError as error:
            raise Invalid(forms.placed(error.findings, command.form)) from error
        return stated, stated.to_toml()
    text = await _sent(command)
    try:
        return AnalysisPlan.from_text(text), text
    except PlanError as error:
        where = "toml" if command.file is None else "file"
        raise Invalid([replace(finding, where=where, column=finding.where) for finding in error.findings]) from error


async def _sent(command: Drafting) -> str:
    if command.file is None:
        if not command.toml:
            raise Invalid([Finding("toml", "missing", "There is no plan.", "Choose the file, or paste its text.")])
        return command.toml
    text = await text_of(command.file, LARGEST_FILE, TOO_LARGE)
    refuse_cpr(text)
    return text


async def _insert(
    pilot: PilotView, stated: AnalysisPlan, text: str, by: Person, before: int | None = None, reason: str = ""
) -> int:
    await take_turn(Pilot, pilot.id)
    newest = await Plan.select(Plan.number).where(Plan.pilot == pilot.id).order_by(Plan.number, ascending=False).first()
    row = Plan(
        pilot=pilot.id,
        number=newest["number"] + 1 if newest else 1,
        title=stated.title[:200],
        toml=text,
        fingerprint=stated.fingerprint,
        supersedes=before,
        superseded_reason=reason,
        drafted_by=by.id,
        drafted_at=now(),
    )
    plan_id: int = (await Plan.insert(row))[0]["id"]
    content = {"fingerprint": stated.fingerprint, "supersedes": before}
    await _record("plans.supersede" if before else "plans.draft", plan_id, content, by)
    return plan_id


async def _update(plan_id: int, version: int, changes: Mapping[Any, Any]) -> None:
    seen = (Plan.id == plan_id) & (Plan.version == version) & Plan.locked_at.is_null()
    if not await Plan.update({**changes, Plan.version: version + 1}).where(seen).returning(Plan.id):
        raise Conflict("Somebody else changed this draft meanwhile. Reload the page to see it, then change it again.")


def _refuse_locked(plan: PlanView) -> None:
    if plan.state != State.DRAFT:
        raise Conflict(NEVER_CHANGES)


async def _record(action: str, plan_id: int, content: Mapping[str, object], by: Person) -> None:
    await record(action=action, object_kind="plan", object_id=plan_id, content=content, by=by.id)
