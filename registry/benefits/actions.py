"""Promising benefits and entering what became of them; nothing entered is ever changed."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from effects.errors import Finding
from registry.audit.actions import record
from registry.benefits import checks, measuring, queries
from registry.benefits.rules import MEASURE, PROMISE, REALISE, REVISE
from registry.benefits.schemas import BenefitView, Measuring, Promising, Realising, Revising
from registry.benefits.tables import Benefit, Measurement, Realisation, Revision
from registry.indicators.queries import indicators_of
from registry.kit.access import Permission
from registry.kit.clock import now, today
from registry.kit.database import transaction
from registry.kit.errors import Invalid
from registry.people.rules import OrganisationKind, Person, require
from registry.pilots.queries import places, visible_pilot
from registry.pilots.schemas import Place

PLACES = (OrganisationKind.MUNICIPALITY, OrganisationKind.REGION)


async def promisable_places() -> tuple[Place, ...]:
    """The municipalities and regions that something can be promised for."""
    return tuple(place for place in await places() if place.kind in PLACES)


async def promise(pilot_id: int, promising: Promising, *, by: Person) -> int:
    """Keep a first promise, which is never changed; returns it. Raises NotFound, Forbidden, Invalid."""
    pilot = await visible_pilot(by, pilot_id)
    require(by, PROMISE, organisation=pilot.organisation, pilot=pilot.id)
    allowed = {place.id for place in await promisable_places()}
    codes = {one.code for one in await indicators_of(pilot_id)}
    _refuse(checks.of_promise(promising, today(), allowed, codes))
    async with transaction():
        row = Benefit(
            pilot=pilot_id,
            organisation=promising.organisation,
            title=promising.title,
            kind=promising.kind,
            unit=promising.unit,
            indicator=promising.indicator,
            promised=promising.promised,
            assumptions=promising.assumptions,
            owner=promising.owner,
            due=promising.due,
            promised_by=by.id,
            promised_at=now(),
        )
        await row.save()
        content = {"pilot": pilot_id, "promised": promising.promised, "due": promising.due}
        await _record("benefits.promise", row.id, content, by)
    return int(row.id)


async def revise(benefit_id: int, revising: Revising, *, by: Person) -> None:
    """Enter another figure or day beside the promise, with the reason. Raises NotFound, Forbidden, Invalid."""
    await _allowed(benefit_id, REVISE, by)
    async with transaction():
        stands = await queries.benefit(by, benefit_id)
        _refuse(checks.of_revision(revising, stands, today()))
        figure = stands.expected if revising.expected is None else revising.expected
        entry: dict[str, Any] = {"expected": figure, "due": revising.due or stands.expected_due}
        row = Revision(benefit=benefit_id, reason=revising.reason, revised_by=by.id, revised_at=now(), **entry)
        await row.save()
        await _record("benefits.revise", benefit_id, entry, by)


async def measure(benefit_id: int, measuring_it: Measuring, *, by: Person) -> None:
    """Enter a measurement, taken over from an analysis of the pilot or by hand. Raises NotFound, Forbidden, Invalid."""
    stands = await _allowed(benefit_id, MEASURE, by)
    effects = await measuring.effects_of(by, stands.promise.pilot_id)
    _refuse(checks.of_measurement(measuring_it, effects, today()))
    chosen = next((one for one in effects if one.key == measuring_it.effect), None)
    if chosen is None:
        figures = {name: getattr(measuring_it, name) for name in ("measured", "low", "high", "measured_on")}
    else:
        low, high = sorted((chosen.low * measuring_it.times, chosen.high * measuring_it.times))
        measured = chosen.estimate * measuring_it.times
        taken = {"analysis": chosen.analysis_id, "outcome": chosen.outcome, "times": measuring_it.times}
        figures = {"measured": measured, "low": low, "high": high, "measured_on": chosen.finished_on, **taken}
    async with transaction():
        row = Measurement(benefit=benefit_id, source=measuring_it.source, entered_by=by.id, entered_at=now(), **figures)
        await row.save()
        await _record("benefits.measure", benefit_id, figures, by)


async def realise(benefit_id: int, realising: Realising, *, by: Person) -> None:
    """Enter what is taken home so far. Raises NotFound, Forbidden, Invalid."""
    await _allowed(benefit_id, REALISE, by)
    _refuse(checks.of_realisation(realising, today()))
    async with transaction():
        entry: dict[str, Any] = {"realised": realising.realised, "realised_on": realising.realised_on}
        row = Realisation(benefit=benefit_id, source=realising.source, entered_by=by.id, entered_at=now(), **entry)
        await row.save()
        await _record("benefits.realise", benefit_id, entry, by)


async def _allowed(benefit_id: int, permission: Permission, by: Person) -> BenefitView:
    stands = await queries.benefit(by, benefit_id)
    pilot = await visible_pilot(by, stands.promise.pilot_id)
    require(by, permission, organisation=pilot.organisation, pilot=pilot.id)
    return stands


def _refuse(found: Iterable[Finding]) -> None:
    if findings := list(found):
        raise Invalid(findings)


async def _record(action: str, benefit_id: int, content: Mapping[str, Any], by: Person) -> None:
    await record(
        action=action, object_kind="benefit", object_id=benefit_id, content=msgspec.to_builtins(content), by=by.id
    )
