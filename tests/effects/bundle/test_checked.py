"""Comparing a file with what it should be, to the byte or within a tolerance."""

import pytest

from effects.bundle.checked import Checked, compared, derived, indicators_of
from effects.bundle.differences import Difference
from effects.bundle.documents import Unreadable
from effects.bundle.report import Verdict
from effects.errors import Finding
from effects.message import Message

ONE = Difference("a.json", "$", "1", "2", "b.toml")


def wheres(stated: bytes, found: bytes, tolerance: float = 0.0) -> list[str]:
    return [one.where for one in compared("a.json", stated, found, "b.toml", tolerance)]


def test_the_same_bytes_agree_and_the_same_values_in_other_bytes_do_not() -> None:
    assert wheres(b'{"a": 1}', b'{"a": 1}') == []
    assert wheres(b'{"a":1}', b'{"a": 1}') == ["$"]
    assert wheres(b'{"a": 1.0}', b'{"a": 1}') == ["$"]
    assert wheres(b'{"a":1}', b'{"a": 1}', 1e-9) == []


def test_within_a_tolerance_the_version_that_made_it_may_be_another() -> None:
    stated, found = b'{"effects_version": "0.0.9", "a": 1.0}', b'{"effects_version": "0.1.0", "a": 1.0000000000001}'
    assert wheres(stated, found, 1e-9) == []
    assert wheres(stated, found) == ["$.effects_version", "$.a"]


def test_what_is_no_json_is_a_difference() -> None:
    assert wheres(b"{", b"{}") == ["$"]


def test_what_cannot_be_worked_out_is_a_difference_of_what_it_is_made_from() -> None:
    def fails(case: bytes) -> bytes:
        raise Unreadable([Finding(repr(case), "unreadable", "The moments cannot be read.")])

    (found,) = derived("a.json", b"{}", "case.toml", b"", fails, 0.0)
    assert (found.file, found.source) == ("case.toml", "a.json")
    assert "cannot be read" in found.stated
    assert list(derived("a.json", b"{}", "case.toml", b"{}", bytes, 0.0)) == []


@pytest.mark.parametrize("content", [b"", b"\xff", b"indicator = 3", b"indicator = [3, 4]"])
def test_a_case_of_any_form_has_indicators_that_are_records(content: bytes) -> None:
    assert indicators_of(content) == []


def test_what_is_found_is_kept_in_its_order() -> None:
    checked = Checked()
    checked.told("a.json", Verdict.AGREES, Message("Stated."))
    checked.told("a.json", Verdict.RECOMPUTED, Message("Worked out."))
    checked.found(iter([ONE]))
    assert checked.how == {"a.json": (Verdict.RECOMPUTED, Message("Worked out."))}
    assert checked.differences == [ONE]
