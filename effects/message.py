"""A sentence for people, kept as a template and its values so that it can be translated."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from effects.serialize import plain

Scalar: TypeAlias = str | int | float

_KEYS: Final = frozenset({"template", "params"})


@dataclass(frozen=True, slots=True)
class Message:
    """An English ``str.format`` template and what fills it; the template is the key a translation is filed under.

    Templates are literal strings in the code or titles of the rule set, never assembled, so that every one of them can
    be collected. A value that is itself a template (the title of a rule) is translated by whoever renders it.
    """

    template: str
    params: Mapping[str, Scalar] = field(default_factory=dict)

    def __str__(self) -> str:
        """The sentence in English."""
        return self.template.format(**self.params)


def spoken(record: object) -> dict[str, object]:
    """A record as JSON-ready values in which every message also carries its English sentence as ``text``.

    Raises ValueError for a number that is not finite, TypeError for what is no record.
    """
    value = _with_text(plain(record))
    if not isinstance(value, dict):
        raise TypeError("only a record can be spoken")
    return value


def worded(record: object) -> dict[str, object]:
    """A record as JSON-ready values in which every message stands as its English sentence.

    Beside its sentences a record keeps what they are made of as `messages`: the templates and values by field, always
    in a list, from which a page is written in another language. Raises what `spoken` raises.
    """
    value = _in_english(plain(record))
    if not isinstance(value, dict):
        raise TypeError("only a record can be put in words")
    return value


def _in_english(value: object) -> object:
    if isinstance(value, list):
        return [_in_english(item) for item in value]
    if not isinstance(value, dict):
        return value
    messages = {key: found for key, item in value.items() if (found := _messages(item))}
    english = {key: " ".join(_english(message) for message in found) for key, found in messages.items()}
    sentences = {key: english[key] if key in english else _in_english(item) for key, item in value.items()}
    return {**sentences, "messages": messages} if messages else sentences


def _messages(value: object) -> list[dict[str, Any]]:
    """The message that a plain value is, or the messages it lists; empty for anything else."""
    parts = value if isinstance(value, list) else [value]
    found = [part for part in parts if isinstance(part, dict) and part.keys() == _KEYS]
    return found if len(found) == len(parts) else []


def _english(message: Mapping[str, Any]) -> str:
    sentence: str = message["template"].format(**message["params"])
    return sentence


def _with_text(value: object) -> object:
    if isinstance(value, list):
        return [_with_text(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == _KEYS:
        return {"text": _english(value), **value}
    return {key: _with_text(item) for key, item in value.items()}
