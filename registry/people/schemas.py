"""What people type about accounts and organisations, and what they are shown."""

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from registry.people.passwords import LONGEST
from registry.people.rules import OrganisationKind, Role, SizeClass, StakeholderGroup

Email = Annotated[str, Meta(min_length=1, max_length=254)]
Name = Annotated[str, Meta(min_length=1, max_length=120)]
Password = Annotated[str, Meta(min_length=1, max_length=LONGEST)]
Key = Annotated[int, Meta(ge=1, le=2**31 - 1)]
Language = Literal["da", "en"]


class LogIn(msgspec.Struct, frozen=True):
    """Signing in; `next` is where the person wanted to go."""

    email: Email
    password: Password
    next: Annotated[str, Meta(max_length=2_000)] = ""


class ChangeLanguage(msgspec.Struct, frozen=True):
    """The language a person wants to read."""

    language: Language


class ChangePassword(msgspec.Struct, frozen=True):
    """A new password, typed twice, proved by the present one."""

    current: Password
    password: Password
    repeated: Password


class NewAccount(msgspec.Struct, frozen=True):
    """A person who gets access; roles are granted afterwards."""

    email: Email
    name: Name
    organisation: Key
    password: Password
    language: Language = "da"


class ResetPassword(msgspec.Struct, frozen=True):
    """A password that an administrator hands over in person."""

    password: Password


class Activation(msgspec.Struct, frozen=True):
    """Letting an account in or shutting it out; `version` is the one the administrator saw."""

    active: bool
    version: Key


class NewGrant(msgspec.Struct, frozen=True):
    """A role to grant; an empty organisation or pilot means everywhere, a group goes with stakeholders."""

    role: Role
    organisation: Key | None = None
    pilot: Key | None = None
    group: StakeholderGroup | None = None


class NewRegion(msgspec.Struct, frozen=True):
    """A region in force from a day, to a day (inclusive) or for good; without a code while none is published."""

    code: Annotated[str, Meta(max_length=4)]
    name: Annotated[str, Meta(min_length=1, max_length=80)]
    valid_from: date
    valid_to: date | None = None


class NewOrganisation(msgspec.Struct, frozen=True):
    """An organisation; `region` is the region's code, `population_year` the year its population was counted."""

    kind: OrganisationKind
    code: Annotated[str, Meta(min_length=1, max_length=12)]
    name: Name
    region: str | None = None
    population: Annotated[int, Meta(ge=0)] | None = None
    population_year: Annotated[int, Meta(ge=1970, le=2100)] | None = None


class RegionView(msgspec.Struct, frozen=True):
    """A region and the days between which it is in force, both included."""

    id: int
    code: str
    name: str
    valid_from: date
    valid_to: date | None


class OrganisationView(msgspec.Struct, frozen=True):
    """An organisation with its region and size."""

    id: int
    kind: OrganisationKind
    code: str
    name: str
    region_code: str | None
    region_name: str | None
    population: int | None
    size_class: SizeClass | None
    size_class_year: int | None


class Organisations(msgspec.Struct, frozen=True):
    """A page of organisations and the regions in force on a day."""

    organisations: list[OrganisationView]
    total: int
    regions: list[RegionView]
    on: date


class GrantView(msgspec.Struct, frozen=True):
    """A role in force as an administrator sees it."""

    id: int
    role: Role
    organisation: int | None
    organisation_name: str | None
    pilot: int | None
    group: StakeholderGroup | None
    granted_at: datetime


class AccountView(msgspec.Struct, frozen=True):
    """An account as an administrator sees it; never the password."""

    id: int
    email: str
    name: str
    organisation: int
    organisation_name: str
    language: str
    active: bool
    created_at: datetime
    version: int
    roles: list[Role]


class AccountDetail(msgspec.Struct, frozen=True):
    """An account with its roles in force."""

    account: AccountView
    grants: list[GrantView]


class Accounts(msgspec.Struct, frozen=True):
    """A page of accounts."""

    accounts: list[AccountView]
    total: int


class Profile(msgspec.Struct, frozen=True):
    """What a person is shown of their own account."""

    id: int
    name: str
    email: str
    organisation: int
    organisation_name: str
    language: str
    grants: list[GrantView]
