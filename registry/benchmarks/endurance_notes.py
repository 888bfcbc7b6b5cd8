"""What the clients of an endurance run wrote down while it ran: every request, and how each write ended for them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

WRITES: Final = ("pilot", "indicator", "upload", "analysis")
"""The kinds of writes; all but an analysis carry a name that the client made up and nobody else uses."""

LIST: Final = "list"
"""The page whose waiting times are told."""


class Ending(StrEnum):
    """What a client knows of a write."""

    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    """The service said that nothing was saved, or was never reached."""
    UNKNOWN = "unknown"
    """The connection broke after the request was sent, or the service said that it does not know."""


@dataclass(frozen=True, slots=True)
class Write:
    """A write as its client saw it end; `place` is the address it was acknowledged with."""

    kind: str
    name: str
    ending: Ending
    place: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: when it was sent (seconds of the run), how long the answer took, and what went wrong, if anything."""

    client: int
    at: float
    seconds: float
    what: str
    error: str = ""


@dataclass(slots=True)
class Notes:
    """Everything the clients wrote down; each appends, nobody changes."""

    asked: list[Asked] = field(default_factory=list)
    writes: list[Write] = field(default_factory=list)


def errors(asked: Iterable[Asked]) -> dict[str, int]:
    """How many requests failed, by what went wrong."""
    found: dict[str, int] = {}
    for one in asked:
        if one.error:
            found[one.error] = found.get(one.error, 0) + 1
    return dict(sorted(found.items()))


def endings(writes: Iterable[Write]) -> dict[str, dict[Ending, int]]:
    """How many writes of each kind ended how."""
    found = {kind: dict.fromkeys(Ending, 0) for kind in WRITES}
    for one in writes:
        found[one.kind][one.ending] += 1
    return found


def longest_outage(asked: Iterable[Asked]) -> float:
    """The longest any client went on asking without one good answer, from its first failure to its next success.

    A client that never got another answer counts to its last failure.
    """
    longest, failing = 0.0, dict[int, float]()
    for one in sorted(asked, key=lambda each: each.at):
        if one.error:
            failing.setdefault(one.client, one.at)
        since = failing.get(one.client)
        if since is not None:
            longest = max(longest, one.at + one.seconds - since)
        if not one.error:
            failing.pop(one.client, None)
    return longest


def percentiles(seconds: Iterable[float], shares: Sequence[float] = (0.5, 0.95, 0.99)) -> tuple[float, ...]:
    """The smallest waiting times that so large a share of requests did not exceed; empty where there was none."""
    ordered = sorted(seconds)
    if not ordered:
        return ()
    return tuple(
        ordered[min(len(ordered) - 1, max(0, -(-int(share * 1000) * len(ordered) // 1000) - 1))] for share in shares
    )


def waits(asked: Iterable[Asked], begins: float, ends: float, what: str = LIST) -> list[float]:
    """How long the good answers took that were asked for in a part of the run."""
    return [one.seconds for one in asked if one.what == what and not one.error and begins <= one.at < ends]
