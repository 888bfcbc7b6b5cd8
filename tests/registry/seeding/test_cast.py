from pathlib import Path

import pytest

from registry.people.rules import Role, StakeholderGroup
from registry.people.tables import Account
from registry.seeding import accounts, reference
from registry.seeding.cast import assemble
from tests.registry.seeding.story import demo_settings

pytestmark = pytest.mark.usefixtures("database")


async def test_everybody_is_found_by_what_they_do(tmp_path: Path) -> None:
    await reference.load()
    await accounts.load(demo_settings(tmp_path))
    cast = await assemble()
    assert cast is not None
    assert cast.first(Role.PROJECT_LEAD).email == "lead@demo.invalid"
    assert cast.second(Role.EVALUATOR).email == "evaluator2@demo.invalid"
    assert cast.speaker(StakeholderGroup.ECONOMY).email == "economy@demo.invalid"


async def test_without_accounts_there_is_no_cast() -> None:
    assert await assemble() is None


async def test_a_disabled_account_leaves_the_cast_incomplete(tmp_path: Path) -> None:
    await reference.load()
    await accounts.load(demo_settings(tmp_path))
    await Account.update({Account.active: False}).where(Account.email == "it@demo.invalid")
    assert await assemble() is None
