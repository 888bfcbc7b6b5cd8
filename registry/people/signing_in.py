"""Signing in and out, and what people change about their own account."""

from typing import Final

from effects.errors import Finding
from registry.audit.actions import record
from registry.kit import sessions
from registry.kit.database import take_turn, transaction
from registry.kit.errors import Invalid
from registry.people import passwords, throttle
from registry.people.rules import Person, normal_email
from registry.people.schemas import ChangeLanguage, ChangePassword, LogIn
from registry.people.tables import Account
from registry.settings import Settings

WRONG: Final = Finding(
    "email",
    "wrong_credentials",
    "The address and the password do not belong together.",
    "Check both. If you forgot your password, ask your administrator for a new one.",
)
"""The one answer to an unknown address, a wrong password and a disabled account."""

NOT_PRESENT: Final = Finding("current", "wrong", "This is not your present password.", "Type it again.")


async def log_in(command: LogIn, *, client: str, before: str | None, settings: Settings) -> str:
    """Open a session under a new id, which is the answer; the session the client came with (`before`) ends.

    Raises Invalid with the same finding, after the same work, whatever was wrong, also where somebody else changed the
    password or shut the account while this one was looked at; TooMany after too many attempts.
    """
    email = normal_email(command.email)
    address, origin = throttle.keys(email, client, settings)
    noted = await throttle.attempt(address, origin)
    account = await Account.objects().where(Account.email == email).first()
    right = await passwords.matches(command.password, account.password_hash if account else None)
    if account is None or not right or not account.active:
        raise Invalid([WRONG])
    await throttle.forget(address, noted)
    async with transaction():
        if not await _unchanged(account.id, account.password_hash):
            raise Invalid([WRONG])
        if before:
            await sessions.end(before)
        token = await sessions.start(account.id, settings)
        await _record("people.log_in", account.id)
    return token


async def log_out(token: str, *, by: Person) -> None:
    """End the session; its id is dead at once."""
    async with transaction():
        await sessions.end(token)
        await _record("people.log_out", by.id)


async def change_password(command: ChangePassword, *, by: Person, client: str, settings: Settings) -> str:
    """Set a new password and end every session of the person; the answer is the id of the one that goes on.

    Raises Invalid with all findings, TooMany after too many attempts at the present password.
    """
    address, origin = throttle.keys(by.email, client, settings)
    noted = await throttle.attempt(address, origin)
    account = await Account.objects().where(Account.id == by.id).first()
    found = list(passwords.weaknesses(command.password, email=by.email, name=by.name))
    if command.password != command.repeated:
        found.append(Finding("repeated", "different", "The two new passwords differ.", "Type the same one twice."))
    if not await passwords.matches(command.current, account.password_hash if account else None):
        found.append(NOT_PRESENT)
    else:
        await throttle.forget(address, noted)
    if found or account is None:
        raise Invalid(found)
    stored = await passwords.hashed(command.password)
    async with transaction():
        if not await _unchanged(by.id, account.password_hash):
            raise Invalid([NOT_PRESENT])
        await Account.update({Account.password_hash: stored}).where(Account.id == by.id)
        await sessions.end_all(by.id)
        token = await sessions.start(by.id, settings)
        await _record("people.change_password", by.id)
    return token


async def change_language(command: ChangeLanguage, *, by: Person) -> None:
    """Remember the language in which the person reads."""
    async with transaction():
        await Account.update({Account.language: command.language}).where(Account.id == by.id)
        await _record("people.change_language", by.id, language=command.language)


async def _unchanged(account_id: int, password_hash: str) -> bool:
    """Whether the account is open and has the password that was looked at; if so, until the commit."""
    await take_turn(Account, account_id)
    same = (Account.id == account_id) & (Account.password_hash == password_hash) & Account.active.eq(True)
    return bool(await Account.exists().where(same))


async def _record(action: str, account: int, **content: str) -> None:
    await record(action=action, object_kind="account", object_id=account, content=content, by=account)
