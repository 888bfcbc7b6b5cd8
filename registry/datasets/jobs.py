"""Checking an upload in the worker, and what becomes of it: a version, or findings and no file."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from effects.codes import Design
from effects.errors import Finding
from effects.message import Message
from effects.plan import AnalysisPlan
from registry.audit.actions import record
from registry.datasets import files, queries, table_schema
from registry.datasets.checking import STORED, Checked, check
from registry.datasets.comparing import Earlier
from registry.datasets.differences import Differences, Obstacle
from registry.datasets.facts import ColumnFacts, Step, Stored
from registry.datasets.rules import UploadState
from registry.datasets.tables import Comparison, DatasetVersion, Deletion, Upload
from registry.datasets.weighing import Weighed, names_people, weigh, without
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
WEIGHING: Final = Message("The rows are being compared with those of version {number}.")


@dataclass(frozen=True, slots=True)
class Keeping:
    """Rows that passed, what there is to say about them, and what differs from the version before, if there is one."""

    stored: Stored
    findings: tuple[Finding, ...]
    differences: Differences | None


async def run(work: Work) -> None:
    """Check one upload. Done again after a crash it comes to the same: only the last step writes."""
    upload = await Upload.objects().get(Upload.id == int(work.payload["upload"]))
    if upload is None or upload.state != UploadState.CHECKING:
        return
    await work.progress(*STEPS[Step.READING])
    folder = files.work_folder(work.state, upload.id)
    checked = await _checked(work, files.upload_path(work.state, upload.id), folder, upload)
    weighed = await _weighed(work, folder, upload) if checked.stored else None
    async with work.finishing():
        if checked.stored is None:
            await _finish(upload, UploadState.REFUSED, checked.findings)
        else:
            found = (*checked.findings, *(weighed.findings if weighed else ()))
            kept = Keeping(checked.stored, found, weighed.differences if weighed else None)
            await _store(upload, kept, folder / STORED, work.state)
    files.remove(work.state, upload.id)
    files.sweep(work.state, await queries.being_read())


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


async def _weighed(work: Work, folder: Path, upload: Upload) -> Weighed | None:
    """The checked rows against those of the version before; None where there is none."""
    earlier = await _earlier(upload.pilot, work.state)
    if earlier is None:
        return None
    await work.progress(0.9, Message(WEIGHING.template, {"number": earlier.number}))
    schema = table_schema.decoded(upload.schema)
    plan = (await Upload.select(Upload.plan.toml.as_alias("toml")).where(Upload.id == upload.id))[0]["toml"]
    individual = AnalysisPlan.from_text(plan).design is Design.INDIVIDUAL_RANDOMISED
    people, later = names_people(schema, individual=individual), folder / STORED
    try:
        return await work.limited(weigh, later, schema, earlier, people, folder, seconds=SECONDS, megabytes=MEGABYTES)
    except LimitExceeded:
        return without(earlier, Obstacle.TOO_COSTLY)


async def _earlier(pilot_id: int, state: Path) -> Earlier | None:
    """The newest version of a pilot that was approved, else the newest; of those that still have rows."""
    gone = {row["version"] for row in await Deletion.select(Deletion.version)}
    rows = await DatasetVersion.select().where(DatasetVersion.pilot == pilot_id).order_by(DatasetVersion.number)
    there = [row for row in rows if row["id"] not in gone]
    newest = max(there, key=lambda row: (row["approved_at"] is not None, row["number"]), default=None)
    if newest is None:
        return None
    columns = msgspec.json.decode(newest["columns"], type=tuple[ColumnFacts, ...])
    path = files.versions(state) / newest["stored"]
    return Earlier(newest["number"], path, columns, approved=newest["approved_at"] is not None)


async def _store(upload: Upload, keeping: Keeping, parquet: Path, state: Path) -> None:
    """A new version, unless the pilot has these very rows already, or had them and deleted them."""
    stored, findings = keeping.stored, keeping.findings
    same = (DatasetVersion.pilot == upload.pilot) & (DatasetVersion.content == stored.content)
    earlier = await DatasetVersion.select(DatasetVersion.id, DatasetVersion.number).where(same).first()
    if earlier is not None and await Deletion.exists().where(Deletion.version == earlier["id"]):
        await _finish(upload, UploadState.REFUSED, (_deleted_rows(earlier["number"]),))
        return
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
    version_id = (await DatasetVersion.insert(row))[0]["id"]
    if keeping.differences is not None:
        said = msgspec.json.encode(keeping.differences).decode()
        await Comparison.insert(Comparison(version=version_id, differences=said))
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


def _deleted_rows(number: int) -> Finding:
    return Finding(
        where="file",
        code="deleted_rows",
        message="These are the very rows of version {number}, which were deleted. They are not stored again.",
        remedy="Send other rows, or extend the time of a version before its day comes.",
        params={"number": number},
    )


def _same_rows(number: int) -> Finding:
    return Finding(
        where="file",
        code="same_rows",
        message="These are the very rows of version {number}, so that no new version was made.",
        remedy="Use that version.",
        params={"number": number},
        severity="warning",
    )
