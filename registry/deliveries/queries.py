"""Reading what authorities delivered; only those who may inspect the rows of a pilot see it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from effects.errors import Finding
from effects.message import Message
from registry.datasets.facts import Shared
from registry.datasets.rules import UploadState
from registry.deliveries.rules import VIEW
from registry.deliveries.schemas import Deliveries, DeliverySummary, DeliveryView, Expected, SendingView, SentFile
from registry.deliveries.tables import Delivery, Sending
from registry.kit import jobs
from registry.kit.errors import NotFound
from registry.people.rules import Person, require
from registry.pilots.queries import sites_of, visible_pilot
from registry.plans import queries as plans

_SHOWN: Final = 10  # sendings on the page

_DELIVERY: Final = (
    *Delivery.all_columns(exclude=[Delivery.content, Delivery.sheet, Delivery.deleted_by]),
    Delivery.sending.pilot.as_alias("pilot"),
    Delivery.sending.purpose.as_alias("purpose"),
    Delivery.sending.legal_basis.as_alias("legal_basis"),
    Delivery.sending.retain_until.as_alias("retain_until"),
    Delivery.sending.sent_by.as_alias("sender"),
    Delivery.sending._.sent_by._.name.as_alias("sent_by"),
    Delivery.deleted_by.name.as_alias("deleted_by"),
    Delivery.authority.code.as_alias("code"),
    Delivery.authority.name.as_alias("name"),
)


async def deliveries(person: Person, pilot_id: int) -> Deliveries:
    """Whose moments are here for the locked plan, and whose are missing.

    Raises NotFound when the person may not see the pilot, Forbidden when they may not inspect its rows.
    """
    pilot = await visible_pilot(person, pilot_id)
    require(person, VIEW, organisation=pilot.organisation, pilot=pilot_id)
    listed = await plans.plans_of(person, pilot_id)
    plan = next((one for one in listed.plans if one.id == listed.current), None)
    every = () if plan is None else await of_plan(plan.id)
    counts = {one.authority: one for one in every if one.replaced_by is None and one.deleted_at is None}
    sites = await sites_of(pilot_id)
    return Deliveries(
        pilot=pilot_id,
        plan=plan,
        expected=tuple(
            Expected(code=site.code, name=site.name, part=site.part, delivery=counts.get(site.organisation))
            for site in sites
        ),
        replaced=tuple(one for one in every if counts.get(one.authority) is not one),
        sendings=await _sendings(pilot_id),
    )


async def counting(plan_id: int) -> tuple[DeliverySummary, ...]:
    """The delivery of each authority that counts for a plan, by its code; for a pilot the reader may see."""
    every = await of_plan(plan_id)
    return tuple(one for one in every if one.replaced_by is None and one.deleted_at is None)


async def of_plan(plan_id: int) -> tuple[DeliverySummary, ...]:
    """Every delivery for a plan by the authority's code, the newest first; for a pilot the reader may see."""
    query = Delivery.select(*_DELIVERY).where(Delivery.plan == plan_id)
    rows = await query.order_by(Delivery.id, ascending=False)
    newer: dict[int, Mapping[str, Any]] = {}
    found = []
    for row in rows:
        found.append(_delivery(row, newer.get(row["authority"])))
        newer[row["authority"]] = row
    return tuple(sorted(found, key=lambda one: one.code))


async def replaced(pilot_id: int) -> list[int]:
    """The ids of files that are still here although a newer one of the authority came for the same plan."""
    columns = (Delivery.id, Delivery.plan, Delivery.authority, Delivery.deleted_at)
    rows = await Delivery.select(*columns).where(Delivery.sending._.pilot == pilot_id).order_by(Delivery.id)
    newest = {(row["plan"], row["authority"]): row["id"] for row in rows}
    here = [row for row in rows if row["deleted_at"] is None]
    return [row["id"] for row in here if newest[row["plan"], row["authority"]] != row["id"]]


async def delivery(person: Person, delivery_id: int) -> DeliveryView:
    """One delivery with its cover sheet. Raises what `deliveries` raises."""
    about = (Delivery.plan, Delivery.sheet, Delivery.sending.pilot.as_alias("pilot"))
    row = await Delivery.select(*about).where(Delivery.id == delivery_id).first()
    if row is None:
        raise NotFound
    pilot = await visible_pilot(person, row["pilot"])
    require(person, VIEW, organisation=pilot.organisation, pilot=pilot.id)
    summary = next(one for one in await of_plan(row["plan"]) if one.id == delivery_id)
    sheet = msgspec.json.decode(row["sheet"], type=tuple[Message, ...])
    return DeliveryView(**msgspec.structs.asdict(summary), sheet=sheet)


async def sending(person: Person, sending_id: int) -> SendingView:
    """Files that were sent at once. Raises what `deliveries` raises."""
    query = Sending.select(*Sending.all_columns(), Sending.sent_by.name.as_alias("sender"))
    row = await query.where(Sending.id == sending_id).first()
    if row is None:
        raise NotFound
    pilot = await visible_pilot(person, row["pilot"])
    require(person, VIEW, organisation=pilot.organisation, pilot=pilot.id)
    return await _sending(row)


async def being_checked() -> set[int]:
    """The ids of all sendings whose files are still to be read; not of those whose check broke off."""
    rows = await Sending.select(Sending.id, Sending.job).where(Sending.state == UploadState.CHECKING)
    work = {row["id"]: await jobs.find(row["job"]) for row in rows}
    return {sending for sending, job in work.items() if job is not None and not job.over}


async def contents(deliveries: Sequence[int]) -> dict[int, str]:
    """The files of deliveries, to the byte, but for those that are deleted."""
    if not deliveries:
        return {}
    there = Delivery.id.is_in(list(deliveries)) & Delivery.content.is_not_null()
    return {row["id"]: row["content"] for row in await Delivery.select(Delivery.id, Delivery.content).where(there)}


def _delivery(row: Mapping[str, Any], newer: Mapping[str, Any] | None) -> DeliverySummary:
    shown = {name: row[name] for name in DeliverySummary.__struct_fields__ if name in row and name != "shared"}
    return DeliverySummary(
        **shown,
        shared=msgspec.json.decode(row["shared"], type=Shared),
        replaced_by=None if newer is None else newer["id"],
        replacer=None if newer is None else newer["sent_by"],
        replaced_at=None if newer is None else newer["stored_at"],
    )


async def _sendings(pilot_id: int) -> tuple[SendingView, ...]:
    query = Sending.select(*Sending.all_columns(), Sending.sent_by.name.as_alias("sender"))
    rows = await query.where(Sending.pilot == pilot_id).order_by(Sending.id, ascending=False).limit(_SHOWN)
    return tuple([await _sending(row) for row in rows])


async def _sending(row: Mapping[str, Any]) -> SendingView:
    names = ("id", "pilot", "plan", "purpose", "legal_basis", "retain_until", "sent_at")
    return SendingView(
        **{name: row[name] for name in names},
        files=msgspec.json.decode(row["files"], type=tuple[SentFile, ...]),
        state=UploadState(row["state"]),
        findings=tuple(msgspec.json.decode(row["findings"], type=list[Finding])),
        sent_by=row["sender"],
        job=await jobs.find(row["job"]) if row["job"] else None,
    )
