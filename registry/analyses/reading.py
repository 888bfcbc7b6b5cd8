"""A result file beside its plan: each entry with its name, its words and its place in the forest plot."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from effects.codes import Aggregation, AnalysisRole, Better, Verdict
from effects.message import Message
from effects.planning.rules import HEADLINES
from effects.planning.sections import Outcome
from registry.analyses.rules import Meaning
from registry.analyses.schemas import Answer, Check, Effect, Figure

WORST: Final = (Verdict.FAIL, Verdict.WARN, Verdict.PASS, Verdict.INAPPLICABLE)


def under_agreed_names(outcomes: Sequence[Outcome], agreement: Mapping[str, Any]) -> tuple[Outcome, ...]:
    """The outcomes of a plan, each with a name of its own: the plan's, else the agreed indicator's, else its column.

    `agreement` is what was locked with the plan. Where two would be called alike the column follows in brackets.
    """
    agreed = {indicator["code"]: indicator["name"] for indicator in agreement.get("indicators", [])}
    names = [outcome.name or agreed.get(outcome.column) or outcome.column for outcome in outcomes]
    return tuple(
        replace(outcome, name=name if names.count(name) == 1 else f"{name} ({outcome.column})")
        for outcome, name in zip(outcomes, names, strict=True)
    )


def effects(result: Mapping[str, Any], outcomes: Sequence[Outcome]) -> list[Effect]:
    """The entries of a result file with the names and margins of the plan, in the file's order."""
    named = {outcome.column: outcome for outcome in outcomes}
    return [_effect(entry, named[entry["outcome"]]) for entry in result["estimates"]]


def primary(found: Sequence[Effect]) -> list[Effect]:
    """The answers that carry a claim, without second opinions, exploration, and where and when the effect arose."""
    return [
        effect
        for effect in found
        if effect.analysis == AnalysisRole.PRIMARY and effect.aggregation in HEADLINES and not effect.subgroup
    ]


def by_time(found: Sequence[Effect]) -> list[Effect]:
    """Where and when the effects of the plan arose: averages over cohorts, periods and times since the start."""
    return [
        effect
        for effect in found
        if effect.analysis == AnalysisRole.PRIMARY and effect.aggregation not in HEADLINES and not effect.subgroup
    ]


def second_opinions(found: Sequence[Effect]) -> list[Effect]:
    """The same effects by other methods."""
    return [effect for effect in found if effect.analysis == AnalysisRole.SENSITIVITY and not effect.subgroup]


def subgroups(found: Sequence[Effect]) -> list[Effect]:
    """Effects in parts of the rows, and differences between parts."""
    return [effect for effect in found if effect.subgroup]


def summary(found: Sequence[Effect]) -> Message:
    """The forest plot in one sentence: how many indicators point where."""
    counts = {kind: sum(effect.meaning == kind for effect in found) for kind in Meaning}
    if len({effect.aggregation for effect in found}) > 1:
        return Message(
            "Of {total} effects on {indicators} indicators, {better} are for the better and {worse} for the worse; "
            "{unclear} are not distinguishable from no effect, and {silent} cannot be estimated.",
            {
                "total": len(found),
                "indicators": len({effect.outcome for effect in found}),
                "better": counts[Meaning.IMPROVEMENT],
                "worse": counts[Meaning.DETERIORATION],
                "unclear": counts[Meaning.NOT_DISTINGUISHABLE],
                "silent": counts[Meaning.NOT_ESTIMABLE],
            },
        )
    return Message(
        "Of {total} indicators, {better} improved and {worse} deteriorated distinguishably from no effect; "
        "{unclear} are not distinguishable from no effect, and {silent} cannot be estimated.",
        {
            "total": len(found),
            "better": counts[Meaning.IMPROVEMENT],
            "worse": counts[Meaning.DETERIORATION],
            "unclear": counts[Meaning.NOT_DISTINGUISHABLE],
            "silent": counts[Meaning.NOT_ESTIMABLE],
        },
    )


def checks(result: Mapping[str, Any], outcomes: Sequence[Outcome]) -> list[Check]:
    """The diagnostics by question, in the file's order: one check each, with every indicator that it was asked of."""
    named = {outcome.column: outcome.name or outcome.column for outcome in outcomes}
    asked: dict[str, list[Answer]] = {}
    for entry in result["diagnostics"]:
        answer = Answer(
            indicator=named.get(entry["outcome"]),
            statistic=entry["statistic"],
            p_value=entry["p_value"],
            verdict=Verdict(entry["verdict"]),
            messages=entry["messages"],
        )
        asked.setdefault(entry["name"], []).append(answer)
    return [Check(min((answer.verdict for answer in found), key=WORST.index), found) for found in asked.values()]


def _effect(entry: Mapping[str, Any], outcome: Outcome) -> Effect:
    shared = {
        "outcome": outcome.column,
        "name": outcome.name or outcome.column,
        "role": outcome.role,
        "domain": outcome.domain,
        "better": outcome.better,
        "minimal_important": outcome.minimal_important,
        "aggregation": entry["aggregation"],
        "analysis": entry["analysis"],
        "subgroup": entry.get("subgroup"),
        **{name: entry.get(name) for name in ("cohort", "period", "event_time")},
        "messages": entry.get("messages", {}),
    }
    if entry["kind"] == "not_estimable":
        return Effect(
            meaning=Meaning.NOT_ESTIMABLE,
            reason=entry["reason"],
            detail=entry["detail"],
            needs=entry["needs"],
            **shared,
        )
    interval = entry["interval"]
    return Effect(
        meaning=_meaning(entry, outcome.better),
        estimate=entry["estimate"],
        standard_error=entry["standard_error"],
        standard_error_kind=entry["standard_error_kind"],
        df=entry["df"],
        level=interval["level"],
        low=interval["low"],
        high=interval["high"],
        p_value=entry["p_value"],
        p_adjusted=entry["p_adjusted"],
        p_permutation=entry["p_permutation"],
        p_bootstrap=entry["p_bootstrap"],
        rows=entry["rows"],
        clusters=entry["clusters"],
        estimator=entry["estimator"],
        note=entry["note"],
        figure=None
        if entry["aggregation"] == Aggregation.SLOPE_CHANGE
        else _figure(entry["estimate"], interval["low"], interval["high"], outcome),
        **shared,
    )


def _meaning(entry: Mapping[str, Any], better: Better) -> Meaning:
    p_value = entry["p_value"] if entry["p_adjusted"] is None else entry["p_adjusted"]
    if p_value > 1 - entry["interval"]["level"]:
        return Meaning.NOT_DISTINGUISHABLE
    improved = (entry["estimate"] > 0) == (better is Better.HIGHER)
    return Meaning.IMPROVEMENT if improved else Meaning.DETERIORATION


def _figure(estimate: float, low: float, high: float, outcome: Outcome) -> Figure | None:
    """The effect in minimal important differences, turned so that right is better; None without such a difference."""
    if not outcome.minimal_important:
        return None
    unit = outcome.minimal_important if outcome.better is Better.HIGHER else -outcome.minimal_important
    ends = sorted((low / unit, high / unit))
    return Figure(estimate=estimate / unit, low=ends[0], high=ends[1])
