import pytest

from registry.kit.access import PUBLIC, SIGNED_IN, Permission
from registry.kit.errors import Forbidden
from registry.people.rules import (
    ADMINISTER,
    Grant,
    OrganisationKind,
    Person,
    Role,
    SizeClass,
    StakeholderGroup,
    account_findings,
    allows,
    code_findings,
    grant_findings,
    holds,
    normal_email,
    reach,
    require,
    safe_next,
    size_class,
)

REGISTER = Permission("pilots.register", frozenset({Role.PROJECT_LEAD}))
HERE, THERE, PILOT, ANOTHER = 1, 2, 10, 11


def a_person(*grants: Grant) -> Person:
    return Person(1, "Anna Holm", "anna@example.dk", HERE, "Testkøbing", grants=grants)


def lead(organisation: int | None = None, pilot: int | None = None) -> Person:
    return a_person(Grant(Role.PROJECT_LEAD, organisation, pilot))


@pytest.mark.parametrize(
    ("population", "size"),
    [
        (0, SizeClass.SMALL),
        (24_999, SizeClass.SMALL),
        (25_000, SizeClass.MEDIUM),
        (99_999, SizeClass.MEDIUM),
        (100_000, SizeClass.LARGE),
    ],
)
def test_size_classes_meet_at_25_and_100_thousand(population: int, size: SizeClass) -> None:
    assert size_class(population) is size


def test_a_person_has_the_roles_granted_anywhere() -> None:
    person = a_person(Grant(Role.PROJECT_LEAD, HERE), Grant(Role.EVALUATOR, pilot=PILOT))
    assert person.roles == {"project_lead", "evaluator"}
    assert person.everywhere == frozenset()
    assert holds(person, Role.EVALUATOR)
    assert not holds(person, Role.ADMINISTRATOR)
    assert person.account_id == person.id


def test_a_grant_without_limits_holds_everywhere() -> None:
    assert a_person(Grant(Role.EVALUATOR)).everywhere == {"evaluator"}
    assert allows(lead(), REGISTER, organisation=THERE, pilot=PILOT)


def test_a_grant_in_an_organisation_reaches_what_it_owns_and_nothing_else() -> None:
    assert allows(lead(HERE), REGISTER, organisation=HERE)
    assert allows(lead(HERE), REGISTER, organisation=HERE, pilot=PILOT)
    assert not allows(lead(HERE), REGISTER, organisation=THERE)
    assert not allows(lead(HERE), REGISTER, pilot=PILOT)


def test_a_grant_in_a_pilot_reaches_that_pilot_whoever_owns_it() -> None:
    assert allows(lead(pilot=PILOT), REGISTER, organisation=THERE, pilot=PILOT)
    assert not allows(lead(pilot=PILOT), REGISTER, organisation=THERE, pilot=ANOTHER)
    assert not allows(lead(pilot=PILOT), REGISTER, organisation=THERE)


def test_a_grant_with_both_limits_needs_both_to_fit() -> None:
    assert allows(lead(HERE, PILOT), REGISTER, organisation=HERE, pilot=PILOT)
    assert not allows(lead(HERE, PILOT), REGISTER, organisation=THERE, pilot=PILOT)


def test_without_an_object_any_grant_of_the_role_will_do() -> None:
    assert allows(lead(HERE, PILOT), REGISTER)
    assert not allows(a_person(Grant(Role.EVALUATOR)), REGISTER)
    assert not allows(a_person(), REGISTER)


def test_what_needs_no_role_is_open_to_whoever_is_signed_in() -> None:
    assert allows(a_person(), PUBLIC, organisation=THERE)
    assert allows(a_person(), SIGNED_IN, organisation=THERE)


def test_require_is_silent_or_forbids() -> None:
    require(lead(HERE), REGISTER, organisation=HERE)
    with pytest.raises(Forbidden):
        require(lead(HERE), REGISTER, organisation=THERE)


def test_reach_is_everywhere_or_the_organisations_of_unlimited_grants() -> None:
    grants = (Grant(Role.ADMINISTRATOR, HERE), Grant(Role.ADMINISTRATOR, pilot=PILOT), Grant(Role.EVALUATOR))
    assert reach(a_person(*grants), ADMINISTER) == {HERE}
    assert reach(a_person(*grants, Grant(Role.ADMINISTRATOR)), ADMINISTER) is None
    assert reach(a_person(), ADMINISTER) == frozenset()


def test_addresses_are_compared_without_case_and_space() -> None:
    assert normal_email(" Anna@Example.DK ") == "anna@example.dk"


@pytest.mark.parametrize("email", ["anna", "@example.dk", "anna@", "anna@dk", "a b@example.dk", "a@b@example.dk"])
def test_what_is_no_address_is_found(email: str) -> None:
    assert [finding.code for finding in account_findings(email, "Anna Holm")] == ["not_an_address"]


def test_everything_wrong_with_an_account_is_found_at_once() -> None:
    assert [finding.where for finding in account_findings("anna", "Anna\nHolm")] == ["email", "name"]
    assert not list(account_findings("søren.o'neil+test@kommune.example.dk", "Søren O'Neil"))


def test_a_stakeholder_speaks_for_a_group_and_nobody_else_does() -> None:
    assert [finding.code for finding in grant_findings(Role.STAKEHOLDER, None)] == ["missing"]
    assert [finding.code for finding in grant_findings(Role.EVALUATOR, StakeholderGroup.IT)] == ["out_of_place"]
    assert not list(grant_findings(Role.STAKEHOLDER, StakeholderGroup.IT))
    assert not list(grant_findings(Role.EVALUATOR, None))


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        (OrganisationKind.MUNICIPALITY, "0101", "101"),
        (OrganisationKind.MUNICIPALITY, "0751", "0751\n"),
        (OrganisationKind.REGION, "1084", "٠١٠١"),
        (OrganisationKind.REGION, "", "108"),
        (OrganisationKind.SCHOOL, "101001", "0101"),
        (OrganisationKind.AGENCY, "DIGST", "digst"),
    ],
)
def test_each_kind_of_organisation_has_its_form_of_code(kind: OrganisationKind, right: str, wrong: str) -> None:
    assert not list(code_findings(kind, right))
    assert [finding.code for finding in code_findings(kind, wrong)] == ["not_a_code"]


@pytest.mark.parametrize("address", ["/", "/pilots/3?page=2&sort=-title", "/søgning"])
def test_the_way_back_may_be_any_path_of_this_site(address: str) -> None:
    assert safe_next(address) == address


@pytest.mark.parametrize(
    "address",
    [
        "",
        "pilots",
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "/pilots\r\nset-cookie: a=b",
        "javascript:alert(1)",
        "/login?next=/login",
        "/logout",
        " //evil.example",
    ],
)
def test_the_way_back_is_nothing_else(address: str) -> None:
    assert safe_next(address) == "/"
