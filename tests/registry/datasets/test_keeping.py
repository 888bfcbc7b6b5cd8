"""What becomes of an upload in the end, whatever the worker made of it."""

from pathlib import Path

import pytest

from effects.errors import Finding
from registry.audit.tables import AuditEntry
from registry.datasets import files, queries
from registry.datasets.differences import Differences, Obstacle
from registry.datasets.facts import Authority, Gathered, Shared, Stored
from registry.datasets.keeping import Keeping, earlier_version, finish, keep
from registry.datasets.retention import delete_rows
from registry.datasets.rules import UploadState
from registry.datasets.schemas import Deleting
from registry.datasets.tables import Upload
from registry.kit.database import transaction
from registry.kit.jobs import cancel
from tests.registry.datasets.story import a_version, an_approved_version, an_upload, left_behind
from tests.registry.plans.story import Cast, a_cast, a_locked_plan, agree

pytestmark = pytest.mark.usefixtures("database")
REMARK = Finding("file", "remark", "Something to know.", severity="warning")
SHARED = Shared(rows=40, used=40, clusters=4, people=20.0, dropped={}, outcomes=())
GATHERED = Gathered(
    (Authority(code="0101", name="København", sha256="0" * 64, shared=SHARED),), ("Odense",), ("a", "b")
)


@pytest.fixture
async def cast() -> Cast:
    made = await a_cast()
    await agree(made.pilot)
    await a_locked_plan(made)
    return made


def a_keeping(content: str = "a", gathered: Gathered | None = GATHERED) -> Keeping:
    different = Differences(earlier=7, obstacle=Obstacle.MOMENTS)
    return Keeping(Stored(40, (), None, f"sha256:{content}"), (REMARK,), different, gathered)


async def kept(cast: Cast, state: Path, keeping: Keeping, name: str = "pooled.moments") -> Upload:
    upload_id = await an_upload(cast, state)
    path = files.work_folder(state, upload_id) / name
    path.write_text("content")
    upload = await Upload.objects().get(Upload.id == upload_id)
    assert upload is not None and await cancel(upload.job)
    async with transaction():
        await keep(upload, keeping, path, state)
    files.remove(state, upload_id)
    return upload


async def test_moments_are_kept_under_their_own_ending_with_whose_they_are(cast: Cast, tmp_path: Path) -> None:
    upload = await kept(cast, tmp_path, a_keeping())
    view = await queries.upload(cast.lead, upload.id)
    assert (view.state, view.findings) == (UploadState.STORED, (REMARK,))
    assert view.version is not None
    version = await queries.version(cast.lead, view.version)
    assert (version.stored, version.moments, version.rows) == (f"{cast.pilot}-a.moments", True, 40)
    assert (version.gathered, version.completeness) == (GATHERED, None)
    assert await queries.hashes(version.id) == ("a", "b")
    assert version.differences is not None and version.differences.earlier == 7
    assert left_behind(tmp_path) == [version.stored]


async def test_rows_are_known_by_the_hash_of_their_file(cast: Cast, tmp_path: Path) -> None:
    version = await queries.version(cast.lead, await a_version(cast, tmp_path))
    assert not version.moments and version.gathered is None
    assert await queries.hashes(version.id) == (version.content.removeprefix("sha256:"),)


async def test_the_same_content_is_one_version_and_none_once_it_was_deleted(cast: Cast, tmp_path: Path) -> None:
    first = (await queries.upload(cast.lead, (await kept(cast, tmp_path, a_keeping())).id)).version
    assert first is not None
    again = await queries.upload(cast.lead, (await kept(cast, tmp_path, a_keeping())).id)
    assert (again.version, [one.code for one in again.findings]) == (first, ["same_rows", "remark"])
    await delete_rows(first, Deleting(reason="The consent was withdrawn"), state=tmp_path, by=cast.lead)
    never = await queries.upload(cast.lead, (await kept(cast, tmp_path, a_keeping())).id)
    assert (never.state, [one.code for one in never.findings]) == (UploadState.REFUSED, ["deleted_rows"])
    assert left_behind(tmp_path) == []


async def test_how_an_upload_ended_is_written_down_with_codes_alone(cast: Cast, tmp_path: Path) -> None:
    upload = await Upload.objects().get(Upload.id == await an_upload(cast, tmp_path))
    assert upload is not None
    async with transaction():
        await finish(upload, UploadState.REFUSED, (REMARK,))
    assert (await queries.upload(cast.lead, upload.id)).findings == (REMARK,)
    assert await AuditEntry.count().where(AuditEntry.action == "datasets.refused") == 1


async def test_the_earlier_version_is_the_newest_approved_one_that_still_has_rows(cast: Cast, tmp_path: Path) -> None:
    assert await earlier_version(cast.pilot, tmp_path) is None
    await kept(cast, tmp_path, a_keeping())
    moments = await earlier_version(cast.pilot, tmp_path)
    assert moments is not None and (moments.number, moments.path.suffix) == (1, files.MOMENTS)
    approved = await an_approved_version(cast, tmp_path)
    await kept(cast, tmp_path, a_keeping("b"))
    found = await earlier_version(cast.pilot, tmp_path)
    assert found is not None and (found.number, found.approved) == (2, True)
    await delete_rows(approved, Deleting(reason="The consent was withdrawn"), state=tmp_path, by=cast.lead)
    left = await earlier_version(cast.pilot, tmp_path)
    assert left is not None and left.number == 3
