"""Drafting, locking and superseding plans, on both databases."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from litestar.datastructures import UploadFile

from effects.plan import AnalysisPlan
from registry.audit.tables import AuditEntry
from registry.kit import clock
from registry.kit.errors import Conflict, Forbidden, Invalid, NotFound
from registry.people.actions import revoke_role
from registry.people.queries import grants_of
from registry.people.rules import Role
from registry.plans import queries
from registry.plans.actions import draft, edit, lock, supersede
from registry.plans.schemas import Drafting, Locking, Superseding
from registry.plans.tables import Plan, Simulation
from tests.registry.people.story import an_account, known
from tests.registry.plans.story import LANGUAGE, PLAN, Cast, a_cast, a_draft, a_locked_plan, a_simulation, agree, locked
from tests.registry.plans.test_forms import a_form

pytestmark = pytest.mark.usefixtures("database")

REASON = Superseding("The weight column was misspelt in the plan file.")


@pytest.fixture
async def cast() -> Cast:
    made = await a_cast()
    await agree(made.pilot)
    return made


async def actions_recorded() -> Sequence[str]:
    rows = await AuditEntry.select(AuditEntry.action).where(AuditEntry.object_kind == "plan").order_by(AuditEntry.id)
    return [row["action"] for row in rows]


def a_file(content: bytes) -> UploadFile:
    return UploadFile("application/toml", "plan.toml", content)


async def test_a_plan_file_becomes_a_draft_as_it_was_written(cast: Cast) -> None:
    plan_id = await draft(cast.pilot, Drafting(file=a_file(PLAN.encode("utf-8-sig"))), by=cast.evaluator)
    plan = await queries.plan(cast.evaluator, plan_id)
    assert (plan.state, plan.number, plan.title) == ("draft", 1, "Two indicators of a digital service")
    assert "A comment that has to survive" in plan.toml
    assert plan.fingerprint == AnalysisPlan.from_text(PLAN).fingerprint
    assert await actions_recorded() == ["plans.draft"]


async def test_the_form_becomes_a_draft_that_is_a_plan_file(cast: Cast) -> None:
    plan_id = await draft(cast.pilot, Drafting(form=a_form()), by=cast.evaluator)
    plan = await queries.plan(cast.evaluator, plan_id)
    assert queries.parsed(plan).outcomes[0].minimal_important == 0.05
    assert plan.findings == ()


@pytest.mark.parametrize(
    ("sent", "codes"),
    [
        ({"toml": ""}, {"missing"}),
        ({"toml": "design = ["}, {"not_toml"}),
        ({"file": b"\xff\xfe"}, {"not_utf8"}),
        ({"file": b"#" * 200_001}, {"too_large"}),
        ({"toml": PLAN.replace("0.05", "-1.0").replace('"n"', '""')}, {"not_positive", "not_text"}),
    ],
)
async def test_what_is_no_plan_is_refused_with_everything_wrong(cast: Cast, sent: Any, codes: set[str]) -> None:
    content = {name: a_file(value) if name == "file" else value for name, value in sent.items()}
    with pytest.raises(Invalid) as refused:
        await draft(cast.pilot, Drafting(**content), by=cast.evaluator)
    assert {finding.code for finding in refused.value.findings} == codes
    assert {finding.where for finding in refused.value.findings} <= {"toml", "file"}
    assert await Plan.count() == 0


async def test_findings_of_the_form_stand_at_its_fields(cast: Cast) -> None:
    with pytest.raises(Invalid) as refused:
        await draft(cast.pilot, Drafting(form=a_form(unit="", period="")), by=cast.evaluator)
    assert {finding.where for finding in refused.value.findings} >= {"form.unit", "form.period"}


async def test_only_an_evaluator_of_the_pilot_drafts(cast: Cast) -> None:
    with pytest.raises(Forbidden):
        await draft(cast.pilot, Drafting(toml=PLAN), by=cast.lead)
    with pytest.raises(NotFound):
        await draft(cast.pilot, Drafting(toml=PLAN), by=await an_account(Role.EVALUATOR))
    assert await Plan.count() == 0


async def test_a_draft_is_edited_from_the_version_that_was_read(cast: Cast) -> None:
    plan_id = await a_draft(cast)
    await edit(plan_id, Drafting(toml=PLAN.replace("Two", "Both"), version=1), by=cast.evaluator)
    with pytest.raises(Conflict, match="conflict"):
        await edit(plan_id, Drafting(toml=PLAN, version=1), by=cast.evaluator)
    plan = await queries.plan(cast.evaluator, plan_id)
    assert (plan.title, plan.version) == ("Both indicators of a digital service", 2)
    assert await actions_recorded() == ["plans.draft", "plans.edit"]


async def test_locking_keeps_time_fingerprint_and_who_agreed_without_names(cast: Cast) -> None:
    plan_id = await a_draft(cast)
    with clock.frozen(datetime(2026, 11, 22, 6, 0, tzinfo=UTC)) as moment:
        await locked(plan_id, cast.evaluator)
    plan = await queries.plan(cast.lead, plan_id)
    assert (plan.state, plan.locked_at, plan.locked_by) == ("locked", moment, cast.evaluator.name)
    language = plan.agreement["indicators"][0]
    assert language["wording"] == LANGUAGE["wording"]
    assert language["groups"] == dict.fromkeys(("citizens", "staff", "managers", "it", "economy", "researchers"), 1)
    assert cast.evaluator.name not in str(plan.agreement)
    assert await actions_recorded() == ["plans.draft", "plans.lock"]


async def test_a_locked_plan_never_changes(cast: Cast) -> None:
    plan_id = await a_locked_plan(cast)
    before = await Plan.select().where(Plan.id == plan_id).first()
    for attempt in (
        edit(plan_id, Drafting(toml=PLAN, version=2), by=cast.evaluator),
        lock(plan_id, Locking(version=2), by=cast.evaluator),
    ):
        with pytest.raises(Conflict):
            await attempt
    assert await Plan.select().where(Plan.id == plan_id).first() == before


async def test_nothing_is_locked_before_the_indicators_are_agreed() -> None:
    cast = await a_cast()
    plan_id = await a_draft(cast)
    with pytest.raises(Invalid) as refused:
        await locked(plan_id, cast.evaluator)
    assert [finding.code for finding in refused.value.findings] == ["nothing_agreed"]


async def test_a_plan_that_leaves_the_agreement_is_not_locked_and_says_why() -> None:
    cast = await a_cast()
    await agree(cast.pilot, [{**LANGUAGE, "code": "falls", "name": "Falls"}])
    plan_id = await a_draft(cast)
    with pytest.raises(Invalid) as refused:
        await locked(plan_id, cast.evaluator)
    assert [finding.code for finding in refused.value.findings] == ["primary_not_agreed", "agreed_left_out"]
    assert (await queries.plan(cast.evaluator, plan_id)).state == "draft"


async def test_only_the_version_that_was_read_is_locked(cast: Cast) -> None:
    plan_id = await a_draft(cast)
    await edit(plan_id, Drafting(toml=PLAN, version=1), by=cast.evaluator)
    with pytest.raises(Conflict):
        await locked(plan_id, cast.evaluator)


async def test_a_second_plan_is_locked_only_as_a_successor(cast: Cast) -> None:
    first = await a_locked_plan(cast)
    stray = await a_draft(cast)
    with pytest.raises(Conflict):
        await locked(stray, cast.evaluator)
    successor = await supersede(first, REASON, by=cast.evaluator)
    still = await queries.current_plan(cast.pilot)
    assert still is not None and still.id == first
    await locked(successor, cast.evaluator)
    now_counts = await queries.current_plan(cast.pilot)
    assert now_counts is not None and (now_counts.id, now_counts.superseded_reason) == (successor, REASON.reason)
    old = await queries.plan(cast.lead, first)
    assert (old.state, old.superseded_by) == ("superseded", successor)


async def test_only_the_plan_that_counts_is_superseded(cast: Cast) -> None:
    draft_id = await a_draft(cast)
    with pytest.raises(Conflict):
        await supersede(draft_id, REASON, by=cast.evaluator)
    await locked(draft_id, cast.evaluator)
    with pytest.raises(Forbidden):
        await supersede(draft_id, REASON, by=cast.lead)


async def test_of_two_drafts_locked_at_once_one_counts(cast: Cast) -> None:
    drafts = [await a_draft(cast), await a_draft(cast)]
    attempts = [locked(plan_id, cast.evaluator) for plan_id in drafts]
    outcomes = await asyncio.gather(*attempts, return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict", "NoneType"]
    assert await Plan.count().where(Plan.locked_at.is_not_null()) == 1


async def test_drafts_kept_at_once_get_numbers_of_their_own(cast: Cast) -> None:
    kept = await asyncio.gather(*(a_draft(cast) for _ in range(4)))
    numbers = [(await queries.plan(cast.evaluator, plan_id)).number for plan_id in kept]
    assert sorted(numbers) == [1, 2, 3, 4]


async def test_each_plan_gets_the_next_number_of_its_pilot(cast: Cast) -> None:
    other = await a_cast()
    numbers = [(await queries.plan(cast.evaluator, await a_draft(cast))).number for _ in range(3)]
    assert numbers == [1, 2, 3]
    assert (await queries.plan(other.evaluator, await a_draft(other))).number == 1


async def test_a_chain_of_three_plans_has_one_that_counts(cast: Cast) -> None:
    plans = [await a_locked_plan(cast)]
    for _ in range(2):
        successor = await supersede(plans[-1], REASON, by=cast.evaluator)
        await locked(successor, cast.evaluator)
        plans.append(successor)
    states = [(await queries.plan(cast.lead, plan_id)).state for plan_id in plans]
    assert states == ["superseded", "superseded", "locked"]
    with pytest.raises(Conflict):
        await supersede(plans[0], REASON, by=cast.evaluator)


async def test_of_two_successors_the_first_locked_counts(cast: Cast) -> None:
    first = await a_locked_plan(cast)
    rivals = [await supersede(first, REASON, by=cast.evaluator) for _ in range(2)]
    await locked(rivals[1], cast.evaluator)
    with pytest.raises(Conflict):
        await locked(rivals[0], cast.evaluator)
    current = await queries.current_plan(cast.pilot)
    assert current is not None and current.id == rivals[1]


async def test_a_successor_begins_with_the_words_of_the_old_plan(cast: Cast) -> None:
    first = await a_locked_plan(cast)
    successor = await queries.plan(cast.evaluator, await supersede(first, REASON, by=cast.evaluator))
    before = await queries.plan(cast.evaluator, first)
    assert (successor.toml, successor.fingerprint) == (before.toml, before.fingerprint)
    assert (successor.supersedes, successor.superseded_reason) == (first, REASON.reason)


async def test_editing_in_the_form_keeps_what_it_has_no_field_for(cast: Cast) -> None:
    plan_id = await a_draft(cast, PLAN + '\n[[subgroup]]\ncolumn = "size_class"\n')
    await edit(plan_id, Drafting(form=a_form(title="Another title"), version=1), by=cast.evaluator)
    plan = queries.parsed(await queries.plan(cast.evaluator, plan_id))
    assert [subgroup.column for subgroup in plan.subgroups] == ["size_class"]
    assert plan.title == "Another title"


async def test_a_refused_edit_changes_nothing(cast: Cast) -> None:
    plan_id = await a_draft(cast)
    before = await Plan.select().where(Plan.id == plan_id).first()
    for wrong in (Drafting(toml="x = [", version=1), Drafting(form=a_form(unit=""), version=1)):
        with pytest.raises(Invalid):
            await edit(plan_id, wrong, by=cast.evaluator)
    assert await Plan.select().where(Plan.id == plan_id).first() == before
    assert await actions_recorded() == ["plans.draft"]


async def test_two_edits_from_one_version_leave_one(cast: Cast) -> None:
    plan_id = await a_draft(cast)
    edits = [
        edit(plan_id, Drafting(toml=PLAN.replace("Two", word), version=1), by=cast.evaluator)
        for word in ("Both", "Some")
    ]
    outcomes = await asyncio.gather(*edits, return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict", "NoneType"]
    assert (await queries.plan(cast.evaluator, plan_id)).version == 2


async def test_a_lock_and_an_edit_at_once_never_lock_what_was_not_read(cast: Cast) -> None:
    plan_id = await a_draft(cast)
    seen = await a_simulation(plan_id, cast.evaluator)
    outcomes = await asyncio.gather(
        lock(plan_id, Locking(version=1, simulation=seen), by=cast.evaluator),
        edit(plan_id, Drafting(toml=PLAN.replace("Two", "Both"), version=1), by=cast.evaluator),
        return_exceptions=True,
    )
    plan = await queries.plan(cast.evaluator, plan_id)
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 1
    assert (plan.state, plan.title[:4]) in {("locked", "Two "), ("draft", "Both")}


async def test_somebody_who_lost_the_role_locks_nothing(cast: Cast) -> None:
    plan_id = await a_draft(cast)
    grant = (await grants_of(cast.evaluator.id))[0]
    await revoke_role(grant.id, by=await an_account(Role.ADMINISTRATOR, everywhere=True))
    with pytest.raises(NotFound):
        await lock(plan_id, Locking(version=1), by=await known(cast.evaluator.id))
    assert (await queries.plan(cast.lead, plan_id)).state == "draft"


async def test_a_lock_without_a_simulation_is_refused_and_changes_nothing(cast: Cast) -> None:
    plan_id = await a_draft(cast)
    before = await Plan.select().where(Plan.id == plan_id).first()
    with pytest.raises(Invalid) as refused:
        await lock(plan_id, Locking(version=1), by=cast.evaluator)
    assert [finding.code for finding in refused.value.findings] == ["not_simulated"]
    assert await Plan.select().where(Plan.id == plan_id).first() == before
    assert await actions_recorded() == ["plans.draft"]


async def test_everything_against_a_lock_is_said_at_once() -> None:
    cast = await a_cast()
    await agree(cast.pilot, [{**LANGUAGE, "code": "falls", "name": "Falls"}])
    plan_id = await a_draft(cast)
    seen = await a_simulation(plan_id, cast.evaluator, 0.1)
    with pytest.raises(Invalid) as refused:
        await lock(plan_id, Locking(version=1, simulation=seen), by=cast.evaluator)
    assert [finding.code for finding in refused.value.findings] == [
        "primary_not_agreed",
        "agreed_left_out",
        "unsettled_without_reason",
    ]


async def test_who_locked_with_which_simulation_is_written_with_the_lock_or_not_at_all(cast: Cast) -> None:
    plan_id = await a_draft(cast)
    seen = await a_simulation(plan_id, cast.evaluator, 0.1)
    with pytest.raises(Conflict):
        await lock(plan_id, Locking(7, seen, "It tells where to look next."), by=cast.evaluator)
    row = await Simulation.select().where(Simulation.id == seen).first()
    assert row is not None and (row["seen_by"], row["seen_at"], row["unsettled_reason"]) == (None, None, "")
    await lock(plan_id, Locking(1, seen, "It tells where to look next."), by=cast.evaluator)
    row = await Simulation.select().where(Simulation.id == seen).first()
    locked_plan = await queries.plan(cast.lead, plan_id)
    assert row is not None and locked_plan.locked_at is not None
    assert (row["seen_by"], row["unsettled_reason"]) == (cast.evaluator.id, "It tells where to look next.")
    assert abs((row["seen_at"] - locked_plan.locked_at).total_seconds()) < 60


async def test_a_successor_needs_a_simulation_of_its_own_though_its_words_are_the_same(cast: Cast) -> None:
    first = await a_locked_plan(cast)
    successor = await supersede(first, REASON, by=cast.evaluator)
    row = await Simulation.select(Simulation.id).where(Simulation.plan == first).first()
    assert row is not None
    with pytest.raises(Invalid):
        await lock(successor, Locking(version=1, simulation=row["id"]), by=cast.evaluator)
    await locked(successor, cast.evaluator)
    assert (await queries.plan(cast.lead, successor)).state == "locked"
