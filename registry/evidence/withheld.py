"""What a reader is told of evidence that rests on a pilot which is not open to them: words and counts, no figure.

From pooled figures and those of the other pilots the figures of the hidden one could be worked out exactly.
"""

from collections.abc import Mapping
from typing import Any, Final

FIGURELESS: Final = frozenset({"currency", "perspective", "ratio"})
"""What an economy says in words."""


def graded(grade: Mapping[str, Any]) -> dict[str, Any]:
    """A grade, or advice, with verdicts, levels of certainty and rules, and without estimates, p-values and inputs."""
    emptied: dict[str, Any] = {"pooling": None, "stability": None, "what_would_change": []}
    told: dict[str, Any] = {name: emptied.get(name, value) for name, value in grade.items()}
    told["indicators"] = [_indicator(item) for item in grade["indicators"]]
    told["conjunction"] = {**grade["conjunction"], "p_value": None}
    for name in ("reasons", "rules"):
        if name in grade:
            told[name] = [_condition(one) for one in grade[name]]
    if "economy" in grade:
        told["economy"] = {name: _worded(name, value) for name, value in grade["economy"].items()}
    return told


def _indicator(item: Mapping[str, Any]) -> dict[str, Any]:
    test, certainty = item["test"], item["certainty"]
    return {
        **item,
        "effect": dict.fromkeys(item["effect"]),
        "test": None if test is None else {**test, "p_value": None, "p_adjusted": None},
        "certainty": {**certainty, "steps": [{**step, "inputs": {}, "found": {}} for step in certainty["steps"]]},
    }


def _condition(one: Mapping[str, Any]) -> dict[str, Any]:
    """A condition, or a rule with its conditions, without what was read."""
    told = {**one, "inputs": {}} if "inputs" in one else dict(one)
    if "conditions" in one:
        told["conditions"] = [_condition(inner) for inner in one["conditions"]]
    return told


def _worded(name: str, value: Any) -> Any:
    if name in FIGURELESS:
        return value
    return type(value)() if isinstance(value, list | dict) else None
