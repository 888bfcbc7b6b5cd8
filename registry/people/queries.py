"""Reading people, organisations and regions."""

from datetime import date
from typing import Any, Final

from piccolo.query import Select

from registry.kit import sessions
from registry.kit.errors import NotFound
from registry.kit.paging import Paging
from registry.people.rules import (
    ADMINISTER,
    Grant,
    OrganisationKind,
    Person,
    Role,
    SizeClass,
    StakeholderGroup,
    allows,
    reach,
)
from registry.people.schemas import AccountView, GrantView, OrganisationView, RegionView
from registry.people.tables import Account, Organisation, Region, RoleGrant
from registry.settings import Settings

_SIGNED_IN: Final = """
SELECT session.seen_at, session.expires_at, account.id, account.name, account.email, account.organisation,
  organisation.name AS organisation_name, account.language,
  role_grant.role, role_grant.organisation AS place, role_grant.pilot, role_grant.stakeholder_group
FROM session
JOIN account ON account.id = session.account AND account.active
JOIN organisation ON organisation.id = account.organisation
LEFT JOIN role_grant ON role_grant.account = account.id AND role_grant.revoked_at IS NULL
WHERE session.id_digest = {}
ORDER BY role_grant.id
"""


async def person(account_id: int) -> Person | None:
    """The person of an active account with the grants in force; None when the account is gone or disabled."""
    row = await _accounts().where(Account.id == account_id, Account.active.eq(True)).first()
    if row is None:
        return None
    return Person(
        id=row["id"],
        name=row["name"],
        email=row["email"],
        organisation=row["organisation.id"],
        organisation_name=row["organisation.name"],
        language=row["language"],
        grants=tuple(
            Grant(role=grant.role, organisation=grant.organisation, pilot=grant.pilot, group=grant.group)
            for grant in await grants_of(account_id)
        ),
    )


async def signed_in(token: str, settings: Settings) -> Person | None:
    """The person of a live session, as `person` gives them; one statement, because every request asks it."""
    rows = await Account.raw(_SIGNED_IN, sessions.digest(token))
    if not rows or not await sessions.alive(token, rows[0]["seen_at"], rows[0]["expires_at"], settings):
        return None
    granted = (row for row in rows if row["role"] is not None)
    return Person(
        **{name: rows[0][name] for name in ("id", "name", "email", "organisation", "organisation_name", "language")},
        grants=tuple(_grant(row["role"], row["place"], row["pilot"], row["stakeholder_group"]) for row in granted),
    )


def _grant(role: str, organisation: int | None, pilot: int | None, group: str | None) -> Grant:
    return Grant(Role(role), organisation, pilot, StakeholderGroup(group) if group else None)


async def grants_of(account_id: int) -> list[GrantView]:
    """Roles in force, the oldest first."""
    rows = (
        await RoleGrant.select(*RoleGrant.all_columns(), RoleGrant.organisation.name)
        .where(RoleGrant.account == account_id, RoleGrant.revoked_at.is_null())
        .order_by(RoleGrant.id)
    )
    return [
        GrantView(
            id=row["id"],
            role=Role(row["role"]),
            organisation=row["organisation"],
            organisation_name=row["organisation.name"],
            pilot=row["pilot"],
            group=StakeholderGroup(row["stakeholder_group"]) if row["stakeholder_group"] else None,
            granted_at=row["granted_at"],
        )
        for row in rows
    ]


async def accounts(by: Person, paging: Paging) -> tuple[list[AccountView], int]:
    """A page of the accounts that the administrator looks after, by name, and how many there are in all."""
    places = reach(by, ADMINISTER)
    query, count = _accounts(), Account.count()
    if places is not None:
        mine = Account.organisation.is_in(sorted(places) or [0])
        query, count = query.where(mine), count.where(mine)
    rows = await query.order_by(Account.name).order_by(Account.id).limit(paging.size).offset(paging.offset)
    roles = await _roles([row["id"] for row in rows])
    return [_account(row, roles.get(row["id"], [])) for row in rows], await count


async def account(by: Person, account_id: int) -> AccountView:
    """An account that the administrator looks after. Raises NotFound for any other."""
    row = await _accounts().where(Account.id == account_id).first()
    if row is None or not allows(by, ADMINISTER, organisation=row["organisation.id"]):
        raise NotFound
    return _account(row, (await _roles([account_id])).get(account_id, []))


async def organisations(kind: OrganisationKind | None, paging: Paging) -> tuple[list[OrganisationView], int]:
    """A page of organisations, municipalities and regions by code, and how many there are in all."""
    query, count = _organisations(), Organisation.count()
    if kind is not None:
        query, count = query.where(Organisation.kind == kind), count.where(Organisation.kind == kind)
    rows = await query.order_by(Organisation.kind).order_by(Organisation.code).limit(paging.size).offset(paging.offset)
    return [_organisation(row) for row in rows], await count


async def organisation(organisation_id: int) -> OrganisationView:
    """One organisation. Raises NotFound."""
    row = await _organisations().where(Organisation.id == organisation_id).first()
    if row is None:
        raise NotFound
    return _organisation(row)


async def organisations_for(by: Person) -> list[OrganisationView]:
    """Organisations that the administrator may give accounts and roles in, by name."""
    places = reach(by, ADMINISTER)
    query = _organisations().order_by(Organisation.name)
    if places is not None:
        query = query.where(Organisation.id.is_in(sorted(places) or [0]))
    return [_organisation(row) for row in await query]


async def regions_on(day: date) -> list[RegionView]:
    """The regions in force on that day, by code."""
    rows = (
        await Region.select()
        .where(Region.valid_from <= day, (Region.valid_to >= day) | Region.valid_to.is_null())
        .order_by(Region.code)
    )
    return [RegionView(**row) for row in rows]


def _accounts() -> Select[Account]:
    fields = [Account.id, Account.email, Account.name, Account.language, Account.active, Account.created_at]
    return Account.select(*fields, Account.version, Account.organisation.id, Account.organisation.name)


async def _roles(accounts: list[int]) -> dict[int, list[Role]]:
    """Distinct roles in force of each account."""
    rows = await RoleGrant.select(RoleGrant.account, RoleGrant.role).where(
        RoleGrant.account.is_in(accounts or [0]), RoleGrant.revoked_at.is_null()
    )
    found: dict[int, set[Role]] = {}
    for row in rows:
        found.setdefault(row["account"], set()).add(Role(row["role"]))
    return {key: sorted(roles) for key, roles in found.items()}


def _account(row: dict[str, Any], roles: list[Role]) -> AccountView:
    return AccountView(
        id=row["id"],
        email=row["email"],
        name=row["name"],
        organisation=row["organisation.id"],
        organisation_name=row["organisation.name"],
        language=row["language"],
        active=row["active"],
        created_at=row["created_at"],
        version=row["version"],
        roles=roles,
    )


def _organisations() -> Select[Organisation]:
    return Organisation.select(*Organisation.all_columns(), Organisation.region.code, Organisation.region.name)


def _organisation(row: dict[str, Any]) -> OrganisationView:
    return OrganisationView(
        id=row["id"],
        kind=OrganisationKind(row["kind"]),
        code=row["code"],
        name=row["name"],
        region_code=row["region.code"],
        region_name=row["region.name"],
        population=row["population"],
        size_class=SizeClass(row["size_class"]) if row["size_class"] else None,
        size_class_year=row["size_class_year"],
    )
