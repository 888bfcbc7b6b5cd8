"""Taking moments files in, and asking for what was delivered to be gathered."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from registry.audit.actions import record
from registry.datasets import files, table_schema
from registry.datasets import queries as datasets
from registry.datasets.files import Received
from registry.datasets.rules import UploadState
from registry.datasets.tables import Upload
from registry.deliveries import queries, waiting
from registry.deliveries.rules import (
    BEING_GATHERED,
    CHECK,
    DELIVER,
    GATHER,
    NO_PLAN,
    NOTHING_DELIVERED,
    POOL,
    SUBJECT,
    named_apart,
    offer_findings,
)
from registry.deliveries.schemas import Deliveries, Manifest, SentFile, Stated
from registry.deliveries.tables import Sending
from registry.kit import jobs
from registry.kit.clock import now, today
from registry.kit.database import take_turn, transaction
from registry.kit.errors import Conflict, Invalid
from registry.people.rules import Person, require
from registry.pilots.queries import visible_pilot
from registry.pilots.tables import Pilot
from registry.plans import queries as plans

_LONGEST: Final = 300


async def send(
    pilot_id: int,
    command: Stated,
    received: Sequence[tuple[str, Received]],
    *,
    state: Path,
    minimum: int,
    by: Person,
) -> int:
    """Take whole files in, by name, and have all of them checked; the answer is the sending's id.

    `minimum` people must stand behind whatever a file tells. Raises NotFound, Forbidden, Conflict while no plan is
    locked, Invalid with everything wrong; whatever is raised, the files are gone.
    """
    try:
        async with transaction():
            pilot = await visible_pilot(by, pilot_id)
            require(by, DELIVER, organisation=pilot.organisation, pilot=pilot.id)
            plan = await plans.current_plan(pilot_id)
            if plan is None:
                raise Conflict(NO_PLAN)
            sizes = [(name, file.size) for name, file in received]
            if wrong := offer_findings(command.purpose, command.legal_basis, sizes, command.retain_until, today()):
                raise Invalid(wrong)
            sending_id = await _take(pilot_id, plan.id, command, received, minimum, by)
            waiting.keep(state, sending_id, [file for _, file in received])
    finally:
        for _, file in received:
            file.path.unlink(missing_ok=True)
    return sending_id


async def gather(pilot_id: int, *, state: Path, by: Person) -> int:
    """Have a version made of what counts just now; the answer is the id of the upload that becomes it.

    Raises NotFound, Forbidden, and Conflict while no plan is locked, nothing is delivered, or it is being done.
    """
    async with transaction():
        pilot = await visible_pilot(by, pilot_id)
        require(by, GATHER, organisation=pilot.organisation, pilot=pilot.id)
        await take_turn(Pilot, pilot_id)
        found = await queries.deliveries(by, pilot_id)
        if found.plan is None:
            raise Conflict(NO_PLAN)
        if not found.delivered:
            raise Conflict(NOTHING_DELIVERED)
        latest = await jobs.latest(SUBJECT.format(pilot_id), POOL)
        if latest is not None and not latest.over:
            raise Conflict(BEING_GATHERED)
        return await _gathering(found, found.plan.id, state, by)


async def _take(
    pilot_id: int, plan_id: int, command: Stated, received: Sequence[tuple[str, Received]], minimum: int, by: Person
) -> int:
    names = named_apart([name[:190] for name, _ in received])
    sent = [SentFile(name, file.size, file.sha256) for name, (_, file) in zip(names, received, strict=True)]
    row = Sending(
        pilot=pilot_id,
        plan=plan_id,
        files=msgspec.json.encode(sent).decode(),
        state=UploadState.CHECKING,
        purpose=command.purpose,
        legal_basis=command.legal_basis,
        retain_until=command.retain_until,
        sent_by=by.id,
        sent_at=now(),
    )
    sending_id: int = (await Sending.insert(row))[0]["id"]
    payload = {"sending": sending_id, "minimum": minimum}
    job = await jobs.enqueue(CHECK, subject=f"sending:{sending_id}", payload=payload)
    await Sending.update({Sending.job: job}).where(Sending.id == sending_id)
    content = {"plan": plan_id, "sha256": [file.sha256 for file in sent]}
    await record(
        action="deliveries.send", object_kind="moments_sending", object_id=sending_id, content=content, by=by.id
    )
    return sending_id


async def _gathering(found: Deliveries, plan_id: int, state: Path, by: Person) -> int:
    """An upload whose file says what is gathered, and whose promises are the strictest of what goes into it."""
    there = [one.delivery for one in found.delivered if one.delivery is not None]
    manifest = Manifest(tuple(one.id for one in there), tuple(f"{one.name} ({one.code})" for one in found.missing))
    content = msgspec.json.encode(manifest)
    schema = await datasets.asked_for(found.pilot)
    assert schema is not None, "a plan is locked"
    row = Upload(
        pilot=found.pilot,
        plan=plan_id,
        filename=f"pilot-{found.pilot}{files.MOMENTS}",
        size=sum(one.size for one in there),
        sha256=hashlib.sha256(content).hexdigest(),
        schema=table_schema.encoded(schema),
        state=UploadState.CHECKING,
        purpose=_joined([one.purpose for one in there]),
        legal_basis=_joined([one.legal_basis for one in there]),
        retain_until=min(one.retain_until for one in there),
        uploaded_by=by.id,
        uploaded_at=now(),
    )
    upload_id: int = (await Upload.insert(row))[0]["id"]
    job = await jobs.enqueue(POOL, subject=SUBJECT.format(found.pilot), payload={"upload": upload_id})
    await Upload.update({Upload.job: job}).where(Upload.id == upload_id)
    files.upload_path(state, upload_id).write_bytes(content)
    said = {"plan": plan_id, "sha256": [one.sha256 for one in there], "missing": list(manifest.missing)}
    await record(action="deliveries.gather", object_kind="upload", object_id=upload_id, content=said, by=by.id)
    return upload_id


def _joined(texts: Sequence[str]) -> str:
    """Every different text once; what is too long for one line stands in full with each delivery."""
    whole = "; ".join(dict.fromkeys(texts))
    return whole if len(whole) <= _LONGEST else f"{whole[: _LONGEST - 1]}…"
