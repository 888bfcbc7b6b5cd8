"""Reading assessments, and what the registry knows about a run."""

from pathlib import Path

import pytest

from registry.analyses.actions import request
from registry.analyses.retracting import retract
from registry.analyses.schemas import Retracting
from registry.analyses.tables import Analysis
from registry.datasets.tables import DatasetVersion, Upload
from registry.evidence.actions import approve
from registry.evidence.queries import (
    all_visible,
    any_simulated,
    approved_of,
    assessment,
    assessments_of,
    grounds,
    outdated,
    replaced_by,
)
from registry.evidence.rules import REPLACED
from registry.indicators.tables import Rating
from registry.kit.clock import now
from registry.kit.errors import Conflict, NotFound
from registry.people.rules import Role, StakeholderGroup
from registry.people.tables import Organisation
from registry.pilots.tables import Site
from registry.plans.tables import Plan
from tests.registry.analyses.story import CONTENT, a_written_analysis, a_written_cast, ends_while_read
from tests.registry.evidence.story import (
    a_graded_assessment,
    a_published_assessment,
    a_second_evaluator,
    an_approved_assessment,
    an_assessment,
)
from tests.registry.people.story import an_account, an_organisation

pytestmark = pytest.mark.usefixtures("database")


async def test_results_wait_for_an_assessment_until_they_have_one() -> None:
    cast, analysis_id = await a_written_analysis()
    before = await assessments_of(cast.evaluator, cast.pilot)
    assert (before.assessments, before.results) == ([], [analysis_id])
    other, assessment_id = await an_assessment()
    after = await assessments_of(other.lead, other.pilot)
    assert ([row.id for row in after.assessments], after.results) == ([assessment_id], [])


async def test_the_newest_assessment_comes_first_with_its_maker(tmp_path: Path) -> None:
    cast, first = await a_graded_assessment(tmp_path)
    second = await a_published_assessment(tmp_path, cast)
    rows = (await assessments_of(cast.lead, cast.pilot)).assessments
    assert [row.id for row in rows] == [second, first]
    assert [(row.assessor, row.graded) for row in rows] == [(cast.evaluator.name, True)] * 2
    assert [row.analysed_by for row in rows] == [None, cast.evaluator.id]


async def test_a_private_pilots_evidence_does_not_exist_for_others() -> None:
    cast, assessment_id = await an_assessment()
    view = await assessment(cast.lead, assessment_id)
    stranger = await an_account(Role.EVALUATOR)
    assert view.assessment.analysis_id is not None
    for reading in (
        assessments_of(stranger, cast.pilot),
        assessment(stranger, assessment_id),
        grounds(stranger, view.assessment.analysis_id),
        assessment(cast.lead, 999),
    ):
        with pytest.raises(NotFound):
            await reading


async def test_the_grounds_are_plan_result_approval_and_votes() -> None:
    cast, analysis_id = await a_written_analysis()
    found = await grounds(cast.evaluator, analysis_id)
    assert found.plan.title == "Two indicators of a digital service"
    assert found.result["data"]["sha256"] == [CONTENT.removeprefix("sha256:")]
    assert (found.about.approved_hashes, found.about.locked_first) == ((CONTENT.removeprefix("sha256:"),), True)
    assert set(found.about.groups_voted) == set(StakeholderGroup)
    assert found.about.pilot.id == cast.pilot


async def test_rows_that_came_before_the_lock_or_lost_their_approval_are_told() -> None:
    cast, analysis_id = await a_written_analysis()
    await Plan.update({Plan.locked_at: now()}).where(Plan.pilot == cast.pilot)
    await DatasetVersion.update({DatasetVersion.approved_at: None}).where(DatasetVersion.pilot == cast.pilot)
    found = (await grounds(cast.evaluator, analysis_id)).about
    assert (found.locked_first, found.approved_hashes) == (False, ())
    assert await Upload.count() == 1


async def test_a_group_whose_votes_are_missing_is_not_counted() -> None:
    cast, analysis_id = await a_written_analysis()
    await Rating.delete().where(Rating.stakeholder_group == StakeholderGroup.STAFF)
    found = (await grounds(cast.evaluator, analysis_id)).about
    assert set(StakeholderGroup) - set(found.groups_voted) == {StakeholderGroup.STAFF}


async def test_the_reach_is_the_share_of_inhabitants_in_size_classes_that_were_not_tried() -> None:
    cast, analysis_id = await a_written_analysis()
    assert (await grounds(cast.evaluator, analysis_id)).about.untested == 0.0
    medium = sum(row["population"] for row in await Organisation.select(Organisation.population))
    await an_organisation(population=240_000)
    await an_organisation(population=8_000)
    await an_organisation(population=None)
    found = (await grounds(cast.evaluator, analysis_id)).about.untested
    assert found == pytest.approx(248_000 / (medium + 248_000))


async def test_the_reach_is_not_known_where_no_site_has_a_size() -> None:
    cast, analysis_id = await a_written_analysis()
    await Site.update({Site.size_class: None}).where(Site.pilot == cast.pilot)
    assert (await grounds(cast.evaluator, analysis_id)).about.untested is None


async def test_there_are_no_grounds_before_there_is_a_result() -> None:
    cast = await a_written_cast()
    analysis_id = await request(cast.pilot, by=cast.evaluator)
    with pytest.raises(Conflict):
        await grounds(cast.evaluator, analysis_id)
    assert await Analysis.count() == 1


async def test_an_assessment_is_outdated_by_a_newer_approved_one_of_its_pilot(tmp_path: Path) -> None:
    cast, first = await an_approved_assessment(tmp_path)
    second = await a_published_assessment(tmp_path, cast)
    assert await outdated([first, second]) == {}, "what nobody approved takes no place"
    await approve(second, by=await a_second_evaluator(cast))
    assert (await outdated([first, second]), await replaced_by([first, second])) == (
        {first: REPLACED},
        {first: second},
    )
    found = (await assessment(cast.lead, first)).assessment
    assert (found.outdated, found.replaced_by, found.graded) == (REPLACED, second, True)
    assert [row.id for row in await approved_of([cast.pilot])] == [second]
    assert (await outdated([]), await replaced_by([]), await approved_of([])) == ({}, {}, [])


async def test_an_assessment_of_a_retracted_result_is_outdated_and_leaves_its_place_to_the_one_before(
    tmp_path: Path,
) -> None:
    cast, first = await an_approved_assessment(tmp_path)
    run = (await assessment(cast.lead, first)).assessment.analysis_id
    assert run is not None
    await retract(run, Retracting("The rows held another week."), by=cast.evaluator)
    assert "retracted" in str((await outdated([first]))[first])
    assert (await replaced_by([first]), await approved_of([cast.pilot])) == ({}, [])


async def test_a_made_up_pilot_and_one_that_is_not_open_are_told(tmp_path: Path) -> None:
    cast, made_up = await a_graded_assessment(tmp_path, simulated=True)
    _, real = await an_assessment()
    assert [await any_simulated(some) for some in ([made_up, real], [real], [])] == [True, False, False]
    assert [await all_visible(cast.lead, some) for some in ([made_up], [made_up, real], [])] == [True, False, True]


async def test_who_reads_while_it_is_graded_sees_no_grading_that_ended_without_a_grade(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast, assessment_id = await an_assessment()
    ends_while_read(monkeypatch, tmp_path)
    found = await assessment(cast.lead, assessment_id)
    assert found.job is not None and found.job.over and found.grade is not None
