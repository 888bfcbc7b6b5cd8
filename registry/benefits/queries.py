"""Reading the ledger; a person sees the promises of the pilots they see."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from registry.analyses.queries import outdated
from registry.analyses.reading import primary
from registry.analyses.schemas import Effect
from registry.benefits import optimism as shares
from registry.benefits.schemas import (
    BenefitView,
    Ledger,
    MeasuredEffect,
    Optimism,
    Portfolio,
    Promise,
)
from registry.benefits.standing import view
from registry.benefits.tables import Benefit, Measurement, Realisation, Revision
from registry.business_cases.rules import BenefitKind
from registry.kit.clock import day_of, today
from registry.kit.errors import NotFound
from registry.people.rules import Person
from registry.pilots.queries import visible_pilot, visible_to
from registry.pilots.tables import Pilot

EFFECT_KEY: Final = "{analysis}:{aggregation}:{outcome}"

_PROMISE: Final = (
    *(getattr(Benefit, name) for name in ("id", "title", "kind", "unit", "indicator", "promised", "assumptions")),
    *(getattr(Benefit, name) for name in ("owner", "due", "promised_at")),
    Benefit.pilot.as_alias("pilot_id"),
    Benefit.pilot._.title.as_alias("pilot_title"),
    Benefit.pilot._.simulated.as_alias("simulated"),
    Benefit.organisation._.name.as_alias("organisation_name"),
    Benefit.promised_by._.name.as_alias("promiser"),
)


async def ledger(person: Person, pilot_id: int) -> Ledger:
    """The promises of a pilot. Raises NotFound when the person may not see it."""
    await visible_pilot(person, pilot_id)
    rows = await Benefit.select(*_PROMISE).where(Benefit.pilot == pilot_id).order_by(Benefit.id)
    return Ledger(pilot_id, await _views(rows))


async def benefit(person: Person, benefit_id: int) -> BenefitView:
    """One promise with its history. Raises NotFound when there is none that the person may see."""
    row = await Benefit.select(*_PROMISE).where(Benefit.id == benefit_id).first()
    if row is None:
        raise NotFound
    await visible_pilot(person, row["pilot_id"])
    return (await _views([row]))[0]


async def portfolio(person: Person) -> Portfolio:
    """Every promise the person may see: the overdue first, then by the day on which something falls due."""
    found = await _visible(person)
    waiting = sorted(found, key=lambda one: (one.standing.duty_on is None, one.standing.duty_on or one.expected_due))
    return Portfolio(tuple(waiting), shares.by_kind(found))


async def optimism(person: Person) -> Mapping[BenefitKind, Optimism]:
    """What became of promises by kind, over those the person may see, so that nothing of a hidden pilot is told."""
    return {one.kind: one for one in shares.by_kind(await _visible(person))}


def measurable(analysis_id: int, effects: Iterable[Effect], finished_at: datetime) -> list[MeasuredEffect]:
    """The effects of a finished analysis that a measurement can take over: those that carry a claim."""
    return [
        MeasuredEffect(
            key=EFFECT_KEY.format(analysis=analysis_id, aggregation=effect.aggregation, outcome=effect.outcome),
            analysis_id=analysis_id,
            outcome=effect.outcome,
            name=effect.name,
            estimate=effect.estimate,
            low=effect.low,
            high=effect.high,
            finished_on=day_of(finished_at),
        )
        for effect in primary(list(effects))
        if effect.estimate is not None and effect.low is not None and effect.high is not None
    ]


async def _visible(person: Person) -> tuple[BenefitView, ...]:
    seen = Pilot.select(Pilot.id).where(visible_to(person))
    return await _views(await Benefit.select(*_PROMISE).where(Benefit.pilot.is_in(seen)).order_by(Benefit.id))


async def _views(rows: Iterable[Mapping[str, Any]]) -> tuple[BenefitView, ...]:
    """The promises with all their entries, in five statements whatever their number."""
    promises = list(rows)
    ids = [row["id"] for row in promises] or [0]
    revisions = await _entries(Revision, Revision.revised_by, ids)
    measurements = await _entries(Measurement, Measurement.entered_by, ids)
    realisations = await _entries(Realisation, Realisation.entered_by, ids)
    gone = await outdated({row["analysis"] for found in measurements.values() for row in found if row["analysis"]})
    entered = {
        promise: [{**one, "outdated": msgspec.to_builtins(gone.get(one["analysis"]))} for one in found]
        for promise, found in measurements.items()
    }
    entries: dict[str, dict[int, Any]] = {"revisions": revisions, "measurements": entered, "realisations": realisations}
    made = ({**row, **{name: found.get(row["id"], ()) for name, found in entries.items()}} for row in promises)
    return tuple(view(msgspec.convert(one, Promise), today()) for one in made)


async def _entries(table: Any, by: Any, ids: list[int]) -> dict[int, list[Mapping[str, Any]]]:
    """What was entered about these promises, by promise, newest first."""
    query = table.select(*table.all_columns(), by._.name.as_alias("by")).where(table.benefit.is_in(ids))
    found: dict[int, list[Mapping[str, Any]]] = {}
    for row in await query.order_by(table.id, ascending=False):
        found.setdefault(row["benefit"], []).append(row)
    return found
