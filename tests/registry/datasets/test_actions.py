"""Taking files in and judging versions, on both databases."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from registry.audit.tables import AuditEntry
from registry.datasets import actions, files, queries
from registry.datasets.rules import UploadState, VersionState
from registry.datasets.schema import ColumnType, Delimiter
from registry.datasets.schemas import ColumnRow, Confirmation, Reading, Rejection
from registry.datasets.tables import DatasetVersion, Upload
from registry.kit.clock import day_of
from registry.kit.errors import BadRequest, Conflict, Forbidden, Invalid, NotFound
from registry.kit.jobs import JobState, cancel, find
from registry.kit.tables import Job
from tests.registry.datasets.story import (
    a_csv,
    a_statement,
    a_version,
    an_approved_version,
    an_upload,
    left_behind,
    whole,
    work_off,
)
from tests.registry.pilots.story import a_lead
from tests.registry.plans.story import Cast, a_cast, a_locked_plan, a_voice, agree

pytestmark = pytest.mark.usefixtures("database")

NOT_TREATED = ColumnRow(name="digital", type=ColumnType.TEXT)
SEMICOLONS = a_csv().replace(",", ";")


@pytest.fixture
async def cast() -> Cast:
    made = await a_cast()
    await agree(made.pilot)
    await a_locked_plan(made)
    return made


async def recorded(kind: str) -> Sequence[str]:
    rows = await AuditEntry.select(AuditEntry.action).where(AuditEntry.object_kind == kind).order_by(AuditEntry.id)
    return [row["action"] for row in rows]


async def test_a_file_that_is_as_stated_is_checked_at_once(cast: Cast, tmp_path: Path) -> None:
    upload_id = await an_upload(cast, tmp_path)
    upload = await queries.upload(cast.lead, upload_id)
    assert (upload.state, upload.size, upload.uploaded_by) == (UploadState.CHECKING, len(a_csv()), cast.lead.name)
    assert upload.job is not None and upload.job.state is JobState.QUEUED
    assert left_behind(tmp_path) == [f"{upload_id}.upload"]
    assert await recorded("upload") == ["datasets.receive"]


async def test_a_file_that_looks_different_waits_for_a_person(cast: Cast, tmp_path: Path) -> None:
    upload_id = await an_upload(cast, tmp_path, SEMICOLONS)
    upload = await queries.upload(cast.lead, upload_id)
    assert (upload.state, upload.job) == (UploadState.RECEIVED, None)
    assert upload.schema["dialect"]["delimiter"] == ";"
    reading = Reading(delimiter=Delimiter.SEMICOLON)
    await actions.confirm(upload_id, Confirmation(reading), by=cast.lead)
    assert (await queries.upload(cast.lead, upload_id)).state is UploadState.CHECKING
    await work_off(tmp_path)
    assert (await queries.upload(cast.lead, upload_id)).state is UploadState.STORED
    with pytest.raises(Conflict):
        await actions.confirm(upload_id, Confirmation(reading), by=cast.lead)


async def test_a_person_cannot_confirm_what_contradicts_the_plan(cast: Cast, tmp_path: Path) -> None:
    upload_id = await an_upload(cast, tmp_path, SEMICOLONS)
    wrong = Reading(columns=(NOT_TREATED,))
    with pytest.raises(Invalid):
        await actions.confirm(upload_id, Confirmation(wrong), by=cast.lead)
    with pytest.raises(Forbidden):
        await actions.confirm(upload_id, Confirmation(Reading()), by=cast.evaluator)
    assert await Job.count() == 0


async def test_without_a_locked_plan_nothing_is_taken_in(tmp_path: Path) -> None:
    with pytest.raises(Conflict):
        await an_upload(await a_cast(), tmp_path)
    assert (left_behind(tmp_path), await Upload.count()) == ([], 0)


@pytest.mark.parametrize(
    ("stated", "content", "where"),
    [
        ({"retain_until": date(2020, 1, 1)}, a_csv(), "retain_until"),
        ({"purpose": "vedr. 010190-1234"}, a_csv(), "purpose"),
        ({}, "", "file"),
        (
            {"reading": Reading(columns=(ColumnRow(name="digital", type=ColumnType.TEXT),))},
            a_csv(),
            "reading.columns.2.type",
        ),
    ],
)
async def test_a_refused_offer_leaves_neither_row_nor_file(
    cast: Cast, tmp_path: Path, stated: Any, content: str, where: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await an_upload(cast, tmp_path, content, **stated)
    assert [finding.where for finding in refused.value.findings] == [where]
    assert (left_behind(tmp_path), await Upload.count()) == ([], 0)


async def test_only_a_lead_of_the_pilot_sends(cast: Cast, tmp_path: Path) -> None:
    for by, error in ((cast.evaluator, Forbidden), (await a_lead(), NotFound)):
        with pytest.raises(error):
            await an_upload(Cast(cast.pilot, by, cast.second, cast.evaluator), tmp_path)
    with pytest.raises(BadRequest):
        await an_upload(cast, tmp_path, reading=Reading(columns=(ColumnRow(name="x", type=ColumnType.TEXT),)))
    assert left_behind(tmp_path) == []


async def test_a_waiting_file_can_be_discarded(cast: Cast, tmp_path: Path) -> None:
    upload_id = await an_upload(cast, tmp_path, SEMICOLONS)
    await actions.discard(upload_id, state=tmp_path, by=cast.second)
    upload = await queries.upload(cast.lead, upload_id)
    assert (upload.state, [finding.code for finding in upload.findings]) == (UploadState.REFUSED, ["discarded"])
    assert left_behind(tmp_path) == []
    with pytest.raises(Conflict):
        await actions.discard(upload_id, state=tmp_path, by=cast.lead)


async def test_a_file_whose_check_was_stopped_can_be_discarded_and_one_being_checked_not(
    cast: Cast, tmp_path: Path
) -> None:
    upload_id = await an_upload(cast, tmp_path)
    with pytest.raises(Conflict):
        await actions.discard(upload_id, state=tmp_path, by=cast.lead)
    upload = await queries.upload(cast.lead, upload_id)
    assert upload.job is not None and await cancel(upload.job.id)
    stopped = await find(upload.job.id)
    assert stopped is not None and stopped.over
    await actions.discard(upload_id, state=tmp_path, by=cast.lead)
    assert left_behind(tmp_path) == []


async def test_a_second_person_approves_and_nobody_their_own(cast: Cast, tmp_path: Path) -> None:
    version_id = await a_version(cast, tmp_path)
    with pytest.raises(Forbidden):
        await actions.approve(version_id, by=cast.lead)
    assert await queries.approved_version(cast.pilot) is None
    await actions.approve(version_id, by=cast.second)
    approved = await queries.approved_version(cast.pilot)
    assert approved is not None and (approved.id, approved.approver) == (version_id, cast.second.name)
    assert await recorded("dataset_version") == ["datasets.approve"]


async def test_a_version_is_judged_once(cast: Cast, tmp_path: Path) -> None:
    version_id = await an_approved_version(cast, tmp_path)
    for attempt in (
        actions.approve(version_id, by=cast.evaluator),
        actions.reject(version_id, Rejection("The weeks are shifted by one."), by=cast.evaluator),
    ):
        with pytest.raises(Conflict):
            await attempt


async def test_a_rejected_version_says_why_and_is_never_used(cast: Cast, tmp_path: Path) -> None:
    version_id = await a_version(cast, tmp_path)
    with pytest.raises(Forbidden):
        await actions.reject(version_id, Rejection("I do not like it any more."), by=cast.lead)
    await actions.reject(version_id, Rejection("The weeks are shifted by one."), by=cast.evaluator)
    version = await queries.version(cast.lead, version_id)
    assert (version.state, version.rejected_reason) == (VersionState.REJECTED, "The weeks are shifted by one.")
    assert await queries.approved_version(cast.pilot) is None


async def test_those_without_a_part_in_the_pilot_judge_nothing(cast: Cast, tmp_path: Path) -> None:
    version_id = await a_version(cast, tmp_path)
    stakeholder = await a_voice(cast)
    with pytest.raises(Forbidden):
        await actions.approve(version_id, by=stakeholder)
    with pytest.raises(NotFound):
        await actions.approve(version_id, by=await a_lead())
    assert await DatasetVersion.count().where(DatasetVersion.approved_at.is_not_null()) == 0


async def test_taking_the_rows_is_noted(cast: Cast, tmp_path: Path) -> None:
    version_id = await an_approved_version(cast, tmp_path)
    version = await actions.fetch(version_id, by=cast.evaluator)
    assert queries.path_of(version, tmp_path).read_bytes().startswith(b"PAR1")
    assert (await recorded("dataset_version"))[-1] == "datasets.fetch"
    for stranger in (await a_voice(cast), await a_lead()):
        with pytest.raises(NotFound):
            await actions.fetch(version_id, by=stranger)


async def test_of_two_people_who_judge_at_once_one_is_heard(cast: Cast, tmp_path: Path) -> None:
    version_id = await a_version(cast, tmp_path)
    outcomes = await asyncio.gather(
        actions.approve(version_id, by=cast.second),
        actions.reject(version_id, Rejection("The weeks are shifted by one."), by=cast.evaluator),
        return_exceptions=True,
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict", "NoneType"]
    version = await queries.version(cast.lead, version_id)
    assert (version.approved_at is None) != (version.rejected_at is None)


async def test_files_sent_at_once_are_all_taken_in_and_none_is_lost(cast: Cast, tmp_path: Path) -> None:
    sent = [an_upload(cast, tmp_path, a_csv(n=str(number))) for number in range(10, 16)]
    ids = await asyncio.gather(*sent)
    assert sorted(left_behind(tmp_path)) == sorted(f"{upload_id}.upload" for upload_id in ids)
    for _ in ids:
        await work_off(tmp_path)
    versions = await queries.versions_of(cast.pilot)
    assert sorted(version.number for version in versions) == [1, 2, 3, 4, 5, 6]


async def test_a_file_confirmed_twice_at_once_is_checked_once(cast: Cast, tmp_path: Path) -> None:
    upload_id = await an_upload(cast, tmp_path, SEMICOLONS)
    reading = Reading(delimiter=Delimiter.SEMICOLON)
    outcomes = await asyncio.gather(
        *(actions.confirm(upload_id, Confirmation(reading), by=by) for by in (cast.lead, cast.second)),
        return_exceptions=True,
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict", "NoneType"]
    assert await Job.count() == 1


async def test_what_is_stated_stays_with_the_version(cast: Cast, tmp_path: Path) -> None:
    version_id = await an_approved_version(cast, tmp_path)
    version = await queries.version(cast.lead, version_id)
    assert version.purpose == "Evaluation of the digital service"
    assert version.legal_basis == "Databeskyttelsesloven § 10"
    assert version.retain_until > day_of(version.stored_at)


async def test_a_file_of_more_than_two_gigabytes_has_its_size(cast: Cast, tmp_path: Path) -> None:
    file = replace(await files.receive(whole(a_csv().encode()), tmp_path, 10_000_000), size=5 * 1024**3)
    upload_id = await actions.receive(cast.pilot, a_statement(), file, "rows.csv", state=tmp_path, by=cast.lead)
    assert (await queries.upload(cast.lead, upload_id)).size == 5 * 1024**3


async def test_a_long_file_name_is_cut_and_a_path_is_no_part_of_it(cast: Cast, tmp_path: Path) -> None:
    file = await files.receive(whole(a_csv().encode()), tmp_path, 1_000_000)
    name = "x" * 300 + ".csv"
    upload_id = await actions.receive(cast.pilot, a_statement(), file, name, state=tmp_path, by=cast.lead)
    assert (await queries.upload(cast.lead, upload_id)).filename == "x" * 200
