import asyncio
from datetime import date

import pytest

from registry.audit.queries import count, last, verify_chain
from registry.audit.rules import digest
from registry.kit import sessions
from registry.kit.errors import Conflict, Forbidden, Invalid, NotFound
from registry.people import actions, queries
from registry.people.passwords import matches
from registry.people.rules import Grant, OrganisationKind, Person, Role, SizeClass, StakeholderGroup
from registry.people.schemas import (
    Activation,
    NewAccount,
    NewGrant,
    NewOrganisation,
    NewRegion,
    ResetPassword,
)
from registry.people.tables import Account, RoleGrant
from registry.settings import Settings
from tests.registry.people.story import PASSWORD, an_account, an_organisation, known

pytestmark = pytest.mark.usefixtures("database")

SETTINGS = Settings(secret="s" * 40)
EVALUATE = NewGrant(role=Role.EVALUATOR)


def codes(error: pytest.ExceptionInfo[Invalid]) -> list[tuple[str, str]]:
    return [(finding.where, finding.code) for finding in error.value.findings]


async def an_administrator(organisation: int | None = None) -> Person:
    return await an_account(Role.ADMINISTRATOR, organisation=organisation, everywhere=organisation is None)


async def test_an_account_is_made_with_a_hashed_password_and_an_entry_without_its_values() -> None:
    organisation = await an_organisation()
    command = NewAccount("Anna@Example.dk ", "Anna Holm", organisation, PASSWORD, "en")
    account_id = await actions.create_account(command, by=None)
    row = await Account.objects().get(Account.id == account_id)
    assert row is not None
    assert (row.email, row.name, row.language, row.active) == ("anna@example.dk", "Anna Holm", "en", True)
    assert await matches(PASSWORD, row.password_hash)
    entry = await last()
    assert entry is not None
    assert (entry.action, entry.object_kind, entry.object_id) == ("people.create_account", "account", account_id)
    assert entry.digest == digest({"organisation": organisation})


async def test_everything_wrong_with_a_new_account_is_said_at_once_and_nothing_is_stored() -> None:
    with pytest.raises(Invalid) as refusal:
        await actions.create_account(NewAccount("anna", "Anna\nHolm", 99, "short"), by=None)
    assert [where for where, _ in codes(refusal)] == ["email", "name", "password", "organisation"]
    assert await Account.count() == 0
    assert await last() is None


async def test_an_address_belongs_to_one_account_whatever_its_case() -> None:
    anna = await an_account()
    with pytest.raises(Invalid) as refusal:
        await actions.create_account(NewAccount(anna.email.upper(), "Bo", anna.organisation, PASSWORD), by=None)
    assert codes(refusal) == [("email", "taken")]


async def test_an_administrator_of_one_organisation_makes_accounts_there_only() -> None:
    here, there = await an_organisation(), await an_organisation()
    administrator = await an_administrator(here)
    await actions.create_account(NewAccount("bo@example.dk", "Bo Lund", here, PASSWORD), by=administrator)
    with pytest.raises(Forbidden):
        await actions.create_account(NewAccount("eva@example.dk", "Eva Friis", there, PASSWORD), by=administrator)
    assert not await Account.exists().where(Account.email == "eva@example.dk")


async def test_a_disabled_account_is_unknown_and_its_sessions_end_at_once() -> None:
    administrator, anna = await an_administrator(), await an_account(Role.EVALUATOR)
    token = await sessions.start(anna.id, SETTINGS)
    seen = await queries.account(administrator, anna.id)
    await actions.set_active(anna.id, Activation(False, seen.version), by=administrator)
    assert await queries.person(anna.id) is None
    assert await sessions.find(token, SETTINGS) is None
    await actions.set_active(anna.id, Activation(True, seen.version + 1), by=administrator)
    assert await queries.person(anna.id) == anna


async def test_a_change_of_what_was_not_seen_is_a_conflict() -> None:
    administrator, anna = await an_administrator(), await an_account()
    seen = await queries.account(administrator, anna.id)
    await actions.grant_role(anna.id, EVALUATE, by=administrator)
    with pytest.raises(Conflict):
        await actions.set_active(anna.id, Activation(False, seen.version), by=administrator)
    assert await queries.person(anna.id) is not None


async def test_a_granted_role_holds_where_it_was_granted_and_ends_the_sessions() -> None:
    administrator, anna = await an_administrator(), await an_account()
    token = await sessions.start(anna.id, SETTINGS)
    wanted = NewGrant(Role.STAKEHOLDER, anna.organisation, 3, StakeholderGroup.STAFF)
    await actions.grant_role(anna.id, wanted, by=administrator)
    assert (await known(anna.id)).grants == (Grant(Role.STAKEHOLDER, anna.organisation, 3, StakeholderGroup.STAFF),)
    assert await sessions.find(token, SETTINGS) is None
    row = await RoleGrant.objects().where(RoleGrant.account == anna.id).first()
    assert row is not None
    assert row.granted_by == administrator.id


async def test_a_role_taken_back_is_gone_and_ends_the_sessions() -> None:
    administrator, anna = await an_administrator(), await an_account()
    grant = await actions.grant_role(anna.id, EVALUATE, by=administrator)
    token = await sessions.start(anna.id, SETTINGS)
    assert await actions.revoke_role(grant, by=administrator) == anna.id
    assert (await known(anna.id)).grants == ()
    assert await sessions.find(token, SETTINGS) is None
    with pytest.raises(Conflict):
        await actions.revoke_role(grant, by=administrator)


async def test_a_role_in_force_is_not_granted_twice_not_even_side_by_side() -> None:
    administrator, anna = await an_administrator(), await an_account()
    answers = await asyncio.gather(
        *(actions.grant_role(anna.id, EVALUATE, by=administrator) for _ in range(8)), return_exceptions=True
    )
    assert sum(isinstance(answer, int) for answer in answers) == 1
    assert sum(isinstance(answer, Conflict) for answer in answers) == 7
    assert len((await known(anna.id)).grants) == 1
    await actions.grant_role(anna.id, NewGrant(role=Role.EVALUATOR, organisation=anna.organisation), by=administrator)


async def test_a_grant_that_makes_no_sense_is_refused_with_every_finding() -> None:
    anna = await an_account()
    with pytest.raises(Invalid) as refusal:
        await actions.grant_role(anna.id, NewGrant(role=Role.STAKEHOLDER, organisation=99), by=None)
    assert codes(refusal) == [("group", "missing"), ("organisation", "unknown")]
    with pytest.raises(NotFound):
        await actions.grant_role(99, EVALUATE, by=None)


async def test_nobody_changes_their_own_roles_state_or_password_by_administration() -> None:
    me = await an_administrator()
    mine = (await queries.grants_of(me.id))[0].id
    for change in (
        actions.grant_role(me.id, EVALUATE, by=me),
        actions.revoke_role(mine, by=me),
        actions.set_active(me.id, Activation(False, 1), by=me),
        actions.reset_password(me.id, ResetPassword(PASSWORD), by=me),
    ):
        with pytest.raises(Forbidden):
            await change
    assert await known(me.id) == me


async def test_an_administrator_of_one_organisation_sees_and_changes_its_people_only() -> None:
    here = await an_organisation()
    administrator, stranger = await an_administrator(here), await an_account(Role.EVALUATOR)
    theirs = (await queries.grants_of(stranger.id))[0].id
    for change in (
        actions.grant_role(stranger.id, NewGrant(Role.EVALUATOR, here), by=administrator),
        actions.revoke_role(theirs, by=administrator),
        actions.revoke_role(theirs + 1000, by=administrator),
        actions.set_active(stranger.id, Activation(False, 1), by=administrator),
        actions.reset_password(stranger.id, ResetPassword(PASSWORD), by=administrator),
    ):
        with pytest.raises(NotFound):
            await change


@pytest.mark.parametrize("beyond", ["everywhere", "elsewhere", "pilot"])
async def test_an_administrator_of_one_organisation_grants_no_role_beyond_it(beyond: str) -> None:
    here, there = await an_organisation(), await an_organisation()
    administrator, anna = await an_administrator(here), await an_account(organisation=here)
    command = {
        "everywhere": NewGrant(Role.ADMINISTRATOR),
        "elsewhere": NewGrant(Role.ADMINISTRATOR, there),
        "pilot": NewGrant(Role.PROJECT_LEAD, None, 3),
    }[beyond]
    with pytest.raises(Forbidden):
        await actions.grant_role(anna.id, command, by=administrator)
    await actions.grant_role(anna.id, NewGrant(Role.PROJECT_LEAD, here), by=administrator)
    assert len((await known(anna.id)).grants) == 1


async def test_a_new_password_replaces_the_old_one_and_ends_the_sessions() -> None:
    administrator, anna = await an_administrator(), await an_account()
    token = await sessions.start(anna.id, SETTINGS)
    await actions.reset_password(anna.id, ResetPassword("four words in a row"), by=administrator)
    row = await Account.objects().get(Account.id == anna.id)
    assert row is not None
    assert await matches("four words in a row", row.password_hash)
    assert await sessions.find(token, SETTINGS) is None
    with pytest.raises(Invalid):
        await actions.reset_password(anna.id, ResetPassword("short"), by=administrator)


async def test_a_municipality_gets_its_size_class_with_the_year_it_was_computed_from() -> None:
    await actions.create_region(NewRegion("1084", "Region Hovedstaden", date(2007, 1, 1), date(2026, 12, 31)), by=None)
    command = NewOrganisation(OrganisationKind.MUNICIPALITY, "0101", "København", "1084", 591_481, 2016)
    seen = await queries.organisation(await actions.create_organisation(command, by=None))
    assert (seen.code, seen.region_name) == ("0101", "Region Hovedstaden")
    assert (seen.population, seen.size_class, seen.size_class_year) == (591_481, SizeClass.LARGE, 2016)


async def test_only_municipalities_have_a_size_class() -> None:
    command = NewOrganisation(OrganisationKind.AGENCY, "DIGST", "Digitaliseringsstyrelsen")
    seen = await queries.organisation(await actions.create_organisation(command, by=None))
    assert (seen.size_class, seen.size_class_year) == (None, None)


async def test_everything_wrong_with_an_organisation_is_said_at_once() -> None:
    with pytest.raises(Invalid) as refusal:
        command = NewOrganisation(OrganisationKind.MUNICIPALITY, "101", "Aarhus", "9999", population=1)
        await actions.create_organisation(command, by=None)
    assert [where for where, _ in codes(refusal)] == ["code", "population_year", "region"]


async def test_a_code_is_used_once_in_its_kind() -> None:
    await an_organisation("2000")
    with pytest.raises(Conflict):
        await an_organisation("2000")


async def test_a_region_ends_after_it_begins() -> None:
    with pytest.raises(Invalid) as refusal:
        await actions.create_region(NewRegion("1086", "Øst", date(2027, 1, 1), date(2026, 1, 1)), by=None)
    assert codes(refusal) == [("valid_to", "too_early")]


async def test_reference_data_takes_an_administrator_of_everything() -> None:
    administrator = await an_administrator(await an_organisation())
    with pytest.raises(Forbidden):
        await actions.create_organisation(NewOrganisation(OrganisationKind.AGENCY, "KL", "KL"), by=administrator)
    with pytest.raises(Forbidden):
        await actions.create_region(NewRegion("1086", "Øst", date(2027, 1, 1)), by=administrator)


async def test_every_write_leaves_an_entry_and_the_chain_is_whole() -> None:
    administrator, anna = await an_administrator(), await an_account()
    before = await count()
    grant = await actions.grant_role(anna.id, EVALUATE, by=administrator)
    await actions.revoke_role(grant, by=administrator)
    await actions.reset_password(anna.id, ResetPassword("four words in a row"), by=administrator)
    seen = await queries.account(administrator, anna.id)
    await actions.set_active(anna.id, Activation(False, seen.version), by=administrator)
    entry = await last()
    assert entry is not None
    assert (await count(), entry.actor) == (before + 4, administrator.id)
    assert await verify_chain() is None
