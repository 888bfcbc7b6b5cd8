from pathlib import Path

import pytest

from registry.audit.tables import AuditEntry
from registry.people.passwords import matches, weaknesses
from registry.people.queries import person
from registry.people.rules import Role, StakeholderGroup
from registry.people.tables import Account
from registry.seeding import accounts, files, reference
from registry.settings import Settings

SECRET = "a secret of at least thirty-two characters"


def settings(tmp_path: Path, *, demo: bool = True) -> Settings:
    return Settings(state=tmp_path, demo=demo, seed="demo" if demo else "empty", secret=SECRET)


def test_the_password_belongs_to_the_installation(tmp_path: Path) -> None:
    here = settings(tmp_path)
    there = Settings(state=tmp_path, demo=True, seed="demo", secret=SECRET[::-1])
    assert accounts.demo_password(here) == accounts.demo_password(here)
    assert accounts.demo_password(here) != accounts.demo_password(there)


def test_the_password_is_good_enough_for_every_demo_account(tmp_path: Path) -> None:
    password = accounts.demo_password(settings(tmp_path))
    for seed in files.programme().account:
        assert not list(weaknesses(password, email=seed.email, name=seed.name))


def test_outside_demo_mode_there_are_no_demo_accounts(tmp_path: Path) -> None:
    assert accounts.demo_accounts(settings(tmp_path, demo=False)) == []
    assert accounts.demo_accounts(Settings(state=tmp_path, demo=False, seed="demo", secret=SECRET)) == []


def test_a_line_per_account_names_the_group_of_a_stakeholder(tmp_path: Path) -> None:
    lines = accounts.demo_accounts(settings(tmp_path))
    assert ("project_lead", "lead@demo.invalid") in [line[:2] for line in lines]
    assert {group.value for group in StakeholderGroup} <= {line[0] for line in lines}


@pytest.mark.usefixtures("database")
async def test_outside_demo_mode_nothing_is_loaded(tmp_path: Path) -> None:
    await reference.load()
    await accounts.load(settings(tmp_path, demo=False))
    assert await Account.count() == 0


@pytest.mark.usefixtures("database")
async def test_demo_accounts_sign_in_with_their_roles(tmp_path: Path) -> None:
    await reference.load()
    await accounts.load(settings(tmp_path))
    lead = await Account.objects().where(Account.email == "lead@demo.invalid").first()
    assert lead is not None
    assert await matches(accounts.demo_password(settings(tmp_path)), lead.password_hash)
    known = await person(lead.id)
    assert known is not None
    assert [(grant.role, grant.organisation) for grant in known.grants] == [(Role.PROJECT_LEAD, lead.organisation)]


@pytest.mark.usefixtures("database")
async def test_loading_accounts_twice_changes_nothing(tmp_path: Path) -> None:
    await reference.load()
    await accounts.load(settings(tmp_path))
    before = await AuditEntry.count()
    await accounts.load(settings(tmp_path))
    assert await AuditEntry.count() == before
    assert await Account.count() == len(files.programme().account)


@pytest.mark.usefixtures("database")
async def test_the_first_administrator_gets_a_password_once() -> None:
    await reference.load()
    password = await accounts.first_administrator()
    assert password is not None
    assert await accounts.first_administrator() is None
    row = await Account.objects().where(Account.email == accounts.ADMINISTRATOR).first()
    assert row is not None
    assert await matches(password, row.password_hash)
    known = await person(row.id)
    assert known is not None
    assert known.roles == {Role.ADMINISTRATOR}
