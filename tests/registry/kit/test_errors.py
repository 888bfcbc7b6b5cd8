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
from registry.kit.language import LANGUAGES, translate


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


SITUATIONS = [
    (BadRequest(), 400, "bad_request"),
    (Unauthorised(), 401, "unauthorised"),
    (Forbidden(), 403, "forbidden"),
    (NotFound(), 404, "not_found"),
    (Conflict("Taken."), 409, "conflict"),
    (Gone(), 410, "gone"),
    (TooLarge(), 413, "too_large"),
    (WrongMediaType(), 415, "wrong_media_type"),
    (Invalid([]), 422, "invalid"),
    (TooMany(60), 429, "too_many"),
    (Unavailable(), 503, "unavailable"),
]


@pytest.mark.parametrize(("error", "status", "code"), SITUATIONS, ids=[code for _, _, code in SITUATIONS])
def test_each_situation_has_its_status_by_the_standard(error: RegistryError, status: int, code: str) -> None:
    """RFC 9110; 429 is RFC 6585."""
    assert (error.status, error.code) == (status, code)


@pytest.mark.parametrize("error", [one for one, _, code in SITUATIONS if code != "conflict"], ids=type)
def test_what_is_said_by_itself_is_said_in_both_languages(error: RegistryError) -> None:
    english, danish = (translate(error.message, language) for language in ("en", "da"))
    assert set(LANGUAGES.values()) == {"en", "da"}
    assert english and danish and english != danish


@pytest.mark.parametrize("error", [TooMany(7), Unavailable(retry_after=7)])
def test_who_may_come_again_is_told_when(error: TooMany | Unavailable) -> None:
    assert error.retry_after == 7


def test_findings_may_stand_behind_a_malformed_request_and_a_conflict_too() -> None:
    finding = Finding("sort", "unknown", "Unknown.")
    assert BadRequest(findings=[finding]).findings == Conflict("No.", [finding]).findings == (finding,)
    assert NotFound().findings == ()
