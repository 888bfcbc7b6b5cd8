"""What a call came to is the same after a way between processes."""

import pickle

import pytest

from effects.errors import DataError, Finding, PlanError
from effects.message import Message
from registry.kit import errors
from registry.kit.cluster_state import ClusterAway, ClusterUnfit
from registry.kit.errors import RegistryError, TooMany
from registry.kit.outcomes import Refusal, Value, outcome_of
from registry.kit.pool import LimitExceeded, PoolBroken


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


ERRORS = [
    errors.BadRequest(findings=[Finding("body", "broken", "It is broken.")]),
    errors.Unauthorised(),
    errors.Forbidden("Not you."),
    errors.NotFound(),
    errors.Conflict(Message("{name} was faster.", {"name": "Eva"}), [Finding("a", "b", "c")]),
    errors.Gone(),
    errors.TooLarge(),
    errors.WrongMediaType(),
    errors.Invalid([Finding("purpose", "missing", "Say why.", row=3, column="y")]),
    errors.TooMany(retry_after=7),
    errors.Unavailable(retry_after=30),
    errors.Unsure(),
    LimitExceeded("memory"),
    PoolBroken(),
    ClusterAway(),
    ClusterUnfit(Message("A machine has {names}.", {"names": "numpy 0.9"})),
    PlanError([Finding("design", "unknown", "There is no design {name}.", params={"name": "x"})]),
    DataError([]),
]


def test_every_error_for_people_is_among_those_that_are_sent() -> None:
    """A new one has to be added here: what its own class adds must survive the way."""
    own = {kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, RegistryError)}
    assert own - {RegistryError} <= {type(error) for error in ERRORS}


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_every_error_arrives_as_it_left(error: Exception) -> None:
    sent = pickle.loads(pickle.dumps(Refusal.of(error)))
    with pytest.raises(type(error)) as arrived:
        sent.value()
    assert type(arrived.value) is type(error)
    assert vars(arrived.value) == vars(error)
    assert (str(arrived.value), arrived.value.args) == (str(error), error.args)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_an_error_that_is_raised_in_a_call_is_its_outcome(error: Exception) -> None:
    def fails() -> None:
        raise error

    assert outcome_of(fails) == Refusal.of(error)


@pytest.mark.parametrize("error", [KeyError("a"), ValueError(), OSError(2, "gone"), MemoryError(), KeyboardInterrupt()])
def test_whatever_is_not_for_people_is_raised_where_it_happens(error: BaseException) -> None:
    def fails() -> None:
        raise error

    with pytest.raises(type(error)):
        outcome_of(fails)


@pytest.mark.parametrize("found", [None, 0, "", [], {"a": (1, 2)}, float("inf"), b"\x00"])
def test_whatever_is_found_is_a_value_nothing_among_it(found: object) -> None:
    outcome = pickle.loads(pickle.dumps(outcome_of(lambda: found)))
    assert isinstance(outcome, Value)
    assert outcome.value() == found
