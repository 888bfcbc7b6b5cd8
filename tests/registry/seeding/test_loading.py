import shutil
from pathlib import Path

import pytest

from registry.audit.queries import verify_chain
from registry.audit.tables import AuditEntry
from registry.kit import jobs
from registry.kit.errors import Conflict
from registry.people.tables import Account, Organisation
from registry.pilots.tables import Pilot
from registry.seeding import accounts, loading
from registry.seeding.programme import SUBJECT
from registry.settings import Settings

SECRET = "a secret of at least thirty-two characters"


@pytest.fixture
def demo(tmp_path: Path) -> Settings:
    return Settings(state=tmp_path, demo=True, seed="demo", secret=SECRET)


@pytest.mark.usefixtures("database")
async def test_an_empty_installation_has_reference_data_and_one_administrator(tmp_path: Path) -> None:
    password = await loading.load(Settings(state=tmp_path, secret=SECRET))
    assert password is not None
    assert [row["email"] for row in await Account.select(Account.email)] == [accounts.ADMINISTRATOR]
    assert await Organisation.count() > 98
    assert await Pilot.count() == 0


@pytest.mark.usefixtures("database")
async def test_an_empty_installation_loaded_twice_gives_no_second_password(tmp_path: Path) -> None:
    settings = Settings(state=tmp_path, secret=SECRET)
    await loading.load(settings)
    assert await loading.load(settings) is None


@pytest.mark.usefixtures("database")
async def test_the_demo_has_its_accounts_at_once_and_its_programme_in_the_background(demo: Settings) -> None:
    assert await loading.load(demo) is None
    assert not await Account.exists().where(Account.email == accounts.ADMINISTRATOR)
    job = await jobs.latest(SUBJECT)
    assert job is not None
    assert not job.over


@pytest.mark.usefixtures("database")
async def test_loading_the_demo_twice_changes_nothing(demo: Settings) -> None:
    await loading.load(demo)
    before = await AuditEntry.count(), await jobs.waiting()
    await loading.load(demo)
    assert (await AuditEntry.count(), await jobs.waiting()) == before
    assert await verify_chain() is None


def test_demo_data_outside_demo_mode_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert loading.run(Settings(state=tmp_path, seed="demo", secret=SECRET)) == 2
    assert "DEMO=yes" in capsys.readouterr().err


def test_the_command_prints_the_first_administrator(
    sqlite_template: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(state=tmp_path, secret=SECRET)
    shutil.copy(sqlite_template, tmp_path / "registry.sqlite")
    assert loading.run(settings) == 0
    assert accounts.ADMINISTRATOR in capsys.readouterr().out
    assert loading.run(settings) == 0
    assert capsys.readouterr().out == ""


def test_a_database_without_tables_is_to_be_migrated_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings(state=tmp_path, secret=SECRET)
    with pytest.raises(Conflict) as refused:
        loading.run(settings)
    assert "virkning migrate" in str(refused.value.message)
    assert capsys.readouterr().out == ""
