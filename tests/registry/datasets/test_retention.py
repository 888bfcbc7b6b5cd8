"""Rows go on the promised day, and only they: what is known about a version stays."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest

from registry.audit.queries import verify_chain
from registry.audit.tables import AuditEntry
from registry.datasets import actions, queries, retention
from registry.datasets.rules import UploadState, VersionState
from registry.datasets.schemas import Confirmation, Deleting, Extending, Reading, Rejection
from registry.datasets.tables import Deletion
from registry.kit.clock import day_of, frozen, now, today
from registry.kit.errors import Conflict, Forbidden, Gone, Invalid, NotFound
from registry.kit.jobs import cancel
from tests.registry.datasets.story import (
    a_csv,
    a_version,
    an_approved_version,
    an_upload,
    left_behind,
    work_off,
)
from tests.registry.pilots.story import a_lead
from tests.registry.plans.story import Cast, a_cast, a_locked_plan, a_voice, agree

pytestmark = pytest.mark.usefixtures("database")

LONGER = "The follow-up takes a year longer."
WITHDRAWN = Deleting("The consent was withdrawn.")


@pytest.fixture
async def cast() -> Cast:
    made = await a_cast()
    await agree(made.pilot)
    await a_locked_plan(made)
    return made


@contextmanager
def days_later(days: int) -> Iterator[None]:
    with frozen(now() + timedelta(days=days)):
        yield


async def recorded(kind: str) -> Sequence[tuple[str, int | None]]:
    rows = await AuditEntry.select().where(AuditEntry.object_kind == kind).order_by(AuditEntry.id)
    return [(row["action"], row["actor"]) for row in rows]


async def test_before_the_promised_day_nothing_goes(cast: Cast, tmp_path: Path) -> None:
    version_id = await an_approved_version(cast, tmp_path)
    with days_later(364):
        await retention.sweep(tmp_path)
    version = await queries.version(cast.lead, version_id)
    assert (version.deletion, left_behind(tmp_path)) == (None, [version.stored])


async def test_on_the_promised_day_the_rows_go_and_what_is_known_stays(cast: Cast, tmp_path: Path) -> None:
    version_id = await an_approved_version(cast, tmp_path)
    before = await queries.version(cast.lead, version_id)
    with days_later(365):
        await retention.sweep(tmp_path)
        await retention.sweep(tmp_path)
        day = today()
    version = await queries.version(cast.lead, version_id)
    assert left_behind(tmp_path) == []
    assert version.deletion is not None
    assert (version.deletion.deleted_by, day_of(version.deletion.deleted_at)) == (None, day)
    assert (version.content, version.rows, version.state) == (before.content, before.rows, VersionState.APPROVED)
    assert (await recorded("dataset_version"))[-1] == ("datasets.expire", None)
    assert [action for action, _ in await recorded("dataset_version")].count("datasets.expire") == 1
    assert await verify_chain() is None


async def test_deleted_rows_are_gone_for_every_use_and_the_reason_is_told(cast: Cast, tmp_path: Path) -> None:
    version_id = await an_approved_version(cast, tmp_path)
    await retention.delete_rows(version_id, WITHDRAWN, state=tmp_path, by=cast.lead)
    for attempt in (
        actions.fetch(version_id, by=cast.evaluator),
        actions.approve(version_id, by=cast.evaluator),
        actions.reject(version_id, Rejection("The weeks are shifted by one."), by=cast.evaluator),
        retention.delete_rows(version_id, WITHDRAWN, state=tmp_path, by=cast.lead),
        retention.extend(version_id, Extending(date(2040, 1, 1), LONGER), by=cast.lead),
        queries.require_kept(version_id),
    ):
        with pytest.raises(Gone) as gone:
            await attempt
        assert gone.value.status == 410
        assert str(gone.value.message).endswith("The consent was withdrawn.")
    assert await queries.approved_version(cast.pilot) is None
    with pytest.raises(NotFound):
        await actions.fetch(version_id, by=await a_voice(cast))


async def test_rows_that_went_as_promised_say_so(cast: Cast, tmp_path: Path) -> None:
    version_id = await an_approved_version(cast, tmp_path)
    await queries.require_kept(version_id)
    with days_later(400):
        await retention.sweep(tmp_path)
        day = today().isoformat()
    with pytest.raises(Gone) as gone:
        await actions.fetch(version_id, by=cast.lead)
    assert str(gone.value.message) == f"The rows of version 1 were deleted on {day}, as promised."


async def test_a_deletion_takes_no_second_person_and_names_the_one(cast: Cast, tmp_path: Path) -> None:
    version_id = await a_version(cast, tmp_path)
    await retention.delete_rows(version_id, WITHDRAWN, state=tmp_path, by=cast.lead)
    deletion = (await queries.version(cast.evaluator, version_id)).deletion
    assert deletion is not None
    assert (deletion.deleted_by, deletion.reason) == (cast.lead.name, "The consent was withdrawn.")
    assert (await recorded("dataset_version"))[-1] == ("datasets.delete", cast.lead.id)
    assert left_behind(tmp_path) == []


async def test_an_earlier_approved_version_with_rows_takes_the_place(cast: Cast, tmp_path: Path) -> None:
    first = await an_approved_version(cast, tmp_path)
    second = await an_approved_version(cast, tmp_path, a_csv(n="13"))
    await retention.delete_rows(second, WITHDRAWN, state=tmp_path, by=cast.lead)
    usable = await queries.approved_version(cast.pilot)
    assert usable is not None and usable.id == first
    third = await queries.version(cast.lead, await a_version(cast, tmp_path, a_csv(n="14")))
    assert third.differences is not None and third.differences.earlier == 1


async def test_what_was_promised_gone_is_not_taken_in_again(cast: Cast, tmp_path: Path) -> None:
    version_id = await a_version(cast, tmp_path)
    await retention.delete_rows(version_id, WITHDRAWN, state=tmp_path, by=cast.lead)
    upload_id = await an_upload(cast, tmp_path)
    await work_off(tmp_path)
    upload = await queries.upload(cast.lead, upload_id)
    assert (upload.state, [finding.code for finding in upload.findings]) == (UploadState.REFUSED, ["deleted_rows"])
    assert left_behind(tmp_path) == []


async def test_a_lead_puts_the_day_off_with_a_reason_that_stays(cast: Cast, tmp_path: Path) -> None:
    version_id = await an_approved_version(cast, tmp_path)
    was = (await queries.version(cast.lead, version_id)).retain_until
    until = was + timedelta(days=365)
    await retention.extend(version_id, Extending(until, LONGER), by=cast.second)
    with days_later(400):
        await retention.sweep(tmp_path)
    version = await queries.version(cast.lead, version_id)
    (extension,) = version.extensions
    assert (version.retain_until, version.deletion) == (until, None)
    assert (extension.was, extension.until, extension.reason) == (was, until, LONGER)
    assert extension.extended_by == cast.second.name
    assert (await recorded("dataset_version"))[-1] == ("datasets.extend", cast.second.id)


async def test_from_the_promised_day_on_it_cannot_be_put_off(cast: Cast, tmp_path: Path) -> None:
    version_id = await a_version(cast, tmp_path)
    with days_later(365), pytest.raises(Conflict):
        await retention.extend(version_id, Extending(today() + timedelta(days=9), LONGER), by=cast.lead)


@pytest.mark.parametrize(("days", "code"), [(-1, "in_the_past"), (100, "not_later"), (40 * 365, "too_far")])
async def test_a_day_that_cannot_be_promised_is_refused(cast: Cast, tmp_path: Path, days: int, code: str) -> None:
    version_id = await a_version(cast, tmp_path)
    with pytest.raises(Invalid) as refused:
        await retention.extend(version_id, Extending(today() + timedelta(days=days), LONGER), by=cast.lead)
    assert [finding.code for finding in refused.value.findings] == [code]


async def test_only_leads_of_the_pilot_decide_how_long_rows_stay(cast: Cast, tmp_path: Path) -> None:
    version_id = await a_version(cast, tmp_path)
    for person, error in ((cast.evaluator, Forbidden), (await a_voice(cast), Forbidden), (await a_lead(), NotFound)):
        with pytest.raises(error):
            await retention.delete_rows(version_id, WITHDRAWN, state=tmp_path, by=person)
        with pytest.raises(error):
            await retention.extend(version_id, Extending(date(2040, 1, 1), LONGER), by=person)
    assert await Deletion.count() == 0


async def test_a_file_that_a_crash_left_goes_with_the_next_sweep(cast: Cast, tmp_path: Path) -> None:
    version_id = await a_version(cast, tmp_path)
    path = queries.path_of(await queries.version(cast.lead, version_id), tmp_path)
    content = path.read_bytes()
    await retention.delete_rows(version_id, WITHDRAWN, state=tmp_path, by=cast.lead)
    path.write_bytes(content)
    await retention.sweep(tmp_path)
    assert left_behind(tmp_path) == []


async def test_of_sweeps_and_people_at_once_one_deletes(cast: Cast, tmp_path: Path) -> None:
    await a_version(cast, tmp_path)
    with days_later(365):
        deleting = retention.delete_rows(1, WITHDRAWN, state=tmp_path, by=cast.lead)
        outcomes = await asyncio.gather(
            retention.sweep(tmp_path), deleting, retention.sweep(tmp_path), return_exceptions=True
        )
    assert {type(outcome).__name__ for outcome in outcomes} <= {"NoneType", "Gone"}
    assert await Deletion.count() == 1
    ends = [action for action, _ in await recorded("dataset_version")]
    assert len([action for action in ends if action in {"datasets.expire", "datasets.delete"}]) == 1


async def test_a_file_that_still_waits_on_its_day_goes_too(cast: Cast, tmp_path: Path) -> None:
    held = await an_upload(cast, tmp_path, a_csv().replace(",", ";"))
    stuck = await an_upload(cast, tmp_path, a_csv(n="13"))
    job = (await queries.upload(cast.lead, stuck)).job
    assert job is not None and await cancel(job.id)
    checking = await an_upload(cast, tmp_path, a_csv(n="14"))
    with days_later(365):
        await retention.sweep(tmp_path)
    states = [(await queries.upload(cast.lead, one)).state for one in (held, stuck, checking)]
    assert states == [UploadState.REFUSED, UploadState.REFUSED, UploadState.CHECKING]
    assert left_behind(tmp_path) == [f"{checking}.upload"]
    assert [action for action, _ in await recorded("upload")].count("datasets.expire") == 2


async def test_a_file_that_is_confirmed_while_the_sweep_looks_is_not_taken_from_under_its_check(
    cast: Cast, tmp_path: Path
) -> None:
    held = [await an_upload(cast, tmp_path, a_csv(n=str(number)).replace(",", ";")) for number in range(20, 26)]
    confirming = [actions.confirm(one, Confirmation(Reading()), by=cast.lead) for one in held]
    with days_later(365):
        await asyncio.gather(retention.sweep(tmp_path), *confirming, retention.sweep(tmp_path), return_exceptions=True)
    states = {one: (await queries.upload(cast.lead, one)).state for one in held}
    waiting = sorted(f"{one}.upload" for one, state in states.items() if state is UploadState.CHECKING)
    assert left_behind(tmp_path) == waiting
