"""A sentence for people, kept as a template and its values so that it can be translated."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from effects.serialize import plain

Scalar: TypeAlias = str | int | float


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


def _with_text(value: object) -> object:
    if isinstance(value, list):
        return [_with_text(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"template", "params"}:
        return {"text": value["template"].format(**value["params"]), **value}
    return {key: _with_text(item) for key, item in value.items()}
