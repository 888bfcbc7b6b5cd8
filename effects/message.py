"""A sentence for people, kept as a template and its values so that it can be translated."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

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


def with_text(value: object) -> object:
    """Plain JSON values in which every message also carries its English sentence as ``text``."""
    if isinstance(value, list):
        return [with_text(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"template", "params"}:
        return {"text": value["template"].format(**value["params"]), **value}
    return {key: with_text(item) for key, item in value.items()}
