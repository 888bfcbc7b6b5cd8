"""Accounts, roles and organisations: who comes in, who may do what, who is shut out.

`by=None` is the programme itself (seeding). An administrator of one organisation acts within it only.
"""

import msgspec
from piccolo.columns import Column

from effects.errors import Finding
from registry.audit.actions import record
from registry.kit import sessions
from registry.kit.clock import now
from registry.kit.database import transaction
from registry.kit.errors import Conflict, Forbidden, Invalid, NotFound
from registry.people import passwords
from registry.people.queries import account
from registry.people.rules import (
    ADMINISTER,
    OrganisationKind,
    Person,
    account_findings,
    code_findings,
    grant_findings,
    normal_email,
    reach,
    require,
    size_class,
)
from registry.people.schemas import (
    AccountView,
    Activation,
    NewAccount,
    NewGrant,
    NewOrganisation,
    NewRegion,
    ResetPassword,
)
from registry.people.tables import Account, Organisation, Region, RoleGrant


async def create_account(command: NewAccount, *, by: Person | None) -> int:
    """Let a person in; roles come afterwards. Raises Invalid, and Forbidden outside the administrator's reach."""
    email = normal_email(command.email)
    found = [
        *account_findings(email, command.name),
        *passwords.weaknesses(command.password, email=email, name=command.name),
    ]
    stored = "" if found else await passwords.hashed(command.password)
    async with transaction():
        if by is not None:
            require(by, ADMINISTER, organisation=command.organisation)
        if not await Organisation.exists().where(Organisation.id == command.organisation):
            found.append(_no_organisation())
        if await Account.exists().where(Account.email == email):
            found.append(Finding("email", "taken", "There is an account with this address already.", "Use that one."))
        if found:
            raise Invalid(found)
        row = Account(
            email=email,
            name=command.name,
            password_hash=stored,
            organisation=command.organisation,
            language=command.language,
            created_at=now(),
        )
        account_id: int = (await Account.insert(row))[0]["id"]
        await _record("people.create_account", "account", account_id, {"organisation": command.organisation}, by)
    return account_id


async def set_active(account_id: int, command: Activation, *, by: Person) -> None:
    """Shut an account out, which ends its sessions at once, or let it in again.

    Raises NotFound, Forbidden for one's own account, Conflict when somebody else changed the account meanwhile.
    """
    async with transaction():
        await _somebody_else(account_id, by)
        changed = (
            await Account.update({Account.active: command.active, Account.version: command.version + 1})
            .where(Account.id == account_id, Account.version == command.version)
            .returning(Account.id)
        )
        if not changed:
            raise Conflict("Somebody else changed this account meanwhile. Look at it again and repeat the change.")
        await sessions.end_all(account_id)
        await _record("people.set_active", "account", account_id, {"active": command.active}, by)


async def reset_password(account_id: int, command: ResetPassword, *, by: Person) -> None:
    """Give a person who forgot theirs a new password, and end their sessions. Raises NotFound, Forbidden, Invalid."""
    seen = await _somebody_else(account_id, by)
    found = list(passwords.weaknesses(command.password, email=seen.email, name=seen.name))
    if found:
        raise Invalid(found)
    stored = await passwords.hashed(command.password)
    async with transaction():
        await _touch(account_id, {Account.password_hash: stored})
        await sessions.end_all(account_id)
        await _record("people.reset_password", "account", account_id, {}, by)


async def grant_role(account_id: int, command: NewGrant, *, by: Person | None) -> int:
    """Grant a role and end the person's sessions, so that they sign in with it.

    Raises NotFound, Invalid, Forbidden for oneself and beyond the administrator's reach, Conflict for a role in force.
    """
    found = list(grant_findings(command.role, command.group))
    async with transaction():
        if by is not None:
            await _somebody_else(account_id, by)
            _within_reach(command.organisation, by)
        if command.organisation and not await Organisation.exists().where(Organisation.id == command.organisation):
            found.append(_no_organisation())
        if found:
            raise Invalid(found)
        await _touch(account_id, {})
        row = RoleGrant(
            account=account_id,
            role=command.role,
            organisation=command.organisation,
            pilot=command.pilot,
            stakeholder_group=command.group,
            granted_by=by.id if by else None,
            granted_at=now(),
        )
        if await _held(row):
            raise Conflict("The person holds this role already.")
        grant_id: int = (await RoleGrant.insert(row))[0]["id"]
        await sessions.end_all(account_id)
        content = {"role": command.role, "organisation": command.organisation, "pilot": command.pilot}
        await _record(
            "people.grant_role", "account", account_id, {**content, "group": command.group, "grant": grant_id}, by
        )
    return grant_id


async def revoke_role(grant_id: int, *, by: Person) -> int:
    """Take a role back and end the person's sessions; the answer is the account.

    Raises NotFound, Forbidden for oneself and beyond the administrator's reach, Conflict when it was taken back before.
    """
    async with transaction():
        grant = await RoleGrant.objects().where(RoleGrant.id == grant_id).first()
        if grant is None:
            raise NotFound
        account_id: int = grant.account
        await _somebody_else(account_id, by)
        _within_reach(grant.organisation, by)
        revoked = (
            await RoleGrant.update({RoleGrant.revoked_at: now()})
            .where(RoleGrant.id == grant_id, RoleGrant.revoked_at.is_null())
            .returning(RoleGrant.id)
        )
        if not revoked:
            raise Conflict("This role was taken back already.")
        await sessions.end_all(account_id)
        await _record("people.revoke_role", "account", account_id, {"grant": grant_id}, by)
    return account_id


async def create_region(command: NewRegion, *, by: Person | None) -> int:
    """Enter a region with the days it is in force. Raises Invalid, Forbidden, Conflict for a code that is taken."""
    found = list(code_findings(OrganisationKind.REGION, command.code))
    if command.valid_to is not None and command.valid_to < command.valid_from:
        found.append(Finding("valid_to", "too_early", "The last day lies before the first.", "Choose a later day."))
    if found:
        raise Invalid(found)
    async with transaction():
        _everywhere(by)
        region_id: int = (await Region.insert(Region(**msgspec.structs.asdict(command))))[0]["id"]
        await _record("people.create_region", "region", region_id, {"code": command.code}, by)
    return region_id


async def create_organisation(command: NewOrganisation, *, by: Person | None) -> int:
    """Enter an organisation; a municipality's size class follows from its population.

    Raises Invalid, Forbidden, Conflict for a code that is taken.
    """
    found = list(code_findings(command.kind, command.code))
    if (command.population is None) is not (command.population_year is None):
        found.append(
            Finding("population_year", "half", "Population and its year belong together.", "Give both or neither.")
        )
    async with transaction():
        _everywhere(by)
        region = await Region.objects().where(Region.code == command.region).first() if command.region else None
        if command.region and region is None:
            found.append(Finding("region", "unknown", "There is no such region.", "Choose one from the list."))
        if found:
            raise Invalid(found)
        sized = command.kind is OrganisationKind.MUNICIPALITY and command.population is not None
        row = Organisation(
            kind=command.kind,
            code=command.code,
            name=command.name,
            region=region.id if region else None,
            population=command.population,
            size_class=size_class(command.population) if sized and command.population is not None else None,
            size_class_year=command.population_year if sized else None,
        )
        organisation_id: int = (await Organisation.insert(row))[0]["id"]
        content = {"kind": command.kind, "code": command.code}
        await _record("people.create_organisation", "organisation", organisation_id, content, by)
    return organisation_id


def _everywhere(by: Person | None) -> None:
    if by is not None and reach(by, ADMINISTER) is not None:
        raise Forbidden


def _within_reach(organisation: int | None, by: Person) -> None:
    places = reach(by, ADMINISTER)
    if places is not None and organisation not in places:
        raise Forbidden("You can give and take back roles in your own organisation only.")


async def _somebody_else(account_id: int, by: Person) -> AccountView:
    """The account, when the administrator looks after it and it is not their own."""
    seen = await account(by, account_id)
    if account_id == by.id:
        raise Forbidden("Another administrator has to change your own account.")
    return seen


async def _touch(account_id: int, values: dict[Column | str, object]) -> None:
    """Change an account under its row lock, so that changes made side by side stand in line."""
    changed = (
        await Account.update({Account.version: Account.version + 1, **values})
        .where(Account.id == account_id)
        .returning(Account.id)
    )
    if not changed:
        raise NotFound


async def _held(wanted: RoleGrant) -> bool:
    limits = [
        column == value if value is not None else column.is_null()
        for column, value in (
            (RoleGrant.organisation, wanted.organisation),
            (RoleGrant.pilot, wanted.pilot),
            (RoleGrant.stakeholder_group, wanted.stakeholder_group),
        )
    ]
    mine = (RoleGrant.account == wanted.account, RoleGrant.role == wanted.role, RoleGrant.revoked_at.is_null())
    return bool(await RoleGrant.exists().where(*mine, *limits))


def _no_organisation() -> Finding:
    return Finding("organisation", "unknown", "There is no such organisation.", "Choose one from the list.")


async def _record(action: str, kind: str, object_id: int, content: object, by: Person | None) -> None:
    await record(action=action, object_kind=kind, object_id=object_id, content=content, by=by.id if by else None)
