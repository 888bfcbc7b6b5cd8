"""What the clients do: look and register a pilot, propose an indicator, send rows or have them analysed."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

import msgspec

from registry.benchmarks.endurance_client import JSON, Answer, Visitor
from registry.benchmarks.endurance_notes import LIST, Notes, Write
from registry.benchmarks.endurance_world import PASSWORD, Home, rows
from registry.kit.clock import today

THINK_SECONDS: Final = (0.2, 0.8)
SHARES: Final = {
    "list": 0.50,
    "facts": 0.17,
    "datasets": 0.10,
    "pilot": 0.08,
    "indicator": 0.08,
    "upload": 0.05,
    "analysis": 0.02,
}
READY_SECONDS: Final = 120.0
STATEMENT: Final = {"purpose": "Evaluation of sensors", "legal_basis": "Databeskyttelsesloven § 10"}
_NEVER_AGAIN: Final = today().replace(year=today().year + 1, day=1)


@dataclass(slots=True)
class Client:
    """A person at work in one of the homes, until `stop` is set."""

    visitor: Visitor
    home: Home
    email: str
    draw: Random
    written: int = 0

    def work(self, stop: threading.Event) -> None:
        """Sign in and go on; writes what happened into the notes."""
        while not stop.is_set() and not self.visitor.sign_in(self.email, PASSWORD):
            stop.wait(1.0)
        while not stop.is_set():
            self.act(self.draw.choices([*SHARES], [*SHARES.values()])[0])
            stop.wait(self.draw.uniform(*THINK_SECONDS))
        self.visitor.close()

    def act(self, what: str) -> Answer:
        """One look or one write."""
        if what == LIST:
            return self.visitor.get(f"/pilots?page={self.draw.choice((1, 1, 1, 2))}", what)
        study = self.draw.choice(self.home.studies)
        if what in {"facts", "datasets"}:
            return self.visitor.get(f"/pilots/{study}/{what}", what)
        self.written += 1
        name = f"e{self.visitor.number}_{self.written}"
        answer = self._write(what, study, name)
        named = "" if what == "analysis" else name
        self.visitor.notes.writes.append(Write(what, named, answer.ending, answer.place if what != "indicator" else ""))
        return answer

    def _write(self, what: str, study: int, name: str) -> Answer:
        if what == "pilot":
            stated = {
                "title": f"Pilot {name}",
                "kind": "welfare_technology",
                "organisation": self.home.organisation,
                "technology": self.home.technology,
                "visibility": "programme",
                "sites": self.home.site,
            }
            return self.visitor.post("/pilots", stated, what)
        if what == "indicator":
            stated = {
                "code": name,
                "name": f"Indicator {name}",
                "domain": "citizen",
                "role": "secondary",
                "better": "higher",
            }
            return self.visitor.post(f"/pilots/{study}/indicators", stated, what)
        if what == "upload":
            return send_rows(self.visitor, study, name, self.visitor.number * 100_000 + self.written)
        return self.visitor.post(f"/pilots/{study}/analyses", {}, what)


def send_rows(visitor: Visitor, study: int, name: str, seed: int) -> Answer:
    """Send a file of its own to a pilot."""
    fields = {**STATEMENT, "retain_until": _NEVER_AGAIN.isoformat()}
    return visitor.send_file(f"/pilots/{study}/datasets", fields, f"{name}.csv", rows(seed), "upload")


def clients(homes: Sequence[Home], ports: Sequence[int], notes: Notes, began: float) -> list[Client]:
    """Everybody who works in the homes, each with a seeded will of their own."""
    found: list[Client] = []
    for email, home in [(email, one) for one in homes for email in one.people]:
        number = len(found)
        found.append(Client(Visitor(number, ports, notes, began, turn=number), home, email, Random(number)))
    return found


def prepare(homes: Sequence[Home], ports: Sequence[int]) -> None:
    """Give each study rows that a second person approved, so that analyses can be asked for. Raises TimeoutError."""
    for home in homes:
        first, second = (Visitor(0, ports, Notes(), 0.0) for _ in range(2))
        for visitor, email in zip((first, second), home.people, strict=False):
            if not visitor.sign_in(email, PASSWORD):
                raise TimeoutError(f"{email} could not sign in")
        for study in home.studies:
            upload = send_rows(first, study, f"before_{study}", study).place
            version = _version(first, upload)
            second.post(f"/datasets/{version}/approve", {}, "approve")
        first.close()
        second.close()


def _version(visitor: Visitor, upload: str) -> int:
    """The version that an upload became, once it is checked."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        seen = msgspec.json.decode(visitor.get(upload, "upload", JSON).body)
        if seen["version"] is not None:
            return int(seen["version"])
        time.sleep(0.2)
    raise TimeoutError(f"{upload} was not checked")
