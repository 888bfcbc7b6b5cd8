"""Whether the estimate is of what the plan says it is about: what is stated of spillover and of intercurrent events."""

from collections.abc import Iterator
from typing import Final

from effects.codes import Spillover, Strategy, Verdict
from effects.message import Message
from effects.planning.sections import PlanSections
from effects.results import Diagnostic

_AS_ANALYSED: Final = frozenset({Strategy.TREATMENT_POLICY, Strategy.COMPOSITE, Strategy.PRINCIPAL_STRATUM})
"""The strategies that an analysis of outcomes as they were observed, by assignment or by compliance, can carry out."""


def estimand_checks(plan: PlanSections) -> tuple[Diagnostic, ...]:
    """One check for each thing that the plan states beyond the estimand's name; nothing where it is silent.

    Strategies are those of ICH E9(R1), 2019.
    """
    return (*_spillover(plan), *_intercurrent(plan))


def _spillover(plan: PlanSections) -> Iterator[Diagnostic]:
    if plan.spillover is None:
        return
    beyond = plan.spillover is Spillover.BETWEEN_CLUSTERS
    yield _check(
        "spillover",
        Message("Can the untreated have been influenced by the treated?"),
        Message("Nobody untreated is influenced, or only within clusters that are assigned as a whole."),
        Verdict.WARN if beyond else Verdict.PASS,
        Message("influence between clusters is expected: the estimate is of the difference that remains")
        if beyond
        else Message("no influence between clusters is expected"),
    )


def _intercurrent(plan: PlanSections) -> Iterator[Diagnostic]:
    if not plan.intercurrent_events:
        return
    otherwise = [one.event for one in plan.intercurrent_events if one.strategy not in _AS_ANALYSED]
    events = ", ".join(one.event for one in plan.intercurrent_events)
    yield _check(
        "intercurrent_events",
        Message("Does the estimate take what happens after assignment as the plan says?"),
        Message("Every event is part of the treatment policy, of the outcome, or of who complies."),
        Verdict.WARN if otherwise else Verdict.PASS,
        Message("as observed, against the plan: {events}", {"events": ", ".join(otherwise)})
        if otherwise
        else Message("as the plan says: {events}", {"events": events}),
    )


def _check(name: str, question: Message, null: Message, verdict: Verdict, detail: Message) -> Diagnostic:
    return Diagnostic(
        name=name,
        question=question,
        null=null,
        statistic=1.0 if verdict is Verdict.WARN else 0.0,
        p_value=None,
        verdict=verdict,
        detail=detail,
    )
