"""Errors keep their template, so that they can be said in either language."""

from effects.errors import Finding
from effects.message import Message
from registry.kit.errors import Conflict, Invalid, NotFound, RegistryError, TooMany


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
