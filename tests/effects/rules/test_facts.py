from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from effects.errors import Finding
from effects.planning.reading import TableReader
from effects.rules.facts import LARGEST, LARGEST_AMOUNT, READERS, outside, share


def read(kind: str, value: object) -> tuple[Any, list[str]]:
    """What a reader makes of a value, and the codes of its findings."""
    findings: list[Finding] = []
    found = READERS[kind](TableReader({"fact": value}, "case", findings), "fact", findings)
    assert {finding.where for finding in findings} <= {"case.fact"}
    return found, [finding.code for finding in findings]


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("number", -3, -3.0),
        ("number", LARGEST, LARGEST),
        ("amount", -LARGEST_AMOUNT, -LARGEST_AMOUNT),
        ("positive", 0.1, 0.1),
        ("share", 1, 1.0),
        ("level", 0.9, 0.9),
        ("correlation", -1, -1.0),
        ("count", 0, 0),
        ("flag", False, False),
        ("text", "a trial", "a trial"),
        ("shares", [0.5, 1], (0.5, 1.0)),
        ("share_table", {"small": 0.8}, {"small": 0.8}),
        ("date", "2026-03-01", "2026-03-01"),
        ("date", date(2026, 3, 1), "2026-03-01"),
        ("needed", 0.0, 0.0),
        ("needed_positive", 2, 2.0),
    ],
)
def test_a_value_within_its_bounds_is_taken(kind: str, value: object, expected: object) -> None:
    assert read(kind, value) == (expected, [])


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        ("number", "3", "not_a_number"),
        ("number", 2 * LARGEST, "too_large"),
        ("amount", 2 * LARGEST_AMOUNT, "too_large"),
        ("positive", 0, "not_positive"),
        ("share", 1.01, "not_a_share"),
        ("level", 1, "not_a_level"),
        ("correlation", 1.01, "not_a_correlation"),
        ("count", 1.5, "not_a_count"),
        ("flag", "yes", "not_a_flag"),
        ("text", 3, "not_text"),
        ("shares", [0.5, 2], "not_shares"),
        ("share_table", {"small": 0.8, "large": 0.9, "none": True}, None),
        ("date", "1 March", "not_a_date"),
        ("date", datetime(2026, 3, 1), "not_a_date"),
        ("date", True, "not_a_date"),
        ("needed", None, "missing_key"),
        ("needed_positive", None, "missing_key"),
        ("needed_positive", -1, "not_positive"),
    ],
)
def test_any_other_is_found_and_not_known(kind: str, value: object, code: str | None) -> None:
    if code is None:
        findings: list[Finding] = []
        READERS[kind](TableReader({"fact": value}, "case", findings), "fact", findings)
        assert [finding.where for finding in findings] == ["case.fact.none"]
        return
    assert read(kind, value) == (None, [code])


@pytest.mark.parametrize("kind", [kind for kind in READERS if not kind.startswith("needed")])
def test_what_is_not_stated_is_not_known_and_no_fault(kind: str) -> None:
    assert read(kind, None) == (None, [])


@pytest.mark.parametrize(("value", "codes"), [(0.0, []), (1.0, []), (-0.1, ["not_a_share"]), (1.1, ["not_a_share"])])
def test_a_share_lies_between_nothing_and_all(value: float, codes: list[str]) -> None:
    assert [finding.code for finding in outside("case.lost", "lost", value)] == codes
    findings: list[Finding] = []
    assert share(TableReader({"lost": value}, "case", findings), "lost", findings) == (None if codes else value)


ANY = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.lists(st.floats(), max_size=3)
WITHIN = {
    "share": (0.0, 1.0),
    "level": (0.0, 1.0),
    "correlation": (-1.0, 1.0),
    "amount": (-LARGEST_AMOUNT, LARGEST_AMOUNT),
}


@pytest.mark.parametrize("kind", list(READERS))
@given(value=ANY)
def test_any_value_is_a_fact_within_its_bounds_or_a_finding_and_never_both(kind: str, value: object) -> None:
    findings: list[Finding] = []
    found = READERS[kind](TableReader({"fact": value}, "case", findings), "fact", findings)
    if findings:
        assert not found
        assert all(finding.where.startswith("case.fact") and finding.text() for finding in findings)
    elif kind in WITHIN and found is not None:
        low, high = WITHIN[kind]
        assert low <= found <= high


@pytest.mark.parametrize(("kind", "value"), [("number", LARGEST * 1.01), ("amount", -LARGEST_AMOUNT * 1.01)])
def test_beyond_any_scale_is_just_beyond_the_largest(kind: str, value: float) -> None:
    assert read(kind, value) == (None, ["too_large"])
    assert read(kind, value / 1.02)[1] == []


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_level_and_a_share_differ_at_their_ends(value: float) -> None:
    assert read("share", value) == (value, [])
    assert read("level", value)[1] == ["not_a_level"]
