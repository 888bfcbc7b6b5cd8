"""What would change this: the nearest value of each input at which the grade or the recommendation turns."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from effects.case import Case, GateFact
from effects.codes import Better
from effects.message import Message
from effects.rules.facts import LARGEST
from effects.rules.indicator import Indicator
from effects.rules.ruleset import Ruleset
from effects.rules.steps import Value
from effects.rules.verdicts import turned

Standing: TypeAlias = tuple[str, str, tuple[tuple[str | None, int], ...]]
Judge: TypeAlias = Callable[[Case], Standing]
BEYOND = 1e-9
PORTFOLIO_THRESHOLDS = (
    ("share_silent", "K", "silent_one"),
    ("share_silent", "K", "silent_two"),
    ("untested_size_classes", "J", "untested"),
    ("untested_target_groups", "J", "untested"),
)


@dataclass(frozen=True, slots=True)
class Turn:
    """One changed input and what follows; `size` is the change relative to the larger of the two values.

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


@dataclass(frozen=True, slots=True)
class Change:
    """A case in which one input has just passed `to`."""

    input: str
    indicator: str | None
    now: Value
    to: Value
    case: Case
    message: Message


def turning_points(case: Case, ruleset: Ruleset, judge: Judge) -> tuple[Turn, ...]:
    """Single changes after which `judge` (recommendation, rule, verdicts and levels) differs, smallest first.

    Of several thresholds of one input in one direction two are kept: the nearest that changes something, and the
    nearest that changes the recommendation.
    """
    standing = judge(case)
    found: dict[tuple[str, str | None, bool, bool], Turn] = {}
    turns = (_turn(change, judge(change.case), standing) for change in _changes(case, ruleset))
    for turn in sorted((turn for turn in turns if turn is not None), key=lambda turn: turn.size):
        advised = (turn.kind, turn.rule) != standing[:2]
        found.setdefault((turn.input, turn.indicator, _upward(turn.now, turn.to), advised), turn)
    return tuple(found.values())


def _turn(change: Change, after: Standing, before: Standing) -> Turn | None:
    if after == before:
        return None
    size = _size(change.now, change.to)
    kind, rule, graded = after
    return Turn(
        change.input, change.indicator, change.now, change.to, size, kind, rule, graded != before[2], change.message
    )


def _changes(case: Case, ruleset: Ruleset) -> Iterator[Change]:
    yield from _economy(case, ruleset)
    yield from _portfolio(case, ruleset)
    yield from _gates(case, ruleset)
    yield from _intervals(case)


def _economy(case: Case, ruleset: Ruleset) -> Iterator[Change]:
    economy, rule = case.economy, ruleset.recommendations["R2"]
    net, likely = economy.net_value, economy.probability_positive
    if net is not None:
        to = rule.at("net_value")
        changed = replace(economy, expected_net_value=_past(net, to))
        yield _passing("expected_net_value", None, net, to, replace(case, economy=changed))
    if economy.value_per_unit is not None and economy.units_gained and economy.cost_difference is not None:
        to = max(-LARGEST, min(LARGEST, economy.cost_difference / economy.units_gained))
        changed = replace(economy, expected_net_value=None, value_per_unit=_past(economy.value_per_unit, to))
        yield _passing("value_per_unit", None, economy.value_per_unit, to, replace(case, economy=changed))
    if likely is not None:
        to = rule.at("probability_positive")
        changed = replace(economy, probability_positive=_past(likely, to))
        yield _passing("probability_positive", None, likely, to, replace(case, economy=changed))


def _portfolio(case: Case, ruleset: Ruleset) -> Iterator[Change]:
    for name, rule, threshold in PORTFOLIO_THRESHOLDS:
        now, to = getattr(case.portfolio, name), ruleset.steps[rule].at(threshold)
        if now is not None:
            changed: dict[str, Any] = {name: _past(now, to)}
            yield _passing(name, None, now, to, replace(case, portfolio=replace(case.portfolio, **changed)))
    if case.portfolio.extension_feasible is not True:
        offered = replace(
            case.portfolio, extension_feasible=True, evsi=1.0, extension_cost=0.0, extension_assurance=1.0
        )
        yield Change(
            "extension_feasible",
            None,
            case.portfolio.extension_feasible,
            True,
            replace(case, portfolio=offered),
            Message("If a feasible extension were offered that settles the matter and is worth more than it costs"),
        )


def _gates(case: Case, ruleset: Ruleset) -> Iterator[Change]:
    for name, rule in ruleset.gates.items():
        fact = case.gates.get(name, GateFact(None))
        opposite = not fact.holds
        changed = replace(case, gates={**case.gates, name: GateFact(opposite)})
        named = {"gate": name, "title": rule.title}
        message = Message("If gate {gate} held: {title}", named)
        if not opposite:
            message = Message("If gate {gate} did not hold: {title}", named)
        yield Change(name, None, fact.holds, opposite, changed, message)


def _intervals(case: Case) -> Iterator[Change]:
    """Shifts the whole interval of an indicator until an end reaches 0, m or the margin, whichever way."""
    for place, indicator in enumerate(case.indicators):
        effect, sign = turned(indicator), 1 if indicator.better is Better.HIGHER else -1
        if effect.estimate is None or effect.low is None or effect.high is None:
            continue
        stated = [bound for bound in (indicator.minimal_important, indicator.harm_margin) if bound is not None]
        bounds = {0.0, *stated, *(-bound for bound in stated)}
        for shift in sorted({bound - end for bound in bounds for end in (effect.low, effect.high)} - {0.0}):
            moved = _shifted(indicator, sign * _past(0.0, shift))
            others = (*case.indicators[:place], moved, *case.indicators[place + 1 :])
            now = sign * effect.estimate
            yield _passing("estimate", indicator.name, now, now + sign * shift, replace(case, indicators=others))


def _shifted(indicator: Indicator, shift: float) -> Indicator:
    """The indicator with its interval moved, its p value left to be worked out again."""
    ends = {"estimate": indicator.estimate, "low": indicator.low, "high": indicator.high}
    moved: dict[str, Any] = {name: end + shift for name, end in ends.items() if end is not None}
    return replace(indicator, **moved, p_value=None, stage_p_values=())


def _passing(name: str, indicator: str | None, now: float, to: float, case: Case) -> Change:
    shown, target = float(f"{now:.12g}"), float(f"{to:.12g}")
    message = Message("If {input} passes {to}, now {now}", {"input": name, "to": target, "now": shown})
    if indicator is not None:
        message = Message(
            "If the estimate of {indicator} passes {to}, now {now}",
            {"indicator": indicator, "to": target, "now": shown},
        )
    return Change(name, indicator, shown, target, case, message)


def _past(now: float, to: float) -> float:
    """A value just beyond `to`, seen from `now`; where they are equal, above."""
    return to + (BEYOND if to >= now else -BEYOND) * max(1.0, abs(to))


def _size(now: Value, to: Value) -> float:
    if isinstance(now, int | float) and isinstance(to, int | float):
        return abs(to - now) / (max(abs(to), abs(now)) or 1.0)
    return 1.0


def _upward(now: Value, to: Value) -> bool:
    return not isinstance(now, int | float) or not isinstance(to, int | float) or to >= now
