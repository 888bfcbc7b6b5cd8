"""Rows go on the day that was promised: kept longer with a reason before it, deleted at once with one, else by sweep.

What is known about a version stays when its rows go, and so do the analyses of it.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from effects.errors import Finding
from registry.audit.actions import record
from registry.datasets import files, queries
from registry.datasets.rules import UPLOAD, UploadState, extension_findings
from registry.datasets.schemas import Deleting, Extending, VersionView
from registry.datasets.tables import DatasetVersion, Deletion, Extension, Upload
from registry.kit import jobs
from registry.kit.clock import now, today
from registry.kit.database import transaction
from registry.kit.errors import Conflict, Gone, Invalid
from registry.people.rules import Person, require
from registry.pilots.queries import visible_pilot

FORSAKE: Final = "deliveries.forsake"
"""The kind of job that deletes what a deleted version of moments was made of."""


async def extend(version_id: int, command: Extending, *, by: Person) -> None:
    """Keep the rows longer than was promised; everybody who sees the pilot can read why.

    Raises NotFound, Forbidden, Invalid, Gone, and Conflict from the promised day on.
    """
    async with transaction():
        found = await theirs(version_id, by)
        if found.retain_until <= today():
            raise Conflict("The day has come on which these rows go; it can no longer be put off.")
        if wrong := extension_findings(command.retain_until, found.retain_until, today()):
            raise Invalid(wrong)
        await Upload.update({Upload.retain_until: command.retain_until}).where(Upload.id == found.upload)
        row = Extension(
            version=version_id,
            was=found.retain_until,
            until=command.retain_until,
            reason=command.reason,
            extended_by=by.id,
            extended_at=now(),
        )
        await Extension.insert(row)
        content = {"was": row.was.isoformat(), "until": row.until.isoformat(), "reason": command.reason}
        await _record("datasets.extend", "dataset_version", version_id, content, by.id)


async def delete_rows(version_id: int, command: Deleting, *, state: Path, by: Person) -> None:
    """Delete the rows, or moments with what only they were made of, before their day. Raises as `theirs`."""
    async with transaction():
        found = await theirs(version_id, by)
        if not await _mark(version_id, command.reason, by.id):
            raise Gone
        content = {"content": found.content, "reason": command.reason}
        await _record("datasets.delete", "dataset_version", version_id, content, by.id)
        if found.moments:
            await jobs.enqueue(FORSAKE, subject=f"version:{version_id}", payload={"pilot": found.pilot})
    _unlink(state, found.stored)


async def theirs(version_id: int, by: Person) -> VersionView:
    """A version with rows over which the person decides. Raises NotFound, Forbidden and Gone."""
    found = await queries.version(by, version_id)
    pilot = await visible_pilot(by, found.pilot)
    require(by, UPLOAD, organisation=pilot.organisation, pilot=pilot.id)
    queries.require_rows(found)
    return found


async def sweep(state: Path) -> None:
    """Delete all rows whose day has come, and every file that a crash left behind.

    Two workers that sweep at once do it once.
    """
    due = DatasetVersion.upload._.retain_until <= today()
    gone = {row["version"] for row in await Deletion.select(Deletion.version)}
    for row in await DatasetVersion.select(DatasetVersion.id, DatasetVersion.content).where(due):
        if row["id"] not in gone:
            async with transaction():
                if await _mark(row["id"], "", None):
                    await _record("datasets.expire", "dataset_version", row["id"], {"content": row["content"]}, None)
    for row in await Deletion.select(Deletion.version.stored.as_alias("stored")):
        _unlink(state, row["stored"])
    await _sweep_uploads(state)
    if (state / "uploads").is_dir():
        files.sweep(state, await queries.being_read())


async def _sweep_uploads(state: Path) -> None:
    """Delete files that waited for a person, or whose check broke off, until their day came."""
    waiting = Upload.state.is_in([UploadState.RECEIVED, UploadState.CHECKING])
    over: list[int] = []
    for row in await Upload.select().where(waiting & (Upload.retain_until <= today())):
        job = await jobs.find(row["job"]) if row["job"] else None
        if row["state"] == UploadState.CHECKING and (job is None or not job.over):
            continue
        async with transaction():
            same = (Upload.id == row["id"]) & (Upload.state == row["state"])
            said = msgspec.json.encode([_EXPIRED]).decode()
            changes: dict[Any, Any] = {Upload.state: UploadState.REFUSED, Upload.findings: said}
            if await Upload.update(changes).where(same).returning(Upload.id):
                await _record("datasets.expire", "upload", row["id"], {}, None)
                over.append(row["id"])
    for upload_id in over:
        files.remove(state, upload_id)


async def _mark(version_id: int, reason: str, by: int | None) -> bool:
    """Write down that the rows are gone; False when that was done already."""
    row = Deletion(version=version_id, reason=reason, deleted_by=by, deleted_at=now())
    once = Deletion.insert(row).on_conflict(target=Deletion.version, action="DO NOTHING")
    return bool(await once.returning(Deletion.id))


def _unlink(state: Path, stored: str) -> None:
    (files.versions(state) / stored).unlink(missing_ok=True)


async def _record(action: str, kind: str, object_id: int, content: Mapping[str, object], by: int | None) -> None:
    await record(action=action, object_kind=kind, object_id=object_id, content=content, by=by)


_EXPIRED: Final = Finding(
    where="file",
    code="expired",
    message="The day came on which the file had to be deleted, before it was checked.",
    remedy="Send it again with a later day when it is to be used.",
)
