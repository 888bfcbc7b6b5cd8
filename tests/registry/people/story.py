"""Organisations and people for the tests of every slice."""

from itertools import count

import httpx
from argon2 import PasswordHasher

from registry.kit import sessions
from registry.kit.clock import now
from registry.people.actions import create_organisation, grant_role
from registry.people.queries import person
from registry.people.rules import OrganisationKind, Person, Role, StakeholderGroup
from registry.people.schemas import NewGrant, NewOrganisation
from registry.people.tables import Account
from registry.settings import Settings

PASSWORD = "correct horse battery"
CHEAP_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
NAMES = ("Anna Holm", "Bo Lund", "Carla Friis", "Dan Krogh", "Eva Møller", "Finn Dahl", "Grete Bach", "Hans Juhl")

_numbers = count(1)


async def an_organisation(
    code: str | None = None,
    *,
    name: str = "Testkøbing",
    kind: OrganisationKind = OrganisationKind.MUNICIPALITY,
    population: int | None = 60_000,
) -> int:
    """An organisation; municipalities get codes from 2000 on, which no real one has, over and over."""
    command = NewOrganisation(
        kind=kind,
        code=code or str(2000 + next(_numbers) % 8000),
        name=name,
        population=population,
        population_year=None if population is None else 2016,
    )
    return await create_organisation(command, by=None)


async def an_account(
    role: Role | None = None,
    *,
    organisation: int | None = None,
    group: StakeholderGroup | None = None,
    everywhere: bool = False,
    pilot: int | None = None,
    name: str | None = None,
    language: str = "en",
) -> Person:
    """A person of an organisation (a new one by default) who reads English and knows PASSWORD.

    The role holds in that organisation, or `everywhere`, or in one `pilot` of whomsoever.
    """
    number = next(_numbers)
    home = organisation or await an_organisation(name=f"Testkøbing {number}")
    row = Account(
        email=f"person{number}@example.dk",
        name=name or f"{NAMES[number % len(NAMES)]} {number}",
        password_hash=CHEAP_HASH,
        organisation=home,
        language=language,
        created_at=now(),
    )
    account_id = (await Account.insert(row))[0]["id"]
    if role is not None:
        limit = None if everywhere or pilot else home
        await grant_role(account_id, NewGrant(role=role, organisation=limit, pilot=pilot, group=group), by=None)
    return await known(account_id)


async def known(account_id: int) -> Person:
    """The person as the application sees them now; fails for one it does not know."""
    found = await person(account_id)
    assert found is not None
    return found


async def signed_in(client: httpx.AsyncClient, somebody: Person) -> str:
    """From here on the client acts as this person; the answer is the session's id."""
    settings = Settings()
    token = await sessions.start(somebody.id, settings)
    client.cookies.set(sessions.session_cookie(settings), token)
    return token
