"""Danish and English words, numbers and dates."""

from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

import pytest
from litestar import get

from effects.errors import Finding
from effects.message import Message
from registry.kit import language
from registry.kit.request import Request
from tests.registry.kit.conftest import Serve


class Phase(StrEnum):
    NOT_STARTED = "not_started"


@pytest.mark.parametrize(
    ("value", "digits", "danish", "english"),
    [
        (1234.5, 1, "1.234,5", "1,234.5"),
        (1234567, None, "1.234.567", "1,234,567"),
        (0.0188257, None, "0,0188", "0.0188"),
        (-0.5, None, "−0,5", "−0.5"),
        (12.3456, None, "12,346", "12.346"),
        (123.456, None, "123,5", "123.5"),
        (0, None, "0", "0"),
        (-0.0, None, "0", "0"),
        (-0.3, 0, "0", "0"),
        (-float("inf"), None, "−inf", "−inf"),
        (2.0, 2, "2,00", "2.00"),
        (None, None, "–", "–"),
    ],
)
def test_numbers(value: float | None, digits: int | None, danish: str, english: str) -> None:
    assert language.number(value, "da", digits) == danish
    assert language.number(value, "en", digits) == english


def test_shares_p_values_and_intervals() -> None:
    assert (language.share(0.123, "da"), language.share(0.123, "en", 1)) == ("12\u00a0%", "12.3%")
    assert (language.share(None, "da"), language.share(-0.5, "en")) == ("–", "−50%")
    assert [language.p_value(value, "da") for value in (0.0004, 0.018, None)] == [
        "<\N{NO-BREAK SPACE}0,001",
        "0,018",
        "–",
    ]
    assert language.interval((-0.034, -0.004), "da", 3) == "−0,034 til −0,004"
    assert language.interval((None, 2), "en") == "– to 2"


def test_days_and_moments_are_danish_days_and_clocks() -> None:
    assert (language.day(date(2016, 12, 31), "da"), language.day(date(2016, 12, 31), "en")) == (
        "31-12-2016",
        "31 Dec 2016",
    )
    late = datetime(2026, 6, 30, 22, 5, tzinfo=UTC)
    assert (language.when(late, "da"), language.when(late, "en")) == ("01-07-2026 kl. 00.05", "1 Jul 2026, 00:05")
    assert (language.day(None, "da"), language.when(None, "en")) == ("–", "–")


def test_sentences_carry_their_values_as_the_language_writes_them() -> None:
    said = Message("This number has to be at least {least}.", {"least": 0.5})
    assert language.translate(said, "da") == "Tallet skal mindst være 0,5."
    assert language.translate(said, "en") == "This number has to be at least 0.5."
    assert language.translate(Message("{a:.1f} of {b}", {"a": 1234.56, "b": 2026}), "da") == "1234,6 of 2026"


def test_a_finding_says_what_and_how_to_mend() -> None:
    finding = Finding("title", "missing", "This is missing.", "Fill it in.")
    assert language.translate(finding, "da") == "Dette mangler. Udfyld feltet."
    assert language.translate(finding, "en") == "This is missing. Fill it in."


def test_a_text_nobody_translated_stays_english() -> None:
    assert language.translate("No such entry", "da") == "No such entry"


def test_a_text_of_ours_inside_a_sentence_is_translated_and_a_persons_own_words_are_not() -> None:
    ours = Message("{title}", {"title": "Accessibility statement"})
    theirs = Message("{what}", {"what": "Accessibility statement"})
    assert language.translate(ours, "da") == "Tilgængelighedserklæring"
    assert language.translate(theirs, "da") == "Accessibility statement"


def test_a_unit_of_the_library_is_said_in_the_readers_language_and_any_other_as_stated() -> None:
    assert language.translate(Message("{unit}", {"unit": "days"}), "da") == "dage"
    assert language.translate(Message("{unit}", {"unit": "vagter"}), "en") == "vagter"


def test_a_day_in_a_sentence_is_written_as_the_language_writes_it() -> None:
    said = Message("On {day}", {"day": "2016-12-31"})
    assert language.translate(said, "da") == "On 31-12-2016"
    assert language.translate(said, "en") == "On 31 Dec 2016"


@pytest.mark.parametrize("kept", ["Monday", "2016-02-31", ""])
def test_what_is_no_day_stays_as_it_is(kept: str) -> None:
    assert language.translate(Message("On {day}", {"day": kept}), "da") == f"On {kept}"


def test_a_template_of_several_lines_is_translated_line_by_line() -> None:
    said = Message("This is missing.\nFill it in.")
    assert language.translate(said, "da") == "Dette mangler. Udfyld feltet."
    assert language.translate(said, "en") == "This is missing. Fill it in."


def test_coded_values_have_words() -> None:
    assert language.term(Phase.NOT_STARTED, "en") == language.term("not_started", "en") == "Not started"
    assert language.term_key("it") == "It"


def test_codes_that_are_no_english_words_have_some() -> None:
    assert (language.term("it", "en"), language.term("estimand_itt", "en")[:3]) == ("IT", "All")
    assert language.term("cr2", "en") == language.term("cr2", "da") == "CR2"


@get("/")
async def asked(request: Request) -> str:
    return language.language_of(request)


class Reader:
    language = "en"


@get("/english-account")
async def account(request: Request) -> str:
    request.scope["user"] = Reader()
    return language.language_of(request)


@pytest.mark.parametrize(
    ("path", "cookie", "spoken"),
    [
        ("/", "", "da"),
        ("/", "en", "en"),
        ("/", "fr", "da"),
        ("/english-account", "", "en"),
        ("/english-account", "da", "da"),
    ],
)
async def test_the_choice_goes_before_the_account(serve: Serve, path: str, cookie: str, spoken: str) -> None:
    client: Any = await serve(asked, account)
    assert (await client.get(path, headers={"cookie": f"language={cookie}"})).text == spoken
