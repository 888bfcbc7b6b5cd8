"""A stored forecast as a page tells it. Pure."""

import math
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from effects.codes import Kind
from effects.message import Message

ORDER: Final = (
    Kind.ROLL_OUT,
    Kind.ROLL_OUT_IN_STAGES,
    Kind.EXTEND,
    Kind.NOT_ENOUGH_EVIDENCE,
    Kind.PAUSE_AND_REVIEW,
    Kind.STOP,
)
"""The kinds of advice as a table has them, from yes to no."""
ROLLING_OUT: Final = (Kind.ROLL_OUT, Kind.ROLL_OUT_IN_STAGES)
PEERS: Final[Mapping[str, Message]] = {
    "do_no_harm": Message("Roll out unless one pilot shows significant harm"),
    "all_goals_win": Message("Roll out when every goal of one pilot is significantly met"),
}
"""Simpler rules that others use."""


class Share(msgspec.Struct, frozen=True):
    """A share of the replications and its Monte Carlo standard error."""

    share: float
    error: float

    @property
    def of_hundred(self) -> int:
        """How many of 100 times."""
        return round(100 * self.share)


class TruthTold(msgspec.Struct, frozen=True, kw_only=True):
    """What one truth would lead to; `advice` has the kinds in the order of `ORDER`."""

    name: str
    title: Message
    probability: float
    advice: tuple[tuple[Kind, Share], ...]
    rolled_out: Share
    stopped: Share
    settled: Share
    peers: tuple[tuple[Message, Share], ...]


class ChangeTold(msgspec.Struct, frozen=True):
    """Another plan or circumstance, and the probability that the matter would then be settled."""

    change: Message
    settled: float
    gain: float


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A forecast; `changes` are those that would raise the probability, the largest gain first.

    `barriers` are gates that the plan itself keeps shut, each with what would open it; `lacking` names what they miss.
    """

    settled: float
    error: float
    replications: int
    seed: int
    rules_version: str
    standard_errors: Mapping[str, float]
    truths: tuple[TruthTold, ...]
    changes: tuple[ChangeTold, ...]
    barriers: tuple[tuple[Message, Message], ...]
    lacking: tuple[Message, ...]


def settled(result: Mapping[str, Any]) -> float:
    """Probability that the advice settles the matter (rules R1 to R4), under the prior that was stated."""
    return float(result["forecast"]["probability_settled"])


def told(result: Mapping[str, Any]) -> Told:
    """The forecast of a stored result."""
    found, now = result["forecast"], settled(result)
    changes = [
        ChangeTold(_message(one["change"]), min(1.0, now + one["gain"]), one["gain"]) for one in result["changes"]
    ]
    return Told(
        settled=now,
        error=result["error"],
        replications=found["replications"],
        seed=found["seed"],
        rules_version=found["rules_version"],
        standard_errors=result["standard_errors"],
        truths=tuple(_truth(outlook, found["replications"]) for outlook in found["outlooks"]),
        barriers=tuple((_message(one["title"]), _message(one["remedy"])) for one in result["barriers"]),
        lacking=tuple(_message(one) for one in result.get("lacking", ())),
        changes=tuple(sorted((one for one in changes if one.gain > result["error"]), key=lambda one: -one.gain)),
    )


def _truth(outlook: Mapping[str, Any], replications: int) -> TruthTold:
    kinds = {kind: msgspec.convert(outlook["kinds"][kind], Share) for kind in ORDER}
    rolled_out = min(1.0, math.fsum(kinds[kind].share for kind in ROLLING_OUT))
    return TruthTold(
        name=outlook["truth"]["name"],
        title=_message(outlook["truth"]["title"]),
        probability=outlook["truth"]["probability"],
        advice=tuple(kinds.items()),
        rolled_out=Share(rolled_out, math.sqrt(rolled_out * (1.0 - rolled_out) / replications)),
        stopped=kinds[Kind.STOP],
        settled=msgspec.convert(outlook["settled"], Share),
        peers=tuple((PEERS[name], msgspec.convert(share, Share)) for name, share in outlook["peers"].items()),
    )


def _message(stated: Mapping[str, Any]) -> Message:
    return Message(stated["template"], stated["params"])
