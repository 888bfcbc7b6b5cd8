"""Recording decisions: once, by somebody else than who gave the advice, with a reason where they deviate."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from pathlib import Path

import pytest

from registry.audit.queries import verify_chain
from registry.audit.tables import AuditEntry
from registry.decisions.actions import decide
from registry.decisions.queries import decided, decision
from registry.decisions.rules import DECIDED_ALREADY, OWN_ADVICE, Choice
from registry.decisions.tables import Condition, Decision
from registry.kit.clock import today
from registry.kit.errors import Conflict, Forbidden, Invalid, NotFound, RegistryError
from registry.people.actions import grant_role
from registry.people.rules import Role
from registry.people.schemas import NewGrant
from registry.pilots.rules import Visibility
from tests.registry.decisions.story import a_condition, a_decision, a_decision_maker, deciding, in_days
from tests.registry.people.story import an_account, known
from tests.registry.recommendations.story import an_issued_recommendation, telecare_recommended

pytestmark = pytest.mark.usefixtures("database")


async def refused(kind: type[RegistryError], call: Awaitable[object]) -> RegistryError:
    with pytest.raises(kind) as caught:
        await call
    return caught.value


async def test_a_decision_is_kept_with_its_conditions_and_is_on_record(tmp_path: Path) -> None:
    cast, advice = await an_issued_recommendation(tmp_path)
    maker = await a_decision_maker(cast)
    conditions = [a_condition(), a_condition(text="Falls are followed monthly", owner="The municipality")]
    made = await decide(advice, deciding(review_on=in_days(180), conditions=conditions), by=maker)
    found = await decision(cast.lead, made)
    assert (found.decision.choice, found.decision.deviates, found.decision.decider) == (
        Choice.GATHER_EVIDENCE,
        False,
        maker.name,
    )
    assert found.decision.review_on == in_days(180)
    assert [(one.text, one.owner) for one in found.conditions] == [
        ("The business case is worked out", "Programme office"),
        ("Falls are followed monthly", "The municipality"),
    ]
    entry = await AuditEntry.select().order_by(AuditEntry.id, ascending=False).first()
    assert entry is not None
    assert (entry["action"], entry["object_id"], entry["actor"]) == ("decisions.decide", made, maker.id)
    assert await verify_chain() is None


async def test_a_deviation_without_a_reason_is_refused_whole(tmp_path: Path) -> None:
    cast, advice = await telecare_recommended(tmp_path)
    maker = await a_decision_maker(cast)
    yesterday = today() - timedelta(days=1)
    wrong = deciding(Choice.ROLL_OUT, review_on=yesterday, conditions=[a_condition(due=yesterday)])
    error = await refused(Invalid, decide(advice, wrong, by=maker))
    assert {found.where for found in error.findings} == {"reason", "review_on", "conditions.0.due"}
    assert (await Decision.count(), await Condition.count()) == (0, 0)
    made = await decide(advice, deciding(Choice.ROLL_OUT, reason="It is agreed in the budget."), by=maker)
    found = (await decision(cast.lead, made)).decision
    assert (found.advised, found.choice, found.deviates) == ("STOP", Choice.ROLL_OUT, True)


async def test_a_recommendation_has_one_decision_that_is_never_overwritten(tmp_path: Path) -> None:
    cast, made = await a_decision(tmp_path)
    first = (await decision(cast.lead, made)).decision
    again = deciding(Choice.STOP, reason="On second thoughts.")
    await refused(Conflict, decide(first.recommendation_id, again, by=await a_decision_maker(cast)))
    assert (await decision(cast.lead, made)).decision == first
    recorded = await decided(first.recommendation_id)
    assert recorded is not None
    assert recorded.id == made


async def test_of_two_decisions_at_once_one_stands_with_its_conditions(tmp_path: Path) -> None:
    cast, advice = await an_issued_recommendation(tmp_path)
    both = [await a_decision_maker(cast) for _ in range(2)]
    answers = await asyncio.gather(*(decide(advice, deciding(), by=one) for one in both), return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["Conflict", "int"]
    assert {str(answer) for answer in answers if isinstance(answer, Conflict)} == {str(Conflict(DECIDED_ALREADY))}
    assert (await Decision.count(), await Condition.count()) == (1, 1)


async def test_whoever_issued_the_advice_does_not_decide_on_it(tmp_path: Path) -> None:
    cast, advice = await an_issued_recommendation(tmp_path)
    grant = NewGrant(role=Role.DECISION_MAKER, organisation=cast.lead.organisation)
    await grant_role(cast.evaluator.id, grant, by=None)
    error = await refused(Forbidden, decide(advice, deciding(), by=await known(cast.evaluator.id)))
    assert error.message == OWN_ADVICE


async def test_only_decision_makers_of_the_owner_decide_and_strangers_do_not_learn_of_it(tmp_path: Path) -> None:
    cast, advice = await an_issued_recommendation(tmp_path)
    await refused(Forbidden, decide(advice, deciding(), by=cast.lead))
    await refused(NotFound, decide(advice, deciding(), by=await an_account(Role.DECISION_MAKER)))
    await refused(NotFound, decide(999, deciding(), by=await a_decision_maker(cast)))
    assert await Decision.count() == 0


async def test_a_decision_maker_elsewhere_sees_open_advice_and_may_not_decide(tmp_path: Path) -> None:
    _, advice = await an_issued_recommendation(tmp_path, visibility=Visibility.PROGRAMME)
    await refused(Forbidden, decide(advice, deciding(), by=await an_account(Role.DECISION_MAKER)))


async def test_a_decision_may_have_no_conditions(tmp_path: Path) -> None:
    cast, advice = await an_issued_recommendation(tmp_path)
    made = await decide(advice, deciding(conditions=[]), by=await a_decision_maker(cast))
    assert (await decision(cast.lead, made)).conditions == []
