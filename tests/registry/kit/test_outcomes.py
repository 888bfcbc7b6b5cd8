"""What a call came to is the same after a way between processes."""

import pickle

import pytest

from effects.errors import DataError, Finding
from registry.kit.errors import TooMany
from registry.kit.outcomes import Refusal, Value, outcome_of


def refuse(row: int) -> None:
    raise DataError([Finding("data", "empty", "There is nothing in {file}.", params={"file": "a.csv"}, row=row)])


def hurry() -> None:
    raise TooMany(retry_after=7)


def test_what_was_found_is_a_value() -> None:
    outcome = outcome_of(divmod, 7, 2)
    assert isinstance(outcome, Value)
    assert pickle.loads(pickle.dumps(outcome)).value() == (3, 1)


def test_a_refusal_keeps_its_findings_and_its_words() -> None:
    outcome = pickle.loads(pickle.dumps(outcome_of(refuse, 3)))
    assert isinstance(outcome, Refusal)
    with pytest.raises(DataError) as refused:
        outcome.value()
    assert refused.value.findings[0].row == 3
    assert str(refused.value) == "data: There is nothing in a.csv."


def test_an_error_of_the_registry_keeps_what_its_own_class_adds() -> None:
    outcome = pickle.loads(pickle.dumps(outcome_of(hurry)))
    with pytest.raises(TooMany) as late:
        outcome.value()
    assert (late.value.status, late.value.retry_after) == (429, 7)


def test_an_error_can_be_made_an_outcome_without_being_raised() -> None:
    with pytest.raises(TooMany, match="too_many"):
        Refusal.of(TooMany(1)).value()


def test_a_bug_is_no_outcome() -> None:
    with pytest.raises(ZeroDivisionError):
        outcome_of(divmod, 1, 0)
