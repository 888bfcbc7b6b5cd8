"""Stating facts, entering published trials, and four eyes on both."""

import asyncio
from collections.abc import Awaitable
from pathlib import Path

import msgspec
import pytest

from registry.analyses.actions import request
from registry.audit.queries import verify_chain
from registry.audit.tables import AuditEntry
from registry.evidence.actions import approve, assess, assess_published
from registry.evidence.queries import assessment
from registry.evidence.rules import JOB, OWN_WORK, REPLACED, Known
from registry.evidence.tables import Assessment
from registry.kit.errors import Conflict, Forbidden, Invalid, NotFound, RegistryError
from registry.kit.jobs import latest
from registry.people.rules import Role
from registry.pilots.rules import Visibility
from tests.registry.analyses.story import a_written_analysis, a_written_cast
from tests.registry.evidence.story import (
    SOURCE,
    a_graded_assessment,
    a_published_assessment,
    a_second_evaluator,
    an_approved_assessment,
    an_assessment,
    facts,
    published,
)
from tests.registry.people.story import an_account
from tests.registry.plans.story import a_cast

pytestmark = pytest.mark.usefixtures("database")


async def refused(kind: type[RegistryError], call: Awaitable[object]) -> RegistryError:
    with pytest.raises(kind) as caught:
        await call
    return caught.value


async def test_facts_are_kept_with_the_case_they_make_up_and_a_job_that_grades_it() -> None:
    cast, assessment_id = await an_assessment(facts(dose=None, remark="Registers only."))
    found = await assessment(cast.evaluator, assessment_id)
    assert (found.facts["dose"], found.facts["blinded"], "remark" in found.facts) == (None, "yes", False)
    assert (found.remark, found.grade, found.assessment.graded) == ("Registers only.", None, False)
    assert 'name = "Language known"' in found.case
    assert "dose" not in found.case
    job = await latest(f"assessment:{assessment_id}")
    assert job is not None and job.kind == JOB
    entry = await AuditEntry.select().order_by(AuditEntry.id, ascending=False).first()
    assert entry is not None
    assert (entry["action"], entry["actor"]) == ("evidence.assess", cast.evaluator.id)


async def test_facts_wait_for_a_result() -> None:
    cast = await a_written_cast()
    analysis_id = await request(cast.pilot, by=cast.evaluator)
    await refused(Conflict, assess(analysis_id, facts(), by=cast.evaluator))
    assert await Assessment.count() == 0


async def test_only_an_evaluator_of_the_pilot_assesses_and_strangers_do_not_learn_of_it() -> None:
    cast, analysis_id = await a_written_analysis()
    await refused(Forbidden, assess(analysis_id, facts(), by=cast.lead))
    await refused(Forbidden, assess_published(cast.pilot, published(), by=cast.lead))
    stranger = await an_account(Role.EVALUATOR)
    await refused(NotFound, assess(analysis_id, facts(), by=stranger))
    await refused(NotFound, assess_published(cast.pilot, published(), by=stranger))
    await refused(NotFound, assess(999, facts(), by=cast.evaluator))
    assert await Assessment.count() == 0


async def test_an_evaluator_elsewhere_sees_an_open_pilot_and_may_not_assess_it(tmp_path: Path) -> None:
    cast, assessment_id = await a_graded_assessment(tmp_path, visibility=Visibility.PROGRAMME)
    elsewhere = await an_account(Role.EVALUATOR)
    view = await assessment(elsewhere, assessment_id)
    assert view.assessment.analysis_id is not None
    await refused(Forbidden, assess(view.assessment.analysis_id, facts(), by=elsewhere))
    await refused(Forbidden, approve(assessment_id, by=elsewhere))
    assert cast.pilot == view.assessment.pilot_id


async def test_a_published_trial_comes_in_with_its_source(tmp_path: Path) -> None:
    cast = await a_cast()
    assessment_id = await a_published_assessment(tmp_path, cast, remark="As printed.")
    found = await assessment(cast.evaluator, assessment_id)
    assert (found.assessment.source, found.assessment.analysis_id, found.remark) == (SOURCE, None, "As printed.")
    assert found.facts == {}
    assert found.assessment.analysed_by is None


@pytest.mark.parametrize("text", ["not = [toml", "[" * 10_000, 'a = "\\q"'])
async def test_a_case_that_is_not_toml_is_refused_at_its_field(text: str) -> None:
    cast = await a_cast()
    error = await refused(Invalid, assess_published(cast.pilot, published(case=text), by=cast.evaluator))
    assert [(found.where, found.code) for found in error.findings] == [("case", "not_toml")]


async def test_everything_wrong_in_a_case_is_said_at_once_with_its_key_and_nothing_is_kept() -> None:
    cast = await a_cast()
    case = (
        published()
        .case.replace('design = "cluster_randomised"', 'design = "coin_toss"', 1)
        .replace("pilots = 1", "pilotz = 1")
    )
    error = await refused(Invalid, assess_published(cast.pilot, published(case=case), by=cast.evaluator))
    assert {found.where for found in error.findings} == {"case"}
    assert {"indicator[0].design", "portfolio.pilotz"} <= {found.column for found in error.findings}
    assert await Assessment.count() == 0


async def test_a_second_evaluator_approves_and_it_is_on_record(tmp_path: Path) -> None:
    cast, assessment_id = await a_graded_assessment(tmp_path)
    second = await a_second_evaluator(cast)
    await approve(assessment_id, by=second)
    found = (await assessment(cast.lead, assessment_id)).assessment
    assert (found.assessor, found.approver) == (cast.evaluator.name, second.name)
    assert found.approved_at is not None
    about = (
        await AuditEntry.select(AuditEntry.action).where(AuditEntry.object_kind == "assessment").order_by(AuditEntry.id)
    )
    assert [row["action"] for row in about] == ["evidence.assess", "evidence.grade", "evidence.approve"]
    assert await verify_chain() is None


async def test_nobody_approves_their_own_assessment_or_the_evidence_of_their_own_analysis(tmp_path: Path) -> None:
    cast, assessment_id = await a_graded_assessment(tmp_path)
    error = await refused(Forbidden, approve(assessment_id, by=cast.evaluator))
    assert error.message == OWN_WORK
    view = await assessment(cast.evaluator, assessment_id)
    second = await a_second_evaluator(cast)
    assert view.assessment.analysis_id is not None
    others = await assess(view.assessment.analysis_id, facts(), by=second)
    await refused(Forbidden, approve(others, by=cast.evaluator))


async def test_only_evaluators_approve_and_strangers_do_not_learn_of_it(tmp_path: Path) -> None:
    cast, assessment_id = await a_graded_assessment(tmp_path)
    await refused(Forbidden, approve(assessment_id, by=cast.lead))
    await refused(NotFound, approve(assessment_id, by=await an_account(Role.EVALUATOR)))


async def test_what_is_not_graded_is_not_approved_and_nothing_is_approved_twice(tmp_path: Path) -> None:
    cast, waiting = await an_assessment()
    await refused(Conflict, approve(waiting, by=await a_second_evaluator(cast)))
    cast, assessment_id = await an_approved_assessment(tmp_path)
    first = (await assessment(cast.lead, assessment_id)).assessment
    await refused(Conflict, approve(assessment_id, by=await a_second_evaluator(cast)))
    assert (await assessment(cast.lead, assessment_id)).assessment == first


async def test_of_two_who_approve_at_once_one_stands(tmp_path: Path) -> None:
    cast, assessment_id = await a_graded_assessment(tmp_path)
    both = [await a_second_evaluator(cast) for _ in range(2)]
    answers = await asyncio.gather(*(approve(assessment_id, by=one) for one in both), return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["Conflict", "NoneType"]


async def test_the_same_run_may_be_assessed_anew_and_both_stand() -> None:
    cast, first = await an_assessment()
    view = await assessment(cast.evaluator, first)
    assert view.assessment.analysis_id is not None
    second = await assess(view.assessment.analysis_id, facts(blinded=Known.NO), by=cast.evaluator)
    rows = await Assessment.select(Assessment.id, Assessment.facts).order_by(Assessment.id)
    assert [row["id"] for row in rows] == [first, second]
    assert [msgspec.json.decode(row["facts"])["blinded"] for row in rows] == ["yes", "no"]


async def test_an_assessment_that_is_overtaken_is_not_approved(tmp_path: Path) -> None:
    cast, old = await a_graded_assessment(tmp_path)
    newer = await a_published_assessment(tmp_path, cast)
    await approve(newer, by=await a_second_evaluator(cast))
    error = await refused(Conflict, approve(old, by=await a_second_evaluator(cast)))
    assert error.message == REPLACED
    assert (await assessment(cast.lead, old)).assessment.approved_at is None


async def test_a_published_trial_is_graded_by_the_rule_set_that_its_case_asks_for(tmp_path: Path) -> None:
    cast = await a_cast()
    asked = published().case.replace("claims_required = 2", 'claims_required = 2\nruleset = "2"')
    found = await assessment(cast.evaluator, await a_published_assessment(tmp_path, cast, case=asked))
    assert found.grade is not None
    assert (found.assessment.ruleset, found.grade["rules_version"]) == ("2", "2")
