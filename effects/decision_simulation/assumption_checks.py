"""Everything that keeps a plan from being simulated: what is missing and what cannot be."""

from collections.abc import Iterator, Sequence
from math import inf
from typing import Final

from effects.codes import Design
from effects.decision_simulation.assumptions import Assumptions, Expectation, power_of
from effects.errors import Finding
from effects.plan import AnalysisPlan
from effects.planning.sections import Outcome
from effects.power import PowerError, Unattainable, solve

SEVERAL_PERIODS: Final = frozenset(Design) - {
    Design.INDIVIDUAL_RANDOMISED,
    Design.CLUSTER_RANDOMISED,
    Design.MATCHED_COMPARISON,
    Design.TWO_PERIOD_DID,
    Design.BEFORE_AFTER,
    Design.SURVEY_BEFORE_AFTER,
}
"""Designs whose precision depends on how many periods there are."""


def problems(plan: AnalysisPlan, decisive: Sequence[Outcome], planned: Assumptions) -> Iterator[Finding]:
    """All findings about a plan's decisive outcomes and what is taken for granted of them."""
    yield from _whole(planned)
    yield from _outcomes(decisive, planned)
    yield from _design(plan, decisive, planned)


def _whole(planned: Assumptions) -> Iterator[Finding]:
    """What is the same for every outcome: missing, or out of its range."""
    if planned.pilots is None or planned.pilots < 1:
        yield Finding("pilots", "pilots_missing", "It is not said how many pilots there will be.", "State at least 1.")
    if planned.tau is None or planned.tau < 0.0:
        yield Finding(
            "tau",
            "tau_missing",
            "It is not said how far the effect differs between pilots.",
            "State tau in minimal important differences, 0 or more; 0.3 is usual.",
        )
    if planned.correlation is None or not 0.0 <= planned.correlation < 1.0:
        yield Finding(
            "correlation",
            "correlation_missing",
            "It is not said how the indicators of a pilot go together.",
            "State a correlation from 0 to below 1; 0.3 is usual.",
        )
    probability = planned.probability_positive
    if probability is not None and not 0.0 < probability < 1.0:
        yield Finding(
            "probability_positive",
            "not_a_probability",
            "The probability that a roll-out is worth its cost must lie between 0 and 1.",
            "State it, or leave it out where it is not known.",
        )


def _outcomes(decisive: Sequence[Outcome], planned: Assumptions) -> Iterator[Finding]:
    if not decisive:
        message, remedy = "The plan has no primary outcome and no guardrail.", "State what the decision rests on."
        yield Finding("outcome", "nothing_decisive", message, remedy)
    for outcome in decisive:
        where, about = f"outcomes.{outcome.column}", {"outcome": outcome.name or outcome.column}
        if outcome.minimal_important is None:
            yield Finding(
                where,
                "minimal_important_missing",
                "{outcome} has no minimal important difference: pilots are neither pooled nor graded without it.",
                "State minimal_important in the plan.",
                about,
            )
        told = planned.outcomes.get(outcome.column, Expectation())
        stated = (told.standard_error, told.sd, told.proportion)
        if stated == (None, None, None):
            yield Finding(
                where,
                "precision_missing",
                "It is not said how precisely {outcome} will be known.",
                "State the standard error of one pilot, or how far people differ (SD).",
                about,
            )
        if any(value is not None and not 0.0 < value < inf for value in stated) or not (told.proportion or 0.0) < 1.0:
            yield Finding(
                where,
                "not_a_spread",
                "The standard error, SD or proportion of {outcome} is impossible.",
                "State a positive number; a proportion lies between 0 and 1.",
                about,
            )
    for column in planned.outcomes.keys() - {outcome.column for outcome in decisive}:
        message, remedy = "{column} is no primary outcome and no guardrail of the plan.", "Leave it out."
        yield Finding(f"outcomes.{column}", "not_decisive", message, remedy, {"column": column})


def _design(plan: AnalysisPlan, decisive: Sequence[Outcome], planned: Assumptions) -> Iterator[Finding]:
    """What a standard error that is worked out needs to know of the design."""
    worked_out = [outcome for outcome in decisive if _spreads(planned.outcomes.get(outcome.column))]
    if not worked_out:
        return
    if not planned.clusters and plan.design is not Design.INTERRUPTED_TIME_SERIES:
        yield Finding(
            "clusters",
            "clusters_missing",
            "A standard error follows from an SD only when the clusters are counted.",
            "State how many clusters there are in each arm.",
        )
    if plan.design in SEVERAL_PERIODS and planned.periods is None:
        yield Finding("periods", "periods_missing", "The periods are not counted.", "State how many there are.")
    if plan.data.cluster is not None and planned.size is None:
        message, remedy = "The people of a cluster are not counted.", "State how many are measured in a period."
        yield Finding("size", "size_missing", message, remedy)
    if (planned.size or 1.0) > 1.0 and planned.icc is None:
        message, remedy = "It is not said how alike people of a cluster are.", "State the ICC; often 0.01 to 0.05."
        yield Finding("icc", "icc_missing", message, remedy)
    if planned.clusters or plan.design is Design.INTERRUPTED_TIME_SERIES:
        wrong = [found for outcome in worked_out for found in _power(plan, outcome, planned)]
        yield from {(found.where, found.code): found for found in wrong}.values()


def _power(plan: AnalysisPlan, outcome: Outcome, planned: Assumptions) -> Sequence[Finding]:
    try:
        answer = solve(power_of(plan, outcome, planned))
    except PowerError as error:
        return error.findings
    if isinstance(answer, Unattainable):
        return [Finding("clusters", "not_attainable", answer.detail.template, answer.needs.template)]
    return []


def _spreads(told: Expectation | None) -> bool:
    """Whether the standard error is to be worked out of what is stated, which is possible."""
    if told is None or told.standard_error is not None:
        return False
    return (told.sd or 0.0) > 0.0 or 0.0 < (told.proportion or 0.0) < 1.0
