"""Checking an upload in the worker, and what becomes of it: a version, or findings and no file."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from effects.errors import Finding
from effects.message import Message
from registry.audit.actions import record
from registry.datasets import files, table_schema
from registry.datasets.checking import STORED, Checked, check
from registry.datasets.facts import Step, Stored
from registry.datasets.rules import UploadState
from registry.datasets.tables import DatasetVersion, Upload
from registry.kit.clock import now
from registry.kit.pool import LimitExceeded
from registry.kit.work import Work

SECONDS: Final = 900.0
MEGABYTES: Final = 4_096
"""Address space of the child that reads what a stranger sent."""

LOOKS: Final = 0.5
"""Seconds between two looks at how far the child is."""

STEPS: Final[Mapping[Step, tuple[float, Message]]] = {
    Step.READING: (0.1, Message("The file is being read.")),
    Step.STORING: (0.3, Message("Every cell is being checked, and the rows sorted and stored.")),
    Step.SEARCHING: (0.7, Message("Something is wrong in the file; every fault is being looked for.")),
}


async def run(work: Work) -> None:
    """Check one upload. Done again after a crash it comes to the same: only the last step writes."""
    upload = await Upload.objects().get(Upload.id == int(work.payload["upload"]))
    if upload is None or upload.state != UploadState.CHECKING:
        return
    await work.progress(*STEPS[Step.READING])
    folder = files.work_folder(work.state, upload.id)
    checked = await _checked(work, files.upload_path(work.state, upload.id), folder, upload)
    async with work.finishing():
        if checked.stored is None:
            await _finish(upload, UploadState.REFUSED, checked.findings)
        else:
            await _store(upload, checked.stored, checked.findings, folder / STORED, work.state)
    files.remove(work.state, upload.id)
    files.sweep(work.state, await _active())


async def _checked(work: Work, path: Path, folder: Path, upload: Upload) -> Checked:
    schema = table_schema.decoded(upload.schema)
    checking = asyncio.ensure_future(work.limited(check, path, folder, schema, seconds=SECONDS, megabytes=MEGABYTES))
    try:
        await _show(work, folder, checking)
        return await checking
    except LimitExceeded as error:
        return Checked((Finding("file", error.code, error.message.template),), None)


async def _show(work: Work, folder: Path, checking: asyncio.Future[Checked]) -> None:
    """Show how far the check is until it has ended; it is over, too, when the job turns out to be somebody else's."""
    shown: Step | None = Step.READING
    try:
        while not checking.done():
            await asyncio.wait({checking}, timeout=LOOKS)
            step = Step.told(folder)
            if step is not None and step != shown and not checking.done():
                shown = step
                await work.progress(*STEPS[step])
    finally:
        await asyncio.wait({checking})


async def _store(upload: Upload, stored: Stored, findings: tuple[Finding, ...], parquet: Path, state: Path) -> None:
    """A new version, unless the pilot has these very rows already."""
    same = (DatasetVersion.pilot == upload.pilot) & (DatasetVersion.content == stored.content)
    earlier = await DatasetVersion.select(DatasetVersion.number).where(same).first()
    if earlier is not None:
        await _finish(upload, UploadState.STORED, (_same_rows(earlier["number"]), *findings))
        return
    name = f"{upload.pilot}-{stored.content.removeprefix('sha256:')}.parquet"
    row = DatasetVersion(
        pilot=upload.pilot,
        plan=upload.plan,
        upload=upload.id,
        number=await _next_number(upload.pilot),
        sha256=upload.sha256,
        content=stored.content,
        stored=name,
        rows=stored.rows,
        columns=msgspec.json.encode(stored.columns).decode(),
        completeness=msgspec.json.encode(stored.completeness).decode(),
        uploaded_by=upload.uploaded_by,
        stored_at=now(),
    )
    await DatasetVersion.insert(row)
    files.keep(parquet, files.versions(state) / name)
    await _finish(upload, UploadState.STORED, findings, {"content": stored.content, "rows": stored.rows})


async def _finish(
    upload: Upload, state: UploadState, findings: tuple[Finding, ...], content: dict[str, Any] | None = None
) -> None:
    said = msgspec.json.encode(findings).decode()
    await Upload.update({Upload.state: state, Upload.findings: said}).where(Upload.id == upload.id)
    codes = sorted({finding.code for finding in findings})
    await record(
        action=f"datasets.{state.value}",
        object_kind="upload",
        object_id=upload.id,
        content={"findings": codes, **(content or {})},
        by=None,
    )


async def _next_number(pilot_id: int) -> int:
    query = DatasetVersion.select(DatasetVersion.number).where(DatasetVersion.pilot == pilot_id)
    newest = await query.order_by(DatasetVersion.number, ascending=False).first()
    return newest["number"] + 1 if newest else 1


async def _active() -> set[int]:
    waiting = Upload.state.is_in([UploadState.RECEIVED, UploadState.CHECKING])
    return {row["id"] for row in await Upload.select(Upload.id).where(waiting)}


def _same_rows(number: int) -> Finding:
    return Finding(
        where="file",
        code="same_rows",
        message="These are the very rows of version {number}, so that no new version was made.",
        remedy="Use that version.",
        params={"number": number},
        severity="warning",
    )
