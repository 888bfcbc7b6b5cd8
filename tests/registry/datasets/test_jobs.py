"""What becomes of an upload in the worker."""

import asyncio
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import duckdb
import msgspec
import pytest
import xlsxwriter

from effects.message import Message
from registry.audit.queries import verify_chain
from registry.audit.tables import AuditEntry
from registry.datasets import files, jobs, queries
from registry.datasets.differences import Counts, Obstacle
from registry.datasets.facts import Step
from registry.datasets.rules import UploadState
from registry.datasets.schema import DecimalMark, Delimiter, Encoding, GroupMark
from registry.datasets.schemas import Reading
from registry.datasets.tables import DatasetVersion, Upload
from registry.kit.jobs import JobState
from registry.kit.leasing import LeaseLost, claim
from registry.kit.pool import LimitExceeded, Pool
from registry.kit.tables import Job
from registry.kit.tabular import xlsx_file
from registry.kit.work import Arguments, Result, Work
from tests.registry.datasets.story import (
    HEADER,
    InThisProcess,
    a_csv,
    a_version,
    an_approved_version,
    an_upload,
    left_behind,
    work_off,
)
from tests.registry.plans.story import Cast, a_cast, a_locked_plan, agree

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
async def cast() -> Cast:
    made = await a_cast()
    await agree(made.pilot)
    await a_locked_plan(made)
    return made


async def test_right_rows_become_a_version_and_the_sent_file_is_gone(cast: Cast, tmp_path: Path) -> None:
    version_id = await a_version(cast, tmp_path)
    version = await queries.version(cast.lead, version_id)
    assert (version.number, version.rows, version.state) == (1, 12, "waiting")
    assert left_behind(tmp_path) == [version.stored]
    upload = await queries.upload(cast.lead, version.upload)
    assert (upload.state, upload.version) == (UploadState.STORED, version_id)
    assert upload.job is not None and upload.job.state is JobState.DONE


class Slowly(InThisProcess):
    """Takes its time over every step and notes what people see."""

    seen: ClassVar[list[str]] = []

    async def limited(
        self, function: Callable[[*Arguments], Result], /, *arguments: *Arguments, seconds: float, megabytes: int
    ) -> Result:
        for step in Step:
            step.tell(next((self.state / "uploads").glob("*.work/*")))
            async with asyncio.timeout(60):
                while self.seen[-1] != str(jobs.STEPS[step][1]):
                    await asyncio.sleep(0.05)
        return await super().limited(function, *arguments, seconds=seconds, megabytes=megabytes)

    async def progress(self, share: float, message: Message | None = None) -> None:
        await super().progress(share, message)
        self.seen.append(str(message))


async def test_what_the_check_does_is_shown_as_it_goes_on(cast: Cast, tmp_path: Path) -> None:
    Slowly.seen.clear()
    await an_upload(cast, tmp_path)
    await work_off(tmp_path, Slowly)
    assert Slowly.seen == [str(message) for _, message in jobs.STEPS.values()]


async def test_a_dirty_file_is_refused_with_all_its_findings_and_kept_nowhere(cast: Cast, tmp_path: Path) -> None:
    upload_id = await an_upload(cast, tmp_path, a_csv(n="x", digital="2"))
    await work_off(tmp_path, Work)
    upload = await queries.upload(cast.lead, upload_id)
    assert upload.state is UploadState.REFUSED
    assert {finding.code for finding in upload.findings} == {"not_number", "not_zero_or_one", "empty_column"}
    assert {finding.row for finding in upload.findings if finding.code == "not_number"} == set(range(2, 14))
    assert (left_behind(tmp_path), await DatasetVersion.count()) == ([], 0)


async def test_a_cpr_number_leaves_nothing_on_disk_in_the_database_or_in_the_answer(cast: Cast, tmp_path: Path) -> None:
    upload_id = await an_upload(cast, tmp_path, a_csv(season="ring 010190-1234"))
    await work_off(tmp_path)
    upload = await queries.upload(cast.lead, upload_id)
    assert {finding.code for finding in upload.findings} == {"cpr_like"}
    assert left_behind(tmp_path) == []
    everything = [await table.select() for table in (Upload, DatasetVersion, AuditEntry, Job)]
    assert b"010190" not in msgspec.json.encode([everything, upload])


async def test_the_same_rows_twice_are_one_version(cast: Cast, tmp_path: Path) -> None:
    version_id = await a_version(cast, tmp_path)
    upload_id = await an_upload(cast, tmp_path, a_csv().replace("\n", "\r\n"))
    await work_off(tmp_path)
    upload = await queries.upload(cast.lead, upload_id)
    assert (upload.state, upload.version) == (UploadState.STORED, version_id)
    assert "version 1" in upload.findings[0].text()
    assert await DatasetVersion.count() == 1


async def test_a_correction_is_the_next_version_and_the_newest_approved_one_counts(cast: Cast, tmp_path: Path) -> None:
    first = await an_approved_version(cast, tmp_path)
    second = await a_version(cast, tmp_path, a_csv(n="13"))
    usable = await queries.approved_version(cast.pilot)
    assert usable is not None and usable.id == first
    assert (await queries.version(cast.lead, second)).number == 2


async def test_what_brings_the_child_down_is_a_finding(cast: Cast, tmp_path: Path) -> None:
    """A sheet that claims to reach to the far corner asks its reader for more memory than there is."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as made:
        sheet = made.add_worksheet("data")
        sheet.write(0, 0, "near")
        sheet.write(1_048_575, 16_383, "far")
    upload_id = await an_upload(cast, tmp_path, content.getvalue())
    await work_off(tmp_path, Work)
    upload = await queries.upload(cast.lead, upload_id)
    assert (upload.state, upload.findings[0].code) == (UploadState.REFUSED, "limit_crash")
    assert left_behind(tmp_path) == []


async def test_an_upload_that_is_over_is_not_checked_again(cast: Cast, tmp_path: Path) -> None:
    upload_id = await an_upload(cast, tmp_path)
    await Upload.update({Upload.state: UploadState.REFUSED}).where(Upload.id == upload_id)
    await work_off(tmp_path)
    assert await DatasetVersion.count() == 0


async def test_a_check_that_was_interrupted_begins_anew_and_comes_to_the_same(cast: Cast, tmp_path: Path) -> None:
    upload_id = await an_upload(cast, tmp_path)
    (files.work_folder(tmp_path, upload_id) / "checked.parquet").write_bytes(b"half of it")
    await work_off(tmp_path)
    assert (await queries.upload(cast.lead, upload_id)).state is UploadState.STORED


async def test_a_worker_that_lost_its_lease_stores_nothing(cast: Cast, tmp_path: Path) -> None:
    upload_id = await an_upload(cast, tmp_path)
    lease = await claim("slow")
    assert lease is not None
    await Job.update({Job.fence: lease.fence + 1}).where(Job.id == lease.job_id)
    with pytest.raises(LeaseLost):
        await jobs.run(Work(lease, Pool(1), tmp_path))
    assert (await queries.upload(cast.lead, upload_id)).state is UploadState.CHECKING
    assert await DatasetVersion.count() == 0
    assert f"{upload_id}.upload" in left_behind(tmp_path)


def a_bomb() -> bytes:
    """A small workbook whose sheet unpacks to a hundred times its size."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", "<Types/>")
        made.writestr("xl/worksheets/sheet1.xml", bytes(64 * 1024 * 1024))
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (a_bomb(), "excessive_workbook"),
        (b"PK\x03\x04 not a workbook", "broken_workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "not_a_table"),
        (b"area,week\n\x00", "nul_character"),
        (b"area,week\n" + b"x" * 5_000_000, "endless_line"),
        (",".join(map(str, range(20_000))).encode(), "too_many_columns"),
    ],
    ids=["bomb", "broken", "old-excel", "nul", "endless", "wide"],
)
async def test_hostile_files_are_refused_with_a_reason_and_leave_nothing(
    cast: Cast, tmp_path: Path, content: bytes, code: str
) -> None:
    upload_id = await an_upload(cast, tmp_path, content)
    await work_off(tmp_path)
    upload = await queries.upload(cast.lead, upload_id)
    assert (upload.state, [finding.code for finding in upload.findings]) == (UploadState.REFUSED, [code])
    assert (left_behind(tmp_path), await DatasetVersion.count()) == ([], 0)


async def test_a_workbook_becomes_the_same_version_as_the_csv_file(cast: Cast, tmp_path: Path) -> None:
    header, *lines = [line.split(",") for line in a_csv(strain="3").splitlines()]
    version_id = await a_version(cast, tmp_path, a_csv(strain="3"))
    upload_id = await an_upload(cast, tmp_path, xlsx_file(header, lines, "data"))
    await work_off(tmp_path)
    upload = await queries.upload(cast.lead, upload_id)
    assert (upload.version, upload.findings[0].code) == (version_id, "same_rows")


async def test_danish_files_come_through_as_they_were_meant(cast: Cast, tmp_path: Path) -> None:
    danish = "\r\n".join(
        [
            HEADER.strip().replace(",", ";"),
            "0101;2026-W01;0;1.234,5;0,75;;71,5;forår",
            '0751;2026-W01;1;12;0,5;-;"1.071,25";efterår',
        ]
    )
    reading = Reading(
        delimiter=Delimiter.SEMICOLON,
        encoding=Encoding.CP1252,
        decimal=DecimalMark.COMMA,
        group=GroupMark.POINT,
        missing="-",
    )
    upload_id = await an_upload(cast, tmp_path, danish.encode("cp1252"), reading=reading)
    await work_off(tmp_path)
    upload = await queries.upload(cast.lead, upload_id)
    assert upload.version is not None, upload.findings
    version = await queries.version(cast.lead, upload.version)
    with duckdb.connect() as connection:
        stored = connection.read_parquet(str(queries.path_of(version, tmp_path))).fetchall()
    assert stored == [
        ("0101", "2026-W01", 0, 1234.5, 0.75, None, 71.5, "forår"),
        ("0751", "2026-W01", 1, 12.0, 0.5, None, 1071.25, "efterår"),
    ]


async def test_the_same_rows_in_another_pilot_are_that_pilots_own(cast: Cast, tmp_path: Path) -> None:
    other = await a_cast()
    await agree(other.pilot)
    await a_locked_plan(other)
    ids = [await a_version(one, tmp_path) for one in (cast, other)]
    views = [await queries.version(one.lead, version_id) for one, version_id in zip((cast, other), ids, strict=True)]
    assert views[0].content == views[1].content
    assert len(left_behind(tmp_path)) == 2


async def test_every_step_is_in_the_audit_chain_without_a_value(cast: Cast, tmp_path: Path) -> None:
    await a_version(cast, tmp_path, a_csv(season="forår"))
    refused = await an_upload(cast, tmp_path, a_csv(n="12 kg"))
    await work_off(tmp_path)
    rows = await AuditEntry.select().where(AuditEntry.object_kind == "upload").order_by(AuditEntry.id)
    assert [(row["action"], row["actor"]) for row in rows] == [
        ("datasets.receive", cast.lead.id),
        ("datasets.stored", None),
        ("datasets.receive", cast.lead.id),
        ("datasets.refused", None),
    ]
    assert rows[-1]["object_id"] == refused
    assert await verify_chain() is None


async def test_a_correction_is_compared_with_the_version_that_was_approved(cast: Cast, tmp_path: Path) -> None:
    first = await an_approved_version(cast, tmp_path)
    assert (await queries.version(cast.lead, first)).differences is None
    await a_version(cast, tmp_path, a_csv(n="13"))
    third = await a_version(cast, tmp_path, a_csv(areas=5))
    found = (await queries.version(cast.lead, third)).differences
    assert found is not None
    assert (found.earlier, found.people, found.total) == (1, False, Counts(3, 0, 0))


async def test_without_an_approved_version_the_newest_one_is_compared_with_and_nothing_is_remarked(
    cast: Cast, tmp_path: Path
) -> None:
    await a_version(cast, tmp_path)
    await a_version(cast, tmp_path, a_csv(n="13"))
    third = await a_version(cast, tmp_path, a_csv(areas=1, n="14"))
    version = await queries.version(cast.lead, third)
    assert version.differences is not None and version.differences.earlier == 2
    assert "few_rows" not in {finding.code for finding in (await queries.upload(cast.lead, version.upload)).findings}


async def test_what_is_not_plausible_is_a_warning_and_never_refuses(cast: Cast, tmp_path: Path) -> None:
    await an_approved_version(cast, tmp_path, a_csv(areas=9))
    version = await queries.version(cast.lead, await a_version(cast, tmp_path, a_csv(areas=4)))
    upload = await queries.upload(cast.lead, version.upload)
    assert upload.state is UploadState.STORED
    remarks = [finding for finding in upload.findings if finding.code.startswith("few_rows")]
    assert {finding.severity for finding in remarks} == {"warning"}
    assert len(remarks) == 3 + 5


async def test_an_earlier_version_whose_file_is_missing_is_a_stated_obstacle(cast: Cast, tmp_path: Path) -> None:
    first = await queries.version(cast.lead, await an_approved_version(cast, tmp_path))
    queries.path_of(first, tmp_path).unlink()
    second = await queries.version(cast.lead, await a_version(cast, tmp_path, a_csv(n="13")))
    assert second.differences is not None and second.differences.obstacle is Obstacle.UNREADABLE


class ShortOfTime(InThisProcess):
    """Has time to check a file and none to compare it."""

    async def limited(
        self, function: Callable[[*Arguments], Result], /, *arguments: *Arguments, seconds: float, megabytes: int
    ) -> Result:
        if function.__name__ == "weigh":
            raise LimitExceeded("time")
        return await super().limited(function, *arguments, seconds=seconds, megabytes=megabytes)


async def test_a_comparison_that_takes_too_long_keeps_nobody_from_storing(cast: Cast, tmp_path: Path) -> None:
    await an_approved_version(cast, tmp_path)
    upload_id = await an_upload(cast, tmp_path, a_csv(n="13"))
    await work_off(tmp_path, ShortOfTime)
    upload = await queries.upload(cast.lead, upload_id)
    assert upload.version is not None
    found = (await queries.version(cast.lead, upload.version)).differences
    assert found is not None and found.obstacle is Obstacle.TOO_COSTLY


async def test_files_of_one_pilot_that_are_checked_at_once_get_numbers_of_their_own(cast: Cast, tmp_path: Path) -> None:
    uploads = [await an_upload(cast, tmp_path, a_csv(n=str(20 + number))) for number in range(4)]
    await asyncio.gather(*(work_off(tmp_path) for _ in uploads))
    rows = await DatasetVersion.select(DatasetVersion.number).where(DatasetVersion.pilot == cast.pilot)
    assert sorted(row["number"] for row in rows) == [1, 2, 3, 4]
    assert await Job.count().where(Job.state == JobState.DONE) == 4


async def test_the_same_rows_sent_twice_and_checked_at_once_are_one_version(cast: Cast, tmp_path: Path) -> None:
    uploads = [await an_upload(cast, tmp_path) for _ in range(2)]
    await asyncio.gather(*(work_off(tmp_path) for _ in uploads))
    assert await DatasetVersion.count() == 1
    views = [await queries.upload(cast.lead, upload_id) for upload_id in uploads]
    assert [view.state for view in views] == [UploadState.STORED] * 2
    assert [finding.code for view in views for finding in view.findings].count("same_rows") == 1
