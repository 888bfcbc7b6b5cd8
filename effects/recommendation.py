"""From a graded case to advice: rules R0 to R7 of the rule set, first match.

A condition is true, false or not known. A rule whose condition is not known does not fire but is listed with what it
waits for. A rule that stops or rolls out fires, moreover, only where every rule before it is known not to lead
elsewhere: so no missing fact can turn another answer into STOP or ROLL OUT. A single pilot is its own pooled estimate
(``portfolio.pilots = 1``) and may therefore stop by R1 or R4 once everything those rules read is known; without the
economics neither R6 nor a roll-out can fire. Important harm whose certainty is not known pauses.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace

from effects.case import Case
from effects.codes import Kind
from effects.grading import Grade, graded, rules_of
from effects.message import Message, spoken
from effects.rules.certainty import Certainty
from effects.rules.conditions import (
    claims_proven,
    guardrails_certain,
    harm_known_to_count,
    harmed,
    improvement_claimed,
    no_gain,
    no_harm,
    nothing_better,
)
from effects.rules.economy import Appraisal, appraised, completed
from effects.rules.evidence import Condition, Evidence, gate_conditions
from effects.rules.gates import Gate, gates, hold
from effects.rules.ladder import RuleOutcome, first_match
from effects.rules.levels import Levels
from effects.rules.pooled import pooled
from effects.rules.ruleset import Rule, Ruleset
from effects.rules.sensitivity import Pooling, pooling
from effects.rules.stability import Stability, stability
from effects.rules.tristate import Tristate, all_of, any_of, negate
from effects.rules.turning_points import Judge, Standing, Turn, turning_points
from effects.rules.verdicts import Verdict
from effects.rules.worth import (
    enough_sites,
    extension_pays,
    strata_covered,
    value_everywhere,
    value_likely,
    value_nationally_or_in_segments,
    value_negative,
    value_positive,
)

SCHEMA = "virkning-grade/1"


@dataclass(frozen=True, slots=True)
class Unknown:
    """A fact that a rule waits for; `binding` where the rule itself is undecided for want of it."""

    input: str
    indicator: str | None
    title: Message
    supplier: Message
    rules: tuple[str, ...]
    binding: bool


@dataclass(frozen=True, slots=True)
class Recommendation:
    """The advice, the rule that gave it, and everything it rests on.

    `reasons` are the conditions that decided; `rules` the whole ladder; `remedies` what would mend what fails;
    `pooling` is missing where no indicator has several studies.
    """

    technology: str
    rules_version: str
    kind: Kind
    rule: str
    title: Message
    reasons: tuple[Condition, ...]
    rules: tuple[RuleOutcome, ...]
    grade: Grade
    gates: tuple[Gate, ...]
    economy: Appraisal
    unknowns: tuple[Unknown, ...]
    remedies: tuple[Message, ...]
    what_would_change: tuple[Turn, ...]
    stability: Stability
    pooling: Pooling | None

    @property
    def verdicts(self) -> Mapping[str, Verdict | None]:
        """Verdict of each indicator by name."""
        return {item.name: item.verdict for item in self.grade.indicators}

    @property
    def certainties(self) -> Mapping[str, Certainty]:
        """Certainty of each indicator's claim by name."""
        return {item.name: item.certainty for item in self.grade.indicators}

    def to_mapping(self) -> dict[str, object]:
        """JSON-ready, deterministic; numbers are finite or null. ValueError should a number not be finite."""
        advice = {name: value for name, value in spoken(self).items() if name not in ("kind", "grade")}
        advice["economy"] = self.economy.to_mapping()
        return {"schema": SCHEMA, "recommendation": self.kind.value, **advice, **self.grade.to_mapping()}


def recommend(case: Case, ruleset: Ruleset | None = None) -> Recommendation:
    """Advice on a case under a rule set (the version it asks for where none is given); studies are pooled first."""
    rules = rules_of(case) if ruleset is None else ruleset
    case = pooled(case, rules)
    evidence, judge = _evidence(case, rules), judge_of(rules)
    outcomes, fired = first_match(_outcomes(evidence))
    return Recommendation(
        technology=case.technology,
        rules_version=rules.version,
        kind=fired.kind,
        rule=fired.rule,
        title=fired.title,
        reasons=_reasons(fired, outcomes),
        rules=outcomes,
        grade=evidence.grade,
        gates=evidence.gates,
        economy=appraised(case.economy),
        unknowns=_unknowns(outcomes, rules),
        remedies=_remedies(evidence, fired.kind),
        what_would_change=turning_points(case, rules, judge),
        stability=stability(case, rules, judge),
        pooling=pooling(case, rules, judge_of),
    )


def standing(case: Case, ruleset: Ruleset | None = None) -> Standing:
    """Advice, the rule that gave it, and verdict and level of each indicator: `recommend` without its reasons.

    For many cases at once: working out what would change the advice takes some fifty times as long.
    """
    rules = rules_of(case) if ruleset is None else ruleset
    evidence = _evidence(pooled(case, rules), rules)
    return _standing(evidence, first_match(_outcomes(evidence))[1])


def judge_of(rules: Ruleset) -> Judge:
    """`standing` of variants of one case, its studies pooled, that differ in what dials and switches turn."""
    levels = Levels(rules)
    known: dict[Hashable, RuleOutcome] = {}
    held: dict[tuple[tuple[str, Tristate], ...], tuple[Gate, ...]] = {}

    def judge(case: Case) -> Standing:
        stated = tuple((name, fact.holds) for name, fact in case.gates.items())
        if stated not in held:
            held[stated] = gates(case, rules)
        valued = replace(case, economy=completed(case.economy))
        evidence = Evidence(valued, rules, graded(valued, rules, levels), held[stated])
        key = _read(evidence)
        if key not in known:
            known[key] = first_match(_outcomes(evidence))[1]
        return _standing(evidence, known[key])

    return judge


def _read(evidence: Evidence) -> Hashable:
    """Everything of a case that decides which rule fires."""
    economy = evidence.case.economy
    said = (
        (item.verdict, item.no_harm, item.certainty.lowest, item.certainty.highest, item.test and item.test.carried)
        for item in evidence.grade.indicators
    )
    sides = (
        _sides(economy.net_value, "net_value", evidence.ruleset),
        _sides(economy.probability_positive, "probability_positive", evidence.ruleset),
    )
    worth = (*sides, economy.value_in_named_segments)
    classes = tuple(economy.share_positive_by_size_class.items())
    return (*said, worth, classes, evidence.case.portfolio, tuple(gate.state for gate in evidence.gates))


def _sides(figure: float | None, threshold: str, ruleset: Ruleset) -> Hashable:
    """On which side of every rule's threshold of that name a figure lies: -1, 0 or 1; None where it is not known."""
    if figure is None:
        return None
    bars = [rule.at(threshold) for rule in ruleset.recommendations.values() if threshold in rule.values]
    return tuple((figure > bar) - (figure < bar) for bar in bars)


def _standing(evidence: Evidence, fired: RuleOutcome) -> Standing:
    graded = tuple((item.verdict, item.certainty.level) for item in evidence.grade.indicators)
    return fired.kind, fired.rule, graded


def _evidence(case: Case, ruleset: Ruleset) -> Evidence:
    valued = replace(case, economy=completed(case.economy))
    return Evidence(valued, ruleset, graded(valued, ruleset), gates(valued, ruleset))


def _outcomes(evidence: Evidence) -> tuple[RuleOutcome, ...]:
    rules = evidence.ruleset.recommendations
    return (
        _invalid(evidence, rules["R0"]),
        _harm(evidence, rules["R1"]),
        _all(rules["R2"], _everywhere(evidence, rules["R2"])),
        _all(rules["R3"], _in_stages(evidence, rules["R3"])),
        _all(rules["R4"], (*no_gain(evidence, rules["R4"]), nothing_better(evidence))),
        _all(rules["R5"], extension_pays(evidence, rules["R5"])),
        _all(rules["R6"], (value_negative(evidence, rules["R6"]), nothing_better(evidence))),
        _all(rules["R7"], ()),
    )


def _all(rule: Rule, conditions: tuple[Condition, ...]) -> RuleOutcome:
    """A rule with one answer that applies when all its conditions do."""
    state = all_of(condition.state for condition in conditions)
    kinds = tuple(Kind(kind) for kind in rule.kinds)
    return RuleOutcome(rule.id, kinds[0], kinds, Message(rule.title), state, conditions, rule.source)


def _invalid(evidence: Evidence, rule: Rule) -> RuleOutcome:
    conditions = gate_conditions(evidence, "validity")
    state = negate(hold(evidence.gates, "validity"))
    kinds = tuple(Kind(kind) for kind in rule.kinds)
    return RuleOutcome(rule.id, kinds[0], kinds, Message(rule.title), state, conditions, rule.source)


def _harm(evidence: Evidence, rule: Rule) -> RuleOutcome:
    """Stops where the certainty is known to suffice and the evidence to be valid; else pauses."""
    seen = harmed(evidence, rule.at("pause_certainty"))
    sure = harm_known_to_count(evidence, rule.at("stop_certainty"))
    stop = all_of([hold(evidence.gates, "validity"), any_of(condition.state for condition in sure)])
    state = any_of(condition.state for condition in seen)
    kinds = tuple(Kind(kind) for kind in rule.kinds)
    kind = Kind.STOP if stop else Kind.PAUSE_AND_REVIEW
    return RuleOutcome(rule.id, kind, kinds, Message(rule.title), state, (*seen, *sure), rule.source)


def _proof(evidence: Evidence, rule: Rule) -> tuple[Condition, ...]:
    """What every roll-out asks of gates, claims and harm."""
    return (
        *gate_conditions(evidence, "roll_out"),
        improvement_claimed(evidence, rule),
        claims_proven(evidence, rule),
        *no_harm(evidence),
        *guardrails_certain(evidence, rule),
    )


def _everywhere(evidence: Evidence, rule: Rule) -> tuple[Condition, ...]:
    return (
        *_proof(evidence, rule),
        value_positive(evidence, rule),
        value_likely(evidence, rule),
        value_everywhere(evidence, rule),
        enough_sites(evidence, rule),
        strata_covered(evidence, rule),
    )


def _in_stages(evidence: Evidence, rule: Rule) -> tuple[Condition, ...]:
    return (*_proof(evidence, rule), value_nationally_or_in_segments(evidence, rule))


def _reasons(fired: RuleOutcome, outcomes: tuple[RuleOutcome, ...]) -> tuple[Condition, ...]:
    """The conditions that decided: the failing gates of R0, the harm of R1, for R7 what a roll-out in stages lacks."""
    if fired.rule == "R0":
        return tuple(condition for condition in fired.conditions if condition.state is False)
    if fired.rule == "R1":
        return tuple(condition for condition in fired.conditions if condition.state is True)
    if fired.conditions:
        return fired.conditions
    stages = next(outcome for outcome in outcomes if outcome.rule == "R3")
    return tuple(condition for condition in stages.conditions if condition.state is not True)


def _unknowns(outcomes: tuple[RuleOutcome, ...], ruleset: Ruleset) -> tuple[Unknown, ...]:
    """Every fact an unknown condition waits for, once, with all rules that wait; binding ones first."""
    waiting: dict[tuple[str | None, str], list[RuleOutcome]] = {}
    for outcome in outcomes:
        for missing in dict.fromkeys(pair for condition in outcome.conditions for pair in condition.missing):
            waiting.setdefault(missing, []).append(outcome)
    unknowns = [
        Unknown(
            name,
            indicator,
            Message(ruleset.inputs[name].title),
            Message(ruleset.supplier(name)),
            tuple(outcome.rule for outcome in rules),
            any(outcome.state is None for outcome in rules),
        )
        for (indicator, name), rules in waiting.items()
    ]
    return tuple(sorted(unknowns, key=lambda unknown: not unknown.binding))


def _remedies(evidence: Evidence, kind: Kind) -> tuple[Message, ...]:
    """How to mend the gates that fail and, while evidence is lacking, what would raise the primaries' certainty."""
    mended = [gate.remedy for gate in evidence.gates if gate.state is False]
    if kind in (Kind.NOT_ENOUGH_EVIDENCE, Kind.EXTEND):
        mended += [remedy for item in evidence.primaries for remedy in item.certainty.remedies]
    return tuple({remedy.template: remedy for remedy in mended}.values())
