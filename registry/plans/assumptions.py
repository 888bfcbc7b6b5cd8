"""What a simulation takes for granted: what is missing or cannot be meant, and the form as it is shown again. Pure."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from effects.codes import Role
from effects.errors import Finding
from effects.plan import AnalysisPlan
from effects.planning.sections import Outcome
from registry.plans.simulation_schemas import OFFERED, Prior, Simulating

ROW: Final = ("column", "standard_error", "sd", "effect")
ROUNDING: Final = 3.0
"""Percent by which rounded parts may miss 100; they are divided by what they come to."""
DECISIVE: Final = (Role.PRIMARY, Role.GUARDRAIL)


def decisive(plan: AnalysisPlan) -> tuple[Outcome, ...]:
    """The outcomes that can carry or bar a recommendation."""
    return tuple(outcome for outcome in plan.analysed if outcome.role in DECISIVE)


def truths(plan: AnalysisPlan) -> tuple[str, ...]:
    """The truths that a plan can be simulated under: some help only where there are two to help, and so on."""
    roles = [outcome.role for outcome in decisive(plan)]
    several, guarded = roles.count(Role.PRIMARY) > 1, Role.GUARDRAIL in roles
    kept = {"some_help": several, "primary_harmed": several, "guardrail_harmed": guarded}
    return tuple(name for name in Prior.__struct_fields__ if kept.get(name, True))


def offered(plan: AnalysisPlan) -> Prior:
    """What is offered to begin with, divided among the truths there are."""
    stated = {name: getattr(OFFERED, name) for name in truths(plan)}
    together = math.fsum(stated.values())
    return Prior(**{name: round(100 * percent / together) for name, percent in stated.items()})


def problems(stated: Simulating, plan: AnalysisPlan) -> Iterator[Finding]:
    """Everything that keeps the plan from being simulated under these assumptions."""
    yield from _outcomes(stated, decisive(plan))
    yield from _prior(stated, truths(plan))


def _outcomes(stated: Simulating, wanted: Sequence[Outcome]) -> Iterator[Finding]:
    known = {outcome.column: outcome for outcome in wanted}
    rows = {row.column: place for place, row in enumerate(stated.outcomes)}
    for place, row in enumerate(stated.outcomes):
        if row.column not in known:
            yield Finding(
                f"outcomes.{place}.column",
                "not_decisive",
                "{column} is no primary outcome and no guardrail of the plan.",
                "Leave it out.",
                {"column": row.column},
            )
    for place, outcome in enumerate(wanted):
        at = rows.get(outcome.column, place)
        precise = [one for one in stated.outcomes[at : at + 1] if one.standard_error is not None or one.sd is not None]
        if outcome.column not in rows or not precise:
            yield Finding(
                f"outcomes.{at}.standard_error",
                "precision_missing",
                "It is not said how precisely {outcome} will be known.",
                "State the standard error of one pilot, or how far people differ (SD).",
                {"outcome": outcome.name or outcome.column},
            )
    if stated.clusters is None and any(row.standard_error is None and row.sd is not None for row in stated.outcomes):
        yield Finding(
            "clusters",
            "clusters_missing",
            "A standard error follows from an SD only when the clusters are counted.",
            "State how many clusters there are in each arm.",
        )


def _prior(stated: Simulating, known: Sequence[str]) -> Iterator[Finding]:
    held = msgspec.structs.asdict(stated.prior)
    for name in held.keys() - set(known):
        if held[name] > 0:
            yield Finding(
                f"prior.{name}",
                "no_such_truth",
                "The plan has no outcomes that this truth could be about.",
                "Set it to 0 percent.",
            )
    together = math.fsum(held.values())
    if abs(together - 100.0) > ROUNDING:
        yield Finding(
            "prior.nothing_helps",
            "not_hundred",
            "The truths together are held to be {together:.1f} percent likely.",
            "Divide 100 percent among them.",
            {"together": together},
        )
    if stated.prior.own > 0 and all(row.effect is None for row in stated.outcomes):
        yield Finding(
            "prior.own",
            "own_truth_empty",
            "The truth of your own states no effect.",
            "State what it does to at least one outcome, or set it to 0 percent.",
        )


def typed(plan: AnalysisPlan, language: str, before: Simulating | None = None) -> dict[str, Any]:
    """The form's fields as the language writes them: the assumptions of an earlier simulation, else what is offered."""
    stated = Simulating(prior=offered(plan)) if before is None else before
    plain = {name: value for name, value in msgspec.structs.asdict(stated).items() if name not in ("outcomes", "prior")}
    named = {**plain, **{f"prior.{name}": value for name, value in msgspec.structs.asdict(stated.prior).items()}}
    return {name: _written(value, language) for name, value in named.items()}


def rows(
    values: Mapping[str, Any], plan: AnalysisPlan, language: str, before: Simulating | None = None
) -> list[dict[str, Any]]:
    """A row for each decisive outcome, with what was typed or what an earlier simulation took for granted."""
    given: dict[str, dict[str, Any]] = {}
    if "outcomes.column" in values:
        columns = [_many(values.get(f"outcomes.{name}", "")) for name in ROW]
        given = {row[0]: dict(zip(ROW, row, strict=True)) for row in zip(*columns, strict=False)}
    elif before is not None:
        given = {row.column: {name: _written(getattr(row, name), language) for name in ROW} for row in before.outcomes}
    empty = dict.fromkeys(ROW, "")
    return [{**empty, **given.get(one.column, {}), "outcome": one} for one in decisive(plan)]


def _written(value: object, language: str) -> str:
    """A number so that the form reads the same one back."""
    text = "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
    return text.replace(".", ",") if language == "da" and isinstance(value, float) else text


def _many(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
