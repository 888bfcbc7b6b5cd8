from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest

from registry.audit.rules import FILTER, GENESIS, READ, Entry, digest, follows, seal

FIRST = Entry(1, datetime(2026, 11, 22, 8, 0, tzinfo=UTC), 7, "pilots.register", "pilot", 3, "d" * 64, GENESIS)


def sealed(entry: Entry) -> Entry:
    return msgspec.structs.replace(entry, hash=seal(entry))


def test_equal_content_has_one_digest_whatever_the_order_of_its_keys() -> None:
    assert digest({"a": 1, "b": "å"}) == digest({"b": "å", "a": 1})
    assert digest({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


def test_content_that_json_cannot_hold_is_refused() -> None:
    with pytest.raises(ValueError):
        digest({"a": float("nan")})
    with pytest.raises(TypeError):
        digest({"a": object()})


@pytest.mark.parametrize("name", [name for name in Entry.__struct_fields__ if name != "hash"])
def test_the_seal_covers_every_other_field(name: str) -> None:
    other = {"id": 2, "at": FIRST.at + timedelta(microseconds=1), "actor": None, "object_id": 4}.get(name, "other")
    assert seal(msgspec.structs.replace(FIRST, **{name: other})) != seal(FIRST)


def test_the_seal_is_the_same_in_every_time_zone() -> None:
    there = msgspec.structs.replace(FIRST, at=FIRST.at.astimezone(timezone(timedelta(hours=2))))
    assert seal(there) == seal(FIRST)


def test_the_first_entry_follows_nothing_and_the_next_follows_it() -> None:
    first = sealed(FIRST)
    second = sealed(msgspec.structs.replace(FIRST, id=2, previous=first.hash))
    assert follows(first, None)
    assert follows(second, first)


def test_an_entry_follows_only_when_number_link_and_seal_are_right() -> None:
    first = sealed(FIRST)
    second = sealed(msgspec.structs.replace(FIRST, id=2, previous=first.hash))
    assert not follows(second, None)
    assert not follows(sealed(msgspec.structs.replace(second, id=3)), first)
    assert not follows(sealed(msgspec.structs.replace(second, previous=GENESIS)), first)
    assert not follows(msgspec.structs.replace(second, actor=8), first)


def test_only_administrators_read_the_log() -> None:
    assert READ.roles == {"administrator"}
    assert not READ.public


@pytest.mark.parametrize("written", ["", "pilot", "people.grant_role"])
def test_a_filter_may_be_a_code(written: str) -> None:
    assert FILTER.fullmatch(written)


@pytest.mark.parametrize("written", ["Pilot", "a'b", "a%", "a\n", "é", "a" * 81])
def test_a_filter_may_be_nothing_else(written: str) -> None:
    assert not FILTER.fullmatch(written)
