"""What the clients of an endurance run do, against a service that notes what it is asked."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Any
from urllib.parse import parse_qs

import pytest

from registry.benchmarks.endurance_client import Visitor
from registry.benchmarks.endurance_load import SHARES, Client, clients, prepare, send_rows
from registry.benchmarks.endurance_notes import WRITES, Ending, Notes
from registry.benchmarks.endurance_world import Home, rows
from registry.benchmarks.serving import free_port
from tests.registry.benchmarks.test_endurance_client import a_service

HOME = Home(organisation=5, site="0101", people=("a@virkning.invalid", "c@virkning.invalid"), studies=(11, 13))


@contextmanager
def a_client(port: int, seed: int = 1) -> Iterator[Client]:
    made = Client(Visitor(2, (port,), Notes(), 0.0), HOME, HOME.people[0], Random(seed))
    try:
        yield made
    finally:
        made.visitor.close()


def test_shares_are_of_everything_and_most_of_it_is_looking() -> None:
    assert sum(SHARES.values()) == pytest.approx(1.0)
    assert set(WRITES) < set(SHARES)
    assert sum(SHARES[kind] for kind in WRITES) < 0.3


def test_a_pilot_is_registered_under_a_name_of_its_own_where_the_client_works() -> None:
    with a_service() as (port, seen), a_client(port) as client:
        client.act("pilot")
        client.act("pilot")
        names = [write.name for write in client.visitor.notes.writes]
    sent = [parse_qs(one["body"]) for one in seen]
    assert [one["title"] for one in sent] == [[f"Pilot {name}"] for name in names]
    assert names == ["e2_1", "e2_2"]
    assert {one["path"] for one in seen} == {"/pilots"}
    assert all((one["organisation"], one["sites"]) == (["5"], ["0101"]) for one in sent)


def test_an_indicator_is_proposed_for_a_study_and_has_no_page_of_its_own() -> None:
    with a_service() as (port, seen), a_client(port) as client:
        client.act("indicator")
        (write,) = client.visitor.notes.writes
    assert (write.kind, write.name, write.ending, write.place) == ("indicator", "e2_1", Ending.ACKNOWLEDGED, "")
    assert seen[0]["path"] in {"/pilots/11/indicators", "/pilots/13/indicators"}
    assert parse_qs(seen[0]["body"])["code"] == ["e2_1"]


def test_rows_are_sent_as_a_file_with_what_has_to_be_stated_about_them() -> None:
    with a_service() as (port, seen), a_client(port) as client:
        client.act("upload")
        (write,) = client.visitor.notes.writes
    body = seen[0]["body"]
    assert (write.name, write.place) == ("e2_1", "/made/1")
    assert 'filename="e2_1.csv"' in body
    for field in ("purpose", "legal_basis", "retain_until"):
        assert f'name="{field}"' in body
    assert rows(200_001).decode() in body


def test_no_two_clients_send_the_same_rows() -> None:
    with a_service() as (port, seen):
        for number in (1, 2):
            visitor = Visitor(number, (port,), Notes(), 0.0)
            client = Client(visitor, HOME, HOME.people[0], Random(1))
            client.act("upload")
            client.act("upload")
            visitor.close()
    assert len({one["body"] for one in seen}) == 4


def test_an_analysis_has_no_name() -> None:
    with a_service() as (port, seen), a_client(port) as client:
        client.act("analysis")
        (write,) = client.visitor.notes.writes
    assert (write.kind, write.name, write.place) == ("analysis", "", "/made/1")
    assert seen[0]["path"].endswith("/analyses")


@pytest.mark.parametrize("what", ["list", "facts", "datasets"])
def test_looking_is_no_write(what: str) -> None:
    with a_service() as (port, seen), a_client(port) as client:
        client.act(what)
        assert client.visitor.notes.writes == []
        assert [one.what for one in client.visitor.notes.asked] == [what]
    assert seen[0]["method"] == "GET"


def test_a_write_that_did_not_get_through_is_noted_as_refused() -> None:
    with a_client(free_port()) as client:
        client.act("pilot")
        (write,) = client.visitor.notes.writes
    assert (write.ending, write.place) == (Ending.REFUSED, "")


def test_a_client_signs_in_works_and_goes_home_when_told() -> None:
    stop = threading.Event()
    with a_service() as (port, seen), a_client(port) as client:
        working = threading.Thread(target=client.work, args=(stop,))
        working.start()
        while len(client.visitor.notes.asked) < 5:
            stop.wait(0.05)
        stop.set()
        working.join(10)
        assert not working.is_alive()
    assert [one["path"] for one in seen[:3]] == ["/login", "/login", "/pilots"]
    assert "email=a%40virkning.invalid" in seen[1]["body"]


def test_a_client_that_is_told_at_once_does_nothing() -> None:
    stop = threading.Event()
    stop.set()
    with a_client(free_port()) as client:
        client.work(stop)
        assert client.visitor.notes.asked == []


def test_everybody_of_every_home_works_and_does_something_else_first() -> None:
    other = Home(6, "0147", ("b@virkning.invalid",), (12,))
    made = clients([HOME, other], (1, 2), Notes(), 0.0)
    assert [one.email for one in made] == [*HOME.people, *other.people]
    assert [one.visitor.number for one in made] == [0, 1, 2]
    assert [one.visitor.turn % 2 for one in made] == [0, 1, 0]
    assert len({one.draw.random() for one in made}) == 3


def test_the_same_seed_does_the_same() -> None:
    def done(seed: int) -> list[Any]:
        with a_service() as (port, seen), a_client(port, seed) as client:
            for _ in range(12):
                client.act(client.draw.choices([*SHARES], [*SHARES.values()])[0])
        return [(one["method"], one["path"]) for one in seen]

    assert done(4) == done(4)
    assert done(4) != done(5)


def test_a_service_nobody_can_sign_in_to_is_said_before_the_clock_runs() -> None:
    with pytest.raises(TimeoutError, match=r"a@virkning.invalid could not sign in"):
        prepare([HOME], (free_port(),))


def test_sending_rows_is_noted_as_an_upload() -> None:
    with a_service() as (port, _), a_client(port) as client:
        assert send_rows(client.visitor, 11, "before_11", 11).good
        assert [one.what for one in client.visitor.notes.asked] == ["upload"]
