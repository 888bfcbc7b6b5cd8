"""Regions, organisations, accounts, role grants and the login throttle."""

from piccolo.columns import Boolean, Date, ForeignKey, Integer, OnDelete, Serial, Timestamptz, Varchar
from piccolo.constraints import Unique
from piccolo.table import Table

from registry.kit.personal import CONTACT, IDENTITY, NONE, SECRET


class Region(Table, tablename="region"):
    """A region in force between two dates (1084 and 1085 become one on 1 January 2027)."""

    id: Serial
    code = Varchar(length=4, unique=True, help_text=NONE)
    name = Varchar(length=80, help_text=NONE)
    valid_from = Date(null=False, default=None, help_text=NONE)
    valid_to = Date(null=True, default=None, help_text=NONE)


class Organisation(Table, tablename="organisation"):
    """A municipality, region, agency or school. `code` is text: "0101" keeps its zero."""

    id: Serial
    kind = Varchar(length=20, help_text=NONE)  # people.rules.OrganisationKind
    code = Varchar(length=12, help_text=NONE)
    name = Varchar(length=120, help_text=NONE)
    region = ForeignKey(Region, null=True, on_delete=OnDelete.restrict, help_text=NONE)
    population = Integer(null=True, default=None, help_text=NONE)
    size_class = Varchar(length=10, null=True, default=None, help_text=NONE)  # small | medium | large
    size_class_year = Integer(null=True, default=None, help_text=NONE)
    one_code_of_a_kind = Unique([kind, code])


class Account(Table, tablename="account"):
    """A person who can sign in."""

    id: Serial
    email = Varchar(length=254, unique=True, help_text=CONTACT)
    name = Varchar(length=120, help_text=IDENTITY)
    password_hash = Varchar(length=200, help_text=SECRET)
    organisation = ForeignKey(Organisation, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    language = Varchar(length=2, default="da", help_text=NONE)
    active = Boolean(default=True, help_text=NONE)
    created_at = Timestamptz(null=False, default=None, help_text=NONE)
    version = Integer(default=1, help_text=NONE)


class RoleGrant(Table, tablename="role_grant"):
    """Role x organisation x pilot; an empty organisation or pilot means everywhere."""

    id: Serial
    account = ForeignKey(Account, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    role = Varchar(length=20, help_text=NONE)  # people.rules.Role
    organisation = ForeignKey(Organisation, null=True, on_delete=OnDelete.restrict, help_text=NONE)
    pilot = Integer(null=True, default=None, help_text=NONE)  # no key: people come before pilots
    stakeholder_group = Varchar(length=20, null=True, default=None, help_text=NONE)
    granted_by = Integer(null=True, default=None, help_text=NONE)
    granted_at = Timestamptz(null=False, default=None, help_text=NONE)
    revoked_at = Timestamptz(null=True, default=None, help_text=NONE)


class LoginAttempt(Table, tablename="login_attempt"):
    """Failed logins by a keyed digest of the address typed or the client, for the throttle."""

    id: Serial
    key = Varchar(length=64, index=True, help_text=NONE)
    at = Timestamptz(null=False, default=None, help_text=NONE)
