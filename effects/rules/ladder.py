"""Which rule of a ladder fires when some of them cannot be decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from effects.codes import Kind
from effects.message import Message
from effects.rules.evidence import Condition
from effects.rules.tristate import Tristate

RANK: Final[Mapping[Kind, int]] = {
    Kind.STOP: 0,
    Kind.PAUSE_AND_REVIEW: 0,
    Kind.NOT_ENOUGH_EVIDENCE: 1,
    Kind.EXTEND: 1,
    Kind.ROLL_OUT_IN_STAGES: 2,
    Kind.ROLL_OUT: 3,
}
"""The one order of advice: how favourable it is to rolling out. Stop and pause end what runs, so that neither is above
the other; nor is extending above asking for more evidence, which it is a way of doing."""
STOPPING = frozenset({Kind.STOP})
ROLLING_OUT = frozenset({Kind.ROLL_OUT, Kind.ROLL_OUT_IN_STAGES})


@dataclass(frozen=True, slots=True)
class RuleOutcome:
    """One rule applied: `kind` is its answer, `kinds` every answer it can give, `state` whether it applies.

    `waits_for` names the earlier undecided rules that keep a stop or a roll-out from firing.
    """

    rule: str
    kind: Kind
    kinds: tuple[Kind, ...]
    title: Message
    state: Tristate
    conditions: tuple[Condition, ...]
    source: str
    waits_for: tuple[str, ...] = ()


def first_match(outcomes: Sequence[RuleOutcome]) -> tuple[tuple[RuleOutcome, ...], RuleOutcome]:
    """The ladder with what each rule waits for, and the rule that fires; the last rule must always apply.

    The first rule that applies fires. One that stops or rolls out is passed over while an undecided rule before it
    could lead elsewhere: what is not known never stops and never rolls out.
    """
    seen: list[RuleOutcome] = []
    for outcome in outcomes:
        waits = tuple(earlier.rule for earlier in seen if earlier.state is None and _elsewhere(earlier, outcome.kind))
        seen.append(replace(outcome, waits_for=waits) if waits else outcome)
    fired = next(outcome for outcome in seen if outcome.state and not outcome.waits_for)
    return tuple(seen), fired


def _elsewhere(earlier: RuleOutcome, kind: Kind) -> bool:
    """Whether an undecided rule could give an answer other than the stop, or the roll-out, that `kind` is."""
    for direction in (STOPPING, ROLLING_OUT):
        if kind in direction:
            return not direction.issuperset(earlier.kinds)
    return False
