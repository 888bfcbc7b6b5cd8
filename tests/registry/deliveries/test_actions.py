"""Sending and gathering: who may, when, and what stays when it is refused."""

import asyncio
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from registry.audit.tables import AuditEntry
from registry.datasets import queries as datasets
from registry.datasets.files import upload_path
from registry.datasets.holdings import holdings
from registry.datasets.tables import Upload
from registry.deliveries import actions, queries
from registry.deliveries.schemas import Manifest
from registry.deliveries.tables import Sending
from registry.kit.clock import today
from registry.kit.errors import Conflict, Forbidden, Invalid, NotFound
from tests.registry.datasets.story import left_behind
from tests.registry.deliveries.story import a_file, a_sending, a_shared_cast, codes_of, delivered, files_of, work_off
from tests.registry.pilots.story import a_lead
from tests.registry.plans.story import Cast, a_cast

pytestmark = pytest.mark.usefixtures("database")
JUNK = {"0101.moments": b"{}"}


@pytest.fixture
async def cast() -> Cast:
    return await a_shared_cast()


async def test_files_are_taken_in_with_their_statement_and_an_entry(cast: Cast, tmp_path: Path) -> None:
    sending = await queries.sending(cast.lead, await a_sending(cast, tmp_path, {"a/0101.moments": b"{}"}))
    assert (sending.state, sending.sent_by, len(sending.files)) == ("checking", cast.lead.name, 1)
    assert sending.job is not None and not sending.job.over
    assert await AuditEntry.count().where(AuditEntry.action == "deliveries.send") == 1


async def test_who_may_not_send_leaves_no_file(cast: Cast, tmp_path: Path) -> None:
    with pytest.raises(Forbidden):
        await a_sending(cast, tmp_path, JUNK, by=cast.evaluator)
    with pytest.raises(NotFound):
        await a_sending(cast, tmp_path, JUNK, by=await a_lead())
    assert left_behind(tmp_path) == [] and await Sending.count() == 0


async def test_nothing_is_sent_before_a_plan_is_locked(tmp_path: Path) -> None:
    cast = await a_cast()
    with pytest.raises(Conflict):
        await a_sending(cast, tmp_path, JUNK)
    with pytest.raises(Conflict):
        await actions.gather(cast.pilot, state=tmp_path, by=cast.lead)
    assert left_behind(tmp_path) == []


async def test_an_offer_that_is_wrong_leaves_nothing(cast: Cast, tmp_path: Path) -> None:
    with pytest.raises(Invalid) as refused:
        await a_sending(cast, tmp_path, {"a.moments": b"", "b.moments": b"{}"}, retain_until=today())
    assert {finding.code for finding in refused.value.findings} == {"empty_file", "in_the_past"}
    assert left_behind(tmp_path) == [] and await Sending.count() == 0


async def test_what_is_gathered_is_written_down_as_it_stood(cast: Cast, tmp_path: Path) -> None:
    await delivered(cast, tmp_path, (0, 1))
    found = await queries.deliveries(cast.lead, cast.pilot)
    upload_id = await actions.gather(cast.pilot, state=tmp_path, by=cast.lead)
    manifest = msgspec.json.decode(upload_path(tmp_path, upload_id).read_bytes(), type=Manifest)
    assert manifest.deliveries == tuple(one.delivery.id for one in found.expected if one.delivery)
    assert len(manifest.missing) == 1
    assert (await holdings(tmp_path)).missing == ()
    with pytest.raises(Conflict):
        await actions.gather(cast.pilot, state=tmp_path, by=cast.second)


async def test_of_three_who_gather_at_once_one_does_it(cast: Cast, tmp_path: Path) -> None:
    await delivered(cast, tmp_path, (0, 1))
    asked = (actions.gather(cast.pilot, state=tmp_path, by=person) for person in (cast.lead, cast.second, cast.lead))
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["Conflict", "Conflict", "int"]
    assert await Upload.count() == 1


async def test_only_the_lead_gathers_and_only_what_is_there(cast: Cast, tmp_path: Path) -> None:
    with pytest.raises(Conflict):
        await actions.gather(cast.pilot, state=tmp_path, by=cast.lead)
    with pytest.raises(Forbidden):
        await actions.gather(cast.pilot, state=tmp_path, by=cast.evaluator)
    with pytest.raises(NotFound):
        await actions.gather(cast.pilot, state=tmp_path, by=await a_lead())
    assert await Upload.count() == 0


async def test_a_version_promises_the_strictest_of_what_goes_into_it(cast: Cast, tmp_path: Path) -> None:
    await delivered(cast, tmp_path, (0,))
    soon = today() + timedelta(days=30)
    codes = await codes_of(cast)
    stated = {"purpose": "The follow-up", "legal_basis": "x" * 299, "retain_until": soon}
    await a_sending(cast, tmp_path, {"second.moments": a_file(1, codes[1])}, **stated)
    await work_off(tmp_path)
    upload_id = await actions.gather(cast.pilot, state=tmp_path, by=cast.lead)
    upload = await datasets.upload(cast.lead, upload_id)
    assert upload.retain_until == soon
    assert upload.purpose == "Evaluation of the digital service; The follow-up"
    assert len(upload.legal_basis) == 300 and upload.legal_basis.endswith("…")


async def test_a_file_is_told_apart_from_another_of_its_name(cast: Cast, tmp_path: Path) -> None:
    files = await files_of(cast, (0, 1))
    sending_id = await a_sending(cast, tmp_path, files)
    names = [file.name for file in (await queries.sending(cast.lead, sending_id)).files]
    assert names == list(files)
