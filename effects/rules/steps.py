"""A reason for a level of certainty, and the arithmetic that turns a list of them into the level."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from effects.message import Message
from effects.rules.ruleset import Ruleset
from effects.rules.tristate import Tristate

Value: TypeAlias = str | float | bool | None


@dataclass(frozen=True, slots=True)
class Step:
    """What was read, what it was held against, and what follows.

    `change` is in levels as known; the first step's change is where the ladder starts. `lowest` and `highest` are what
    the change could be once everything is known; `cap` bounds the level and `possible_cap` would if an unknown turns
    out badly. `missing` names the inputs waited for, `found` what was worked out of the inputs.
    """

    rule: str
    title: Message
    state: Tristate
    change: int
    lowest: int
    highest: int
    inputs: Mapping[str, Value] = field(default_factory=dict)
    thresholds: Mapping[str, float] = field(default_factory=dict)
    source: str = ""
    cap: int | None = None
    possible_cap: int | None = None
    missing: tuple[str, ...] = ()
    found: Mapping[str, float] = field(default_factory=dict)

    @property
    def consequence(self) -> Message:
        """What the step does to the level, in words."""
        if self.cap is not None:
            return Message("at most level {cap}", {"cap": self.cap})
        if self.state is None:
            return Message("not known; nothing is taken off yet")
        return Message("{change:+d}", {"change": self.change}) if self.change else Message("no change")


def level_of(steps: Sequence[Step], ruleset: Ruleset) -> int:
    """Level as known, 0 to 4; the listed steps alone reproduce it."""
    return _level([step.change for step in steps], [step.cap for step in steps], ruleset)


def bounds_of(steps: Sequence[Step], ruleset: Ruleset) -> tuple[int, int]:
    """Lowest and highest level that the unknowns still allow."""
    caps = [step.cap for step in steps]
    possible = [step.possible_cap for step in steps]
    lowest = _level([step.lowest for step in steps], [*caps, *possible], ruleset)
    return lowest, _level([step.highest for step in steps], caps, ruleset)


def _level(changes: Sequence[int], caps: Iterable[int | None], ruleset: Ruleset) -> int:
    """Start, changes, caps, then floor and ceiling; what starts ungraded stays so."""
    if not changes[0]:
        return 0
    capped = min([sum(changes), *(cap for cap in caps if cap is not None)])
    return max(int(ruleset.constant("floor")), min(int(ruleset.constant("ceiling")), capped))
