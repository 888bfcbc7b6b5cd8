"""Replaced moments go, and so do those that the lead deletes; what waits on them is said to be out of date."""

from pathlib import Path

import pytest

from registry.audit.tables import AuditEntry
from registry.datasets import queries as datasets
from registry.datasets.actions import approve
from registry.datasets.retention import delete_rows
from registry.datasets.schemas import Deleting
from registry.deliveries import actions, queries, removing
from registry.deliveries.retention import sweep
from registry.deliveries.tables import Delivery
from registry.kit.errors import Conflict, Forbidden, Gone, NotFound
from registry.kit.jobs import cancel
from tests.registry.deliveries.story import (
    a_file,
    a_sending,
    a_shared_cast,
    codes_of,
    delivered,
    few_people,
    gathered,
    work_off,
)
from tests.registry.pilots.story import a_lead
from tests.registry.plans.story import Cast

pytestmark = pytest.mark.usefixtures("database")
WHY = Deleting("The authority asked for it")


@pytest.fixture
async def cast() -> Cast:
    return await a_shared_cast()


async def a_newer(cast: Cast, state: Path) -> None:
    """A second file of the first authority, sent and not yet looked at."""
    codes = await codes_of(cast)
    await a_sending(cast, state, {"newer.moments": a_file(0, codes[0], pupils=10)})


async def kept() -> list[bool]:
    """Of each delivery, by age, whether its file is still there."""
    rows = await Delivery.select(Delivery.content, Delivery.deleted_at).order_by(Delivery.id)
    assert all((row["content"] is None) is (row["deleted_at"] is not None) for row in rows)
    return [row["content"] is not None for row in rows]


async def entries(action: str) -> int:
    return await AuditEntry.count().where(AuditEntry.action == action)


async def test_a_replaced_file_goes_at_once_and_its_facts_stay(cast: Cast, tmp_path: Path) -> None:
    await delivered(cast, tmp_path, (0, 1))
    await a_newer(cast, tmp_path)
    await work_off(tmp_path)
    assert await kept() == [False, True, True]
    (old,) = (await queries.deliveries(cast.lead, cast.pilot)).replaced
    assert (old.sender, old.deleted_by, old.shared.rows, len(old.sha256)) == (cast.lead.id, None, 144, 64)
    assert await entries("deliveries.replace") == 1


async def test_a_replaced_file_waits_for_the_gathering_that_rests_on_it(cast: Cast, tmp_path: Path) -> None:
    """The version is of what stood when it was asked for, and is out of date when it comes."""
    await delivered(cast, tmp_path, (0, 1))
    await a_newer(cast, tmp_path)
    upload_id = await actions.gather(cast.pilot, state=tmp_path, by=cast.lead)
    await work_off(tmp_path)
    assert await kept() == [True, True, True]
    await sweep(tmp_path)
    assert await kept() == [True, True, True]
    await work_off(tmp_path)
    assert await kept() == [False, True, True]
    version = (await datasets.upload(cast.lead, upload_id)).version
    assert version is not None
    with pytest.raises(Conflict, match="replaced or deleted"):
        await approve(version, by=cast.evaluator)


async def test_a_gathering_that_broke_off_holds_nothing_back(cast: Cast, tmp_path: Path) -> None:
    await delivered(cast, tmp_path, (0, 1))
    await a_newer(cast, tmp_path)
    upload_id = await actions.gather(cast.pilot, state=tmp_path, by=cast.lead)
    await work_off(tmp_path)
    job = (await datasets.upload(cast.lead, upload_id)).job
    assert job is not None and await cancel(job.id)
    await sweep(tmp_path)
    await sweep(tmp_path)
    assert await kept() == [False, True, True]
    assert await entries("deliveries.replace") == 1


async def test_a_version_of_what_was_replaced_is_gathered_again(cast: Cast, tmp_path: Path) -> None:
    upload_id = await gathered(cast, tmp_path, (0, 1))
    first = (await datasets.upload(cast.lead, upload_id)).version
    await a_newer(cast, tmp_path)
    await work_off(tmp_path)
    assert first is not None
    with pytest.raises(Conflict):
        await approve(first, by=cast.evaluator)
    again = await actions.gather(cast.pilot, state=tmp_path, by=cast.lead)
    await work_off(tmp_path)
    second = (await datasets.upload(cast.lead, again)).version
    assert second is not None and second != first
    await approve(second, by=cast.evaluator)


async def test_the_lead_deletes_a_delivery_with_a_reason(cast: Cast, tmp_path: Path) -> None:
    upload_id = await gathered(cast, tmp_path, (0, 1))
    version = (await datasets.upload(cast.lead, upload_id)).version
    one = (await queries.deliveries(cast.lead, cast.pilot)).delivered[0].delivery
    assert one is not None and version is not None
    await removing.delete_moments(one.id, WHY, by=cast.second)
    found = await queries.delivery(cast.lead, one.id)
    assert (found.deleted_by, found.deleted_reason) == (cast.second.name, WHY.reason)
    assert found.sha256 == one.sha256 and found.deleted_at is not None
    assert sorted(await kept()) == [False, True] and await entries("deliveries.delete") == 1
    with pytest.raises(Gone):
        await removing.delete_moments(one.id, WHY, by=cast.lead)
    with pytest.raises(Conflict):
        await approve(version, by=cast.evaluator)


async def test_a_fault_of_one_authority_stops_no_other_and_goes_when_it_is_deleted(cast: Cast, tmp_path: Path) -> None:
    """Faults that nobody looked for when a file came may be known later."""
    codes = await codes_of(cast)
    await delivered(cast, tmp_path, (0,))
    await Delivery.update({Delivery.content: few_people(0, codes[0]).decode()}).where(Delivery.id > 0)
    sending_id = await a_sending(cast, tmp_path, {"second.moments": a_file(1, codes[1])})
    await work_off(tmp_path)
    sending = await queries.sending(cast.lead, sending_id)
    assert (sending.state, [one.code for one in sending.findings]) == ("stored", ["faulty_standing"])
    (first,) = await Delivery.select(Delivery.id).where(Delivery.filename == f"{codes[0]}.moments")
    await removing.delete_moments(first["id"], WHY, by=cast.lead)
    upload_id = await actions.gather(cast.pilot, state=tmp_path, by=cast.lead)
    await work_off(tmp_path)
    assert (await datasets.upload(cast.lead, upload_id)).version is not None


async def test_nobody_else_deletes_one(cast: Cast, tmp_path: Path) -> None:
    await delivered(cast, tmp_path, (0,))
    (one,) = [one.delivery for one in (await queries.deliveries(cast.lead, cast.pilot)).delivered]
    assert one is not None
    for person, error in ((cast.evaluator, Forbidden), (await a_lead(), NotFound)):
        with pytest.raises(error):
            await removing.delete_moments(one.id, WHY, by=person)
    assert await kept() == [True] and await entries("deliveries.delete") == 0


async def test_what_is_deleted_while_it_waits_to_be_gathered_is_named(cast: Cast, tmp_path: Path) -> None:
    await delivered(cast, tmp_path, (0, 1))
    one = (await queries.deliveries(cast.lead, cast.pilot)).delivered[0].delivery
    upload_id = await actions.gather(cast.pilot, state=tmp_path, by=cast.lead)
    assert one is not None
    await removing.delete_moments(one.id, WHY, by=cast.lead)
    await work_off(tmp_path)
    upload = await datasets.upload(cast.lead, upload_id)
    assert [finding.code for finding in upload.findings] == ["deleted_moments"] and upload.version is None


async def a_version(cast: Cast, state: Path) -> int:
    """The version that the moments which count just now are gathered to."""
    upload_id = await actions.gather(cast.pilot, state=state, by=cast.lead)
    await work_off(state)
    version = (await datasets.upload(cast.lead, upload_id)).version
    assert version is not None
    return version


async def test_a_deleted_version_takes_with_it_what_no_other_version_holds(cast: Cast, tmp_path: Path) -> None:
    await delivered(cast, tmp_path, (0,))
    first = await a_version(cast, tmp_path)
    await delivered(cast, tmp_path, (1,))
    second = await a_version(cast, tmp_path)
    await delete_rows(second, WHY, state=tmp_path, by=cast.second)
    await work_off(tmp_path)
    assert await kept() == [True, False]
    (gone,) = await AuditEntry.select(AuditEntry.actor).where(AuditEntry.action == "deliveries.delete")
    assert gone["actor"] == cast.second.id
    (told,) = (await queries.deliveries(cast.lead, cast.pilot)).replaced
    assert (told.deleted_by, told.deleted_reason) == (cast.second.name, WHY.reason)
    await delete_rows(first, WHY, state=tmp_path, by=cast.lead)
    await sweep(tmp_path)
    assert await kept() == [False, False] and await entries("deliveries.delete") == 2
    await work_off(tmp_path)
    assert await entries("deliveries.delete") == 2


async def test_what_is_being_gathered_again_outlives_its_version_until_then(cast: Cast, tmp_path: Path) -> None:
    await delivered(cast, tmp_path, (0, 1))
    first = await a_version(cast, tmp_path)
    await delivered(cast, tmp_path, (2,))
    upload_id = await actions.gather(cast.pilot, state=tmp_path, by=cast.lead)
    await delete_rows(first, WHY, state=tmp_path, by=cast.lead)
    await sweep(tmp_path)
    assert await kept() == [True, True, True]
    await work_off(tmp_path)
    await work_off(tmp_path)
    assert await kept() == [True, True, True]
    assert (await datasets.upload(cast.lead, upload_id)).version is not None
