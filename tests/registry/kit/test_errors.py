"""Errors keep their template, so that they can be said in either language."""

import pytest

from effects.errors import Finding
from effects.message import Message
from registry.kit.errors import (
    BadRequest,
    Conflict,
    Forbidden,
    Gone,
    Invalid,
    NotFound,
    RegistryError,
    TooLarge,
    TooMany,
    Unauthorised,
    Unavailable,
    WrongMediaType,
)
from registry.kit.language import translate


def test_a_plain_string_is_a_template() -> None:
    assert Conflict("The plan is locked.").message == Message("The plan is locked.")


def test_a_message_keeps_its_values_out_of_the_exception_text() -> None:
    error = Conflict(Message("{name} is taken.", {"name": "secret"}))
    assert error.message.params == {"name": "secret"}
    assert "secret" not in str(error)


def test_findings_are_kept_in_order() -> None:
    findings = [Finding("b", "x", "One."), Finding("a", "y", "Two.")]
    assert Invalid(iter(findings)).findings == tuple(findings)


def test_every_error_is_caught_as_one() -> None:
    assert all(isinstance(error, RegistryError) for error in (NotFound(), TooMany(3)))
    assert TooMany(3).retry_after == 3


BY_THEMSELVES = [
    BadRequest(),
    Unauthorised(),
    Forbidden(),
    NotFound(),
    Gone(),
    TooLarge(),
    WrongMediaType(),
    Invalid([]),
    TooMany(60),
    Unavailable(),
]


@pytest.mark.parametrize("error", BY_THEMSELVES, ids=lambda error: error.code)
def test_what_is_said_by_itself_is_said_in_both_languages(error: RegistryError) -> None:
    english, danish = (translate(error.message, language) for language in ("en", "da"))
    assert english and danish and english != danish


@pytest.mark.parametrize("error", [TooMany(7), Unavailable(retry_after=7)])
def test_who_may_come_again_is_told_when(error: TooMany | Unavailable) -> None:
    assert error.retry_after == 7


def test_findings_may_stand_behind_a_malformed_request_and_a_conflict_too() -> None:
    finding = Finding("sort", "unknown", "Unknown.")
    assert BadRequest(findings=[finding]).findings == Conflict("No.", [finding]).findings == (finding,)
    assert NotFound().findings == ()
