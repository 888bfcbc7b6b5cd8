"""How sure we are of one claim, 0 to 4: the design's start, lowered by rules A to L, perhaps raised.

GRADE's logic (Guyatt and others 2008, BMJ 336:924-926) on the Maryland ladder of designs. What is not known is not
held against the level shown, but `lowest` and `highest` say where the level could lie once it is known, and a
recommendation relies only on what holds over that whole range.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from effects.case import Case
from effects.message import Message, spoken
from effects.rules.certainty_rules import CHECKS, Check, Context
from effects.rules.indicator import Indicator
from effects.rules.ruleset import Design, Rule, Ruleset
from effects.rules.steps import Step, bounds_of, level_of
from effects.rules.tristate import Tristate, above, all_of, any_of, at_least, negate
from effects.rules.verdicts import reaches, turned


@dataclass(frozen=True, slots=True)
class Certainty:
    """Level of one claim with its steps, the start first; `remedies` says what would raise it."""

    level: int
    lowest: int
    highest: int
    label: Message
    steps: tuple[Step, ...]
    remedies: tuple[Message, ...]

    def reaches(self, level: float) -> Tristate:
        """Whether the level is at least this, whatever the unknowns turn out to be."""
        if self.lowest >= level:
            return True
        return None if self.highest >= level else False

    def to_mapping(self) -> dict[str, object]:
        """JSON-ready values; each step also says its consequence in words."""
        steps = [{**spoken(step), "consequence": spoken(step.consequence)} for step in self.steps]
        return {**spoken(self), "steps": steps}


def certainty(case: Case, indicator: Indicator, ruleset: Ruleset) -> Certainty:
    """Certainty of the indicator's claim under a rule set."""
    design = design_of(indicator, ruleset)
    steps = _unknown_start(ruleset) if design is None else _steps(case, indicator, design, ruleset)
    level = level_of(steps, ruleset)
    lowest, highest = bounds_of(steps, ruleset)
    label = Message(ruleset.certainty[level])
    return Certainty(level, lowest, highest, label, tuple(steps), _remedies(steps, level, ruleset))


def design_of(indicator: Indicator, ruleset: Ruleset) -> Design | None:
    """What the rule set knows of the design; without baseline and comparison there is none worth a grade."""
    if indicator.has_baseline is False and indicator.has_comparison is False:
        return ruleset.designs["after_only"]
    return None if indicator.design is None else ruleset.designs[indicator.design]


def _unknown_start(ruleset: Ruleset) -> list[Step]:
    title = Message("The design is not known")
    ceiling = int(ruleset.constant("ceiling"))
    return [Step("D", title, None, 0, 0, ceiling, inputs={"design": None}, missing=("design",))]


def _steps(case: Case, indicator: Indicator, design: Design, ruleset: Ruleset) -> list[Step]:
    rung = ruleset.starts[design.start]
    start = _start(indicator, design, rung)
    if not rung.start:
        return [start]
    asked = [rule for rule in ruleset.steps.values() if not rule.applies or rung.id in rule.applies]
    lowering = [
        _lowering(CHECKS[rule.id](Context(case, indicator, design, ruleset, rule)), rule)
        for rule in asked
        if rule.id in CHECKS
    ]
    return [start, *lowering, *(_raising(indicator, lowering, rule) for rule in asked if rule.id not in CHECKS)]


def _start(indicator: Indicator, design: Design, rung: Rule) -> Step:
    """The rung of the ladder; what must be shown first starts at the lower level until it is."""
    periods = at_least(indicator.pre_periods, rung.at("pre_periods")) if "pre_periods" in rung.needs else None
    violation = indicator.observed_violation
    beyond = None if violation is None else above(indicator.breakdown, violation)
    shown = {"diagnostics_passed": indicator.diagnostics_passed, "pre_periods": periods, "breakdown": beyond}
    needed = {name: shown[name] for name in rung.needs}
    if design.placebos:
        needed["placebos_enumerated"] = indicator.placebos_enumerated
    state = all_of(needed.values())
    inputs = {"design": indicator.design} | {name: getattr(indicator, name) for name in needed}
    if "breakdown" in needed:
        inputs["observed_violation"] = violation
    return Step(
        rung.id,
        Message(rung.title),
        state,
        change=rung.start if state else rung.otherwise,
        lowest=rung.start if state else rung.otherwise,
        highest=rung.otherwise if state is False else rung.start,
        inputs=inputs,
        thresholds=rung.values,
        source=rung.source,
        missing=tuple(name for name, value in inputs.items() if value is None) if state is None else (),
    )


def _lowering(check: Check, rule: Rule) -> Step:
    known = -2 if check.two else -1 if check.one else 0
    worst = -2 if check.two is not False else -1 if check.one is not False else 0
    cap = int(rule.at("cap")) if check.cap is not False else None
    settled = known == worst and check.cap is not None
    fired = known < 0 or check.cap is True
    return Step(
        rule.id,
        Message(rule.title),
        True if fired else False if settled else None,
        change=known,
        lowest=worst,
        highest=known,
        inputs=check.inputs,
        thresholds=rule.values,
        source=rule.source,
        cap=cap if check.cap else None,
        possible_cap=cap,
        missing=() if settled else tuple(name for name, value in check.inputs.items() if value is None),
        found=check.found,
    )


def _raising(indicator: Indicator, lowering: Sequence[Step], rule: Rule) -> Step:
    """Up one where nothing lowers: an effect of twice what matters, or a dose-response."""
    important, low = indicator.minimal_important, turned(indicator).low
    large = None if important is None else reaches(low, rule.at("times_important") * important)
    clean = all_of(negate(step.state) for step in lowering)
    state = all_of([clean, any_of([large, indicator.dose_response])])
    inputs = {"low": indicator.low, "minimal_important": important, "dose_response": indicator.dose_response}
    return Step(
        rule.id,
        Message(rule.title),
        state,
        change=int(state is True),
        lowest=int(state is True),
        highest=int(state is not False),
        inputs=inputs,
        thresholds=rule.values,
        source=rule.source,
        missing=tuple(name for name, value in inputs.items() if value is None) if state is None else (),
    )


def _remedies(steps: Sequence[Step], level: int, ruleset: Ruleset) -> tuple[Message, ...]:
    """Remedies of the steps without which the level were higher; of all that lower it where none does so alone."""
    rules = {**ruleset.starts, **ruleset.steps}
    against = [step for step in steps[1:] if step.change < 0 or step.cap is not None]
    alone = [step for step in against if level_of([other for other in steps if other is not step], ruleset) > level]
    begin = [step for step in steps[:1] if step.rule in rules and step.change < rules[step.rule].start]
    return tuple(Message(rules[step.rule].remedy) for step in (*begin, *(alone or against)))
