"""`virkning migrate`."""

from pathlib import Path

import pytest

from registry.kit.errors import Unavailable
from registry.migrate import run
from registry.settings import Settings


def test_it_says_what_it_did(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings(state=tmp_path)
    assert run(settings) == 0
    assert run(settings) == 0
    assert [line.split(":")[0] for line in capsys.readouterr().out.splitlines()] == [
        "migrated",
        "the database is up to date",
    ]


def test_without_a_database_it_is_unavailable() -> None:
    with pytest.raises(Unavailable):
        run(Settings(database_url="postgresql://postgres@127.0.0.1:1/none"))
