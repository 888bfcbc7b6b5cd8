"""Three-valued logic: ``True``, ``False`` and ``None`` for not known.

The connectives are Kleene's strong ones (Introduction to Metamathematics, 1952, section 64): an answer is known as soon
as the known parts settle it, whatever the unknown parts turn out to be.
"""

from collections.abc import Iterable
from typing import TypeAlias

Tristate: TypeAlias = bool | None


def all_of(parts: Iterable[Tristate]) -> Tristate:
    """False when any part is, else not known when any part is, else true; true of nothing."""
    states = list(parts)
    if False in states:
        return False
    return None if None in states else True


def any_of(parts: Iterable[Tristate]) -> Tristate:
    """True when any part is, else not known when any part is, else false; false of nothing."""
    states = list(parts)
    if True in states:
        return True
    return None if None in states else False


def negate(state: Tristate) -> Tristate:
    """The opposite; what is not known stays not known."""
    return None if state is None else not state


def at_least(value: float | None, threshold: float) -> Tristate:
    """Whether the value reaches the threshold."""
    return None if value is None else value >= threshold


def above(value: float | None, threshold: float) -> Tristate:
    """Whether the value passes the threshold."""
    return None if value is None else value > threshold


def below(value: float | None, threshold: float) -> Tristate:
    """Whether the value stays short of the threshold."""
    return None if value is None else value < threshold
