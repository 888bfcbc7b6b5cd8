import pickle
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from effects.errors import DataError, EffectsError, Finding, PlanError


def finding(remedy: str = "", params: dict[str, str | int | float] | None = None) -> Finding:
    return Finding("outcome[0].margin", "c", "{a} is too large.", remedy, params or {})


def test_text_fills_the_parameters_into_message_and_remedy() -> None:
    assert finding(remedy="Use {b}.", params={"a": 3, "b": 0.5}).text() == "3 is too large. Use 0.5."


def test_text_without_a_remedy_ends_after_the_message() -> None:
    assert finding(params={"a": "x"}).text() == "x is too large."


def test_braces_in_a_parameter_are_text() -> None:
    assert finding(params={"a": "{b}"}).text() == "{b} is too large."


def test_a_finding_is_an_error_without_a_place_in_the_data_unless_stated() -> None:
    plain = finding()
    assert (plain.severity, plain.row, plain.column, dict(plain.params)) == ("error", None, None, {})


def test_findings_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        finding().__setattr__("code", "d")


@pytest.mark.parametrize("kind", [PlanError, DataError])
def test_an_error_carries_all_findings_and_says_them_all(kind: type[EffectsError]) -> None:
    both = [finding(params={"a": 1}), finding(params={"a": 2})]
    error = kind(iter(both))
    assert error.findings == tuple(both)
    assert isinstance(error, EffectsError)
    assert str(error) == "outcome[0].margin: 1 is too large.; outcome[0].margin: 2 is too large."


@pytest.mark.parametrize("kind", [PlanError, DataError])
def test_an_error_reaches_another_process_whole(kind: type[EffectsError]) -> None:
    error = kind([finding("Use {b}.", {"a": 1, "b": 2})])
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), again.findings, str(again)) == (kind, error.findings, str(error))


NAMES = st.text(alphabet="ab{}%\n'\" æ", max_size=8)


@given(st.dictionaries(st.sampled_from(["column", "file", "key"]), NAMES | st.integers() | st.floats()), NAMES)
def test_no_name_in_the_data_breaks_the_sentence_it_stands_in(params: dict[str, str | int | float], where: str) -> None:
    message = "".join(f"{{{name}}} " for name in params)
    found = Finding(where, "c", f"{message}is wrong.", "Mend it.", params)
    assert found.text().endswith("is wrong. Mend it.")
    assert all(str(value) in found.text() for value in params.values())
    assert str(DataError([found])).startswith(f"{where}: ")
