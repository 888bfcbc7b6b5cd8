import asyncio

import pytest

from registry.audit.queries import count, last
from registry.kit import sessions
from registry.kit.errors import Invalid, TooMany
from registry.kit.tables import Session
from registry.people import actions, signing_in
from registry.people.queries import person
from registry.people.rules import Role
from registry.people.schemas import Activation, ChangeLanguage, ChangePassword, LogIn, ResetPassword
from registry.people.tables import Account, LoginAttempt
from registry.people.throttle import PER_ADDRESS
from registry.settings import Settings
from tests.registry.people.story import PASSWORD, an_account

pytestmark = pytest.mark.usefixtures("database")

SETTINGS = Settings(secret="s" * 40)
HERE = "192.0.2.7"


async def log_in(email: str, password: str = PASSWORD, before: str | None = None) -> str:
    return await signing_in.log_in(LogIn(email, password), client=HERE, before=before, settings=SETTINGS)


async def test_signing_in_opens_a_session_of_the_person() -> None:
    anna = await an_account()
    token = await log_in(anna.email.upper())
    assert await sessions.find(token, SETTINGS) == anna.id
    entry = await last()
    assert entry is not None
    assert (entry.action, entry.actor) == ("people.log_in", anna.id)
    assert await LoginAttempt.count() == 0


async def test_a_session_from_before_signing_in_is_dead_after_it() -> None:
    anna, mallory = await an_account(), await an_account()
    planted = await log_in(mallory.email)
    token = await log_in(anna.email, before=planted)
    assert token != planted
    assert await sessions.find(planted, SETTINGS) is None


async def test_wrong_password_unknown_address_and_disabled_account_get_one_answer() -> None:
    anna, bo = await an_account(), await an_account()
    await Account.update({Account.active: False}).where(Account.id == bo.id)
    answers = []
    for email, password in ((anna.email, "wrong"), ("nobody@example.dk", PASSWORD), (bo.email, PASSWORD)):
        with pytest.raises(Invalid) as refusal:
            await log_in(email, password)
        answers.append(refusal.value.findings)
    assert answers == [(signing_in.WRONG,)] * 3
    assert (await last()).action != "people.log_in"


async def test_guessing_comes_to_a_pause_for_known_and_unknown_addresses_alike() -> None:
    anna = await an_account()
    for email in (anna.email, "nobody@example.dk"):
        for _ in range(PER_ADDRESS):
            with pytest.raises(Invalid):
                await log_in(email, "wrong")
        with pytest.raises(TooMany):
            await log_in(email, PASSWORD)


async def test_signing_out_kills_the_session_and_leaves_the_others() -> None:
    anna = await an_account()
    here, there = await log_in(anna.email), await log_in(anna.email)
    await signing_in.log_out(here, by=anna)
    assert await sessions.find(here, SETTINGS) is None
    assert await sessions.find(there, SETTINGS) == anna.id


async def test_a_new_password_ends_every_session_but_the_one_that_goes_on() -> None:
    anna = await an_account()
    here, there = await log_in(anna.email), await log_in(anna.email)
    command = ChangePassword(PASSWORD, "four words in a row", "four words in a row")
    token = await signing_in.change_password(command, by=anna, client=HERE, settings=SETTINGS)
    assert await sessions.find(here, SETTINGS) is None
    assert await sessions.find(there, SETTINGS) is None
    assert await sessions.find(token, SETTINGS) == anna.id
    with pytest.raises(Invalid):
        await log_in(anna.email, PASSWORD)
    await log_in(anna.email, "four words in a row")


async def test_everything_wrong_with_a_new_password_is_said_at_once() -> None:
    anna = await an_account()
    with pytest.raises(Invalid) as refusal:
        command = ChangePassword("wrong", "aaaa", "bbbb")
        await signing_in.change_password(command, by=anna, client=HERE, settings=SETTINGS)
    found = [finding.where for finding in refusal.value.findings]
    assert found == ["password", "password", "repeated", "current"]


async def test_the_present_password_cannot_be_guessed_from_an_open_session() -> None:
    anna = await an_account()
    command = ChangePassword("wrong", "four words in a row", "four words in a row")
    for _ in range(PER_ADDRESS):
        with pytest.raises(Invalid):
            await signing_in.change_password(command, by=anna, client=HERE, settings=SETTINGS)
    with pytest.raises(TooMany):
        await signing_in.change_password(command, by=anna, client=HERE, settings=SETTINGS)


async def test_the_language_is_remembered_and_logged() -> None:
    anna = await an_account(language="en")
    before = await count()
    await signing_in.change_language(ChangeLanguage("da"), by=anna)
    seen = await person(anna.id)
    assert seen is not None
    assert seen.language == "da"
    assert await count() == before + 1


async def test_no_session_outlives_a_password_that_is_reset_while_it_is_looked_at() -> None:
    """The hash takes its time; another process resets the password meanwhile and ends every session."""
    anna, boss = await an_account(), await an_account(Role.ADMINISTRATOR, everywhere=True)
    reset = actions.reset_password(anna.id, ResetPassword("four other plain words"), by=boss)
    answers = await asyncio.gather(*(log_in(anna.email) for _ in range(3)), reset, return_exceptions=True)
    assert answers[-1] is None
    assert all(isinstance(answer, str | Invalid) for answer in answers[:-1])
    assert not await Session.exists().where(Session.account == anna.id)


async def test_no_session_of_an_account_that_is_shut_while_its_password_is_looked_at() -> None:
    anna, boss = await an_account(), await an_account(Role.ADMINISTRATOR, everywhere=True)
    shut = actions.set_active(anna.id, Activation(version=1, active=False), by=boss)
    await asyncio.gather(log_in(anna.email), shut, return_exceptions=True)
    assert not await Session.exists().where(Session.account == anna.id)


async def test_of_two_changes_of_a_password_at_once_one_is_made() -> None:
    anna = await an_account()
    changes = [ChangePassword(PASSWORD, new, new) for new in ("four words for the sea", "four words for a hill")]
    made = (signing_in.change_password(one, by=anna, client=HERE, settings=SETTINGS) for one in changes)
    answers = await asyncio.gather(*made, return_exceptions=True)
    (refusal,) = [answer for answer in answers if isinstance(answer, Invalid)]
    assert refusal.findings == (signing_in.NOT_PRESENT,)
    assert await Session.count().where(Session.account == anna.id) == 1
