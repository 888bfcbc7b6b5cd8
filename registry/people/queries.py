"""Reading people, organisations and regions."""

from registry.people.rules import Grant, Person, Role, StakeholderGroup
from registry.people.tables import Account, RoleGrant


async def person(account_id: int) -> Person | None:
    """The person of an active account with the grants in force; None when the account is gone or disabled."""
    account = Account.organisation
    row = (
        await Account.select(Account.id, Account.name, Account.email, Account.language, account.id, account.name)
        .where(Account.id == account_id, Account.active.eq(True))
        .first()
    )
    if row is None:
        return None
    return Person(
        id=row["id"],
        name=row["name"],
        email=row["email"],
        organisation=row["organisation.id"],
        organisation_name=row["organisation.name"],
        language=row["language"],
        grants=await grants_of(account_id),
    )


async def grants_of(account_id: int) -> tuple[Grant, ...]:
    """Roles in force, the oldest first."""
    rows = (
        await RoleGrant.objects()
        .where(RoleGrant.account == account_id, RoleGrant.revoked_at.is_null())
        .order_by(RoleGrant.id)
    )
    return tuple(
        Grant(
            role=Role(row.role),
            organisation=row.organisation,
            pilot=row.pilot,
            group=StakeholderGroup(row.stakeholder_group) if row.stakeholder_group else None,
        )
        for row in rows
    )
