"""What the worker does with moments: it looks at what was sent, and makes a version of what was delivered."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from effects.errors import DataError, Finding
from effects.message import Message
from registry.audit.actions import record
from registry.datasets import files
from registry.datasets.contributions import Part
from registry.datasets.differences import Differences, Obstacle
from registry.datasets.facts import Authority, Gathered
from registry.datasets.keeping import Keeping, earlier_version, finish, keep
from registry.datasets.queries import being_read
from registry.datasets.rules import UploadState
from registry.datasets.tables import Upload
from registry.deliveries import queries, removing, waiting
from registry.deliveries.reading import Checked, Pooled, Standing, check, pooled
from registry.deliveries.rules import deleted_meanwhile, known_already
from registry.deliveries.schemas import DeliverySummary, Manifest, SentFile
from registry.deliveries.tables import Delivery, Sending
from registry.kit.clock import now
from registry.kit.database import take_turn
from registry.kit.pool import LimitExceeded
from registry.kit.work import Work
from registry.pilots.queries import sites_of
from registry.pilots.tables import Pilot
from registry.plans.tables import Plan

SECONDS: Final = 300.0
MEGABYTES: Final = 4_096
"""Address space of the child that reads what a stranger sent."""

READING: Final = Message("The files are being read, and added to what is here already.")
ADDING: Final = Message("The moments are being added up.")
POOLED: Final = f"pooled{files.MOMENTS}"


class _Overtaken(Exception):
    """Others delivered, or took away, while files were being read."""


async def look(work: Work) -> None:
    """Look at one sending. Done again after a crash it comes to the same: only the last step writes."""
    sending = await Sending.objects().get(Sending.id == int(work.payload["sending"]))
    if sending is None or sending.state != UploadState.CHECKING:
        return
    await work.progress(0.1, READING)
    while not await _looked(work, sending):
        pass
    waiting.remove(work.state, sending.id)


async def _looked(work: Work, sending: Sending) -> bool:
    """Look once and write what was found; False where what counts changed meanwhile, so that it has to be done anew."""
    sent = msgspec.json.decode(sending.files, type=tuple[SentFile, ...])
    counting = await queries.counting(sending.plan)
    checked = await _checked(work, sending, sent, counting)
    try:
        async with work.finishing():
            await take_turn(Pilot, sending.pilot)
            if await queries.counting(sending.plan) != counting:
                raise _Overtaken
            if any(finding.severity == "error" for finding in checked.findings):
                await _finish(sending, UploadState.REFUSED, checked.findings)
            else:
                await _store(sending, sent, checked, work)
    except _Overtaken:
        return False
    return True


async def gather(work: Work) -> None:
    """Make a version of what counted when it was asked for. Done again after a crash it comes to the same."""
    upload = await Upload.objects().get(Upload.id == int(work.payload["upload"]))
    if upload is None or upload.state != UploadState.CHECKING:
        return
    await work.progress(0.1, ADDING)
    content = files.upload_path(work.state, upload.id).read_bytes()
    manifest = msgspec.json.decode(content, type=Manifest)
    counted = [one for one in await queries.of_plan(upload.plan) if one.id in manifest.deliveries]
    contents = await queries.contents(manifest.deliveries)
    folder = files.work_folder(work.state, upload.id)
    found = [deleted_meanwhile(one.name) for one in counted if one.id not in contents]
    made = None
    if not found:
        try:
            named = {f"{one.code}{files.MOMENTS}": contents[one.id] for one in counted}
            plan = await _plan(upload.plan)
            made = await work.limited(pooled, named, plan, folder / POOLED, seconds=SECONDS, megabytes=MEGABYTES)
        except (DataError, LimitExceeded) as error:
            found = _said(error)
    async with work.finishing():
        if made is None:
            await finish(upload, UploadState.REFUSED, tuple(found))
        else:
            kept = await _keeping(upload, made, counted, manifest.missing, work)
            await keep(upload, kept, folder / POOLED, work.state)
        await removing.clear(upload.pilot)
    files.remove(work.state, upload.id)
    files.sweep(work.state, await being_read())


async def forsake(work: Work) -> None:
    """Delete what only versions held that people deleted; a gathering that goes on does it when it ends."""
    pilot_id = int(work.payload["pilot"])
    async with work.finishing():
        await take_turn(Pilot, pilot_id)
        await removing.clear(pilot_id)


async def _checked(
    work: Work, sending: Sending, sent: Sequence[SentFile], counting: Sequence[DeliverySummary]
) -> Checked:
    """What the child found in the files that do not count already; the very same file is read once."""
    known = {one.sha256: one.code for one in counting}
    again = {code: file.name for file in sent if (code := known.get(file.sha256))}
    new: dict[str, Path] = {}
    for file, path in zip(sent, waiting.paths(work.state, sending.id, len(sent)), strict=True):
        if file.sha256 not in known:
            known[file.sha256] = ""
            new[file.name] = path
    if not new:
        return Checked(())
    contents = await queries.contents([one.id for one in counting])
    standing = [Standing(one.code, _standing(one), contents[one.id]) for one in counting if one.id in contents]
    plan, sites = await _plan(sending.plan), await sites_of(sending.pilot)
    asked = (new, standing, plan, sites, int(work.payload["minimum"]), again)
    try:
        return await work.limited(check, *asked, seconds=SECONDS, megabytes=MEGABYTES)
    except LimitExceeded as error:
        return Checked(tuple(_said(error)))


def _standing(one: DeliverySummary) -> str:
    """How a finding names a file that was delivered before."""
    return f"{one.name}: {one.filename}"


async def _store(sending: Sending, sent: Sequence[SentFile], checked: Checked, work: Work) -> None:
    """A delivery of each file; those that count already are named."""
    by_name = {one.name: one for one in checked.files}
    paths = waiting.paths(work.state, sending.id, len(sent))
    for file, path in zip(sent, paths, strict=True):
        if file.name not in by_name:
            continue
        one = by_name[file.name]
        row = Delivery(
            sending=sending.id,
            plan=sending.plan,
            authority=one.place.organisation,
            filename=file.name,
            size=file.size,
            sha256=file.sha256,
            content=path.read_text("utf-8"),
            shared=msgspec.json.encode(one.shared).decode(),
            sheet=msgspec.json.encode(one.sheet).decode(),
            stored_at=now(),
        )
        await Delivery.insert(row)
    await removing.clear(sending.pilot)
    same = tuple(known_already(file.name) for file in sent if file.name not in by_name)
    stored = {by_name[file.name].place.code: file.sha256 for file in sent if file.name in by_name}
    await _finish(sending, UploadState.STORED, (*same, *checked.findings), {"stored": stored})


async def _finish(
    sending: Sending, state: UploadState, findings: Sequence[Finding], content: Mapping[str, Any] | None = None
) -> None:
    said = msgspec.json.encode(findings).decode()
    await Sending.update({Sending.state: state, Sending.findings: said}).where(Sending.id == sending.id)
    codes = sorted({finding.code for finding in findings})
    await record(
        action=f"deliveries.{state.value}",
        object_kind="moments_sending",
        object_id=sending.id,
        content={"findings": codes, **(content or {})},
        by=None,
    )


async def _keeping(
    upload: Upload, made: Pooled, counted: Sequence[DeliverySummary], missing: tuple[str, ...], work: Work
) -> Keeping:
    authorities = (
        Authority(code=one.code, name=one.name, sha256=one.sha256, shared=one.shared)
        for one in sorted(counted, key=lambda one: one.code)
    )
    earlier = await earlier_version(upload.pilot, work.state)
    differences = None if earlier is None else Differences(earlier=earlier.number, obstacle=Obstacle.MOMENTS)
    gathered = Gathered(tuple(authorities), missing, made.parts)
    return Keeping(made.stored, (), differences, gathered, await _parts(upload, counted))


async def _parts(upload: Upload, counted: Sequence[DeliverySummary]) -> tuple[Part, ...]:
    """What went into it; some of it may have been replaced or deleted while it was added up."""
    await take_turn(Pilot, upload.pilot)
    standing = {one.id for one in await queries.counting(upload.plan)}
    return tuple(Part(one.id, one.authority, one.sender, one.id in standing) for one in counted)


async def _plan(plan_id: int) -> str:
    row = await Plan.select(Plan.toml).where(Plan.id == plan_id).first()
    assert row is not None, "a locked plan is never deleted"
    return str(row["toml"])


def _said(error: DataError | LimitExceeded) -> list[Finding]:
    if isinstance(error, LimitExceeded):
        return [Finding("file", error.code, error.message.template)]
    return list(error.findings)
