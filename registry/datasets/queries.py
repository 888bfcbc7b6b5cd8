"""Reading uploads and versions. Whoever may see a pilot may see that there are versions; nobody sees rows here."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
from piccolo.columns.combination import Where

from effects.errors import Finding
from effects.message import Message
from registry.datasets import files, table_schema
from registry.datasets.differences import Differences
from registry.datasets.facts import ColumnFacts, Completeness, Gathered
from registry.datasets.rules import INSPECT, UploadState, VersionState
from registry.datasets.schema import FileSchema, proposed
from registry.datasets.schemas import DeletionView, Desk, ExtensionView, UploadView, VersionView, WithdrawalView
from registry.datasets.tables import Comparison, DatasetVersion, Deletion, Extension, Upload, Withdrawal
from registry.kit import jobs
from registry.kit.clock import day_of
from registry.kit.errors import Gone, NotFound
from registry.people.rules import Person, allows, require
from registry.pilots.queries import visible_pilot
from registry.plans import queries as plans
from registry.plans.schemas import PlanView

_SHOWN: Final = 20  # uploads on the desk

_VERSION: Final = (
    *DatasetVersion.all_columns(),
    DatasetVersion.upload.purpose.as_alias("purpose"),
    DatasetVersion.upload.legal_basis.as_alias("legal_basis"),
    DatasetVersion.upload.retain_until.as_alias("retain_until"),
    DatasetVersion.uploaded_by.name.as_alias("uploader"),
    DatasetVersion.approved_by.name.as_alias("approver"),
    DatasetVersion.rejected_by.name.as_alias("rejecter"),
)


async def desk(person: Person, pilot_id: int) -> Desk:
    """What was sent for a pilot and what became of it; uploads only for those who may inspect them.

    Raises NotFound when the person may not see the pilot.
    """
    pilot = await visible_pilot(person, pilot_id)
    listed = await plans.plans_of(person, pilot_id)
    plan = next((one for one in listed.plans if one.id == listed.current), None)
    schema = await asked_for(pilot_id)
    usable = await approved_version(pilot_id)
    inspects = allows(person, INSPECT, organisation=pilot.organisation, pilot=pilot_id)
    return Desk(
        pilot=pilot_id,
        plan=plan,
        schema=None if schema is None else table_schema.written(schema),
        uploads=await _uploads(pilot_id) if inspects else (),
        versions=tuple(one.outline() for one in await versions_of(pilot_id)),
        approved=usable.id if usable else None,
    )


async def asked_for(pilot_id: int) -> FileSchema | None:
    """The schema that the current plan asks for, read as the newest file that passed; None while no plan is locked."""
    plan = await plans.current_plan(pilot_id)
    if plan is None:
        return None
    wanted = proposed(plans.parsed(plan))
    passed = (Upload.pilot == pilot_id) & (Upload.plan == plan.id) & (Upload.state == UploadState.STORED)
    row = await Upload.select(Upload.schema).where(passed).order_by(Upload.id, ascending=False).first()
    return wanted if row is None else table_schema.decoded(row["schema"])


async def upload(person: Person, upload_id: int) -> UploadView:
    """An upload with its findings. Raises NotFound, and Forbidden for those who see the pilot but not its uploads."""
    row = await Upload.select(*Upload.all_columns(), Upload.uploaded_by.name.as_alias("uploader")).where(
        Upload.id == upload_id
    )
    if not row:
        raise NotFound
    pilot = await visible_pilot(person, row[0]["pilot"])
    require(person, INSPECT, organisation=pilot.organisation, pilot=pilot.id)
    return await _upload(row[0])


async def being_read() -> set[int]:
    """The ids of all uploads whose files are still to be read."""
    waiting = Upload.state.is_in([UploadState.RECEIVED, UploadState.CHECKING])
    return {row["id"] for row in await Upload.select(Upload.id).where(waiting)}


async def versions_of(pilot_id: int) -> tuple[VersionView, ...]:
    """The versions of a pilot, the newest first; for a pilot the reader may see."""
    query = DatasetVersion.select(*_VERSION).where(DatasetVersion.pilot == pilot_id)
    gone = await _deletions(Deletion.version._.pilot == pilot_id)
    wrong = await _withdrawals(Withdrawal.version._.pilot == pilot_id)
    rows = await query.order_by(DatasetVersion.number, ascending=False)
    return tuple(_version(row, gone.get(row["id"]), wrong.get(row["id"])) for row in rows)


async def version(person: Person, version_id: int) -> VersionView:
    """One version, with what differs from the one before, nothing withheld; an outline for those who may not inspect.

    Raises NotFound for one the person may not see.
    """
    row = await DatasetVersion.select(*_VERSION).where(DatasetVersion.id == version_id).first()
    if row is None:
        raise NotFound
    pilot = await visible_pilot(person, row["pilot"])
    gone = await _deletions(Deletion.version == version_id)
    wrong = await _withdrawals(Withdrawal.version == version_id)
    shown = _version(row, gone.get(version_id), wrong.get(version_id))
    found = msgspec.structs.replace(shown, extensions=await _extensions(version_id))
    if not allows(person, INSPECT, organisation=pilot.organisation, pilot=pilot.id):
        return found.outline()
    return msgspec.structs.replace(found, differences=await _differences(version_id))


async def outdated(versions: Collection[int]) -> dict[int, Message]:
    """Why a version no longer counts: withdrawn, or a newer one of its pilot approved; others are left out."""
    if not versions:
        return {}
    wrong = await _withdrawals(Withdrawal.version.is_in(list(versions)))
    rows = await DatasetVersion.select().where(DatasetVersion.id.is_in(list(versions)))
    newest = await _newest_usable({row["pilot"] for row in rows})
    said = {}
    for row in rows:
        number, newer = row["number"], newest.get(row["pilot"], 0)
        if row["id"] in wrong:
            reason = wrong[row["id"]].reason
            said[row["id"]] = Message(
                "Data version {number} was withdrawn: {reason}", {"number": number, "reason": reason}
            )
        elif newer > number:
            said[row["id"]] = Message(
                "Data version {number} is corrected by version {newer}.", {"number": number, "newer": newer}
            )
    return said


async def approved_version(pilot_id: int) -> VersionView | None:
    """The newest approved version with rows and every column of the current plan; for a pilot the reader may see.

    Moments must have been made for that very plan. None while no plan is locked or no such version is approved.
    """
    plan = await plans.current_plan(pilot_id)
    if plan is None:
        return None
    wanted = {column.name for column in proposed(plans.parsed(plan)).columns}
    for one in await versions_of(pilot_id):
        if (
            one.state is VersionState.APPROVED
            and one.deletion is None
            and (one.plan == plan.id if one.moments else wanted <= {column.name for column in one.columns})
        ):
            return one
    return None


async def hashes(version_id: int) -> tuple[str, ...]:
    """What an analysis of a version states in `data.sha256`; for a version the reader may see."""
    columns = (DatasetVersion.stored, DatasetVersion.content, DatasetVersion.completeness)
    row = await DatasetVersion.select(*columns).where(DatasetVersion.id == version_id).first()
    assert row is not None, "a version is never deleted"
    if row["stored"].endswith(files.MOMENTS):
        return msgspec.json.decode(row["completeness"], type=Gathered).parts
    return (str(row["content"]).removeprefix("sha256:"),)


def require_rows(found: VersionView) -> None:
    """Raises Gone, with who deleted the rows when and why, where they are deleted."""
    if found.deletion is not None:
        raise Gone(_why_gone(found.number, found.deletion))


async def require_kept(version_id: int) -> None:
    """For the worker: raises what `require_rows` raises."""
    for row in await DatasetVersion.select(DatasetVersion.number).where(DatasetVersion.id == version_id):
        for deletion in (await _deletions(Deletion.version == version_id)).values():
            raise Gone(_why_gone(row["number"], deletion))


def path_of(found: VersionView, state: Path) -> Path:
    """The file of a version below the state folder."""
    return files.versions(state) / found.stored


async def lock_precedes_data(plan: PlanView) -> bool:
    """Gate G1: whether the plan was locked before any rows of its pilot were received that were then stored."""
    if plan.locked_at is None:
        return False
    earlier = (DatasetVersion.pilot == plan.pilot) & (DatasetVersion.upload.uploaded_at < plan.locked_at)
    return await DatasetVersion.select(DatasetVersion.id).where(earlier).first() is None


def _why_gone(number: int, deletion: DeletionView) -> Message:
    said = {"number": str(number), "day": day_of(deletion.deleted_at).isoformat()}
    if deletion.deleted_by is None:
        return Message("The rows of version {number} were deleted on {day}, as promised.", said)
    said |= {"name": deletion.deleted_by, "reason": deletion.reason}
    return Message("{name} deleted the rows of version {number} on {day}: {reason}", said)


async def _newest_usable(pilots: Collection[int]) -> dict[int, int]:
    """The highest number among the approved versions of each pilot that were not withdrawn."""
    approved = DatasetVersion.pilot.is_in(list(pilots)) & DatasetVersion.approved_at.is_not_null()
    usable = approved & DatasetVersion.id.not_in(Withdrawal.select(Withdrawal.version))
    rows = await DatasetVersion.select(DatasetVersion.pilot, DatasetVersion.number).where(usable).order_by("number")
    return {row["pilot"]: row["number"] for row in rows}


async def _withdrawals(which: Where) -> dict[int, WithdrawalView]:
    columns = (*Withdrawal.all_columns(), Withdrawal.withdrawn_by.name.as_alias("name"))
    return {
        row["version"]: WithdrawalView(reason=row["reason"], withdrawn_by=row["name"], withdrawn_at=row["withdrawn_at"])
        for row in await Withdrawal.select(*columns).where(which)
    }


async def _deletions(which: Where) -> dict[int, DeletionView]:
    columns = (*Deletion.all_columns(), Deletion.deleted_by.name.as_alias("name"))
    return {
        row["version"]: DeletionView(reason=row["reason"], deleted_by=row["name"], deleted_at=row["deleted_at"])
        for row in await Deletion.select(*columns).where(which)
    }


async def _extensions(version_id: int) -> tuple[ExtensionView, ...]:
    columns = (Extension.was, Extension.until, Extension.reason, Extension.extended_at)
    person = Extension.extended_by.name.as_alias("extended_by")
    rows = await Extension.select(*columns, person).where(Extension.version == version_id).order_by(Extension.id)
    return tuple(ExtensionView(**row) for row in rows)


async def _differences(version_id: int) -> Differences | None:
    row = await Comparison.select(Comparison.differences).where(Comparison.version == version_id).first()
    return None if row is None else msgspec.json.decode(row["differences"], type=Differences)


async def _uploads(pilot_id: int) -> tuple[UploadView, ...]:
    query = Upload.select(*Upload.all_columns(), Upload.uploaded_by.name.as_alias("uploader"))
    rows = await query.where(Upload.pilot == pilot_id).order_by(Upload.id, ascending=False).limit(_SHOWN)
    return tuple([await _upload(row) for row in rows])


async def _upload(row: Mapping[str, Any]) -> UploadView:
    findings = tuple(msgspec.json.decode(row["findings"], type=list[Finding]))
    return UploadView(
        **{name: row[name] for name in ("id", "pilot", "plan", "filename", "size", "sha256", "purpose", "legal_basis")},
        schema=msgspec.json.decode(row["schema"]),
        state=UploadState(row["state"]),
        findings=findings,
        retain_until=row["retain_until"],
        uploaded_by=row["uploader"],
        uploaded_at=row["uploaded_at"],
        job=await jobs.find(row["job"]) if row["job"] else None,
        version=await _became(row, findings),
    )


async def _became(row: Mapping[str, Any], findings: tuple[Finding, ...]) -> int | None:
    """The id of the version: its own, or the earlier one that held the same rows."""
    if row["state"] != UploadState.STORED:
        return None
    same = next((finding.params["number"] for finding in findings if finding.code == "same_rows"), None)
    its_own = DatasetVersion.upload == row["id"]
    found = (DatasetVersion.pilot == row["pilot"]) & (DatasetVersion.number == same) if same else its_own
    version_row = await DatasetVersion.select(DatasetVersion.id).where(found).first()
    return None if version_row is None else int(version_row["id"])


def _version(row: Mapping[str, Any], deletion: DeletionView | None, withdrawal: WithdrawalView | None) -> VersionView:
    shown = {name: row[name] for name in VersionView.__struct_fields__ if name in row}
    state = VersionState.WAITING
    if withdrawal is not None:
        state = VersionState.WITHDRAWN
    elif row["approved_at"] is not None:
        state = VersionState.APPROVED
    elif row["rejected_at"] is not None:
        state = VersionState.REJECTED
    held, kept = row["stored"].endswith(files.MOMENTS), row["completeness"]
    parsed = {
        "columns": msgspec.json.decode(row["columns"], type=tuple[ColumnFacts, ...]),
        "completeness": None if held else msgspec.json.decode(kept, type=Completeness | None),
        "gathered": msgspec.json.decode(kept, type=Gathered) if held else None,
    }
    happened = {"extensions": (), "deletion": deletion, "withdrawal": withdrawal}
    return VersionView(**{**shown, **parsed, **happened}, state=state, differences=None)
