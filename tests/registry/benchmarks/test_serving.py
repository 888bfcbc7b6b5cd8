"""A server process and the client that asks it."""

import os
import sys
from pathlib import Path

import pytest

from registry.benchmarks.serving import ServerError, asked, free_port, serving


def files(port: int, folder: Path) -> list[str]:
    return [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", str(folder)]


def test_requests_are_counted_on_the_server_alone(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("twenty rows")
    port = free_port()
    with serving(files(port, tmp_path), port, dict(os.environ)) as pid:
        reading = asked(pid, port, "/page.html", {}, 3, "twenty")
    assert (reading.count, reading.answer) == (3, {"bytes": 11.0})
    assert reading.peak > 1_000_000


def test_another_page_is_not_measured(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("please sign in")
    port = free_port()
    with serving(files(port, tmp_path), port) as pid, pytest.raises(ServerError, match="200"):
        asked(pid, port, "/page.html", {}, 1, "twenty")
    with serving(files(port, tmp_path), port) as pid, pytest.raises(ServerError, match="404"):
        asked(pid, port, "/none.html", {}, 1, "twenty")


def test_a_server_that_ends_at_once_is_said() -> None:
    with pytest.raises(ServerError, match="did not start"), serving([sys.executable, "-c", ""], free_port()):
        pass


def test_the_server_is_gone_after_the_block(tmp_path: Path) -> None:
    port = free_port()
    with serving(files(port, tmp_path), port) as pid:
        assert Path(f"/proc/{pid}").exists()
    assert not Path(f"/proc/{pid}").exists()
