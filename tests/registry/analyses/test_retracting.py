"""A result that turned out to be wrong is retracted, once, with a reason, and stays readable."""

from pathlib import Path

import pytest

from registry.analyses.actions import request
from registry.analyses.queries import analyses_of, analysis, finished, outdated, result_file
from registry.analyses.retracting import retract
from registry.analyses.schemas import Retracting
from registry.audit.queries import verify_chain
from registry.audit.tables import AuditEntry
from registry.datasets.schemas import Withdrawing
from registry.datasets.withdrawing import withdraw
from registry.kit.errors import Conflict, Forbidden, NotFound
from registry.pilots.rules import Visibility
from tests.registry.analyses.story import a_finished_analysis, a_ready_cast
from tests.registry.pilots.story import a_lead

pytestmark = pytest.mark.usefixtures("database")

WRONG = Retracting("The plan named the wrong column.")


async def test_a_retracted_result_no_longer_counts_and_stays_readable(tmp_path: Path) -> None:
    cast, analysis_id = await a_finished_analysis(tmp_path)
    before = await result_file(cast.evaluator, analysis_id)
    assert [run.id for run in await finished(cast.pilot)] == [analysis_id]
    await retract(analysis_id, WRONG, by=cast.evaluator)
    said = (await outdated([analysis_id]))[analysis_id]
    assert str(said) == f"The result was retracted: {WRONG.reason}"
    assert (await analysis(cast.lead, analysis_id)).analysis.outdated == said
    assert [run.outdated for run in (await analyses_of(cast.lead, cast.pilot)).analyses] == [said]
    assert (await finished(cast.pilot), await result_file(cast.evaluator, analysis_id)) == ([], before)
    entry = await AuditEntry.select().order_by(AuditEntry.id, ascending=False).first()
    assert entry is not None and (entry["action"], entry["actor"]) == ("analyses.retract", cast.evaluator.id)
    assert await verify_chain() is None
    with pytest.raises(Conflict):
        await retract(analysis_id, WRONG, by=cast.evaluator)


async def test_only_a_result_is_retracted_and_only_by_an_evaluator_of_the_pilot(tmp_path: Path) -> None:
    cast = await a_ready_cast(tmp_path)
    waiting = await request(cast.pilot, by=cast.evaluator)
    with pytest.raises(Conflict):
        await retract(waiting, WRONG, by=cast.evaluator)
    with pytest.raises(Forbidden):
        await retract(waiting, WRONG, by=cast.lead)
    assert await outdated([waiting]) == {} and await outdated([]) == {}


async def test_a_result_of_withdrawn_rows_no_longer_counts(tmp_path: Path) -> None:
    cast, analysis_id = await a_finished_analysis(tmp_path)
    found = (await analysis(cast.evaluator, analysis_id)).analysis
    await withdraw(found.dataset_version_id, Withdrawing("The weeks are shifted by one."), by=cast.lead)
    assert str((await outdated([analysis_id]))[analysis_id]).startswith("Data version 1 was withdrawn")


async def test_a_stranger_learns_nothing_of_it(tmp_path: Path) -> None:
    cast, analysis_id = await a_finished_analysis(tmp_path, await a_ready_cast(tmp_path, visibility=Visibility.PRIVATE))
    with pytest.raises(NotFound):
        await retract(analysis_id, WRONG, by=await a_lead())
    assert await outdated([analysis_id]) == {} and cast.pilot
