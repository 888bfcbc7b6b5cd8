from datetime import date, timedelta

import pytest

from registry.kit import sessions
from registry.kit.clock import frozen, now
from registry.kit.errors import NotFound
from registry.kit.paging import Paging
from registry.kit.tables import Session
from registry.people import queries
from registry.people.actions import create_region, grant_role
from registry.people.rules import Grant, OrganisationKind, Role, StakeholderGroup
from registry.people.schemas import NewGrant, NewRegion
from registry.people.tables import Account
from registry.settings import Settings
from tests.registry.people.story import an_account, an_organisation

pytestmark = pytest.mark.usefixtures("database")


async def test_a_person_is_the_account_with_its_organisation_and_grants() -> None:
    home = await an_organisation(name="Aarhus")
    anna = await an_account(Role.STAKEHOLDER, organisation=home, group=StakeholderGroup.CITIZENS, language="da")
    seen = await queries.person(anna.id)
    assert seen is not None
    assert (seen.organisation, seen.organisation_name, seen.language) == (home, "Aarhus", "da")
    assert seen.grants == (Grant(Role.STAKEHOLDER, home, None, StakeholderGroup.CITIZENS),)


async def test_a_session_leads_to_the_same_person_in_one_statement(settings: Settings) -> None:
    home = await an_organisation(name="Aarhus")
    anna = await an_account(Role.STAKEHOLDER, organisation=home, group=StakeholderGroup.CITIZENS, language="da")
    await grant_role(anna.id, NewGrant(Role.EVALUATOR), by=None)
    bo = await an_account()
    for account in (anna.id, bo.id):
        token = await sessions.start(account, settings)
        assert await queries.signed_in(token, settings) == await queries.person(account)
    assert await queries.signed_in(token + "x", settings) is None


async def test_a_session_of_no_active_account_or_past_its_time_is_nobodys(settings: Settings) -> None:
    anna = await an_account()
    token = await sessions.start(anna.id, settings)
    with frozen(now() + timedelta(minutes=settings.session_idle_minutes)):
        assert await queries.signed_in(token, settings) is None
    assert not await Session.exists().where(Session.account == anna.id)
    token = await sessions.start(anna.id, settings)
    await Account.update({Account.active: False}).where(Account.id == anna.id)
    assert await queries.signed_in(token, settings) is None


async def test_there_is_no_person_without_an_active_account() -> None:
    anna = await an_account()
    await Account.update({Account.active: False}).where(Account.id == anna.id)
    assert await queries.person(anna.id) is None
    assert await queries.person(anna.id + 1) is None


async def test_an_administrator_of_everything_sees_all_accounts_by_name() -> None:
    administrator = await an_account(Role.ADMINISTRATOR, everywhere=True, name="Berit")
    await an_account(Role.EVALUATOR, name="Anton")
    await an_account(name="Cecilie")
    found, total = await queries.accounts(administrator, Paging(size=2))
    assert ([account.name for account in found], total) == (["Anton", "Berit"], 3)
    assert found[0].roles == [Role.EVALUATOR]
    rest, _ = await queries.accounts(administrator, Paging(number=2, size=2))
    assert [account.name for account in rest] == ["Cecilie"]


async def test_an_administrator_of_one_organisation_sees_and_counts_its_accounts_only() -> None:
    here = await an_organisation()
    administrator = await an_account(Role.ADMINISTRATOR, organisation=here)
    stranger = await an_account(Role.EVALUATOR)
    found, total = await queries.accounts(administrator, Paging())
    assert ([account.id for account in found], total) == ([administrator.id], 1)
    assert [place.id for place in await queries.organisations_for(administrator)] == [here]
    with pytest.raises(NotFound):
        await queries.account(administrator, stranger.id)


async def test_whoever_is_no_administrator_sees_no_account() -> None:
    anna = await an_account(Role.PROJECT_LEAD, everywhere=True)
    assert await queries.accounts(anna, Paging()) == ([], 0)
    with pytest.raises(NotFound):
        await queries.account(anna, anna.id)


async def test_organisations_come_by_kind_in_the_order_of_their_codes() -> None:
    await an_organisation("0751", name="Aarhus")
    await an_organisation("0101", name="København")
    await an_organisation("DIGST", kind=OrganisationKind.AGENCY, population=None)
    found, total = await queries.organisations(OrganisationKind.MUNICIPALITY, Paging())
    assert ([one.code for one in found], total) == (["0101", "0751"], 2)
    everything, total = await queries.organisations(None, Paging(size=1))
    assert ([one.code for one in everything], total) == (["DIGST"], 3)


async def test_an_organisation_that_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFound):
        await queries.organisation(99)


async def test_regions_are_those_in_force_on_the_day() -> None:
    merged = date(2027, 1, 1)
    await create_region(NewRegion("1084", "Hovedstaden", date(2007, 1, 1), date(2026, 12, 31)), by=None)
    await create_region(NewRegion("1085", "Sjælland", date(2007, 1, 1), date(2026, 12, 31)), by=None)
    await create_region(NewRegion("1082", "Midtjylland", date(2007, 1, 1)), by=None)
    await create_region(NewRegion("1086", "Østdanmark", merged), by=None)
    names = {day: [region.name for region in await queries.regions_on(day)] for day in (date(2026, 12, 31), merged)}
    assert names[date(2026, 12, 31)] == ["Midtjylland", "Hovedstaden", "Sjælland"]
    assert names[merged] == ["Midtjylland", "Østdanmark"]
    assert await queries.regions_on(date(2006, 12, 31)) == []
