"""What becomes of moments in the worker: deliveries, and a version that is analysed as the rows would be."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from effects.analyse import analyse
from effects.plan import AnalysisPlan
from registry.analyses.actions import request
from registry.analyses.compute import result_of
from registry.analyses.queries import analyses_of, analysis
from registry.analyses.reading import primary
from registry.audit.queries import verify_chain
from registry.audit.tables import AuditEntry
from registry.datasets import queries as datasets
from registry.datasets.actions import approve, confirm
from registry.datasets.differences import Obstacle
from registry.datasets.files import versions
from registry.datasets.holdings import holdings
from registry.datasets.retention import delete_rows
from registry.datasets.rules import UploadState
from registry.datasets.schemas import Confirmation, Deleting, Reading, Withdrawing
from registry.datasets.withdrawing import withdraw
from registry.deliveries import actions, queries
from registry.deliveries.tables import Delivery, Sending
from registry.evidence.cases import case_of
from registry.evidence.queries import grounds
from registry.evidence.rules import GateId
from registry.evidence.schemas import Facts
from registry.kit.tables import Job
from registry.kit.work import Work
from registry.plans.actions import supersede
from registry.plans.schemas import Superseding
from tests.registry.analyses.story import work_off as run_all
from tests.registry.datasets.story import InThisProcess, an_upload, left_behind
from tests.registry.datasets.story import work_off as check_rows
from tests.registry.deliveries.story import (
    SHARED_PLAN,
    a_file,
    a_sending,
    a_shared_cast,
    all_rows,
    codes_of,
    delivered,
    few_people,
    files_of,
    gathered,
    work_off,
)
from tests.registry.plans.story import Cast, locked

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
async def cast() -> Cast:
    return await a_shared_cast()


async def test_three_authorities_moments_give_the_answer_of_their_rows(cast: Cast, tmp_path: Path) -> None:
    upload_id = await gathered(cast, tmp_path)
    upload = await datasets.upload(cast.lead, upload_id)
    assert (upload.state, upload.findings) == ("stored", ())
    assert upload.version is not None
    await approve(upload.version, by=cast.second)
    version = await datasets.approved_version(cast.pilot)
    assert version is not None and version.stored.endswith(".moments")
    found = msgspec.json.decode(result_of(SHARED_PLAN, versions(tmp_path) / version.stored, 1))["estimates"]
    rows = tmp_path / "rows.csv"
    rows.write_text(all_rows())
    wanted = analyse(rows, AnalysisPlan.from_text(SHARED_PLAN), seed=1).estimates
    by_rows = {entry.outcome: entry for entry in wanted if entry.analysis == "primary"}
    main = [entry for entry in found if entry["analysis"] == "primary"]
    assert [entry["outcome"] for entry in main] == list(by_rows) == ["language", "strain"]
    for entry in main:
        rows_say = by_rows[entry["outcome"]]
        assert entry["estimate"] == pytest.approx(rows_say.estimate, rel=1e-10)
        assert entry["standard_error"] == pytest.approx(rows_say.standard_error, rel=1e-10)


async def test_what_was_gathered_goes_through_the_chain_as_rows_do(cast: Cast, tmp_path: Path) -> None:
    """Requested, computed and drawn by the worker's own handlers, and the gate of approved data knows it."""
    upload_id = await gathered(cast, tmp_path)
    version_id = (await datasets.upload(cast.lead, upload_id)).version
    assert version_id is not None
    assert [one.code for one in (await analyses_of(cast.evaluator, cast.pilot)).obstacles] == ["no_rows"]
    await approve(version_id, by=cast.second)
    analysis_id = await request(cast.pilot, by=cast.evaluator)
    await run_all(tmp_path)
    run = await analysis(cast.evaluator, analysis_id)
    assert run.result is not None and run.result["data"]["rows"] == 432
    assert run.analysis.on_moments
    assert [effect.outcome for effect in primary(run.effects) if effect.estimate] == ["language", "strain"]
    found = await grounds(cast.evaluator, analysis_id)
    gate = case_of(found.plan, found.result, found.about, Facts()).gates[GateId.APPROVED_ROWS]
    assert gate.holds is True
    await withdraw(version_id, Withdrawing(reason="An authority sent the wrong year"), by=cast.second)
    assert (await analysis(cast.evaluator, analysis_id)).analysis.outdated is not None
    assert await datasets.approved_version(cast.pilot) is None


async def test_moments_for_a_plan_that_was_superseded_are_not_analysed(cast: Cast, tmp_path: Path) -> None:
    upload_id = await gathered(cast, tmp_path, (0,))
    version_id = (await datasets.upload(cast.lead, upload_id)).version
    assert version_id is not None
    await approve(version_id, by=cast.second)
    current = (await queries.deliveries(cast.lead, cast.pilot)).plan
    assert current is not None
    draft_id = await supersede(current.id, Superseding(reason="Another standard error"), by=cast.evaluator)
    await locked(draft_id, cast.evaluator)
    assert await datasets.approved_version(cast.pilot) is None
    found = await queries.deliveries(cast.lead, cast.pilot)
    assert (found.delivered, len(found.missing)) == ((), 3)


async def test_a_deleted_version_keeps_what_is_known_and_is_not_gathered_again(cast: Cast, tmp_path: Path) -> None:
    upload_id = await gathered(cast, tmp_path)
    version_id = (await datasets.upload(cast.lead, upload_id)).version
    assert version_id is not None
    await delete_rows(version_id, Deleting(reason="The consent was withdrawn"), state=tmp_path, by=cast.lead)
    assert left_behind(tmp_path) == []
    version = await datasets.version(cast.lead, version_id)
    assert version.gathered is not None and len(version.gathered.authorities) == 3
    again = await actions.gather(cast.pilot, state=tmp_path, by=cast.lead)
    await work_off(tmp_path)
    await work_off(tmp_path)
    upload = await datasets.upload(cast.lead, again)
    assert (upload.state, upload.findings[0].code) == ("refused", "deleted_rows")
    assert (await queries.deliveries(cast.lead, cast.pilot)).delivered == ()


async def test_a_version_of_moments_names_whose_they_are_and_who_is_missing(cast: Cast, tmp_path: Path) -> None:
    upload_id = await gathered(cast, tmp_path, (0, 2))
    codes = await codes_of(cast)
    version_id = (await datasets.upload(cast.lead, upload_id)).version
    assert version_id is not None
    version = await datasets.version(cast.lead, version_id)
    assert version.gathered is not None and version.completeness is None
    assert [one.code for one in version.gathered.authorities] == [codes[0], codes[2]]
    assert len(version.gathered.missing) == 1 and codes[1] in version.gathered.missing[0]
    shared = version.gathered.authorities[0].shared
    assert (shared.rows, shared.clusters, shared.people, version.rows) == (144, 4, 36.0, 288)
    assert shared.outcomes[0].used == 144 > shared.outcomes[1].used == 144 - shared.outcomes[1].missing
    assert version.outline().gathered is None
    assert (await holdings(tmp_path)).whole == 1 and left_behind(tmp_path) == [version.stored]
    assert await verify_chain() is None


async def test_gathering_what_was_gathered_makes_no_second_version(cast: Cast, tmp_path: Path) -> None:
    upload_id = await gathered(cast, tmp_path)
    first = (await datasets.upload(cast.lead, upload_id)).version
    again = await actions.gather(cast.pilot, state=tmp_path, by=cast.lead)
    await work_off(tmp_path)
    upload = await datasets.upload(cast.lead, again)
    assert (upload.version, upload.findings[0].code) == (first, "same_rows")


async def test_a_later_version_says_why_it_was_not_compared(cast: Cast, tmp_path: Path) -> None:
    await gathered(cast, tmp_path, (0, 1))
    upload_id = await gathered(cast, tmp_path, (2,))
    version_id = (await datasets.upload(cast.lead, upload_id)).version
    assert version_id is not None
    differences = (await datasets.version(cast.lead, version_id)).differences
    assert differences is not None
    assert (differences.earlier, differences.obstacle) == (1, Obstacle.MOMENTS)


async def test_rows_after_moments_are_not_compared_either(cast: Cast, tmp_path: Path) -> None:
    await gathered(cast, tmp_path)
    upload_id = await an_upload(cast, tmp_path, all_rows())
    await confirm(upload_id, Confirmation(Reading()), by=cast.lead)
    await check_rows(tmp_path)
    version_id = (await datasets.upload(cast.lead, upload_id)).version
    assert version_id is not None
    differences = (await datasets.version(cast.lead, version_id)).differences
    assert differences is not None and differences.obstacle is Obstacle.MOMENTS


async def test_moments_that_were_deleted_meanwhile_are_not_gathered(cast: Cast, tmp_path: Path) -> None:
    await delivered(cast, tmp_path)
    upload_id = await actions.gather(cast.pilot, state=tmp_path, by=cast.lead)
    await Delivery.update({Delivery.content: None}).where(Delivery.id > 0)
    await work_off(tmp_path)
    upload = await datasets.upload(cast.lead, upload_id)
    assert upload.state == "refused"
    assert [finding.code for finding in upload.findings] == ["deleted_moments"] * 3
    assert left_behind(tmp_path) == []


async def test_every_fault_of_every_file_is_told_by_name_and_nothing_is_stored(cast: Cast, tmp_path: Path) -> None:
    codes = await codes_of(cast)
    good = a_file(0, codes[0])
    sent = {
        "good.moments": good,
        "cut.moments": a_file(1, codes[1])[:-50],
        "altered.moments": a_file(1, codes[1]).replace(b'"rows_used": 1', b'"rows_used": 9', 1),
        "old.moments": good.replace(b'"effects_version": "', b'"effects_version": "0.', 1),
        "twice.moments": a_file(1, codes[0]),
        "elsewhere.moments": a_file(1, "9999"),
        "nobody.moments": a_file(2, " "),
        "plan.moments": a_file(2, codes[2], plan=SHARED_PLAN.replace('"cr1"', '"cr0"')),
        "few.moments": few_people(2, codes[1]),
        "rows.csv": all_rows().encode(),
    }
    sending_id = await a_sending(cast, tmp_path, sent)
    await work_off(tmp_path)
    sending = await queries.sending(cast.lead, sending_id)
    assert sending.state is UploadState.REFUSED
    assert {(finding.where, finding.code) for finding in sending.findings} >= {
        ("cut.moments", "not_moments"),
        ("altered.moments", "altered"),
        ("old.moments", "other_version"),
        ("twice.moments", "repeated_authority"),
        ("elsewhere.moments", "unknown_authority"),
        ("nobody.moments", "no_authority"),
        ("plan.moments", "other_plan"),
        ("few.moments", "small_group"),
        ("rows.csv", "not_moments"),
    }
    assert not [finding for finding in sending.findings if finding.where == "good.moments"]
    assert (await Delivery.count(), left_behind(tmp_path)) == (0, [])


async def test_a_cpr_number_in_a_name_refuses_all_files_and_is_kept_nowhere(cast: Cast, tmp_path: Path) -> None:
    codes = await codes_of(cast)
    named = a_file(1, codes[1]).replace(b'"T1S0"', b'"010190-1234"')
    sending_id = await a_sending(cast, tmp_path, {"a.moments": a_file(0, codes[0]), "b.moments": named})
    await work_off(tmp_path)
    sending = await queries.sending(cast.lead, sending_id)
    assert [(finding.where, finding.code) for finding in sending.findings] == [("b.moments", "cpr_like")]
    everything = [await table.select() for table in (Sending, Delivery, AuditEntry, Job)]
    assert b"010190" not in msgspec.json.encode([everything, sending])
    assert left_behind(tmp_path) == []


async def test_a_newer_file_takes_the_place_of_the_older(cast: Cast, tmp_path: Path) -> None:
    await delivered(cast, tmp_path)
    codes = await codes_of(cast)
    await a_sending(cast, tmp_path, {"newer.moments": a_file(0, codes[0], pupils=10)}, by=cast.second)
    await work_off(tmp_path)
    found = await queries.deliveries(cast.lead, cast.pilot)
    assert [one.delivery.shared.people for one in found.expected if one.delivery] == [40.0, 36.0, 36.0]
    (old,) = found.replaced
    assert (old.replacer, old.shared.people) == (cast.second.name, 36.0)
    assert old.replaced_at is not None and await queries.contents([old.id]) == {}


async def test_the_very_same_file_is_one_delivery(cast: Cast, tmp_path: Path) -> None:
    await delivered(cast, tmp_path, (0,))
    files = await files_of(cast, (0, 1))
    twice = {**files, "copy.moments": files[next(iter(files))]}
    sending_id = await a_sending(cast, tmp_path, twice)
    await work_off(tmp_path)
    sending = await queries.sending(cast.lead, sending_id)
    assert sending.state is UploadState.STORED
    assert [finding.code for finding in sending.findings] == ["same_file", "same_file"]
    assert await Delivery.count() == 2


async def test_what_stands_already_must_add_with_what_comes(cast: Cast, tmp_path: Path) -> None:
    """The same rows under the name of another authority are noticed although their file came before."""
    await delivered(cast, tmp_path, (0,))
    codes = await codes_of(cast)
    sending_id = await a_sending(cast, tmp_path, {"same rows.moments": a_file(0, codes[1])})
    await work_off(tmp_path)
    sending = await queries.sending(cast.lead, sending_id)
    assert {finding.code for finding in sending.findings} == {"repeated_part"}


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # the child has none
async def test_what_brings_the_child_down_is_a_finding(cast: Cast, tmp_path: Path) -> None:
    sending_id = await a_sending(cast, tmp_path, {"deep.moments": b"[" * 10_000_000})
    await work_off(tmp_path, Work)
    sending = await queries.sending(cast.lead, sending_id)
    assert (sending.state, len(sending.findings)) == (UploadState.REFUSED, 1)
    assert left_behind(tmp_path) == []


async def test_a_job_that_comes_twice_stores_once(cast: Cast, tmp_path: Path) -> None:
    sending_id = await delivered(cast, tmp_path)
    await Job.update({Job.state: "queued", Job.finished_at: None}).where(Job.subject == f"sending:{sending_id}")
    await work_off(tmp_path)
    assert await Delivery.count() == 3


async def test_of_two_sendings_that_are_read_at_once_each_is_judged_beside_the_other(
    cast: Cast, tmp_path: Path
) -> None:
    sent = await files_of(cast, (0, 1))
    slow, quick = [await a_sending(cast, tmp_path, sent) for _ in range(2)]
    reading: list[str] = []

    class Slow(InThisProcess):
        async def limited(self, *call: Any, **limits: Any) -> Any:
            reading.append(self.subject)
            if len(reading) == 1:
                await work_off(tmp_path)
            return await super().limited(*call, **limits)

    await work_off(tmp_path, Slow)
    found = [await queries.sending(cast.lead, one) for one in (slow, quick)]
    assert [one.state for one in found] == [UploadState.STORED, UploadState.STORED]
    assert [{finding.code for finding in one.findings} for one in found] == [{"same_file"}, set()]
    assert await Delivery.count() == 2
