"""Who has a part in gathered moments, and whether all of them still count."""

from pathlib import Path

import pytest

from registry.audit.tables import AuditEntry
from registry.datasets import contributions, queries
from registry.datasets.actions import approve, fetch, reject
from registry.datasets.contributions import GATHERED, SENT_MOMENTS, SENT_ROWS, Part
from registry.datasets.rules import VersionState
from registry.datasets.schemas import Rejection, VersionView
from registry.datasets.tables import Contribution
from registry.deliveries import actions
from registry.kit.errors import Conflict, Forbidden, Gone
from registry.people.rules import Person
from tests.registry.datasets.story import a_version
from tests.registry.deliveries.story import a_sending, a_shared_cast, delivered, files_of, work_off
from tests.registry.plans.story import Cast, a_cast, a_locked_plan, agree

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
async def cast() -> Cast:
    return await a_shared_cast()


async def a_gathering(cast: Cast, state: Path, by: Person) -> VersionView:
    """What stands, gathered by somebody."""
    upload_id = await actions.gather(cast.pilot, state=state, by=by)
    await work_off(state)
    version_id = (await queries.upload(by, upload_id)).version
    assert version_id is not None
    return await queries.version(by, version_id)


async def test_whoever_sent_any_of_it_or_gathered_it_may_not_judge_it(cast: Cast, tmp_path: Path) -> None:
    """The lead sends, another gathers; both have a hand in it, and the evaluator looks."""
    await delivered(cast, tmp_path, (0, 1))
    version = await a_gathering(cast, tmp_path, cast.second)
    for person, reason in ((cast.lead, SENT_MOMENTS), (cast.second, GATHERED)):
        assert await contributions.own_work(person, version) == reason
        with pytest.raises(Forbidden) as refused:
            await approve(version.id, by=person)
        assert refused.value.message == reason
        with pytest.raises(Forbidden):
            await reject(version.id, Rejection("These are not mine to judge"), by=person)
    assert await contributions.own_work(cast.evaluator, version) is None
    await approve(version.id, by=cast.evaluator)
    assert (await queries.version(cast.lead, version.id)).state is VersionState.APPROVED


async def test_one_file_among_those_of_others_is_enough(cast: Cast, tmp_path: Path) -> None:
    await delivered(cast, tmp_path, (0,))
    await a_sending(cast, tmp_path, await files_of(cast, (1,)), by=cast.second)
    await work_off(tmp_path)
    version = await a_gathering(cast, tmp_path, cast.lead)
    with pytest.raises(Forbidden):
        await approve(version.id, by=cast.second)


async def test_whoever_sent_rows_has_their_own_word(tmp_path: Path) -> None:
    cast = await a_cast()
    await agree(cast.pilot)
    await a_locked_plan(cast)
    version = await queries.version(cast.lead, await a_version(cast, tmp_path))
    assert await contributions.own_work(cast.lead, version) == SENT_ROWS
    assert await contributions.own_work(cast.second, version) is None
    assert await contributions.outdated(version) is None


async def test_what_no_longer_counts_keeps_a_version_from_approval_not_from_rejection(
    cast: Cast, tmp_path: Path
) -> None:
    await delivered(cast, tmp_path, (0, 1))
    version = await a_gathering(cast, tmp_path, cast.lead)
    assert await contributions.outdated(version) is None
    row = await Contribution.select().where(Contribution.version == version.id).first()
    assert row is not None
    await contributions.end([])
    await contributions.end([row["delivery"]])
    said = await contributions.outdated(version)
    assert said is not None and len(str(said.params["authorities"]).split(", ")) == 1
    with pytest.raises(Conflict) as refused:
        await approve(version.id, by=cast.second if row["sent_by"] != cast.second.id else cast.evaluator)
    assert refused.value.message == said
    await reject(version.id, Rejection("A town has corrected its rows"), by=cast.evaluator)


async def test_the_file_of_a_version_goes_with_a_part_of_it_and_the_version_stays(cast: Cast, tmp_path: Path) -> None:
    await delivered(cast, tmp_path, (0, 1))
    version = await a_gathering(cast, tmp_path, cast.lead)
    await approve(version.id, by=cast.evaluator)
    assert await contributions.withheld(version) is None
    assert (await fetch(version.id, by=cast.evaluator)).content == version.content
    row = await Contribution.select().where(Contribution.version == version.id).first()
    assert row is not None
    await contributions.end([row["delivery"]])
    with pytest.raises(Gone) as refused:
        await fetch(version.id, by=cast.evaluator)
    assert refused.value.message == await contributions.withheld(version)
    assert await AuditEntry.count().where(AuditEntry.action == "datasets.fetch") == 1
    usable = await queries.approved_version(cast.pilot)
    assert usable is not None and usable.id == version.id


async def test_the_same_sums_of_a_delivery_that_counts_can_be_approved_again(cast: Cast, tmp_path: Path) -> None:
    await delivered(cast, tmp_path, (0,))
    version = await a_gathering(cast, tmp_path, cast.lead)
    row = await Contribution.select().where(Contribution.version == version.id).first()
    assert row is not None
    await contributions.end([row["delivery"]])
    again = Part(row["delivery"] + 1, row["authority"], cast.second.id, counts=True)
    await contributions.keep(version.id, [Part(row["delivery"], row["authority"], cast.lead.id, counts=True), again])
    await contributions.keep(version.id, [again])
    assert await Contribution.count().where(Contribution.version == version.id) == 2
    assert await contributions.outdated(version) is None
    with pytest.raises(Forbidden):
        await approve(version.id, by=cast.second)
    await approve(version.id, by=cast.evaluator)
