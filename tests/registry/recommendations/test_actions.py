"""Issuing advice: once, on approved evidence, by those who may."""

import asyncio
from collections.abc import Awaitable
from pathlib import Path

import msgspec
import pytest

from registry.audit.queries import verify_chain
from registry.audit.tables import AuditEntry
from registry.evidence.actions import approve
from registry.evidence.tables import Synthesis
from registry.kit.errors import Conflict, Forbidden, NotFound, RegistryError
from registry.kit.tables import Job
from registry.people.rules import Role
from registry.pilots.rules import Visibility
from registry.recommendations.actions import KIND, issue
from registry.recommendations.queries import SUBJECT, issuing, recommendation
from registry.recommendations.rules import ISSUED_ALREADY, NOT_APPROVED, OVERTAKEN
from registry.recommendations.tables import Basis, Recommendation
from tests.registry.analyses.story import work_off
from tests.registry.evidence.story import (
    a_graded_assessment,
    a_published_assessment,
    a_second_evaluator,
    an_approved_assessment,
)
from tests.registry.people.story import an_account
from tests.registry.recommendations.story import an_issued_recommendation

pytestmark = pytest.mark.usefixtures("database")


async def refused(kind: type[RegistryError], call: Awaitable[object]) -> RegistryError:
    with pytest.raises(kind) as caught:
        await call
    return caught.value


async def test_advice_is_asked_for_drawn_up_and_on_record(tmp_path: Path) -> None:
    cast, assessment_id = await an_approved_assessment(tmp_path)
    await issue(assessment_id, by=cast.evaluator)
    waiting = await issuing(cast.lead, assessment_id)
    assert waiting.job is not None and not waiting.job.over
    assert waiting.recommendation_id is None
    await work_off(tmp_path)
    made = (await issuing(cast.lead, assessment_id)).recommendation_id
    assert made is not None
    found = (await recommendation(cast.lead, made)).recommendation
    assert (found.assessment_id, found.issued_by, found.issuer) == (
        assessment_id,
        cast.evaluator.id,
        cast.evaluator.name,
    )
    last = await AuditEntry.select().order_by(AuditEntry.id, ascending=False).limit(3)
    assert [(row["action"], row["actor"]) for row in last] == [
        ("recommendations.issue", cast.evaluator.id),
        ("evidence.look", cast.evaluator.id),
        ("recommendations.request", cast.evaluator.id),
    ]
    assert await verify_chain() is None


async def test_evidence_that_nobody_approved_gives_no_advice(tmp_path: Path) -> None:
    cast, assessment_id = await a_graded_assessment(tmp_path)
    error = await refused(Conflict, issue(assessment_id, by=cast.evaluator))
    assert error.message == NOT_APPROVED
    assert await Job.count().where(Job.kind == KIND) == 0


async def test_only_evaluators_of_the_pilot_issue_and_strangers_do_not_learn_of_it(tmp_path: Path) -> None:
    cast, assessment_id = await an_approved_assessment(tmp_path)
    await refused(Forbidden, issue(assessment_id, by=cast.lead))
    await refused(NotFound, issue(assessment_id, by=await an_account(Role.EVALUATOR)))
    await refused(NotFound, issue(999, by=cast.evaluator))


async def test_an_evaluator_elsewhere_sees_an_open_pilot_and_may_not_issue(tmp_path: Path) -> None:
    _, assessment_id = await an_approved_assessment(tmp_path, visibility=Visibility.PROGRAMME)
    await refused(Forbidden, issue(assessment_id, by=await an_account(Role.EVALUATOR)))


async def test_an_assessment_has_one_recommendation(tmp_path: Path) -> None:
    cast, first = await an_issued_recommendation(tmp_path)
    assessment_id = (await recommendation(cast.lead, first)).recommendation.assessment_id
    error = await refused(Conflict, issue(assessment_id, by=cast.evaluator))
    assert error.message == ISSUED_ALREADY
    assert await Recommendation.count() == 1


async def test_advice_that_is_being_drawn_up_is_not_asked_for_again(tmp_path: Path) -> None:
    cast, assessment_id = await an_approved_assessment(tmp_path)
    await issue(assessment_id, by=cast.evaluator)
    await refused(Conflict, issue(assessment_id, by=await a_second_evaluator(cast)))


async def test_of_two_who_ask_at_once_one_recommendation_comes(tmp_path: Path) -> None:
    cast, assessment_id = await an_approved_assessment(tmp_path)
    both = (cast.evaluator, await a_second_evaluator(cast))
    answers = await asyncio.gather(*(issue(assessment_id, by=one) for one in both), return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["Conflict", "NoneType"]
    assert await Job.count().where(Job.subject == SUBJECT.format(assessment_id)) == 1
    await work_off(tmp_path)
    assert await Recommendation.count() == 1


async def test_the_advice_is_kept_whole(tmp_path: Path) -> None:
    cast, made = await an_issued_recommendation(tmp_path)
    view = await recommendation(cast.lead, made)
    row = await Recommendation.select().where(Recommendation.id == made).first()
    assert row is not None
    assert msgspec.json.decode(row["advice"]) == view.advice
    assert (row["kind"], row["rule"], row["ruleset"]) == (
        view.advice["recommendation"],
        view.advice["rule"],
        view.advice["rules_version"],
    )


async def test_advice_is_not_issued_on_an_assessment_that_is_overtaken(tmp_path: Path) -> None:
    cast, old = await an_approved_assessment(tmp_path)
    newer = await a_published_assessment(tmp_path, cast)
    await approve(newer, by=await a_second_evaluator(cast))
    error = await refused(Conflict, issue(old, by=cast.evaluator))
    assert error.message == OVERTAKEN
    await issue(newer, by=cast.evaluator)
    await work_off(tmp_path)
    assert await Recommendation.count() == 1


async def test_an_assessment_that_is_overtaken_while_its_advice_waits_gives_none(tmp_path: Path) -> None:
    cast, old = await an_approved_assessment(tmp_path)
    newer = await a_published_assessment(tmp_path, cast)
    await issue(old, by=cast.evaluator)
    await approve(newer, by=await a_second_evaluator(cast))
    with pytest.raises(Conflict):
        await work_off(tmp_path)
    assert (await Recommendation.count(), await Basis.count()) == (0, 0)


async def test_advice_keeps_what_it_rests_on(tmp_path: Path) -> None:
    cast, made = await an_issued_recommendation(tmp_path)
    row = await Basis.select().where(Basis.recommendation == made).first()
    assert row is not None
    look = await Synthesis.select().where(Synthesis.id == row["synthesis"]).first()
    assert look is not None
    assert (bool(look["decides"]), row["business_case"], row["valuation"]) == (True, None, None)
    assert (await recommendation(cast.lead, made)).resting.look == 1
