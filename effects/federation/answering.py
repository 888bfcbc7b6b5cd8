"""Which answers of a plan sums give and which need rows, said before anybody collects; reads no row and no engine."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from effects.codes import Adjustment, Design, WorkingModel
from effects.compression.plan_reasons import BY_CLUSTER, About, PlanReason, plan_reasons, within_units
from effects.message import Message
from effects.planning.sections import PlanSections
from effects.planning.settings import Settings, settle

_TOGETHER: Final = frozenset({Adjustment.WESTFALL_YOUNG, Adjustment.ROMANO_WOLF})


@dataclass(frozen=True, slots=True)
class Answerable:
    """One answer that the plan leads to; where sums do not give it, why, and what to state instead.

    `outcome` is None for what concerns several outcomes.
    """

    outcome: str | None
    what: Message
    on_moments: bool
    reason: Message | None = None
    remedy: Message | None = None


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether authorities may send moments for a plan; only where every one of its answers is given by them.

    `reasons` is everything that stands in the way, each with its remedy.
    """

    on_moments: bool
    answers: tuple[Answerable, ...]
    reasons: tuple[PlanReason, ...]


def readiness(plan: PlanSections) -> Readiness:
    """What of a plan is answered from moments."""
    settings, _ = settle(plan)
    reasons = tuple(plan_reasons(plan, settings))
    return Readiness(not reasons, tuple(_answers(plan, settings, reasons)), reasons)


def squares_leave(plan: PlanSections, settings: Settings) -> bool:
    """Whether the effects or a second opinion need the squares of outcomes; else these are kept back."""
    likely = plan.design in (Design.CLUSTER_RANDOMISED, Design.STEPPED_WEDGE) and not within_units(plan, settings)
    return likely or effects_need_squares(settings)


def effects_need_squares(settings: Settings) -> bool:
    """Whether there is no effect, or no error of it, without the squares of outcomes."""
    mixed = settings.working_model not in (None, WorkingModel.FIXED_EFFECTS)
    return mixed or settings.standard_error not in BY_CLUSTER


def _answers(plan: PlanSections, settings: Settings, reasons: tuple[PlanReason, ...]) -> Iterator[Answerable]:
    kind = {"kind": settings.standard_error.value}
    for outcome in plan.outcomes:
        own = [found for found in reasons if found.about == "effect" and found.outcome in (None, outcome.column)]
        yield _answer(outcome.column, Message("the effect, with standard errors {kind}", kind), own)
        if settings.bootstrap is not None:
            yield _answer(outcome.column, Message("the p-value by bootstrap"), own)
        if settings.permutation_draws is not None:
            found = _about("permutation", reasons)
            yield _answer(outcome.column, Message("the p-value by permutation"), [*found, *own])
    if not reasons:
        for what, reason in _second_opinions(plan, settings):
            yield Answerable(None, what, on_moments=False, reason=reason)
    for index in plan.indices:
        yield _answer(index.name, Message("the effect on the index"), _about("index", reasons))
    for subgroup in plan.subgroups:
        what = Message("the effects by {column}", {"column": subgroup.column})
        yield _answer(None, what, _about("subgroup", reasons))
    if {settings.adjust_primary, settings.adjust_secondary} & _TOGETHER:
        yield _answer(None, Message("p-values of outcomes resampled together"), _about("together", reasons))


def _second_opinions(plan: PlanSections, settings: Settings) -> Iterator[tuple[Message, Message]]:
    """What rows would show beside the effects and an authority's sums do not, and why."""
    if plan.design is Design.STEPPED_WEDGE and within_units(plan, settings):
        yield (
            Message("second opinions: mixed models (nested exchangeable, Hussey and Hughes, by time since the start)"),
            Message("sums within units do not tell clusters apart"),
        )
    if plan.design is Design.TWO_PERIOD_DID:
        yield (
            Message("a second opinion: placebos, where few units are treated"),
            Message("placebos are the changes of single units"),
        )
    if plan.design is Design.STAGGERED_ADOPTION:
        yield (
            Message("second opinions: imputation, Sun and Abraham, two-way fixed effects"),
            Message("other estimators look at every unit in every period"),
        )


def _about(about: About, reasons: tuple[PlanReason, ...]) -> list[PlanReason]:
    return [found for found in reasons if found.about == about]


def _answer(outcome: str | None, what: Message, reasons: list[PlanReason]) -> Answerable:
    if not reasons:
        return Answerable(outcome, what, on_moments=True)
    return Answerable(outcome, what, on_moments=False, reason=reasons[0].reason, remedy=reasons[0].remedy)
