"""What would change this: the nearest value of each input at which the grade or the recommendation turns."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from effects.case import Case
from effects.message import Message
from effects.rules.dials import Dial, Switch, dials, switches
from effects.rules.ruleset import Ruleset
from effects.rules.steps import Value

Standing: TypeAlias = tuple[str, str, tuple[tuple[str | None, int], ...]]
Judge: TypeAlias = Callable[[Case], Standing]
Differs: TypeAlias = Callable[[Standing], bool]
BEYOND = 1e-9
HALVINGS = 60


@dataclass(frozen=True, slots=True)
class Turn:
    """One changed input and what follows; `size` is the change relative to the scale of the input (1 for a fact).

    `kind` and `rule` are the recommendation after the change, `regraded` says whether a verdict or a level moved.
    """

    input: str
    indicator: str | None
    now: Value
    to: Value
    size: float
    kind: str
    rule: str
    regraded: bool
    message: Message


def turning_points(case: Case, ruleset: Ruleset, judge: Judge) -> tuple[Turn, ...]:
    """Single changes after which `judge` (recommendation, rule, verdicts and levels) differs, smallest first.

    Of an input in one direction two are kept: the nearest that changes something, and the nearest that changes the
    recommendation.
    """
    before = judge(case)
    found: list[Turn] = []
    for switch in switches(case, ruleset):
        after = judge(switch.case)
        if after != before:
            found.append(_turn(switch, None, switch.to, 1.0, after, before))
    for dial in dials(case, ruleset):
        for upward in (True, False):
            found.extend(_along(dial, upward, before, judge))
    return tuple(sorted(found, key=lambda turn: turn.size))


def _along(dial: Dial, upward: bool, before: Standing, judge: Judge) -> Iterator[Turn]:
    """The nearest turns of one input in one direction."""
    steps = list(_steps(dial, upward, before, judge))
    first: float | None = None
    for parts in (3, 2):
        to = _nearest(dial, upward, steps, _other_than(before[:parts]), judge)
        if to is None or to == first:
            continue
        first = to
        after = judge(dial.turn(_past(dial, to, upward)))
        yield _turn(dial, dial.indicator, to, _size(dial, to), after, before)


def _other_than(said: tuple[object, ...]) -> Differs:
    """Whether a standing differs in as many parts as are given: all, or the recommendation and its rule alone."""
    return lambda seen: seen[: len(said)] != said


def _steps(dial: Dial, upward: bool, before: Standing, judge: Judge) -> Iterator[tuple[float, Standing]]:
    """The marks on the way with what is said just beyond each, until the recommendation differs."""
    ends = [end for end in (dial.low, dial.high) if abs(end) <= 1]
    ahead = {mark for mark in (*dial.marks, *ends) if dial.low <= mark <= dial.high and _ahead(dial, mark, upward)}
    for mark in sorted(ahead, reverse=not upward):
        seen = judge(dial.turn(_past(dial, mark, upward)))
        yield mark, seen
        if seen[:2] != before[:2]:
            return


def _ahead(dial: Dial, mark: float, upward: bool) -> bool:
    if mark == dial.now:
        return not dial.whole
    return (mark > dial.now) is upward


def _nearest(
    dial: Dial, upward: bool, steps: list[tuple[float, Standing]], differs: Differs, judge: Judge
) -> float | None:
    """Where the answer begins to differ: at a mark, or in the gap before one, found by halving."""
    last = dial.now
    for mark, seen in steps:
        if not differs(seen):
            last = mark
            continue
        inside = _past(dial, mark, not upward)
        if mark == dial.now or dial.whole or not differs(judge(dial.turn(inside))):
            return mark
        return _halved(dial, last, inside, differs, judge)
    return None


def _halved(dial: Dial, same: float, other: float, differs: Differs, judge: Judge) -> float:
    for _ in range(HALVINGS):
        middle = (same + other) / 2
        if abs(other - same) <= BEYOND * max(1.0, abs(other)) / 4:
            break
        if differs(judge(dial.turn(middle))):
            other = middle
        else:
            same = middle
    return other


def _past(dial: Dial, mark: float, upward: bool) -> float:
    """A value just beyond a mark, within the bounds of the dial."""
    if dial.whole:
        return mark
    step = BEYOND * max(1.0, abs(mark))
    return min(dial.high, max(dial.low, mark + (step if upward else -step)))


def _turn(
    changed: Dial | Switch, indicator: str | None, to: Value, size: float, after: Standing, before: Standing
) -> Turn:
    shown, target = _rounded(changed.now), _rounded(to)
    kind, rule, graded = after
    values = {"input": changed.input, "now": shown, "to": target} | (
        {} if indicator is None else {"indicator": indicator}
    )
    template = changed.message.template
    read = {key: value for key, value in values.items() if f"{{{key}}}" in template and value is not None}
    told = Message(template, {**changed.message.params, **read})
    return Turn(changed.input, indicator, shown, target, size, kind, rule, graded != before[2], told)


def _rounded(value: Value) -> Value:
    return float(f"{value:.12g}") if isinstance(value, float) else value


def _size(dial: Dial, to: float) -> float:
    return abs(to - dial.now) / (dial.scale or max(abs(to), abs(dial.now)) or 1.0)
