"""Reading runs: whose they are, how far they are, and the bytes of their results."""

import json
from pathlib import Path

import pytest

from registry.analyses.actions import request, rerun
from registry.analyses.queries import analyses_of, analysis, finished, result_file
from registry.analyses.rules import SUBJECT
from registry.kit.errors import NotFound
from registry.kit.jobs import JobState
from registry.kit.tables import Job
from registry.people.rules import Role
from registry.pilots.rules import Visibility
from tests.registry.analyses.story import (
    a_check,
    a_ready_cast,
    a_written_analysis,
    a_written_cast,
    ends_while_read,
    the_result,
)
from tests.registry.people.story import an_account
from tests.registry.plans.story import a_cast

pytestmark = pytest.mark.usefixtures("database")


async def fail_job_of(analysis_id: int) -> None:
    await Job.update({Job.state: JobState.FAILED}).where(Job.subject == SUBJECT.format(analysis_id))


async def test_a_run_is_read_with_its_result_effects_and_checks() -> None:
    cast, analysis_id = await a_written_analysis(the_result(a_check("balance", "warn", "language")))
    found = await analysis(cast.evaluator, analysis_id)
    assert found.analysis.plan_title == "Two indicators of a digital service"
    assert [effect.name for effect in found.effects] == ["Language known", "Strain"]
    assert [(check.verdict, check.answers[0].indicator) for check in found.checks] == [("warn", "Language known")]
    assert found.result is not None and found.result["data"]["rows"] == 231
    assert found.job is not None and found.job.over


async def test_before_anything_is_ready_the_list_says_what_is_missing() -> None:
    cast = await a_cast()
    listed = await analyses_of(cast.evaluator, cast.pilot)
    assert (listed.analyses, [found.code for found in listed.obstacles]) == ([], ["no_plan", "no_rows"])
    ready = await a_written_cast()
    assert (await analyses_of(ready.evaluator, ready.pilot)).obstacles == []


async def test_a_run_without_a_result_is_as_far_as_its_job() -> None:
    cast = await a_written_cast()
    analysis_id = await request(cast.pilot, by=cast.evaluator)
    (waiting,) = (await analyses_of(cast.evaluator, cast.pilot)).analyses
    await fail_job_of(analysis_id)
    (failed,) = (await analyses_of(cast.evaluator, cast.pilot)).analyses
    assert (waiting.state, failed.state) == (JobState.QUEUED, JobState.FAILED)
    found = await analysis(cast.evaluator, analysis_id)
    assert (found.result, found.effects, found.checks) == (None, [], [])
    assert await finished(cast.pilot) == []
    with pytest.raises(NotFound):
        await result_file(cast.evaluator, analysis_id)


async def test_a_rerun_that_fails_takes_nothing_from_the_result() -> None:
    cast, analysis_id = await a_written_analysis()
    await rerun(analysis_id, by=cast.evaluator)
    await fail_job_of(analysis_id)
    found = await analysis(cast.evaluator, analysis_id)
    assert (found.analysis.state, found.job and found.job.state) == (JobState.DONE, JobState.FAILED)
    assert found.effects


async def test_runs_are_listed_for_those_who_see_the_pilot_and_do_not_exist_for_others() -> None:
    cast, analysis_id = await a_written_analysis()
    assert [row.id for row in (await analyses_of(cast.lead, cast.pilot)).analyses] == [analysis_id]
    assert [row.id for row in await finished(cast.pilot)] == [analysis_id]
    stranger = await an_account(Role.EVALUATOR)
    for reading in (
        analyses_of(stranger, cast.pilot),
        analysis(stranger, analysis_id),
        result_file(stranger, analysis_id),
        analysis(cast.lead, 999),
    ):
        with pytest.raises(NotFound):
            await reading


async def test_an_open_pilot_shows_its_results_to_the_programme() -> None:
    cast, analysis_id = await a_written_analysis(visibility=Visibility.PROGRAMME)
    anybody = await an_account(Role.DECISION_MAKER)
    assert json.loads(await result_file(anybody, analysis_id)) == the_result()
    assert (await analyses_of(anybody, cast.pilot)).pilot_id == cast.pilot


async def test_who_reads_while_it_runs_sees_no_run_that_ended_without_a_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = await a_ready_cast(tmp_path)
    analysis_id = await request(cast.pilot, by=cast.evaluator)
    ends_while_read(monkeypatch, tmp_path)
    found = await analysis(cast.lead, analysis_id)
    assert found.job is not None and found.job.over and found.result is not None
