"""Approved rows that turned out to be wrong are withdrawn, once, with a reason, and nothing is lost."""

from pathlib import Path

import pytest

from registry.audit.queries import verify_chain
from registry.audit.tables import AuditEntry
from registry.datasets import queries
from registry.datasets.rules import VersionState
from registry.datasets.schemas import Withdrawing
from registry.datasets.withdrawing import withdraw
from registry.kit.errors import Conflict, Forbidden, NotFound
from registry.pilots.rules import Visibility
from tests.registry.datasets.story import a_csv, a_version, an_approved_version, left_behind
from tests.registry.pilots.story import a_lead
from tests.registry.plans.story import Cast, a_cast, a_locked_plan, a_voice, agree

pytestmark = pytest.mark.usefixtures("database")

WRONG = Withdrawing("The weeks are shifted by one.")


@pytest.fixture
async def cast() -> Cast:
    made = await a_cast(visibility=Visibility.PRIVATE)
    await agree(made.pilot)
    await a_locked_plan(made)
    return made


async def test_a_withdrawn_version_is_never_analysed_again_and_its_rows_stay(cast: Cast, tmp_path: Path) -> None:
    version_id = await an_approved_version(cast, tmp_path)
    await withdraw(version_id, WRONG, by=cast.lead)
    found = await queries.version(cast.lead, version_id)
    assert found.state is VersionState.WITHDRAWN and found.withdrawal is not None
    assert (found.withdrawal.reason, found.withdrawal.withdrawn_by) == (WRONG.reason, cast.lead.name)
    assert (found.approver, left_behind(tmp_path)) == (cast.second.name, [found.stored])
    assert await queries.approved_version(cast.pilot) is None
    assert [one.state for one in await queries.versions_of(cast.pilot)] == [VersionState.WITHDRAWN]
    entry = await AuditEntry.select().order_by(AuditEntry.id, ascending=False).first()
    assert entry is not None and (entry["action"], entry["actor"]) == ("datasets.withdraw", cast.lead.id)
    assert await verify_chain() is None


async def test_only_an_approved_version_is_withdrawn_and_only_once(cast: Cast, tmp_path: Path) -> None:
    waiting = await a_version(cast, tmp_path)
    with pytest.raises(Conflict):
        await withdraw(waiting, WRONG, by=cast.lead)
    version_id = await an_approved_version(cast, tmp_path, a_csv(areas=5))
    await withdraw(version_id, WRONG, by=cast.evaluator)
    with pytest.raises(Conflict):
        await withdraw(version_id, WRONG, by=cast.lead)


async def test_others_cannot_withdraw(cast: Cast, tmp_path: Path) -> None:
    version_id = await an_approved_version(cast, tmp_path)
    with pytest.raises(NotFound):
        await withdraw(version_id, WRONG, by=await a_lead())
    with pytest.raises(Forbidden):
        await withdraw(version_id, WRONG, by=await a_voice(cast))
    assert await queries.outdated([version_id]) == {}


async def test_a_version_no_longer_counts_once_it_is_withdrawn_or_corrected(cast: Cast, tmp_path: Path) -> None:
    first = await an_approved_version(cast, tmp_path)
    await a_version(cast, tmp_path, a_csv(areas=6))
    assert await queries.outdated([first]) == {}, "a version that waits corrects nothing yet"
    second = await an_approved_version(cast, tmp_path, a_csv(areas=5))
    assert {key: str(said) for key, said in (await queries.outdated([first, second])).items()} == {
        first: "Data version 1 is corrected by version 3."
    }
    await withdraw(second, WRONG, by=cast.lead)
    assert {key: str(said) for key, said in (await queries.outdated([first, second])).items()} == {
        second: f"Data version 3 was withdrawn: {WRONG.reason}"
    }
    assert await queries.outdated([]) == {}
