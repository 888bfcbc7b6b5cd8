from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest

from effects.errors import Finding
from registry.audit.queries import last
from registry.audit.tables import AuditEntry
from registry.kit.clock import frozen
from registry.kit.errors import Conflict, Forbidden, Invalid, NotFound
from registry.people.rules import Person, Role
from registry.pilots.actions import amend, keep_milestone, register
from registry.pilots.queries import amendments_of, milestones_of, pilot_facts, sites_of, visible_pilot
from registry.pilots.rules import Dpia, Part, Visibility, Weight
from registry.pilots.schemas import Amending, MilestoneRow
from registry.pilots.tables import Amendment, Milestone, Pilot, Site, Technology
from tests.registry.people.story import an_account, an_organisation
from tests.registry.pilots.story import a_lead, a_pilot, a_registration, code_of

pytestmark = pytest.mark.usefixtures("database")


async def restated(lead: Person, pilot_id: int, **changes: Any) -> Amending:
    """The pilot as it stands, ready to be amended."""
    facts = await pilot_facts(lead, pilot_id)
    stands: dict[str, Any] = {
        name: getattr(facts.pilot, name) for name in Amending.__struct_fields__ if hasattr(facts.pilot, name)
    }
    stands["sites"] = tuple(site.code for site in facts.sites if site.part is Part.INTERVENTION)
    stands["comparison_sites"] = tuple(site.code for site in facts.sites if site.part is Part.COMPARISON)
    stands["milestones"] = tuple(
        MilestoneRow(title=row.title, due=row.due) for row in facts.milestones if not row.done_at
    )
    return Amending(**{**stands, "weight": Weight.MAJOR, "reason": "Agreed in the steering group", **changes})


def codes(found: tuple[Finding, ...]) -> list[tuple[str, str]]:
    return [(finding.where, finding.code) for finding in found]


async def test_registering_stores_everything_stated_and_one_audit_entry() -> None:
    lead = await a_lead()
    pilot_id = await register(await a_registration(lead, visibility=Visibility.PROGRAMME), by=lead)
    pilot = await visible_pilot(lead, pilot_id)
    assert (pilot.title, pilot.major_version, pilot.technology_version) == ("Digital case investigation", "2", "2.4.1")
    assert (pilot.starts, pilot.ends) == (date(2026, 1, 1), date(2026, 12, 31))
    assert (pilot.dpia, pilot.visibility, pilot.version) == (Dpia.DONE, Visibility.PROGRAMME, 1)
    entry = await last()
    assert entry is not None
    assert (entry.action, entry.object_kind, entry.object_id, entry.actor) == (
        "pilots.register",
        "pilot",
        pilot_id,
        lead.id,
    )


async def test_unknown_facts_stay_empty() -> None:
    lead = await a_lead()
    command = await a_registration(lead, starts=None, ends=None, legal_basis="", dpia=Dpia.UNKNOWN, milestones=())
    pilot = await visible_pilot(lead, await register(command, by=lead))
    assert (pilot.starts, pilot.ends, pilot.legal_basis, pilot.dpia) == (None, None, "", Dpia.UNKNOWN)


async def test_a_site_keeps_the_size_class_of_the_year_it_was_computed_from() -> None:
    lead = await a_lead()
    small = await code_of(await an_organisation(population=9_000))
    sites = await sites_of(await a_pilot(lead, comparison_sites=(small,)))
    assert [(site.part, site.size_class, site.size_class_year) for site in sites] == [
        (Part.INTERVENTION, "medium", 2016),
        (Part.COMPARISON, "small", 2016),
    ]


async def test_a_person_registers_only_where_they_lead() -> None:
    lead, other = await a_lead(), await a_lead()
    evaluator = await an_account(Role.EVALUATOR, everywhere=True)
    with pytest.raises(Forbidden):
        await register(await a_registration(other), by=lead)
    with pytest.raises(Forbidden):
        await register(await a_registration(lead), by=evaluator)
    assert await Pilot.count() == 0


async def test_a_refused_registration_stores_nothing_at_all() -> None:
    lead = await a_lead()
    entries = await AuditEntry.count()
    command = await a_registration(lead, sites=("9999",), ends=date(2025, 1, 1), milestones=())
    with pytest.raises(Invalid) as refused:
        await register(command, by=lead)
    assert codes(refused.value.findings) == [("ends", "ends_before_start"), ("sites", "unknown_organisation")]
    assert await Pilot.count() == await Technology.count() == await Site.count() == 0
    assert await AuditEntry.count() == entries


async def test_a_technology_is_shared_and_not_entered_twice() -> None:
    lead = await a_lead()
    first = await visible_pilot(lead, await a_pilot(lead, new_technology="Robot", new_major_version="1"))
    second = await visible_pilot(lead, await a_pilot(lead, technology=first.technology))
    assert second.technology == first.technology
    with pytest.raises(Invalid) as refused:
        await a_pilot(lead, new_technology="Robot", new_major_version="1")
    assert codes(refused.value.findings) == [("new_technology", "taken")]
    with pytest.raises(Invalid) as refused:
        await a_pilot(lead, technology=10_000)
    assert codes(refused.value.findings) == [("technology", "unknown")]


async def test_a_lead_everywhere_still_needs_an_organisation_that_exists() -> None:
    lead = await a_lead(everywhere=True)
    with pytest.raises(Invalid) as refused:
        await a_pilot(lead, organisation=10_000)
    assert codes(refused.value.findings) == [("organisation", "unknown")]


async def test_the_programme_enters_what_was_published_sites_unknown_and_technology_known() -> None:
    lead = await a_lead()
    about = {"new_technology": "Robot", "new_major_version": "1"}
    await a_pilot(lead, **about)
    command = await a_registration(lead, sites=(), source="Report 2012", visibility=Visibility.PROGRAMME, **about)
    pilot = await visible_pilot(lead, await register(command, by=None))
    assert (pilot.source, pilot.technology_name) == ("Report 2012", "Robot")
    assert await Technology.count() == 1
    entry = await last()
    assert entry is not None
    assert entry.actor is None


async def test_an_amendment_keeps_what_was_there_before_with_the_reason() -> None:
    lead = await a_lead()
    pilot_id = await a_pilot(lead)
    command = await restated(
        lead, pilot_id, ends=date(2027, 6, 30), legal_basis="", weight=Weight.MINOR, reason="Recruitment is slow"
    )
    await amend(pilot_id, command, by=lead)
    pilot = await visible_pilot(lead, pilot_id)
    assert (pilot.ends, pilot.legal_basis, pilot.version) == (date(2027, 6, 30), "", 2)
    (amendment,) = await amendments_of(pilot_id)
    assert (amendment.weight, amendment.reason, amendment.amended_by) == (
        Weight.MINOR,
        "Recruitment is slow",
        lead.name,
    )
    assert amendment.changes == {
        "ends": (date(2026, 12, 31), date(2027, 6, 30)),
        "legal_basis": ("Serviceloven § 83", ""),
    }
    entry = await last()
    assert entry is not None
    assert (entry.action, entry.object_id, entry.actor) == ("pilots.amend", pilot_id, lead.id)


async def test_amended_sites_come_and_go_and_those_that_stay_keep_their_size_class() -> None:
    lead = await a_lead()
    first, second, third = [await code_of(await an_organisation(population=9_000)) for _ in range(3)]
    pilot_id = await a_pilot(lead, sites=(first, second))
    await Site.update({Site.size_class_year: 2013}, force=True)
    await amend(pilot_id, await restated(lead, pilot_id, sites=(second,), comparison_sites=(third,)), by=lead)
    sites = {site.code: site for site in await sites_of(pilot_id)}
    assert {code: site.part for code, site in sites.items()} == {second: Part.INTERVENTION, third: Part.COMPARISON}
    assert (sites[second].size_class_year, sites[third].size_class_year) == (2013, 2016)
    (amendment,) = await amendments_of(pilot_id)
    assert set(amendment.changes) == {"sites", "comparison_sites"}


async def test_a_site_may_change_its_part() -> None:
    lead = await a_lead()
    first, second = [await code_of(await an_organisation()) for _ in range(2)]
    pilot_id = await a_pilot(lead, sites=(first, second))
    await amend(pilot_id, await restated(lead, pilot_id, sites=(first,), comparison_sites=(second,)), by=lead)
    assert {site.code: site.part for site in await sites_of(pilot_id)}[second] is Part.COMPARISON


async def test_another_technology_is_told_in_words() -> None:
    lead = await a_lead()
    other = await visible_pilot(lead, await a_pilot(lead, new_technology="Robot", new_major_version="3"))
    pilot_id = await a_pilot(lead, new_technology="Robot", new_major_version="2")
    await amend(pilot_id, await restated(lead, pilot_id, technology=other.technology), by=lead)
    (amendment,) = await amendments_of(pilot_id)
    assert amendment.changes == {"technology": ("Robot 2", "Robot 3")}
    assert (await visible_pilot(lead, pilot_id)).major_version == "3"


async def test_milestones_already_reached_survive_an_amendment() -> None:
    lead = await a_lead()
    rows = (MilestoneRow(title="Start", due=date(2026, 1, 5)), MilestoneRow(title="End", due=date(2026, 12, 1)))
    pilot_id = await a_pilot(lead, milestones=rows)
    await keep_milestone(pilot_id, (await milestones_of(pilot_id))[0].id, by=lead)
    moved = (MilestoneRow(title="End", due=date(2026, 12, 20)), MilestoneRow())
    await amend(pilot_id, await restated(lead, pilot_id, milestones=moved, weight=Weight.MINOR), by=lead)
    after = await milestones_of(pilot_id)
    assert [(row.title, row.due, row.done_at is None) for row in after] == [
        ("Start", date(2026, 1, 5), False),
        ("End", date(2026, 12, 20), True),
    ]


async def test_two_people_amending_at_once_do_not_overwrite_each_other() -> None:
    lead = await a_lead()
    pilot_id = await a_pilot(lead)
    seen = await restated(lead, pilot_id, target_group="Everybody")
    await amend(pilot_id, seen, by=lead)
    with pytest.raises(Conflict):
        await amend(pilot_id, msgspec.structs.replace(seen, target_group="Nobody"), by=lead)
    assert (await visible_pilot(lead, pilot_id)).target_group == "Everybody"
    assert await Amendment.count() == 1


async def test_an_amendment_says_everything_that_is_wrong_at_once() -> None:
    lead = await a_lead()
    pilot_id = await a_pilot(lead)
    command = await restated(lead, pilot_id, technology=10_000, sites=(), ends=date(2020, 1, 1), weight=Weight.MINOR)
    with pytest.raises(Invalid) as refused:
        await amend(pilot_id, command, by=lead)
    assert codes(refused.value.findings) == [
        ("ends", "ends_before_start"),
        ("sites", "no_site"),
        ("milestones.0.due", "outside_period"),
        ("weight", "not_minor"),
        ("technology", "unknown"),
    ]
    assert (await visible_pilot(lead, pilot_id)).version == 1


async def test_a_change_without_a_change_is_refused() -> None:
    lead = await a_lead()
    pilot_id = await a_pilot(lead)
    with pytest.raises(Invalid) as refused:
        await amend(pilot_id, await restated(lead, pilot_id), by=lead)
    assert codes(refused.value.findings) == [("title", "unchanged")]


async def test_what_one_may_not_see_does_not_exist_and_what_one_may_not_change_is_forbidden() -> None:
    lead, stranger = await a_lead(), await a_lead()
    pilot_id = await a_pilot(lead)
    command = await restated(lead, pilot_id, target_group="Everybody")
    milestone = (await milestones_of(pilot_id))[0].id
    with pytest.raises(NotFound):
        await amend(pilot_id, command, by=stranger)
    with pytest.raises(NotFound):
        await keep_milestone(pilot_id, milestone, by=stranger)
    reader = await an_account(Role.DECISION_MAKER, everywhere=True)
    with pytest.raises(Forbidden):
        await amend(pilot_id, command, by=reader)
    with pytest.raises(Forbidden):
        await keep_milestone(pilot_id, milestone, by=reader)


async def test_a_comparison_municipality_sees_but_does_not_amend() -> None:
    lead, neighbour = await a_lead(), await a_lead()
    pilot_id = await a_pilot(lead, comparison_sites=(await code_of(neighbour.organisation),))
    with pytest.raises(Forbidden):
        await amend(pilot_id, await restated(lead, pilot_id, target_group="Everybody"), by=neighbour)


async def test_a_milestone_is_reached_once_on_the_danish_day() -> None:
    lead = await a_lead()
    pilot_id = await a_pilot(lead)
    milestone = (await milestones_of(pilot_id))[0].id
    with frozen(datetime(2026, 6, 30, 22, 30, tzinfo=UTC)):
        await keep_milestone(pilot_id, milestone, by=lead)
    assert (await milestones_of(pilot_id))[0].done_at == date(2026, 7, 1)
    with pytest.raises(Conflict):
        await keep_milestone(pilot_id, milestone, by=lead)


async def test_a_milestone_of_another_pilot_is_not_found() -> None:
    lead = await a_lead()
    first, second = await a_pilot(lead), await a_pilot(lead)
    with pytest.raises(NotFound):
        await keep_milestone(first, (await milestones_of(second))[0].id, by=lead)
    assert await Milestone.count().where(Milestone.done_at.is_not_null()) == 0
