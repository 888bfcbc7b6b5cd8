import json
from dataclasses import dataclass
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from effects.serialize import canonical_json, document, fingerprint, plain, plain_record

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True)
class Inner:
    values: tuple[float, ...]


@dataclass(frozen=True)
class Outer:
    z: Inner
    a: Colour | None = None


def test_canonical_json_sorts_keys_and_leaves_out_spaces() -> None:
    assert canonical_json({"b": [1, 2.5], "a": "ø"}) == '{"a":"ø","b":[1,2.5]}'


def test_a_number_that_is_not_finite_has_no_canonical_form() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json({"a": float("nan")})


def test_fingerprint_ignores_the_order_of_keys_and_nothing_else() -> None:
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})
    assert fingerprint({"a": 1}) != fingerprint({"a": 2})
    assert fingerprint([1, 2]) != fingerprint([2, 1])
    assert fingerprint({}) == "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


def test_records_become_plain_values_in_the_order_of_their_fields() -> None:
    assert plain(Outer(Inner((1.0, 2.0)), Colour.RED)) == {"z": {"values": [1.0, 2.0]}, "a": "red"}
    assert list(plain_record(Outer(Inner(())))) == ["z", "a"]


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_is_not_finite_never_leaves_a_record(number: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        plain(Inner((number,)))


def test_only_a_record_has_named_fields() -> None:
    with pytest.raises(TypeError, match="records"):
        plain_record({"a": 1})


def test_a_document_is_indented_utf8_that_ends_in_a_newline() -> None:
    assert document({"a": "ø"}) == '{\n "a": "ø"\n}\n'.encode()


@given(JSON)
def test_a_document_reads_back_as_what_was_written(value: object) -> None:
    assert json.loads(document(value)) == value
