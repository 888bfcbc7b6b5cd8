"""A server process and the client that asks it."""

import os
import socket
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from registry.benchmarks.serving import WARM_UP, ServerError, asked, free_port, serving
from tests.processes import alive


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
        assert alive(pid)
    assert not alive(pid)


class Counting(BaseHTTPRequestHandler):
    """Answers what its server holds, and notes who asked for what."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, Noting)
        server.asked.append((self.client_address[1], self.path, self.headers.get("cookie", "")))
        body = b"please sign in" if len(server.asked) == server.ends_at else b"twenty rows"
        self.send_response(server.status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


class Noting(ThreadingHTTPServer):
    asked: list[tuple[int, str, str]]
    status = 200
    ends_at = 0


@pytest.fixture
def noting() -> Iterator[Noting]:
    """A server in this process."""
    with Noting(("127.0.0.1", 0), Counting) as server:
        server.asked = []
        server.daemon_threads = True
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(("requests", "warm"), [(1, 1), (7, 7), (WARM_UP + 5, WARM_UP)])
def test_the_warm_up_is_no_longer_than_the_measurement(noting: Noting, requests: int, warm: int) -> None:
    reading = asked(os.getpid(), noting.server_port, "/pilots?size=20", {"cookie": "visit=it"}, requests, "twenty")
    assert reading.count == requests
    assert len(noting.asked) == requests + warm
    assert {(path, cookie) for _, path, cookie in noting.asked} == {("/pilots?size=20", "visit=it")}


def test_one_connection_serves_all_requests(noting: Noting) -> None:
    asked(os.getpid(), noting.server_port, "/", {}, 5, "twenty")
    assert len({port for port, _, _ in noting.asked}) == 1


@pytest.mark.parametrize("status", [303, 401, 500])
def test_a_page_with_another_status_is_not_measured_although_it_holds_the_words(noting: Noting, status: int) -> None:
    noting.status = status
    with pytest.raises(ServerError, match=str(status)):
        asked(os.getpid(), noting.server_port, "/", {}, 3, "twenty")
    assert len(noting.asked) == 1


def test_a_session_that_ends_in_the_middle_ends_the_measurement(noting: Noting) -> None:
    noting.ends_at = 5
    with pytest.raises(ServerError, match="not with the page that is measured"):
        asked(os.getpid(), noting.server_port, "/", {}, 4, "twenty")
    assert len(noting.asked) == 5


def test_a_free_port_can_be_listened_on_at_once() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", free_port()))
        listener.listen()


def test_the_server_is_gone_also_after_a_failure(tmp_path: Path) -> None:
    port, pids = free_port(), []
    with pytest.raises(KeyboardInterrupt), serving(files(port, tmp_path), port) as pid:
        pids.append(pid)
        raise KeyboardInterrupt
    assert not alive(pids[0])


def test_the_server_has_the_environment_it_was_given_and_no_other(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-c", f"import os; open('{tmp_path}/seen', 'w').write(' '.join(sorted(os.environ)))"]
    with pytest.raises(ServerError), serving(command, port, {"ONLY": "this"}):
        pass
    assert set((tmp_path / "seen").read_text().split()) <= {"ONLY", "LC_CTYPE"}
