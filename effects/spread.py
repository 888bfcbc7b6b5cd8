"""Work that falls into independent parts, done here one after another or wherever somebody offered to do it.

Parts are cut by what is computed, never by who computes: the same parts are added in the same order, so that equal
input gives equal bytes on one core and on a cluster.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final, Protocol, TypeVar

Shared = TypeVar("Shared")
Part = TypeVar("Part")
Found = TypeVar("Found")


class Spread(Protocol):
    """Does all parts somewhere; the answers stand in the order of the parts, and what a part raises is raised."""

    def __call__(self, function: Callable[[Any, Any], Any], shared: Any, parts: Sequence[Any]) -> list[Any]:
        """The function of `shared` and each part; all of them picklable, `shared` sent once to each place."""


def in_order(function: Callable[[Shared, Part], Found], shared: Shared, parts: Sequence[Part]) -> list[Found]:
    """Every part here, one after another."""
    return [function(shared, part) for part in parts]


_OFFERED: Final[ContextVar[Spread]] = ContextVar("spread", default=in_order)


def spread(function: Callable[[Shared, Part], Found], shared: Shared, parts: Sequence[Part]) -> list[Found]:
    """The function of `shared` and each part, in the order of the parts.

    A part should cost a second or more; where there is only one it is done here.
    """
    return in_order(function, shared, parts) if len(parts) < 2 else _OFFERED.get()(function, shared, parts)


def offered() -> bool:
    """Whether somebody else offered to do parts."""
    return _OFFERED.get() is not in_order


@contextmanager
def spreading(over: Spread) -> Iterator[None]:
    """Within the block, parts are done by `over`."""
    token = _OFFERED.set(over)
    try:
        yield
    finally:
        _OFFERED.reset(token)
