"""From the approved cases of several pilots to one case of their technology. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, Final

from effects.case import Case, Economy, GateFact, Portfolio
from effects.codes import Better, Role
from effects.message import Message
from effects.rules.claims import standard_error
from effects.rules.indicator import Indicator, Study
from effects.rules.ruleset import load_ruleset
from effects.rules.tristate import all_of, any_of
from registry.evidence.reach import Reach
from registry.evidence.worst import worst

ALONE: Final = Message("No other pilot measured it, so it stands by itself.")
OTHER_WAY: Final = Message("Another pilot measures it with the opposite direction, so the two are kept apart.")
NO_ESTIMATE: Final = Message("In {pilots} of the pilots that measured it there is no estimate with its uncertainty.")

FIGURES: Final = (
    "estimate",
    "low",
    "high",
    "level",
    "p_value",
    "margin_p_value",
    "standard_error",
    "df",
    "stage_p_values",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What an approved assessment says of its pilot; `place` is the body that owns the pilot.

    `dated` is the day that its evidence is counted from when the pilots are laid in order of time.
    """

    pilot: int
    place: int
    dated: date
    case: Case


@dataclass(frozen=True, slots=True)
class Apart:
    """An indicator that is not pooled over all pilots, and why."""

    indicator: str
    reason: Message


@dataclass(frozen=True, slots=True)
class Pooled:
    """The case of the technology; `differing` are the inputs, by indicator, that the pilots state differently.

    `studies` are what each pilot found, the newest first, also where only one of them measured the indicator.
    """

    case: Case
    studies: Mapping[str, tuple[Study, ...]]
    apart: tuple[Apart, ...]
    differing: Mapping[str, tuple[str, ...]]


def pooled_case(told: Sequence[Told], reach: Reach, information: Sequence[float] = ()) -> Pooled:
    """One case from the newest approved assessment of each pilot, the newest first (at least one).

    Indicators are matched by name and direction; the words of the plan (role, claim, important difference) are those
    of the newest pilot, everything that certainty depends on is the worst that is known. Each pilot is a study.
    """
    groups = _grouped(told)
    ways = [name for name, _ in groups]
    indicators, apart, differing, studies = [], [], {}, {}
    for (key, better), measured in groups.items():
        turned = ways.count(key) > 1
        indicator, differs = _together(measured)
        if turned and better is not _first_way(groups, key):
            indicator = replace(indicator, name=f"{indicator.name} ({better.value})")
        apart += [Apart(indicator.name, reason) for reason in _reasons(measured, turned, len(told))]
        indicators.append(indicator)
        studies[indicator.name] = tuple(study for study in (_study(*one) for one in measured) if study)
        if differs:
            differing[indicator.name] = differs
    newest = told[0].case
    case = replace(
        newest,
        indicators=tuple(indicators),
        portfolio=_portfolio(told, reach),
        economy=_dearest([one.case.economy for one in told]),
        gates=_gates([one.case for one in told]),
        analysed_by_supplier_or_owner=any_of(one.case.analysed_by_supplier_or_owner for one in told),
        information=tuple(information) or (newest.information if len(told) == 1 else ()),
    )
    return Pooled(case, studies, tuple(apart), differing)


def counted(told: Told, reach: Reach) -> Case:
    """The case of a technology's only pilot; what it does not state about its reach is counted from the registry."""
    stated = told.case.portfolio
    registry = _portfolio([told], reach)
    unknown = {one.name: getattr(registry, one.name) for one in fields(stated) if getattr(stated, one.name) is None}
    return replace(told.case, portfolio=replace(stated, **unknown))


def studies_of(told: Sequence[Told]) -> dict[str, tuple[Study, ...]]:
    """What each pilot found, by the indicator's name; for pilots whose indicators are named alike."""
    groups = _grouped(told).values()
    return {group[0][1].name: tuple(study for study in (_study(*one) for one in group) if study) for group in groups}


_Group = dict[tuple[str, Better], list[tuple[Told, Indicator]]]


def _grouped(told: Sequence[Told]) -> _Group:
    groups: _Group = {}
    for one in told:
        for indicator in one.case.indicators:
            key = " ".join(indicator.name.casefold().split()), indicator.better
            groups.setdefault(key, []).append((one, indicator))
    return groups


def _first_way(groups: _Group, name: str) -> Better:
    return next(better for known, better in groups if known == name)


def _together(measured: Sequence[tuple[Told, Indicator]]) -> tuple[Indicator, tuple[str, ...]]:
    """The indicator with the figures of its only study, or with its studies and no figures of its own yet."""
    newest = measured[0][1]
    if len(measured) == 1:
        return newest, ()
    answers, differs = worst([indicator for _, indicator in measured])
    margins = [one.margin for _, one in measured if one.margin is not None]
    margin = min([*margins, *([newest.minimal_important] if newest.minimal_important else [])]) if margins else None
    studies = [study for study in (_study(*one) for one in measured) if study]
    figures: dict[str, Any] = dict.fromkeys(FIGURES) | {"stage_p_values": ()}
    if len(studies) == 1:
        alone = next(indicator for one, indicator in measured if _study(one, indicator))
        figures = {name: getattr(alone, name) for name in FIGURES}
    indicator = replace(newest, **answers, **figures, margin=margin, predictive_low=None, predictive_high=None)
    return replace(indicator, studies=tuple(studies) if len(studies) > 1 else ()), differs


def _study(told: Told, indicator: Indicator) -> Study | None:
    error = standard_error(indicator, load_ruleset().constant("level"))
    if indicator.estimate is None or error is None:
        return None
    return Study(
        pilot=str(told.pilot),
        estimate=indicator.estimate,
        standard_error=error,
        date=told.dated.isoformat(),
        cluster=str(told.place),
    )


def _reasons(measured: Sequence[tuple[Told, Indicator]], turned: bool, pilots: int) -> Iterable[Message]:
    if turned:
        yield OTHER_WAY
    elif len(measured) == 1 < pilots:
        yield ALONE
    silent = sum(1 for one in measured if _study(*one) is None)
    if silent and pilots > 1:
        yield Message(NO_ESTIMATE.template, {"pilots": silent})


def _portfolio(told: Sequence[Told], reach: Reach) -> Portfolio:
    """What the registry counts over all pilots; what it cannot count is the worst that the cases state."""
    stated = [one.case.portfolio for one in told]
    newest = stated[0]
    municipalities, regions = reach.compared([one.pilot for one in told if _compares(one.case)])
    untested = [one.untested_size_classes for one in stated]
    groups = [one.untested_target_groups for one in stated]
    return replace(
        newest,
        pilots=len(stated),
        share_silent=reach.share_silent,
        untested_size_classes=_most(untested) if reach.untested is None else reach.untested,
        untested_target_groups=_most(groups),
        major_version_change=any_of(one.major_version_change for one in stated),
        municipalities_with_comparison=municipalities or newest.municipalities_with_comparison,
        regions_with_comparison=regions or newest.regions_with_comparison,
        strata_covered=newest.strata_covered if reach.strata_covered is None else reach.strata_covered,
    )


def _compares(case: Case) -> bool:
    """Whether every primary indicator was measured beside a comparison, as far as its design tells."""
    designs = load_ruleset().designs
    primary = [designs.get(item.design or "") for item in case.indicators if item.role is Role.PRIMARY]
    return bool(primary) and all(design is not None and design.arms for design in primary)


def _most(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return max(known) if len(known) == len(values) else None


def _dearest(stated: Sequence[Economy]) -> Economy:
    """Of the economies that the cases state the one that is worth least; a business case takes its place later."""
    known = [one for one in stated if one.net_value is not None]
    return min(known, key=lambda one: one.net_value or 0.0) if known else stated[0]


def _gates(cases: Sequence[Case]) -> dict[str, GateFact]:
    """A gate holds where it holds for every pilot; it says what it rests on in those that decide it."""
    found = {}
    for gate in dict.fromkeys(name for case in cases for name in case.gates):
        facts = [case.gates.get(gate, GateFact(None)) for case in cases]
        holds = all_of(fact.holds for fact in facts)
        why = dict.fromkeys(fact.why for fact in facts if fact.holds is holds and fact.why)
        found[gate] = GateFact(holds, " ".join(why) or None)
    return found
