import asyncio

import pytest

from effects.codes import Domain, Role
from effects.errors import Finding, PlanError
from registry.audit.queries import last
from registry.audit.tables import AuditEntry
from registry.indicators.actions import close_round, open_round
from registry.indicators.proposing import (
    propose,
    propose_from_library,
    propose_from_plan,
    propose_several,
    reword,
    withdraw,
)
from registry.indicators.queries import indicators_of
from registry.indicators.schemas import FromLibrary, FromPlan, LibraryChoice, Rewording, Several
from registry.indicators.tables import Indicator
from registry.kit.errors import Conflict, Forbidden, Invalid, NotFound
from registry.people.rules import Role as PersonRole
from tests.registry.indicators.story import a_library, a_stakeholder, an_indicator, rated_by, some_indicators
from tests.registry.indicators.test_reading import PLAN
from tests.registry.people.story import an_account
from tests.registry.pilots.story import a_lead, a_pilot

pytestmark = pytest.mark.usefixtures("database")


def codes(refused: Invalid) -> list[tuple[str, str]]:
    return [(finding.where, finding.code) for finding in refused.findings]


async def test_a_proposal_is_stored_as_stated_with_one_audit_entry() -> None:
    lead = await a_lead()
    pilot = await a_pilot(lead)
    indicator = await propose(pilot, an_indicator("language", margin=0.02), by=lead)
    (stored,) = await indicators_of(pilot)
    assert (stored.id, stored.code, stored.domain, stored.role) == (indicator, "language", Domain.CITIZEN, Role.PRIMARY)
    assert (stored.minimal_important, stored.margin, stored.proposed_by) == (0.05, 0.02, lead.id)
    entry = await last()
    assert entry is not None
    assert (entry.action, entry.object_kind, entry.object_id, entry.actor) == (
        "indicators.propose",
        "indicator",
        indicator,
        lead.id,
    )


async def test_the_fields_actors_propose_too() -> None:
    lead = await a_lead()
    pilot = await a_pilot(lead)
    evaluator = await an_account(PersonRole.EVALUATOR, everywhere=True)
    stakeholder = await a_stakeholder(pilot=pilot)
    await propose(pilot, an_indicator("language"), by=evaluator)
    await propose(pilot, an_indicator("employer"), by=stakeholder)
    assert [one.proposed_by for one in await indicators_of(pilot)] == [evaluator.id, stakeholder.id]
    with pytest.raises(Forbidden):
        await propose(pilot, an_indicator("gender"), by=await an_account(PersonRole.DECISION_MAKER, everywhere=True))
    with pytest.raises(NotFound):
        await propose(pilot, an_indicator("gender"), by=await a_lead())


async def test_a_code_is_a_safe_column_name_and_stands_once_in_a_pilot() -> None:
    lead = await a_lead()
    pilot = await a_pilot(lead)
    with pytest.raises(Invalid) as refused:
        await propose(pilot, an_indicator("2 fast", minimal_important=-1.0), by=lead)
    assert codes(refused.value) == [("code", "unsafe_code"), ("minimal_important", "not_positive")]
    await propose(pilot, an_indicator("language"), by=lead)
    with pytest.raises(Invalid) as refused:
        await propose(pilot, an_indicator("language"), by=lead)
    assert codes(refused.value) == [("code", "taken")]
    await propose(await a_pilot(lead), an_indicator("language"), by=lead)


async def test_an_indicator_without_wording_is_worded_by_its_name() -> None:
    lead = await a_lead()
    pilot = await a_pilot(lead)
    await propose(pilot, an_indicator("language", wording="", name="Language stated"), by=lead)
    assert (await indicators_of(pilot))[0].wording == "Language stated"


async def test_choices_from_the_library_take_over_its_text_in_the_persons_language() -> None:
    await a_library("wellbeing", "falls", "cost")
    lead, dane = await a_lead(), await a_lead(language="da")
    pilot = await a_pilot(lead)
    chosen = FromLibrary(
        (
            LibraryChoice(library="wellbeing", role=Role.PRIMARY, minimal_important=3.0),
            LibraryChoice(library="falls", role=Role.GUARDRAIL),
            LibraryChoice(library="cost"),
        )
    )
    assert await propose_from_library(pilot, chosen, by=lead) == 2
    stored = await indicators_of(pilot)
    assert [(one.code, one.name, one.role, one.unit, one.minimal_important) for one in stored] == [
        ("wellbeing", "English wellbeing", Role.PRIMARY, "%", 3.0),
        ("falls", "English falls", Role.GUARDRAIL, "%", None),
    ]
    assert stored[0].wording == "Share with wellbeing."
    other = await a_pilot(dane)
    await propose_from_library(other, chosen, by=dane)
    assert (await indicators_of(other))[0].wording == "Andel med wellbeing."
    assert await Indicator.count().where(Indicator.library.is_not_null()) == 4


async def test_a_wrong_choice_keeps_all_of_them_out() -> None:
    await a_library("wellbeing", "falls")
    lead = await a_lead()
    pilot = await a_pilot(lead)
    wrong = FromLibrary(
        (
            LibraryChoice(library="wellbeing", role=Role.PRIMARY),
            LibraryChoice(library="happiness", role=Role.PRIMARY),
            LibraryChoice(library="falls", role=Role.GUARDRAIL, margin=-1.0),
        )
    )
    with pytest.raises(Invalid) as refused:
        await propose_from_library(pilot, wrong, by=lead)
    assert codes(refused.value) == [("choices.1.library", "unknown"), ("choices.2.margin", "not_positive")]
    with pytest.raises(Invalid) as refused:
        await propose_from_library(pilot, FromLibrary((LibraryChoice(library="falls"),)), by=lead)
    assert codes(refused.value) == [("choices", "missing")]
    assert await indicators_of(pilot) == ()


async def test_several_lines_are_proposed_together_in_one_audit_entry() -> None:
    lead = await a_lead()
    pilot = await a_pilot(lead)
    entries = await AuditEntry.count()
    lines = "\n".join(f"indicator_{n};Indicator {n};equity;primary;higher;0.05" for n in range(11))
    assert await propose_several(pilot, Several(lines), by=lead) == 11
    assert [one.code for one in await indicators_of(pilot)] == [f"indicator_{n}" for n in range(11)]
    assert await AuditEntry.count() == entries + 1


async def test_one_wrong_line_keeps_all_out_and_every_line_is_told() -> None:
    lead = await a_lead()
    pilot = await a_pilot(lead)
    await propose(pilot, an_indicator("language"), by=lead)
    lines = (
        "employer;Employer;organisation;primary;higher\n"
        "language;Language;citizen;primary;higher\n"
        "bad code;Bad;citizen;primary;higher\n"
        "employer;Employer again;organisation;primary;higher\n"
        "travel;Travel;somewhere;primary;higher"
    )
    with pytest.raises(Invalid) as refused:
        await propose_several(pilot, Several(lines), by=lead)
    assert [(one.where, one.row, one.code) for one in refused.value.findings] == [
        ("lines", 2, "taken"),
        ("lines", 3, "unsafe_code"),
        ("lines", 4, "twice"),
        ("lines", 5, "unknown_code"),
    ]
    assert len(await indicators_of(pilot)) == 1
    with pytest.raises(Invalid) as empty:
        await propose_several(pilot, Several("code;name;domain;role;better\n\n"), by=lead)
    assert codes(empty.value) == [("lines", "missing")]


async def test_a_plan_adds_the_outcomes_that_are_not_there_yet() -> None:
    lead = await a_lead()
    pilot = await a_pilot(lead)
    await propose(pilot, an_indicator("race_ethnicity"), by=lead)
    assert await propose_from_plan(pilot, FromPlan(PLAN), by=lead) == 1
    assert [one.code for one in await indicators_of(pilot)] == ["race_ethnicity", "waiting_days"]
    with pytest.raises(Invalid) as refused:
        await propose_from_plan(pilot, FromPlan(PLAN), by=lead)
    assert codes(refused.value) == [("plan", "nothing_new")]
    with pytest.raises(PlanError):
        await propose_from_plan(pilot, FromPlan("design = 7"), by=lead)


async def test_a_column_of_a_plan_that_is_no_safe_name_is_found_at_its_outcome() -> None:
    lead = await a_lead()
    pilot = await a_pilot(lead)
    with pytest.raises(Invalid) as refused:
        await propose_from_plan(pilot, FromPlan(PLAN.replace("waiting_days", "waiting days")), by=lead)
    assert codes(refused.value) == [("outcome[1].column", "unsafe_code")]


async def test_a_wording_is_changed_before_it_is_rated_and_not_over_somebody_elses_change() -> None:
    lead = await a_lead()
    pilot = await a_pilot(lead)
    (indicator,) = await some_indicators(pilot, lead, ["language"])
    was = (await indicators_of(pilot))[0].wording
    await reword(pilot, indicator, Rewording("Language", "Share with a language stated.", was), by=lead)
    with pytest.raises(Conflict) as refused:
        await reword(pilot, indicator, Rewording("Language", "Something else.", was), by=lead)
    assert isinstance(refused.value.findings[0], Finding)
    assert (await indicators_of(pilot))[0].wording == "Share with a language stated."


async def test_a_withdrawn_indicator_is_gone_and_may_be_proposed_anew() -> None:
    lead = await a_lead()
    pilot = await a_pilot(lead)
    (indicator,) = await some_indicators(pilot, lead, ["language"])
    await withdraw(pilot, indicator, by=lead)
    assert await indicators_of(pilot) == ()
    with pytest.raises(NotFound):
        await withdraw(pilot, indicator, by=lead)
    again = await propose(pilot, an_indicator("language", name="Language, again", domain=Domain.EQUITY), by=lead)
    assert again == indicator
    assert [(one.name, one.domain) for one in await indicators_of(pilot)] == [("Language, again", Domain.EQUITY)]


async def test_a_stakeholder_takes_back_only_their_own_proposal() -> None:
    lead = await a_lead()
    pilot = await a_pilot(lead)
    stakeholder = await a_stakeholder(pilot=pilot)
    (of_lead,) = await some_indicators(pilot, lead, ["language"])
    own = await propose(pilot, an_indicator("employer"), by=stakeholder)
    with pytest.raises(Forbidden):
        await withdraw(pilot, of_lead, by=stakeholder)
    with pytest.raises(Forbidden):
        await reword(pilot, of_lead, Rewording("Language", "Mine.", ""), by=stakeholder)
    await withdraw(pilot, own, by=stakeholder)
    assert [one.id for one in await indicators_of(pilot)] == [of_lead]


async def test_the_list_stands_still_while_it_is_rated_and_afterwards() -> None:
    lead = await a_lead()
    pilot = await a_pilot(lead)
    (indicator,) = await some_indicators(pilot, lead, ["language"])
    wording = (await indicators_of(pilot))[0].wording
    await open_round(pilot, by=lead)

    async def refused() -> None:
        with pytest.raises(Conflict):
            await propose(pilot, an_indicator("employer"), by=lead)
        with pytest.raises(Conflict):
            await propose_several(pilot, Several("employer;Employer;citizen;primary;higher"), by=lead)
        with pytest.raises(Conflict):
            await withdraw(pilot, indicator, by=lead)
        with pytest.raises(Conflict):
            await reword(pilot, indicator, Rewording("Language", "Another wording.", wording), by=lead)

    await refused()
    await rated_by(pilot, await a_stakeholder(pilot=pilot))
    await close_round(pilot, by=lead)
    await refused()
    assert [one.wording for one in await indicators_of(pilot)] == [wording]


async def test_two_people_proposing_the_same_code_at_once_get_one_indicator() -> None:
    lead = await a_lead()
    pilot = await a_pilot(lead)
    answers = await asyncio.gather(
        *(propose(pilot, an_indicator("language"), by=lead) for _ in range(4)), return_exceptions=True
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Invalid", "Invalid", "Invalid", "int"]
    assert len(await indicators_of(pilot)) == 1
