"""Taking a file in, saying how it is read, and a second person's word on the version it became."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from effects.errors import Finding
from registry.audit.actions import record
from registry.datasets import contributions, files, queries, reading_forms, table_schema
from registry.datasets.files import Received
from registry.datasets.reading import seems_delimited
from registry.datasets.rules import (
    APPROVE,
    INSPECT,
    UPLOAD,
    UploadState,
    VersionState,
    schema_findings,
    statement_findings,
)
from registry.datasets.schema import FileSchema, proposed
from registry.datasets.schemas import Confirmation, Rejection, Statement, UploadView, VersionView
from registry.datasets.sniffing import suggested
from registry.datasets.tables import DatasetVersion, Upload
from registry.kit import jobs
from registry.kit.clock import now, today
from registry.kit.database import transaction
from registry.kit.errors import Conflict, Forbidden, Gone, Invalid, NotFound
from registry.people.rules import Person, allows, require
from registry.pilots.queries import visible_pilot
from registry.plans import queries as plans

CHECK: Final = "datasets.check"
"""The kind of job that checks an upload."""


async def receive(pilot_id: int, command: Statement, file: Received, filename: str, *, state: Path, by: Person) -> int:
    """Take a whole file in; the answer is the upload's id.

    It is checked at once, or waits for a person when it does not look as was said. Raises NotFound, Forbidden,
    Conflict while no plan is locked, Invalid with everything wrong; whatever is raised, the file is gone.
    """
    try:
        async with transaction():
            pilot = await visible_pilot(by, pilot_id)
            require(by, UPLOAD, organisation=pilot.organisation, pilot=pilot.id)
            plan = await plans.current_plan(pilot_id)
            if plan is None:
                raise Conflict("No plan is locked yet, so that nobody can say which data are needed.")
            schema = reading_forms.schema_of(command.reading, proposed(plans.parsed(plan)))
            found = statement_findings(
                command.purpose, command.legal_basis, filename, command.retain_until, today()
            ) + schema_findings(schema)
            if file.size == 0:
                found.append(Finding("file", "empty_file", "The file is empty.", "Choose the file with the rows."))
            if found:
                raise Invalid(found)
            return await _take(pilot_id, plan.id, command, file, filename, schema, state, by)
    finally:
        file.path.unlink(missing_ok=True)


async def confirm(upload_id: int, command: Confirmation, *, by: Person) -> None:
    """Say how a waiting file is read, and have it checked. Raises NotFound, Forbidden, Conflict and Invalid."""
    async with transaction():
        upload = await _own(upload_id, by)
        schema = reading_forms.schema_of(command.reading, table_schema.of(upload.schema))
        found = schema_findings(schema)
        if found:
            raise Invalid(found)
        await _move(
            upload_id, UploadState.RECEIVED, UploadState.CHECKING, {Upload.schema: table_schema.encoded(schema)}
        )
        await _enqueue(upload_id)
        await _record("datasets.confirm", "upload", upload_id, {"schema": table_schema.written(schema)}, by.id)


async def discard(upload_id: int, *, state: Path, by: Person) -> None:
    """Delete a file that waits, or whose check broke off. Raises NotFound, Forbidden and Conflict."""
    async with transaction():
        upload = await _own(upload_id, by)
        if upload.state is not UploadState.RECEIVED and not upload.stuck:
            raise Conflict("This file is being checked, or is gone already.")
        said = msgspec.json.encode([_DISCARDED]).decode()
        await _move(upload_id, upload.state, UploadState.REFUSED, {Upload.findings: said})
        await _record("datasets.discard", "upload", upload_id, {}, by.id)
    files.remove(state, upload_id)


async def approve(version_id: int, *, by: Person) -> None:
    """Let a version be analysed. Raises NotFound, Forbidden for everybody whose own work is in it.

    Raises Conflict when it was judged or moments in it no longer count, and Gone when its rows are deleted.
    """
    async with transaction():
        found = await _judged(version_id, by)
        if said := await contributions.outdated(found):
            raise Conflict(said)
        changes: dict[Any, Any] = {DatasetVersion.approved_by: by.id, DatasetVersion.approved_at: now()}
        await _judge(version_id, "datasets.approve", changes, by)


async def reject(version_id: int, command: Rejection, *, by: Person) -> None:
    """Keep a version from being analysed, with the reason. Raises what `approve` raises."""
    async with transaction():
        await _judged(version_id, by)
        changes: dict[Any, Any] = {
            DatasetVersion.rejected_by: by.id,
            DatasetVersion.rejected_at: now(),
            DatasetVersion.rejected_reason: command.reason,
        }
        await _judge(version_id, "datasets.reject", changes, by)


async def fetch(version_id: int, *, by: Person) -> VersionView:
    """The version whose rows the person may have, after noting that they took them.

    Raises NotFound for all others, and Gone with the reason when the rows, or moments among them, are deleted.
    """
    async with transaction():
        found = await queries.version(by, version_id)
        pilot = await visible_pilot(by, found.pilot)
        if not allows(by, INSPECT, organisation=pilot.organisation, pilot=pilot.id):
            raise NotFound
        queries.require_rows(found)
        if why := await contributions.withheld(found):
            raise Gone(why)
        await _record("datasets.fetch", "dataset_version", version_id, {"content": found.content}, by.id)
    return found


async def _take(
    pilot_id: int,
    plan_id: int,
    command: Statement,
    file: Received,
    filename: str,
    schema: FileSchema,
    state: Path,
    by: Person,
) -> int:
    seems = suggested(file.head, schema) if seems_delimited(file.head) else schema
    row = Upload(
        pilot=pilot_id,
        plan=plan_id,
        filename=filename[:200],
        size=file.size,
        sha256=file.sha256,
        schema=table_schema.encoded(seems),
        state=UploadState.CHECKING if seems == schema else UploadState.RECEIVED,
        purpose=command.purpose,
        legal_basis=command.legal_basis,
        retain_until=command.retain_until,
        uploaded_by=by.id,
        uploaded_at=now(),
    )
    upload_id: int = (await Upload.insert(row))[0]["id"]
    if seems == schema:
        await _enqueue(upload_id)
    file.path.replace(files.upload_path(state, upload_id))
    content = {"plan": plan_id, "sha256": file.sha256, "size": file.size}
    await _record("datasets.receive", "upload", upload_id, content, by.id)
    return upload_id


async def _enqueue(upload_id: int) -> None:
    job = await jobs.enqueue(CHECK, subject=f"upload:{upload_id}", payload={"upload": upload_id})
    await Upload.update({Upload.job: job}).where(Upload.id == upload_id)


async def _own(upload_id: int, by: Person) -> UploadView:
    upload = await queries.upload(by, upload_id)
    pilot = await visible_pilot(by, upload.pilot)
    require(by, UPLOAD, organisation=pilot.organisation, pilot=pilot.id)
    return upload


async def _move(upload_id: int, before: UploadState, after: UploadState, changes: Mapping[Any, Any]) -> None:
    changed: dict[Any, Any] = {**changes, Upload.state: after}
    there = (Upload.id == upload_id) & (Upload.state == before)
    if not await Upload.update(changed).where(there).returning(Upload.id):
        raise Conflict("This file is being checked, or is gone already.")


async def _judged(version_id: int, by: Person) -> VersionView:
    """Four eyes: nobody judges what they sent or gathered themselves."""
    found = await queries.version(by, version_id)
    pilot = await visible_pilot(by, found.pilot)
    require(by, APPROVE, organisation=pilot.organisation, pilot=pilot.id)
    queries.require_rows(found)
    if said := await contributions.own_work(by, found):
        raise Forbidden(said)
    if found.state is not VersionState.WAITING:
        raise Conflict("This version was approved or rejected already.")
    return found


async def _judge(version_id: int, action: str, changes: Mapping[Any, Any], by: Person) -> None:
    waiting = DatasetVersion.approved_at.is_null() & DatasetVersion.rejected_at.is_null()
    judged = DatasetVersion.update(dict(changes)).where((DatasetVersion.id == version_id) & waiting)
    if not await judged.returning(DatasetVersion.id):
        raise Conflict("This version was approved or rejected already.")
    await _record(action, "dataset_version", version_id, {}, by.id)


async def _record(action: str, kind: str, object_id: int, content: Mapping[str, object], by: int | None) -> None:
    await record(action=action, object_kind=kind, object_id=object_id, content=content, by=by)


_DISCARDED: Final = Finding(
    where="file",
    code="discarded",
    message="The file was discarded before it was checked.",
    remedy="Send it again when it is to be used.",
)
