"""A person at a browser: signed in over HTTP, with a connection to each web process, which they take in turn."""

import http.client
import re
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Final
from urllib.parse import urlencode

import msgspec

from registry.benchmarks.endurance_notes import Asked, Ending, Notes
from registry.kit.errors import Unsure

TIMEOUT: Final = 45.0
"""Seconds an answer is waited for; the service itself gives up waiting for a lock before."""

FORM: Final = "application/x-www-form-urlencoded"
JSON: Final = "application/json"
HTML: Final = "text/html"
TOKEN: Final = re.compile(r'name="csrf-token" content="([^"]*)"')
PROPER: Final = (http.HTTPStatus.CONFLICT, http.HTTPStatus.UNPROCESSABLE_ENTITY)
_BOUNDARY: Final = "a-boundary-of-an-endurance-run"
_BROKEN: Final = (http.client.HTTPException, OSError)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `status` is 0 without an answer; `ending` is what that means for a write."""

    status: int
    body: str
    place: str
    error: str
    ending: Ending

    @property
    def good(self) -> bool:
        """Whether it did what was asked."""
        return not self.error and self.status < http.HTTPStatus.BAD_REQUEST


@dataclass(slots=True)
class Visitor:
    """One signed-in person. Every request goes to the next web process, so that none can rely on its own memory."""

    number: int
    ports: Sequence[int]
    notes: Notes
    began: float
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""
    connections: dict[int, http.client.HTTPConnection] = field(default_factory=dict)
    turn: int = 0

    def sign_in(self, email: str, password: str) -> bool:
        """Sign in through the form; False when that did not work."""
        self.get("/login", "sign in")
        self.post("/login", {"email": email, "password": password, "next": "/pilots"}, "sign in")
        return self.get("/pilots", "sign in").good

    def get(self, address: str, what: str, accept: str = HTML) -> Answer:
        """A page, noted; a page for who is not signed in is an error."""
        answer = self._noted("GET", address, {"accept": accept}, b"", what)
        if found := TOKEN.search(answer.body):
            self.token = found[1]
        return answer

    def post(self, address: str, fields: Mapping[str, object], what: str) -> Answer:
        """A form, noted."""
        return self._send(address, urlencode(fields, doseq=True).encode(), FORM, what)

    def send_file(self, address: str, fields: Mapping[str, str], name: str, content: bytes, what: str) -> Answer:
        """A form with a file, noted."""
        head = "".join(
            f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
            for key, value in fields.items()
        )
        head += f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        body = head.encode() + content + f"\r\n--{_BOUNDARY}--\r\n".encode()
        return self._send(address, body, f"multipart/form-data; boundary={_BOUNDARY}", what)

    def close(self) -> None:
        """Close the connections."""
        for connection in self.connections.values():
            connection.close()

    def _send(self, address: str, body: bytes, kind: str, what: str) -> Answer:
        return self._noted(
            "POST", address, {"accept": JSON, "content-type": kind, "x-csrf-token": self.token}, body, what
        )

    def _noted(self, method: str, address: str, headers: Mapping[str, str], body: bytes, what: str) -> Answer:
        port = self.ports[self.turn % len(self.ports)]
        self.turn += 1
        started = time.perf_counter()
        answer = self._ask(port, method, address, headers, body)
        seconds = time.perf_counter() - started
        self.notes.asked.append(Asked(self.number, started - self.began, seconds, what, answer.error))
        return answer

    def _ask(self, port: int, method: str, address: str, headers: Mapping[str, str], body: bytes) -> Answer:
        connection = self.connections.setdefault(port, http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT))
        try:
            if connection.sock is None:
                connection.connect()
        except OSError as error:
            return Answer(0, "", "", f"no connection ({type(error).__name__})", Ending.REFUSED)
        worn = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        try:
            connection.request(method, address, body or None, {**headers, "cookie": worn})
            response = connection.getresponse()
            content = response.read().decode("utf-8", "replace")
        except _BROKEN as error:
            connection.close()
            return Answer(0, "", "", f"broken off ({type(error).__name__})", Ending.UNKNOWN)
        self._keep(response.headers.get_all("set-cookie") or [])
        return understood(response.status, content, response.headers.get("location", ""))

    def _keep(self, said: Sequence[str]) -> None:
        for line in said:
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value


def understood(status: int, body: str, place: str) -> Answer:
    """An answer as a client understands it: being sent to sign in again is an error, and 500 leaves a write unknown.

    That something cannot be done now, or is wrong, is a good answer to a write.
    """
    if status == http.HTTPStatus.SEE_OTHER and place.startswith("/login"):
        return Answer(status, body, place, "signed out", Ending.REFUSED)
    if status < http.HTTPStatus.BAD_REQUEST:
        return Answer(status, body, place, "", Ending.ACKNOWLEDGED)
    if status in PROPER:
        return Answer(status, body, place, "", Ending.REFUSED)
    code = _code(body)
    unknown = status == http.HTTPStatus.INTERNAL_SERVER_ERROR or code == Unsure.CODE
    return Answer(status, body, place, f"{status} {code}".strip(), Ending.UNKNOWN if unknown else Ending.REFUSED)


def _code(body: str) -> str:
    """The name of a problem, where the body is one."""
    with suppress(msgspec.DecodeError):
        return str(msgspec.json.decode(body, type=dict[str, object]).get("type", "")).removeprefix("/problems/")
    return ""
