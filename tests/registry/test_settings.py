"""Settings come from the environment, once, and wrong ones are all named at once."""

import stat
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.settings import Settings, SettingsError, scheduler_of

NAMES = ("DATABASE_URL", "HOST", "PORT", "DEMO", "SEED", "SECRET", "SMALL_CELL", "UPLOAD_LIMIT_MB", "DEFAULT_LANGUAGE")


def test_the_defaults_serve_this_machine_only_with_an_embedded_database(tmp_path: Path) -> None:
    settings = Settings.from_environment({"DATA": str(tmp_path)})
    assert settings.host == "127.0.0.1"
    assert settings.port == 8000
    assert settings.database_url == f"sqlite:///{tmp_path}/registry.sqlite"
    assert (settings.demo, settings.seed, settings.secure_cookies, settings.small_cell) == (False, "empty", False, 5)
    assert settings.language == "da"


def test_what_is_set_is_used(tmp_path: Path) -> None:
    said = {
        "DATA": str(tmp_path),
        "DATABASE_URL": "postgresql://registry@db/registry",
        "PORT": "9000",
        "DEMO": "Yes",
        "SEED": "demo",
        "SECURE_COOKIES": "1",
        "SECRET": "x" * 32,
        "SESSION_IDLE_MINUTES": "15",
        "SESSION_ABSOLUTE_MINUTES": "480",
        "SMALL_CELL": "10",
        "UPLOAD_LIMIT_MB": "3",
        "DASK_SCHEDULER": "tls://scheduler.registry.example:8786/",
        "LOG_LEVEL": "WARNING",
        "DEFAULT_LANGUAGE": "en",
    }
    settings = Settings.from_environment(said)
    assert settings.database_url == "postgresql://registry@db/registry"
    assert (settings.port, settings.demo, settings.seed, settings.secure_cookies) == (9000, True, "demo", True)
    assert (settings.session_idle_minutes, settings.session_absolute_minutes) == (15, 480)
    assert (settings.small_cell, settings.upload_limit) == (10, 3 * 1024 * 1024)
    assert (settings.log_level, settings.language) == ("warning", "en")
    assert settings.dask_scheduler == "tls://scheduler.registry.example:8786"
    assert not (tmp_path / "secret").exists()


def test_every_wrong_value_is_named_and_no_secret_is_repeated(tmp_path: Path) -> None:
    wrong = {
        "DATA": str(tmp_path),
        "PORT": "0",
        "DEMO": "perhaps",
        "SEED": "everything",
        "SECRET": "hunter2",
        "DATABASE_URL": "mysql://root:hunter2@db",
        "SMALL_CELL": "1",
    }
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment(wrong)
    named = {problem.split(":")[0] for problem in caught.value.problems}
    assert named == {"PORT", "DEMO", "SEED", "SECRET", "DATABASE_URL", "SMALL_CELL"}
    assert "hunter2" not in str(caught.value)


def test_a_state_folder_that_cannot_be_made_is_a_wrong_setting(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="DATA"):
        Settings.from_environment({"DATA": str(tmp_path / "file" / "folder")})


def test_the_secret_is_made_once_and_only_the_owner_can_read_it(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda _: Settings.from_environment({"DATA": str(tmp_path)}).secret, range(16)))
    assert len(set(made)) == 1
    assert len(made[0]) >= 32
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600
    assert made[0] not in repr(Settings.from_environment({"DATA": str(tmp_path)}))
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


def test_a_child_process_reads_the_same_settings(tmp_path: Path) -> None:
    said = {"PORT": "9001", "DEMO": "yes", "SEED": "demo", "UPLOAD_LIMIT_MB": "7", "DASK_SCHEDULER": "tcp://a:1"}
    settings = Settings.from_environment({"DATA": str(tmp_path), **said})
    assert Settings.from_environment(settings.environment()) == settings


@given(st.dictionaries(st.sampled_from(NAMES), st.text(max_size=40), max_size=6))
def test_whatever_the_environment_holds_the_answer_is_settings_or_a_list_of_problems(said: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        try:
            settings = Settings.from_environment({**said, "DATA": folder})
        except SettingsError as error:
            assert error.problems
            assert {problem.split(":")[0] for problem in error.problems} <= set(said)
        else:
            assert 1 <= settings.port <= 65535
            assert settings.small_cell >= 3
            assert len(settings.secret) >= 32


def test_the_command_line_goes_before_the_environment_and_that_before_what_is_taken_in_silence(tmp_path: Path) -> None:
    said = {"DATA": str(tmp_path), "PORT": "9000", "SEED": "empty"}
    settings = Settings.from_environment(said, silent={"SEED": "demo", "DEMO": "yes"}, stated={"PORT": "9001"})
    assert (settings.port, settings.seed, settings.demo) == (9001, "empty", True)


def test_a_blank_value_in_the_environment_is_silent(tmp_path: Path) -> None:
    settings = Settings.from_environment({"DATA": str(tmp_path), "SEED": ""}, silent={"SEED": "demo"})
    assert settings.seed == "demo"


def test_looking_makes_neither_a_folder_nor_a_secret(tmp_path: Path) -> None:
    state = {"DATA": str(tmp_path / "var")}
    assert Settings.from_environment(state, makes=False).secret == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("address", ["scheduler:8786", "tcp://scheduler", "http://scheduler:8787", "tcp://a b:1"])
def test_a_scheduler_is_named_by_protocol_host_and_port(address: str) -> None:
    with pytest.raises(SettingsError, match="DASK_SCHEDULER") as wrong:
        scheduler_of({"DASK_SCHEDULER": address})
    assert len(wrong.value.problems) == 1


def test_the_scheduler_is_known_without_the_other_settings_and_without_a_folder() -> None:
    assert scheduler_of({"DASK_SCHEDULER": "tcp://127.0.0.1:8786", "PORT": "none"}) == "tcp://127.0.0.1:8786"
    assert scheduler_of({"PORT": "none"}) == ""


@pytest.mark.parametrize("address", ["tcp://10.0.0.7:8786", "tls://scheduler.registry.example:1", "tcp://[::1]:8786"])
def test_a_scheduler_is_taken_by_name_or_number_an_ipv6_one_in_brackets(address: str) -> None:
    assert scheduler_of({"DASK_SCHEDULER": f"  {address}/ "}) == address


def test_without_a_scheduler_the_setting_is_empty(tmp_path: Path) -> None:
    assert Settings(state=tmp_path).dask_scheduler == ""
    assert Settings.from_environment({"DATA": str(tmp_path), "DASK_SCHEDULER": " "}).dask_scheduler == ""
    assert Settings(state=tmp_path).environment()["DASK_SCHEDULER"] == ""
