"""Reading uploads and versions."""

from datetime import timedelta
from pathlib import Path

import pytest

from registry.datasets import queries
from registry.datasets.schema import Delimiter
from registry.datasets.schemas import Reading
from registry.datasets.tables import Upload
from registry.kit.errors import Forbidden, NotFound
from registry.plans.actions import supersede
from registry.plans.queries import current_plan
from registry.plans.schemas import Superseding
from registry.plans.tables import Plan
from tests.registry.datasets.story import (
    a_csv,
    a_version,
    an_approved_version,
    an_upload,
    work_off,
)
from tests.registry.pilots.story import a_lead
from tests.registry.plans.story import PLAN, Cast, a_cast, a_draft, a_locked_plan, a_voice, agree, locked

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
async def cast() -> Cast:
    made = await a_cast()
    await agree(made.pilot)
    await a_locked_plan(made)
    return made


async def superseded(cast: Cast, old: str = "cr2", new: str = "cr1") -> int:
    """Another plan takes the place of the locked one; the answer is its id."""
    current = await current_plan(cast.pilot)
    assert current is not None
    plan_id = await supersede(current.id, Superseding("A better standard error is known."), by=cast.evaluator)
    await Plan.update({Plan.toml: PLAN.replace(old, new)}).where(Plan.id == plan_id)
    await locked(plan_id, cast.evaluator)
    return plan_id


async def test_a_desk_without_a_plan_asks_for_nothing() -> None:
    cast = await a_cast()
    found = await queries.desk(cast.lead, cast.pilot)
    assert (found.plan, found.schema, found.uploads, found.versions, found.approved) == (None, None, (), (), None)
    assert await queries.asked_for(cast.pilot) is None
    assert await queries.approved_version(cast.pilot) is None


async def test_a_desk_shows_what_was_sent_and_what_became_of_it(cast: Cast, tmp_path: Path) -> None:
    version_id = await an_approved_version(cast, tmp_path)
    found = await queries.desk(cast.lead, cast.pilot)
    assert [upload.state for upload in found.uploads] == ["stored"]
    assert ([version.id for version in found.versions], found.approved) == ([version_id], version_id)
    assert found.schema is not None and found.schema["schema"]["primaryKey"] == ["area", "week"]


async def test_those_who_may_not_inspect_see_versions_but_no_uploads_and_no_table(cast: Cast, tmp_path: Path) -> None:
    version_id = await a_version(cast, tmp_path)
    upload_id = (await queries.version(cast.lead, version_id)).upload
    stakeholder = await a_voice(cast)
    found = await queries.desk(stakeholder, cast.pilot)
    assert (found.uploads, [version.completeness for version in found.versions]) == ((), [None])
    assert (await queries.version(stakeholder, version_id)).completeness is None
    assert (await queries.version(cast.evaluator, version_id)).completeness is not None
    with pytest.raises(Forbidden):
        await queries.upload(stakeholder, upload_id)


async def test_to_strangers_there_is_nothing(cast: Cast, tmp_path: Path) -> None:
    version_id = await a_version(cast, tmp_path)
    stranger = await a_lead()
    for attempt in (
        queries.desk(stranger, cast.pilot),
        queries.version(stranger, version_id),
        queries.upload(stranger, 1),
        queries.version(cast.lead, version_id + 1_000),
        queries.upload(cast.lead, 1_000),
    ):
        with pytest.raises(NotFound):
            await attempt


async def test_the_next_file_is_read_as_the_last_one_that_passed(cast: Cast, tmp_path: Path) -> None:
    reading = Reading(delimiter=Delimiter.SEMICOLON)
    await an_upload(cast, tmp_path, a_csv().replace(",", ";"), reading=reading)
    await work_off(tmp_path)
    schema = await queries.asked_for(cast.pilot)
    assert schema is not None and schema.dialect.delimiter is Delimiter.SEMICOLON


async def test_a_version_that_lacks_a_column_of_the_plan_is_not_usable(cast: Cast, tmp_path: Path) -> None:
    version_id = await an_approved_version(cast, tmp_path)
    await superseded(cast)
    usable = await queries.approved_version(cast.pilot)
    assert usable is not None and usable.id == version_id
    await superseded(cast, "factor(season)", "factor(size_class)")
    assert await queries.approved_version(cast.pilot) is None


async def test_a_plan_locked_before_the_rows_came_precedes_them(cast: Cast, tmp_path: Path) -> None:
    plan = await current_plan(cast.pilot)
    assert plan is not None
    assert await queries.lock_precedes_data(plan)
    await a_version(cast, tmp_path)
    assert await queries.lock_precedes_data(plan)
    await superseded(cast)
    later = await current_plan(cast.pilot)
    assert later is not None
    assert not await queries.lock_precedes_data(later)


async def test_a_draft_precedes_nothing_and_a_refused_file_is_no_data(cast: Cast, tmp_path: Path) -> None:
    plan = await current_plan(cast.pilot)
    assert plan is not None and plan.locked_at is not None
    await an_upload(cast, tmp_path, a_csv(n="x"))
    await work_off(tmp_path)
    await Upload.update({Upload.uploaded_at: plan.locked_at - timedelta(days=1)}).where(Upload.pilot == cast.pilot)
    assert await queries.lock_precedes_data(plan)
    draft_id = await a_draft(cast)
    drafts = await Plan.select(Plan.id).where(Plan.locked_at.is_null())
    assert drafts == [{"id": draft_id}]
