"""Single values, as properties: whatever comes in, out comes a value that fits or a finding."""

import math
import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Meta, inspect

from registry.kit.fields import DECEIVING, LARGEST_NUMBER, LONGEST_TEXT, MOST_MARKS, Reading, Refused, tidy
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


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@pytest.mark.parametrize(
    ("written", "language", "expected"),
    [
        ("1.234,5", "da", 1234.5),
        ("1,234.5", "en", 1234.5),
        ("1.234", "da", 1234.0),
        ("1.234", "en", 1.234),
        ("1,5", "da", 1.5),
        ("1.5", "da", 1.5),
        (",5", "da", 0.5),
        ("5,", "da", 5.0),
        ("1\u00a0234,5", "da", 1234.5),
        ("1 234", "en", 1234.0),
        ("\u22121,5", "da", -1.5),
        ("+2", "en", 2.0),
        ("1.234.567,25", "da", 1234567.25),
    ],
)
def test_a_number_is_read_as_people_of_that_language_write_it(written: str, language: str, expected: float) -> None:
    assert value_of(written, float, language=language) == (expected, [])


@pytest.mark.parametrize(
    ("written", "language"),
    [("1,234.5", "da"), ("1.23.4", "da"), ("1,5", "en"), ("1e5", "da"), ("nan", "en"), ("", "da"), ("0x10", "en")],
)
def test_what_could_be_two_numbers_or_none_is_refused_with_an_example(written: str, language: str) -> None:
    reading = Reading("form", language)
    assert reading.value(written, inspect.type_info(float), "here") is None
    (finding,) = reading.findings
    assert (finding.where, finding.code) == ("here", "not_number")
    assert finding.params["example"] == {"da": "1234,5", "en": "1234.5"}[language]


@pytest.mark.parametrize("digits", ["\u0661\u0662", "\uff11", "\u00bd", "\u2460"])
def test_digits_of_other_scripts_are_no_digits(digits: str) -> None:
    assert value_of(digits, int)[1] == ["not_whole"]
    assert value_of(digits, float)[1] == ["not_number"]


@pytest.mark.parametrize(
    ("written", "expected"),
    [("250", 250), ("1.250", 1250), (" 12 ", 12), ("-3", -3), (str(LARGEST_NUMBER), LARGEST_NUMBER)],
)
def test_a_whole_number_is_read(written: str, expected: int) -> None:
    assert value_of(written, int) == (expected, [])


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("2,5", "not_whole"),
        ("2.5", "not_whole"),
        ("", "not_whole"),
        ("1" * 19, "not_whole"),
        (str(LARGEST_NUMBER + 1), "out_of_range"),
        (str(-LARGEST_NUMBER - 1), "out_of_range"),
    ],
)
def test_what_is_no_whole_number_or_too_wide_for_the_database_is_refused(written: str, code: str) -> None:
    assert value_of(written, int) == (None, [code])


@pytest.mark.parametrize(
    ("meta", "inside", "outside"),
    [
        (Meta(ge=1), (1, 2), (0, -1)),
        (Meta(gt=1), (2,), (1, 0)),
        (Meta(le=9), (9, 0), (10,)),
        (Meta(lt=9), (8,), (9, 10)),
        (Meta(ge=1, le=3), (1, 2, 3), (0, 4)),
    ],
)
def test_a_bound_holds_on_the_number_itself(meta: Meta, inside: tuple[int, ...], outside: tuple[int, ...]) -> None:
    for source in ("form", "json"):
        for number_ in inside:
            raw = number_ if source == "json" else str(number_)
            assert value_of(raw, Annotated[int, meta], source) == (number_, [])
        for number_ in outside:
            raw = number_ if source == "json" else str(number_)
            assert value_of(raw, Annotated[int, meta], source) == (None, ["out_of_range"])


@pytest.mark.parametrize("raw", [True, "3", 2.0, None, [1]])
def test_json_takes_no_other_type_for_a_whole_number(raw: object) -> None:
    assert value_of(raw, int, "json") == (None, ["not_whole"])


@pytest.mark.parametrize("raw", [True, "3", None, {}])
def test_json_takes_no_other_type_for_a_number(raw: object) -> None:
    assert value_of(raw, float, "json") == (None, ["not_number"])


@pytest.mark.parametrize(("raw", "said"), [("on", True), ("YES", True), ("1", True), ("", False), ("off", False)])
def test_a_box_is_ticked_or_not(raw: str, said: bool) -> None:
    assert value_of(raw, bool) == (said, [])
    assert value_of(said, bool, "json") == (said, [])


@pytest.mark.parametrize(("raw", "source"), [("maybe", "form"), ("true", "json"), (1, "json"), (None, "json")])
def test_what_is_neither_true_nor_false_is_refused(raw: object, source: str) -> None:
    assert value_of(raw, bool, source) == (None, ["not_truth"])


@pytest.mark.parametrize("written", ["2026-02-28", "28-02-2026", "28.2.2026", "28/02/2026", " 28-2-2026 "])
def test_a_day_is_read_in_every_common_form(written: str) -> None:
    assert value_of(written, date) == (date(2026, 2, 28), [])


@pytest.mark.parametrize("written", ["29-02-2026", "2026-13-01", "31/4/2026", "28-02-26", "20260228", "0000-01-01", ""])
def test_a_day_that_does_not_exist_is_refused(written: str) -> None:
    assert value_of(written, date) == (None, ["not_date"])


def test_json_writes_days_in_one_form_alone() -> None:
    assert value_of("2026-02-28", date, "json") == (date(2026, 2, 28), [])
    assert value_of("28-02-2026", date, "json") == (None, ["not_date"])


def test_a_moment_is_kept_in_universal_time() -> None:
    noon = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
    for written in ("2026-07-01T12:00", "2026-07-01T14:00+02:00", "2026-07-01T12:00:00Z"):
        assert value_of(written, datetime) == (noon, [])
    assert value_of("0001-01-01T00:00+14:00", datetime) == (None, ["not_moment"])


def test_a_choice_is_one_of_the_list_and_numbers_of_a_form_come_as_text() -> None:
    assert value_of("blue", Colour) == (Colour.BLUE, [])
    assert value_of("Blue", Colour) == (None, ["not_a_choice"])
    assert value_of("2", Literal[1, 2]) == (2, [])
    assert value_of("2", Literal[1, 2], "json") == (None, ["not_a_choice"])


@pytest.mark.parametrize(
    ("meta", "written", "code"),
    [
        (Meta(max_length=3), "abcd", "too_long"),
        (Meta(min_length=1), "  ", "missing"),
        (Meta(min_length=3), "ab", "too_short"),
        (Meta(pattern="^[a-z]+$"), "a1", "pattern"),
    ],
)
def test_a_text_outside_its_bounds_is_refused(meta: Meta, written: str, code: str) -> None:
    assert value_of(written, Annotated[str, meta]) == (None, [code])


def test_a_text_is_measured_after_it_was_tidied() -> None:
    assert value_of("  abc\r\n", Annotated[str, Meta(max_length=3)]) == ("abc", [])
    assert value_of("a\u030a", Annotated[str, Meta(max_length=1)]) == ("\u00e5", [])
    assert value_of("x" * LONGEST_TEXT, str)[1] == []
    assert value_of("x" * (LONGEST_TEXT + 1), str)[1] == ["too_long"]


def test_lines_are_kept_and_written_in_one_way() -> None:
    assert tidy("a\r\nb\rc\td") == "a\nb\nc\td"


@pytest.mark.parametrize("number_", ["010101-1234", "0101011234 er mit"])
def test_what_looks_like_a_civil_registration_number_is_never_taken(number_: str) -> None:
    assert value_of(number_, str) == (None, ["cpr"])


@pytest.mark.parametrize("hidden", ["a\x00b", "a\u202eb", "a\ud800", "\u200fa", "a\x7f", "\ufffe"])
def test_characters_that_deceive_are_refused(hidden: str) -> None:
    assert value_of(hidden, str) == (None, ["hidden_characters"])


def test_the_limit_of_marks_is_the_one_stated() -> None:
    assert tidy("e" + "\u0323" * MOST_MARKS)
    with pytest.raises(Refused):
        tidy("e" + "\u0323" * (MOST_MARKS + 1))
    assert tidy("e\u0323" * 100), "each letter has its own"


@pytest.mark.parametrize(
    ("raw", "source", "expected"),
    [("1.234,50", "form", Decimal("1234.50")), (1.1, "json", Decimal("1.1")), ("0.10", "json", Decimal("0.10"))],
)
def test_money_keeps_its_decimals(raw: object, source: str, expected: Decimal) -> None:
    made, findings = value_of(raw, Decimal, source)
    assert (made, str(made), findings) == (expected, str(expected), [])


@pytest.mark.parametrize(("raw", "code"), [("Infinity", "out_of_range"), ("1e16", "out_of_range"), ("x", "not_number")])
def test_money_beyond_any_scale_is_refused(raw: str, code: str) -> None:
    assert value_of(raw, Decimal, "json") == (None, [code])


def test_every_finding_is_kept_at_its_place_and_reading_goes_on() -> None:
    reading = Reading("json", "en")
    for where, kind in (("a", int), ("b", date), ("c", bool)):
        reading.value("no", inspect.type_info(kind), where)
    assert [(one.where, one.code) for one in reading.findings] == [
        ("a", "not_whole"),
        ("b", "not_date"),
        ("c", "not_truth"),
    ]
