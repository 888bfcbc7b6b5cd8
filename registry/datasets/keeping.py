"""What becomes of an upload in the end: a version, or findings and no file. Inside the transaction of its job."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from effects.errors import Finding
from registry.audit.actions import record
from registry.datasets import contributions, files
from registry.datasets.comparing import Earlier
from registry.datasets.contributions import Part
from registry.datasets.differences import Differences
from registry.datasets.facts import ColumnFacts, Gathered, Stored
from registry.datasets.rules import UploadState
from registry.datasets.tables import Comparison, DatasetVersion, Deletion, Upload
from registry.kit.clock import now
from registry.kit.database import take_turn
from registry.pilots.tables import Pilot


@dataclass(frozen=True, slots=True)
class Keeping:
    """What passed, what there is to say about it, and what differs from the version before, if there is one.

    `gathered` says of moments whose they are, which takes the place of the completeness of rows; `parts` are the
    deliveries that went into them.
    """

    stored: Stored
    findings: tuple[Finding, ...]
    differences: Differences | None
    gathered: Gathered | None = None
    parts: tuple[Part, ...] = ()


async def keep(upload: Upload, keeping: Keeping, path: Path, state: Path) -> None:
    """A new version of the file at `path`, unless the pilot has this very content already, or had it and deleted it."""
    await take_turn(Pilot, upload.pilot)
    stored, findings = keeping.stored, keeping.findings
    same = (DatasetVersion.pilot == upload.pilot) & (DatasetVersion.content == stored.content)
    earlier = await DatasetVersion.select(DatasetVersion.id, DatasetVersion.number).where(same).first()
    if earlier is not None and await Deletion.exists().where(Deletion.version == earlier["id"]):
        await finish(upload, UploadState.REFUSED, (_deleted_rows(earlier["number"]),))
        return
    if earlier is not None:
        await contributions.keep(earlier["id"], keeping.parts)
        await finish(upload, UploadState.STORED, (_same_rows(earlier["number"]), *findings))
        return
    name = f"{upload.pilot}-{stored.content.removeprefix('sha256:')}{path.suffix}"
    completeness = keeping.gathered or stored.completeness
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
        completeness=msgspec.json.encode(completeness).decode(),
        uploaded_by=upload.uploaded_by,
        stored_at=now(),
    )
    version_id = (await DatasetVersion.insert(row))[0]["id"]
    await contributions.keep(version_id, keeping.parts)
    if keeping.differences is not None:
        said = msgspec.json.encode(keeping.differences).decode()
        await Comparison.insert(Comparison(version=version_id, differences=said))
    files.keep(path, files.versions(state) / name)
    await finish(upload, UploadState.STORED, findings, {"content": stored.content, "rows": stored.rows})


async def finish(
    upload: Upload, state: UploadState, findings: tuple[Finding, ...], content: dict[str, Any] | None = None
) -> None:
    """Write down how an upload ended."""
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


async def earlier_version(pilot_id: int, state: Path) -> Earlier | None:
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
