"""The demo accounts, and the first administrator of an installation without them."""

import asyncio
import base64
import hashlib
import hmac
import secrets
from typing import Final

from registry.people.actions import create_account, grant_role
from registry.people.rules import OrganisationKind, Role
from registry.people.schemas import NewAccount, NewGrant
from registry.people.tables import Account, RoleGrant
from registry.seeding import files, reference
from registry.seeding.files import AccountSeed, OrganisationKey
from registry.settings import Settings

ADMINISTRATOR: Final = "administrator@virkning.invalid"
HOME: Final = (OrganisationKind.AGENCY, "DIGST")


def demo_password(settings: Settings) -> str:
    """The password of this installation's demo accounts: it follows from the secret and is stored nowhere."""
    key = hmac.digest(settings.secret.encode(), b"demo accounts", hashlib.sha256)
    return _grouped(base64.b32encode(key).decode().lower()[:16])


def demo_accounts(settings: Settings) -> list[tuple[str, str, str]]:
    """Role or stakeholder group, address and password of each demo account; none outside demo mode."""
    if not settings.demo or settings.seed != "demo":
        return []
    password = demo_password(settings)
    return [(seed.group or seed.role, seed.email, password) for seed in files.programme().account]


async def load(settings: Settings) -> None:
    """Enter the demo accounts that are missing, and grant the roles they lack; nothing outside demo mode."""
    if not demo_accounts(settings):
        return
    homes = await reference.organisation_ids()
    password = demo_password(settings)
    known = {row["email"] for row in await Account.select(Account.email)}
    seeds = files.programme().account
    async with asyncio.TaskGroup() as tasks:
        for seed in seeds:
            if seed.email not in known:
                command = NewAccount(seed.email, seed.name, homes[seed.organisation], password)
                tasks.create_task(create_account(command, by=None))
    for seed in seeds:
        await _grant(seed, homes)


async def first_administrator() -> str | None:
    """Enter the first administrator; the answer is a password nobody else knows, or None when there is one already."""
    if await RoleGrant.exists().where(RoleGrant.role == Role.ADMINISTRATOR, RoleGrant.revoked_at.is_null()):
        return None
    password = _grouped(base64.b32encode(secrets.token_bytes(10)).decode().lower())
    home = (await reference.organisation_ids())[HOME]
    account_id = await create_account(NewAccount(ADMINISTRATOR, "Administrator", home, password), by=None)
    await grant_role(account_id, NewGrant(Role.ADMINISTRATOR), by=None)
    return password


async def _grant(seed: AccountSeed, homes: dict[OrganisationKey, int]) -> None:
    account = await Account.select(Account.id).where(Account.email == seed.email).first()
    if account is None or await RoleGrant.exists().where(RoleGrant.account == account["id"]):
        return
    place = None if seed.everywhere else homes[seed.organisation]
    await grant_role(account["id"], NewGrant(seed.role, place, None, seed.group), by=None)


def _grouped(letters: str) -> str:
    """Four letters at a time, as a person types them."""
    return "-".join(letters[place : place + 4] for place in range(0, len(letters), 4))
