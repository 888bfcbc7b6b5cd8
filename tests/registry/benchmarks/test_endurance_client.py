"""A client takes the web processes in turn, and says of each write what it can know."""

import http.server
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from registry.benchmarks.endurance_client import Visitor, understood
from registry.benchmarks.endurance_notes import Ending, Notes
from registry.benchmarks.serving import free_port

PAGE = '<meta name="csrf-token" content="{}">'


class Service(http.server.BaseHTTPRequestHandler):
    """Says what it was asked; `/breaks` hangs up without an answer."""

    protocol_version = "HTTP/1.1"
    asked: list[dict[str, Any]]
    name: str

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
        self.asked.append(
            {
                "method": self.command,
                "path": self.path,
                "body": body,
                "cookie": self.headers.get("cookie"),
                "token": self.headers.get("x-csrf-token"),
                "accept": self.headers.get("accept"),
                "kind": self.headers.get("content-type"),
            }
        )
        if self.path == "/breaks":
            self.close_connection = True
            return
        content = PAGE.format(f"token {len(self.asked)}").encode()
        self.send_response(201 if self.command == "POST" else 200)
        self.send_header("set-cookie", f"session=s{len(self.asked)}; HttpOnly")
        self.send_header("location", "/made/1")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Nothing is written about it."""


@contextmanager
def a_service() -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """The port of a service and what it is asked."""
    asked: list[dict[str, Any]] = []
    kind = type("One", (Service,), {"asked": asked})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), kind)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_address[1], asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def a_visitor(*ports: int) -> Iterator[Visitor]:
    visitor = Visitor(3, ports, Notes(), 0.0)
    try:
        yield visitor
    finally:
        visitor.close()


def test_requests_go_to_the_processes_in_turn_with_the_cookies_of_either() -> None:
    with a_service() as (first, seen_first), a_service() as (second, seen_second), a_visitor(first, second) as visitor:
        for number in range(4):
            assert visitor.get(f"/{number}", "page").good
    assert [one["path"] for one in seen_first] == ["/0", "/2"]
    assert [one["path"] for one in seen_second] == ["/1", "/3"]
    assert [one["cookie"] for one in seen_second] == ["session=s1", "session=s2"]


def test_a_form_carries_the_token_of_the_page_before_wherever_it_goes() -> None:
    with a_service() as (first, _), a_service() as (second, seen), a_visitor(first, second) as visitor:
        visitor.get("/form", "page")
        answer = visitor.post("/form", {"title": "Søvn & fald", "sites": ["0101", "0147"]}, "pilot")
    assert (answer.ending, answer.place, answer.status) == (Ending.ACKNOWLEDGED, "/made/1", 201)
    (sent,) = seen
    assert (sent["token"], sent["body"]) == ("token 1", "title=S%C3%B8vn+%26+fald&sites=0101&sites=0147")
    assert (sent["accept"], sent["kind"]) == ("application/json", "application/x-www-form-urlencoded")


def test_a_file_is_sent_whole_beside_its_fields() -> None:
    with a_service() as (port, seen), a_visitor(port) as visitor:
        visitor.send_file("/pilots/1/datasets", {"purpose": "Evaluation"}, "e1.csv", b"area,week\n1,2\n", "upload")
    (sent,) = seen
    assert sent["kind"].startswith("multipart/form-data; boundary=")
    for part in ('name="purpose"\r\n\r\nEvaluation', 'name="file"; filename="e1.csv"\r\n\r\narea,week\n1,2\n\r\n--'):
        assert part in sent["body"]


def test_signing_in_goes_through_the_form_and_proves_itself_on_the_list() -> None:
    with a_service() as (port, seen), a_visitor(port) as visitor:
        assert visitor.sign_in("anna@example.dk", "four words")
    assert [(one["method"], one["path"]) for one in seen] == [("GET", "/login"), ("POST", "/login"), ("GET", "/pilots")]


def test_every_request_is_noted_with_how_long_it_took() -> None:
    with a_service() as (port, _), a_visitor(port) as visitor:
        visitor.get("/", "list")
        visitor.post("/", {}, "pilot")
        (looked, wrote) = visitor.notes.asked
    assert (looked.client, looked.what, looked.error, wrote.what) == (3, "list", "", "pilot")
    assert 0 < looked.seconds < 10
    assert looked.at + looked.seconds <= wrote.at


def test_a_process_that_is_not_there_refused_and_the_next_one_is_asked_next() -> None:
    with a_service() as (port, _), a_visitor(free_port(), port) as visitor:
        answers = [visitor.post("/", {}, "pilot") for _ in range(2)]
        errors = [one.error for one in visitor.notes.asked]
    assert [one.ending for one in answers] == [Ending.REFUSED, Ending.ACKNOWLEDGED]
    assert errors == ["no connection (ConnectionRefusedError)", ""]
    assert [one.good for one in answers] == [False, True]


def test_a_connection_that_breaks_after_the_request_was_sent_leaves_it_unknown() -> None:
    with a_service() as (port, _), a_visitor(port) as visitor:
        broken = visitor.post("/breaks", {}, "pilot")
        assert (broken.ending, broken.error) == (Ending.UNKNOWN, "broken off (RemoteDisconnected)")
        assert visitor.post("/", {}, "pilot").ending is Ending.ACKNOWLEDGED


def test_somebody_who_hangs_up_at_once_is_broken_off_too() -> None:
    with socket.socket() as listener, a_visitor() as visitor:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        visitor.ports = [listener.getsockname()[1]]
        hanging = threading.Thread(target=lambda: listener.accept()[0].close())
        hanging.start()
        assert visitor.post("/", {"a": "b" * 100_000}, "pilot").ending is Ending.UNKNOWN
        hanging.join()


@pytest.mark.parametrize(
    ("status", "body", "place", "ending", "error"),
    [
        (200, "", "", Ending.ACKNOWLEDGED, ""),
        (201, "{}", "/pilots/1/facts", Ending.ACKNOWLEDGED, ""),
        (303, "", "/pilots/1/facts", Ending.ACKNOWLEDGED, ""),
        (303, "", "/login?next=%2F", Ending.REFUSED, "signed out"),
        (401, '{"type": "/problems/unauthorised"}', "", Ending.REFUSED, "401 unauthorised"),
        (403, '{"type": "/problems/forbidden"}', "", Ending.REFUSED, "403 forbidden"),
        (409, '{"type": "/problems/conflict"}', "", Ending.REFUSED, ""),
        (422, '{"type": "/problems/invalid"}', "", Ending.REFUSED, ""),
        (500, '{"type": "/problems/internal_error"}', "", Ending.UNKNOWN, "500 internal_error"),
        (503, '{"type": "/problems/unavailable"}', "", Ending.REFUSED, "503 unavailable"),
        (503, '{"type": "/problems/unsure"}', "", Ending.UNKNOWN, "503 unsure"),
        (503, "<html>", "", Ending.REFUSED, "503"),
        (502, "", "", Ending.REFUSED, "502"),
    ],
)
def test_what_an_answer_says_of_a_write(status: int, body: str, place: str, ending: Ending, error: str) -> None:
    found = understood(status, body, place)
    assert (found.ending, found.error) == (ending, error)


def test_a_refusal_is_a_proper_answer_and_yet_not_what_was_asked_for() -> None:
    refused = understood(422, '{"type": "/problems/invalid"}', "")
    assert not refused.error
    assert not refused.good
