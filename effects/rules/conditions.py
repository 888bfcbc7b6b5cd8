"""Conditions about harm, proven claims and certainty, one indicator at a time or over all primaries."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from effects.codes import Claim
from effects.grading import IndicatorGrade
from effects.message import Message
from effects.rules.evidence import Condition, Evidence, Missing, condition
from effects.rules.ruleset import Rule
from effects.rules.steps import Value
from effects.rules.tristate import Tristate, above, all_of, any_of, below, negate
from effects.rules.verdicts import Verdict

NO_GAIN = (Verdict.LITTLE_OR_NO_EFFECT, Verdict.HARM, Verdict.IMPORTANT_HARM)


def harmed(evidence: Evidence, level: float) -> tuple[Condition, ...]:
    """Important harm at a certainty of at least `level`, for each primary and guardrail that may count."""
    return tuple(_harmed(evidence, item, level) for item in (*evidence.primaries, *evidence.guardrails))


def harm_known_to_count(evidence: Evidence, level: float) -> tuple[Condition, ...]:
    """As `harmed`, and the indicator is known to have stood in the plan."""
    planned = {item.name: item.in_plan for item in evidence.case.indicators}
    return tuple(
        replace(
            condition,
            state=all_of([condition.state, planned[item.name]]),
            missing=condition.missing or (((item.name, "in_plan"),) if planned[item.name] is None else ()),
        )
        for item in (*evidence.primaries, *evidence.guardrails)
        for condition in (_harmed(evidence, item, level),)
    )


def claims_proven(evidence: Evidence, rule: Rule) -> Condition:
    """At least r claims proven in enough domains, each at the rule's certainty."""
    level, required = rule.at("certainty"), evidence.grade.conjunction.required
    domains = int(evidence.ruleset.constant("domains_required"))
    states = [(item, all_of([_wins(item), item.certainty.reaches(level)])) for item in evidence.primaries]
    sure = [item for item, state in states if state]
    possible = [item for item, state in states if state is not False]
    waiting = [item for item, state in states if state is None]
    shown = [item for item in evidence.primaries if _wins(item)]
    proven = {"shown": len(shown), "proven": len(sure), "domains": len({item.domain for item in sure})}
    bounds = {"level": int(level), "required": required, "across": domains}
    message = Message(
        "{proven} claims in {domains} domains proven at certainty {level} or more; needed: {required} in {across}",
        {**proven, **bounds},
    )
    if waiting:
        message = Message(
            "{shown} claims shown; {proven} surely at certainty {level} or more with the facts at hand, in {domains} "
            "domains; needed: {required} in {across}",
            {**proven, **bounds},
        )
    return condition(
        "claims_proven",
        True if _enough(sure, required, domains) else None if _enough(possible, required, domains) else False,
        message,
        proven,
        {"claims_required": required, "domains_required": domains, "level": level},
        _waits(evidence, waiting),
    )


def improvement_claimed(evidence: Evidence, rule: Rule) -> Condition:
    """At least one primary claims to be better, not only not worse; from version 2 on such a claim is proven."""
    claims = {item.name: item.test.claim.value for item in evidence.primaries if item.test is not None}
    if rule.improvement_proven:
        better = [item for item in evidence.primaries if _claims_better(item)]
        proven = any_of(_wins(item) for item in better)
        waits = _waits(evidence, [item for item in better if _wins(item) is None])
        return condition(
            "improvement_proven", proven, Message("At least one claim of an improvement is proven"), claims, {}, waits
        )
    message = Message("At least one primary indicator claims an improvement")
    return condition("improvement_claimed", Claim.BETTER.value in claims.values(), message, claims, {})


def no_harm(evidence: Evidence) -> tuple[Condition, ...]:
    """Every primary not proven, and every guardrail, excludes the margin (intersection-union test, Berger 1982)."""
    return tuple(
        condition(
            "no_harm",
            any_of([_carried(item), item.no_harm]),
            Message("{indicator}: a harm of the margin is excluded, or its claim proven", {"indicator": item.name}),
            {"low": item.effect.low},
            {},
            (pair for one in (item,) for pair in evidence.unread(one)),
        )
        for item in (*evidence.primaries, *evidence.guardrails)
    )


def guardrails_certain(evidence: Evidence, rule: Rule) -> tuple[Condition, ...]:
    """Every guardrail has the rule's certainty."""
    level = rule.at("guardrail_certainty")
    return tuple(
        condition(
            "guardrail_certain",
            item.certainty.reaches(level),
            _certain(item, int(level)),
            _certainty(item),
            {"level": level},
            (pair for one in (item,) for pair in evidence.ungraded(one)),
        )
        for item in evidence.guardrails
    )


def no_gain(evidence: Evidence, rule: Rule) -> tuple[Condition, ...]:
    """Little or no effect, or harm, on every primary at the rule's certainty; false without a primary.

    From version 2 on: an important benefit is excluded for every claim of an improvement; false without such a claim.
    """
    relative = rule.relative_to_statement
    asked = [item for item in evidence.primaries if not relative or _claims_better(item)]
    if not asked:
        return (condition("no_gain", False, Message("There is no primary indicator"), {}, {}),)
    level = rule.at("certainty")
    template = Message("{indicator}: little or no effect, or harm, at certainty {level} or more")
    if relative:
        template = Message("{indicator}: an important benefit is excluded at certainty {level} or more")
    return tuple(
        condition(
            "no_gain",
            all_of([_gains_nothing(item) if relative else _is(item, NO_GAIN), item.certainty.reaches(level)]),
            Message(template.template, {"indicator": item.name, "level": int(level)}),
            _found(item),
            {"level": level},
            _waits(evidence, [item]),
        )
        for item in asked
    )


def nothing_better(evidence: Evidence) -> Condition:
    """No claim of an improvement is proven."""
    tests = {item.name: item.test for item in evidence.primaries if item.test is not None}
    claims = {name: test for name, test in tests.items() if test.claim is Claim.BETTER}
    waiting = [item for item in evidence.primaries if item.name in claims and _carried(item) is None]
    return condition(
        "nothing_better",
        negate(any_of(test.carried for test in claims.values())),
        Message("No claim of an improvement is proven"),
        {name: test.p_adjusted for name, test in claims.items()},
        {"alpha": evidence.ruleset.constant("alpha")},
        (pair for item in waiting for pair in evidence.unread(item)),
    )


def _claims_better(item: IndicatorGrade) -> bool:
    return item.test is not None and item.test.claim is Claim.BETTER


def _gains_nothing(item: IndicatorGrade) -> Tristate:
    """Whether the interval shows no benefit and excludes an important one."""
    return all_of([negate(above(item.effect.low, 0)), item.no_importance])


def _harmed(evidence: Evidence, item: IndicatorGrade, level: float) -> Condition:
    harm = all_of([below(item.effect.high, 0), _is(item, (Verdict.IMPORTANT_HARM,))])
    return condition(
        "important_harm",
        all_of([harm, item.certainty.reaches(level)]),
        Message(
            "{indicator}: important harm at certainty {level} or more", {"indicator": item.name, "level": int(level)}
        ),
        _found(item),
        {"level": level},
        _waits(evidence, [item]),
    )


def _found(item: IndicatorGrade) -> dict[str, Value]:
    return {"verdict": item.verdict, **_certainty(item)}


def _certainty(item: IndicatorGrade) -> dict[str, Value]:
    """The level, or its bounds while facts are missing."""
    if item.certainty.lowest == item.certainty.highest:
        return {"certainty": item.certainty.level}
    return {"certainty_lowest": item.certainty.lowest, "certainty_highest": item.certainty.highest}


def _certain(item: IndicatorGrade, level: int) -> Message:
    lowest, highest = item.certainty.lowest, item.certainty.highest
    if item.certainty.reaches(level) is not None:
        return Message("{indicator}: certainty is {level} or more", {"indicator": item.name, "level": level})
    return Message(
        "{indicator}: certainty is {level} or more; with the facts at hand it lies between {lowest} and {highest}",
        {"indicator": item.name, "level": level, "lowest": lowest, "highest": highest},
    )


def _is(item: IndicatorGrade, verdicts: tuple[Verdict, ...]) -> Tristate:
    return None if item.verdict is None else item.verdict in verdicts


def _wins(item: IndicatorGrade) -> Tristate:
    """Whether the claim is proven and, where it is of an improvement, of one that may matter."""
    if item.test is None or item.test.claim is Claim.NOT_WORSE:
        return _carried(item)
    return all_of([_carried(item), negate(_is(item, (Verdict.BENEFIT_BELOW_IMPORTANCE, Verdict.LITTLE_OR_NO_EFFECT)))])


def _carried(item: IndicatorGrade) -> Tristate:
    return False if item.test is None else item.test.carried


def _enough(items: Sequence[IndicatorGrade], required: int, domains: int) -> bool:
    return len(items) >= required and len({item.domain for item in items}) >= domains


def _waits(evidence: Evidence, items: Iterable[IndicatorGrade]) -> Iterator[Missing]:
    return (pair for item in items for read in (evidence.unread, evidence.ungraded) for pair in read(item))
