"""Stating business cases: by those who know the technology, one version after another, never over what stands."""

import asyncio
from collections.abc import Awaitable
from typing import Any

import pytest

from registry.audit.queries import verify_chain
from registry.audit.tables import AuditEntry
from registry.business_cases.actions import may_state, require_may_state, state, store, value_anew, value_current
from registry.business_cases.queries import business_case, current
from registry.business_cases.rules import NOT_OF_A_PILOT
from registry.business_cases.schemas import Stating
from registry.business_cases.tables import BusinessCase
from registry.kit.database import transaction
from registry.kit.errors import Conflict, Forbidden, Invalid, NotFound, RegistryError
from registry.kit.jobs import JobState
from registry.kit.tables import Job
from registry.people.rules import Role
from tests.registry.business_cases.story import a_case, a_stated_case, a_valued_case, technology_of
from tests.registry.people.story import an_account
from tests.registry.plans.story import a_cast

pytestmark = pytest.mark.usefixtures("database")
REASON = "The contract was made anew."


async def refused(kind: type[RegistryError], call: Awaitable[object]) -> RegistryError:
    with pytest.raises(kind) as caught:
        await call
    return caught.value


async def test_a_version_is_kept_to_the_letter_on_record_and_waits_for_the_worker() -> None:
    cast, made = await a_stated_case()
    found = await business_case(made)
    assert (found.number, found.current, found.stater, found.valuation) == (1, True, cast.lead.name, None)
    assert found.state == JobState.QUEUED
    assert 'title = "Hours saved"' in found.stated
    entry = await AuditEntry.select().order_by(AuditEntry.id, ascending=False).first()
    assert entry is not None
    assert (entry["action"], entry["object_kind"], entry["object_id"]) == (
        "business_cases.state",
        "business_case",
        made,
    )
    assert await verify_chain() is None


async def test_a_later_version_never_overwrites_an_earlier_one() -> None:
    cast, first = await a_valued_case()
    _, second = await a_stated_case(cast, reason=REASON)
    before, after = await business_case(first.id), await business_case(second)
    assert (before.number, before.current, before.stated, before.valuation) == (
        1,
        False,
        first.stated,
        first.valuation,
    )
    assert (after.number, after.current, after.reason) == (2, True, REASON)


async def test_what_is_wrong_with_the_case_and_the_version_is_said_together() -> None:
    cast, _ = await a_stated_case()
    technology = await technology_of(cast)
    error = await refused(Invalid, state(technology, Stating(toml="schema = 1"), by=cast.lead))
    codes = {one.code for one in error.findings}
    assert {"no_reason", "not_the_newest", "missing_key"} <= codes
    error = await refused(Invalid, state(technology, Stating(toml=a_case(), after=1, reason=REASON), by=cast.lead))
    assert [one.code for one in error.findings] == ["other_technology"]
    wrong = {"": "missing", "a =": "not_toml", "a = " + "[" * 6_000: "not_toml", "a = " + "1" * 6_000: "not_toml"}
    for text, code in wrong.items():
        error = await refused(Invalid, state(technology, Stating(toml=text, after=1, reason=REASON), by=cast.lead))
        assert [one.code for one in error.findings] == [code]
    assert await BusinessCase.count() == 1


async def test_of_two_versions_at_once_one_stands() -> None:
    cast, first = await a_stated_case()
    technology = await technology_of(cast)
    again = Stating(toml=(await business_case(first)).stated, after=1, reason=REASON)
    both = (state(technology, again, by=cast.lead) for _ in range(2))
    answers = await asyncio.gather(*both, return_exceptions=True)
    (refusal,) = [answer for answer in answers if isinstance(answer, RegistryError)]
    assert isinstance(refusal, Invalid), "the second is told that somebody stated a version meanwhile"
    found = await current(technology)
    assert found is not None
    assert found.number == 2


async def test_a_failed_valuation_that_two_ask_for_anew_is_valued_once() -> None:
    cast, made = await a_stated_case()
    failed: dict[Any, Any] = {Job.state: JobState.FAILED}
    await Job.update(failed).where(Job.id > 0)
    answers = await asyncio.gather(*(value_anew(made, by=cast.lead) for _ in range(3)), return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["Conflict", "Conflict", "NoneType"]
    assert await Job.count().where(Job.state == JobState.QUEUED) == 1


async def test_leads_and_evaluators_of_a_pilot_of_the_technology_state_it() -> None:
    cast = await a_cast()
    technology = await technology_of(cast)
    decider = await an_account(Role.DECISION_MAKER, organisation=cast.lead.organisation)
    elsewhere = await an_account(Role.PROJECT_LEAD)
    of_the_pilot = await an_account(Role.EVALUATOR, pilot=cast.pilot)
    allowed = [await may_state(one, technology) for one in (cast.lead, cast.evaluator, of_the_pilot)]
    assert allowed == [True, True, True]
    assert [await may_state(one, technology) for one in (decider, elsewhere)] == [False, False]
    error = await refused(Forbidden, require_may_state(elsewhere, technology))
    assert error.message == NOT_OF_A_PILOT
    await refused(NotFound, require_may_state(cast.lead, 999))
    await refused(Forbidden, state(technology, Stating(toml="x"), by=decider))


async def test_only_a_valuation_that_failed_is_asked_for_again() -> None:
    cast, made = await a_stated_case()
    await refused(Conflict, value_anew(made, by=cast.lead))
    await Job.update({Job.state: JobState.FAILED}).where(Job.id > 0)
    await refused(Forbidden, value_anew(made, by=await an_account(Role.PROJECT_LEAD)))
    await value_anew(made, by=cast.evaluator)
    assert (await business_case(made)).state == JobState.QUEUED
    async with transaction():
        await store(made, {"expected_net_value": 1.0})
    await refused(Conflict, value_anew(made, by=cast.lead))
    await refused(NotFound, value_anew(999, by=cast.lead))


async def test_what_a_version_is_worth_is_kept_and_on_record() -> None:
    _, made = await a_stated_case()
    async with transaction():
        await store(made, {"expected_net_value": 1.5})
    found = await business_case(made)
    assert (found.valuation, found.state) == ({"expected_net_value": 1.5}, JobState.DONE)
    entry = await AuditEntry.select().order_by(AuditEntry.id, ascending=False).first()
    assert entry is not None
    assert (entry["action"], entry["actor"]) == ("business_cases.value", None)


async def test_the_version_that_holds_is_valued_again_when_more_is_known_and_keeps_its_worth_meanwhile() -> None:
    _, first = await a_valued_case()
    async with transaction():
        await value_current(first.technology_id)
        await value_current(first.technology_id + 1)
    assert await Job.count().where(Job.state == JobState.QUEUED) == 2
    assert await business_case(first.id) == first
