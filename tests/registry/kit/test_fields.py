"""Single values, as properties: whatever comes in, out comes a value that fits or a finding."""

import math
import unicodedata
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta, inspect

from registry.kit.fields import DECEIVING, Reading, Refused, tidy
from registry.kit.language import number


def value_of(raw: object, kind: object, source: str = "form", language: str = "da") -> tuple[object, list[str]]:
    reading = Reading(source, language)  # type: ignore[arg-type]
    made = reading.value(raw, inspect.type_info(kind), "here")
    return made, [finding.code for finding in reading.findings]


@given(st.text())
def test_text_is_harmless_or_refused(written: str) -> None:
    try:
        kept = tidy(written)
    except Refused as refused:
        assert refused.code == "hidden_characters"
        return
    assert not DECEIVING.search(kept)
    assert kept == unicodedata.normalize("NFC", kept).strip()


@given(st.floats(-1e12, 1e12).map(lambda value: round(value, 3)))
def test_a_number_we_wrote_is_read_back(value: float) -> None:
    for language in ("da", "en"):
        written = number(value, language, 3)  # type: ignore[arg-type]
        made, findings = value_of(written, float, language=language)
        assert findings == []
        assert isinstance(made, float)
        assert math.isclose(made, value, rel_tol=1e-9, abs_tol=5e-4)


@given(st.text(max_size=40), st.sampled_from([int, float, bool, date, datetime, Decimal]))
def test_nothing_typed_is_a_crash(written: str, kind: type) -> None:
    made, findings = value_of(written, kind)
    assert (made is None) == bool(findings)


def test_json_numbers_stay_finite() -> None:
    assert value_of(float("inf"), float, "json") == (None, ["out_of_range"])
    assert value_of(float("nan"), float, "json") == (None, ["out_of_range"])


def test_a_number_that_no_real_can_hold_is_out_of_range() -> None:
    assert value_of(10**400, float, "json") == (None, ["out_of_range"])
    assert value_of(10**400, int, "json") == (None, ["out_of_range"])
    assert value_of(10**400, Annotated[int, Meta(le=5)], "json") == (None, ["out_of_range"])


def test_a_letter_carries_some_marks_and_not_a_pile() -> None:
    assert tidy("e" + "\u0301\u0323" * 15)
    with pytest.raises(Refused, match="hidden_characters"):
        tidy("e" + "\u0301\u0323" * 400_000)


def test_bounds_are_told_in_the_finding() -> None:
    reading = Reading("form", "da")
    kind = inspect.FloatType(gt=0, lt=1)
    assert [reading.value(text, kind, "share") for text in ("0", "1", "0,5")] == [None, None, 0.5]
    assert [finding.text() for finding in reading.findings] == [
        "This number has to be larger than 0.",
        "This number has to be smaller than 1.",
    ]
