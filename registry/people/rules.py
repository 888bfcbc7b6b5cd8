"""Roles, groups and sizes; who may do what where."""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Final

import msgspec

from effects.errors import Finding
from registry.kit.access import Permission
from registry.kit.errors import Forbidden


class Role(StrEnum):
    """What a person does here; the same person may hold several."""

    PROJECT_LEAD = "project_lead"
    EVALUATOR = "evaluator"
    DECISION_MAKER = "decision_maker"
    STAKEHOLDER = "stakeholder"
    ADMINISTRATOR = "administrator"


class StakeholderGroup(StrEnum):
    """Whom a stakeholder speaks for when indicators are rated."""

    CITIZENS = "citizens"
    STAFF = "staff"
    MANAGERS = "managers"
    IT = "it"
    ECONOMY = "economy"
    RESEARCHERS = "researchers"


class OrganisationKind(StrEnum):
    """What sort of public body it is."""

    MUNICIPALITY = "municipality"
    REGION = "region"
    AGENCY = "agency"
    SCHOOL = "school"


class SizeClass(StrEnum):
    """Size of a municipality as the municipalities' association reports by it."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


LARGE_FROM: Final = 100_000  # inhabitants
MEDIUM_FROM: Final = 25_000

EMAIL: Final = re.compile(r"[^@\s<>\",;:()\[\]\\]+@[a-z0-9-]+(\.[a-z0-9-]+)+")
CODES: Final = {
    OrganisationKind.MUNICIPALITY: re.compile(r"[0-9]{4}"),
    OrganisationKind.REGION: re.compile(r"([0-9]{4})?"),  # empty while a new region has none
    OrganisationKind.AGENCY: re.compile(r"[A-ZÆØÅ0-9-]{2,12}"),
    OrganisationKind.SCHOOL: re.compile(r"[0-9]{6}"),
}
OWN_PATH: Final = re.compile(r"/[^\x00-\x20\x7f\\]*")

ADMINISTER = Permission("people.administer", frozenset({Role.ADMINISTRATOR}))


class Grant(msgspec.Struct, frozen=True):
    """A role in force; an empty organisation or pilot means everywhere."""

    role: Role
    organisation: int | None = None
    pilot: int | None = None
    group: StakeholderGroup | None = None

    def covers(self, organisation: int | None, pilot: int | None) -> bool:
        """Whether the grant reaches an object owned by `organisation` and belonging to `pilot`."""
        return self.organisation in (None, organisation) and self.pilot in (None, pilot)


class Person(msgspec.Struct, frozen=True):
    """A signed-in person with the roles they hold now."""

    id: int
    name: str
    email: str
    organisation: int
    organisation_name: str
    language: str = "da"
    grants: tuple[Grant, ...] = ()

    @property
    def account_id(self) -> int:
        """The key of the account, under the name the kit asks for."""
        return self.id

    @property
    def roles(self) -> frozenset[str]:
        """Names of all roles held, wherever they are held."""
        return frozenset(grant.role for grant in self.grants)

    @property
    def everywhere(self) -> frozenset[str]:
        """Names of the roles held without any limit."""
        return frozenset(grant.role for grant in self.grants if grant.covers(None, None))


def size_class(population: int) -> SizeClass:
    """The size class of a municipality with that many inhabitants."""
    if population >= LARGE_FROM:
        return SizeClass.LARGE
    return SizeClass.MEDIUM if population >= MEDIUM_FROM else SizeClass.SMALL


def holds(person: Person, role: Role) -> bool:
    """Whether the person holds the role anywhere."""
    return role in person.roles


def allows(
    person: Person, permission: Permission, *, organisation: int | None = None, pilot: int | None = None
) -> bool:
    """Whether a role of the person carries the permission for the object.

    Without an object any grant of such a role will do. With one, give the organisation that owns it and, when it
    belongs to a pilot, the pilot: a grant limited to something that was not given does not reach the object.
    """
    if permission.public or not permission.roles:
        return True
    anywhere = organisation is None and pilot is None
    return any(
        grant.role in permission.roles and (anywhere or grant.covers(organisation, pilot)) for grant in person.grants
    )


def reach(person: Person, permission: Permission) -> frozenset[int] | None:
    """Organisations in all of whose affairs a role of the person carries the permission; None is everywhere."""
    whole = {grant.organisation for grant in person.grants if grant.role in permission.roles and grant.pilot is None}
    return None if None in whole else frozenset(place for place in whole if place is not None)


def require(
    person: Person, permission: Permission, *, organisation: int | None = None, pilot: int | None = None
) -> None:
    """Raise Forbidden unless `allows` says yes; call it for an object the person may see."""
    if not allows(person, permission, organisation=organisation, pilot=pilot):
        raise Forbidden


def normal_email(address: str) -> str:
    """The one way an address is stored and looked up."""
    return address.strip().lower()


def account_findings(email: str, name: str) -> Iterator[Finding]:
    """What is wrong with the address or the name of an account."""
    if not EMAIL.fullmatch(email):
        yield Finding("email", "not_an_address", "This is not an e-mail address.", "Write it like name@example.dk.")
    if "\n" in name:
        yield Finding("name", "several_lines", "The name goes over several lines.", "Write it on one line.")


def grant_findings(role: Role, group: StakeholderGroup | None) -> Iterator[Finding]:
    """What is wrong with a grant: a stakeholder speaks for a group, nobody else does."""
    if role is Role.STAKEHOLDER and group is None:
        yield Finding("group", "missing", "A stakeholder speaks for a group.", "Choose the group.")
    if role is not Role.STAKEHOLDER and group is not None:
        yield Finding("group", "out_of_place", "Only a stakeholder speaks for a group.", "Leave the group empty.")


def code_findings(kind: OrganisationKind, code: str) -> Iterator[Finding]:
    """What is wrong with the code of an organisation: four digits, a school's has six, an agency's has none."""
    shape = CODES[kind]
    if not shape.fullmatch(code):
        yield Finding(
            "code",
            "not_a_code",
            "This is not the code of such an organisation.",
            "Municipalities and regions have four digits, schools six, agencies capital letters and digits.",
        )


def safe_next(address: str) -> str:
    """Where to go after signing in: the address when it is a plain path of this site, else the start page."""
    own = OWN_PATH.fullmatch(address) and not address.startswith(("//", "/login", "/logout"))
    return address if own else "/"
