"""JSON and TOML read without trust."""

import pytest

from effects.bundle.documents import Unreadable, read_json, read_table, record_of


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"{", b"\xff", b'{"a": 1, "a": 2}', b'{"a": NaN}', b'{"a": -Infinity}'),
        *(b"[" * 100_000, b'{"a": ' + b"9" * 401 + b"}"),
    ],
)
def test_what_is_no_plain_json_is_unreadable(content: bytes) -> None:
    with pytest.raises(Unreadable) as caught:
        read_json(content)
    assert [finding.code for finding in caught.value.findings] == ["unreadable"]
    assert len(str(caught.value)) < 300


def test_json_keeps_whole_numbers_and_fractions_apart() -> None:
    assert [type(value) for value in read_json(b"[1, 1.0, true]")] == [int, float, bool]


@pytest.mark.parametrize("content", [b"a = ", b"\xff", b"a = 1\na = 2", b"x = " + b"9" * 5000])
def test_what_is_no_toml_is_unreadable(content: bytes) -> None:
    with pytest.raises(Unreadable):
        read_table(content)


def test_a_mark_of_byte_order_does_not_matter() -> None:
    assert read_table(b"\xef\xbb\xbfa = 1") == {"a": 1}


@pytest.mark.parametrize("content", [None, b"", b"[1]", b"3", b"{"])
def test_a_record_that_is_none_is_empty(content: bytes | None) -> None:
    assert record_of(content) == {}
