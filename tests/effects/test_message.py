import json
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from effects.message import Message, spoken, worded


@dataclass(frozen=True)
class Note:
    said: Message
    more: tuple[Message, ...] = ()
    size: float | None = None


def test_a_message_fills_its_template() -> None:
    message = Message("{indicator}: certainty is {level} or more", {"indicator": "falls", "level": 2})
    assert str(message) == "falls: certainty is 2 or more"


def test_a_message_without_values_is_its_template() -> None:
    assert str(Message("The design is not known")) == "The design is not known"


def test_a_value_with_braces_is_not_filled_again() -> None:
    assert str(Message("{name} is not known", {"name": "{level}"})) == "{level} is not known"


def test_a_missing_value_is_a_fault_of_the_code() -> None:
    with pytest.raises(KeyError):
        str(Message("{level}"))


def test_a_spoken_record_carries_text_beside_template_and_values() -> None:
    note = Note(Message("at most level {cap}", {"cap": 1}))
    assert spoken(note)["said"] == {
        "text": "at most level 1",
        "template": "at most level {cap}",
        "params": {"cap": 1},
    }


def test_messages_are_spoken_at_every_depth() -> None:
    note = Note(Message("no change"), (Message("{change:+d}", {"change": -1}),))
    more = spoken(note)["more"]
    assert isinstance(more, list)
    assert more[0]["text"] == "-1"


def test_a_spoken_record_is_ready_for_json() -> None:
    note = Note(Message("no change"), size=0.25)
    assert json.loads(json.dumps(spoken(note), allow_nan=False))["size"] == 0.25


def test_what_is_not_known_is_null() -> None:
    assert spoken(Note(Message("no change")))["size"] is None


@pytest.mark.parametrize("size", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_is_not_finite_stops_here(size: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        spoken(Note(Message("no change"), size=size))


def test_a_worded_record_reads_in_english_and_keeps_its_templates_beside() -> None:
    few = Message("{clusters} clusters", {"clusters": 3})
    assert worded(Note(few, (few, Message("no change")), 0.5)) == {
        "said": "3 clusters",
        "more": "3 clusters no change",
        "size": 0.5,
        "messages": {
            "said": [{"template": "{clusters} clusters", "params": {"clusters": 3}}],
            "more": [
                {"template": "{clusters} clusters", "params": {"clusters": 3}},
                {"template": "no change", "params": {}},
            ],
        },
    }


def test_lists_without_messages_stay_lists_in_a_worded_record() -> None:
    assert worded(Note(Message("no change")))["more"] == []


@pytest.mark.parametrize("value", [3, "text", [1], None])
@pytest.mark.parametrize("put", [spoken, worded])
def test_only_records_are_put_in_words(put: Callable[[object], object], value: object) -> None:
    with pytest.raises(TypeError):
        put(value)
