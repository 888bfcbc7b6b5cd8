"""Cross-checks between files that state the same figure: plan, result, a pilot's case and the pooled case."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from effects.bundle.differences import ABSENT, Difference, same, shown
from effects.plan import AnalysisPlan
from effects.planning.sections import Outcome
from effects.rules.claims import standard_error
from effects.rules.indicator import Indicator

PLANNED: Final = ("role", "domain", "better", "minimal_important", "margin")
FIGURES: Final = ("estimate", "standard_error", "df", "p_value")
LIMITS: Final = ("level", "low", "high")
FROM_CHECKS: Final = {"breakdown": "honest_did_breakdown", "baseline_g": "balance_after_weighting"}
CLUSTERS: Final = "clusters_per_arm"
UNSOUND: Final = "small_sample_inference"
ROUNDING: Final = 1e-12
"""Relative room for a standard error that is worked out from an interval."""


def in_the_plan(
    file: str, indicators: Sequence[Mapping[str, Any]], plan: AnalysisPlan, source: str
) -> Iterator[Difference]:
    """Where a case's indicators are not the outcomes of the plan, in its order."""
    outcomes = plan.analysed
    if len(indicators) != len(outcomes):
        yield Difference(file, "indicator", f"{len(indicators)}", f"{len(outcomes)}", source)
    for place, (indicator, outcome) in enumerate(zip(indicators, outcomes, strict=False)):
        planned = {name: getattr(outcome, name) for name in PLANNED}
        planned |= {"claim": outcome.claim or "better", "design": plan.design}
        if outcome.name:
            planned["name"] = outcome.name
        yield from _compared(file, f"indicator[{place}]", indicator, planned, source)


def in_the_result(
    file: str,
    indicators: Sequence[Mapping[str, Any]],
    outcomes: Sequence[Outcome],
    result: Mapping[str, Any],
    source: str,
) -> Iterator[Difference]:
    """Where a case's figures are not those that the result states for the planned effect of each outcome."""
    entries, checks = _records(result, "estimates"), _records(result, "diagnostics")
    for place, (indicator, outcome) in enumerate(zip(indicators, outcomes, strict=False)):
        entry = next((one for one in entries if _headline(one, outcome.column)), {})
        statistics = {
            str(one.get("name")): one.get("statistic") for one in checks if one.get("outcome") == outcome.column
        }
        figures = _figures(entry) if entry.get("kind") == "estimate" and UNSOUND not in statistics else {}
        expected = {name: figures.get(name) for name in (*FIGURES, *LIMITS)}
        expected |= {name: statistics.get(check) for name, check in FROM_CHECKS.items() if name in indicator}
        in_an_arm = entry.get("clusters") if indicator.get("design") == "stepped_wedge" else statistics.get(CLUSTERS)
        expected |= {"clusters_treated": in_an_arm, "clusters_control": in_an_arm}
        yield from _compared(file, f"indicator[{place}]", indicator, expected, source)


def in_the_pilots(
    file: str,
    indicators: Sequence[Mapping[str, Any]],
    pilots: Mapping[str, tuple[str, Sequence[Indicator]]],
    level: float,
) -> Iterator[Difference]:
    """Where the pooled case states a number that no pilot's case holds, or a study that its pilot does not.

    `pilots`: the case file of each pilot and its indicators, by the name of its study.
    """
    for place, indicator in enumerate(indicators):
        where = f"indicator[{place}]"
        alike = {study: _named(of, indicator) for study, (_, of) in pilots.items()}
        for number, study in enumerate(_records(indicator, "study")):
            at = f"{where}.study[{number}]"
            own = alike.get(str(study.get("pilot")))
            if own is None:
                yield Difference(file, f"{at}.pilot", shown(study.get("pilot")), ABSENT, "bundle.json")
                continue
            expected = {"estimate": own.estimate, "standard_error": standard_error(own, level)}
            yield from _compared(file, at, study, expected, pilots[str(study["pilot"])][0])
        yield from _unsupported(file, where, indicator, [own for own in alike.values() if own], pilots)


def _unsupported(
    file: str,
    where: str,
    indicator: Mapping[str, Any],
    alike: Sequence[Indicator],
    pilots: Mapping[str, tuple[str, Sequence[Indicator]]],
) -> Iterator[Difference]:
    """Numbers of a pooled indicator that are those of none of its pilots; a margin may be the important difference."""
    sources = ", ".join(case for case, _ in pilots.values())
    for name, value in indicator.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        others = ("margin", "minimal_important") if name == "margin" else (name,)
        held = [getattr(own, other, None) for own in alike for other in others]
        if not any(_equal(value, one) for one in held):
            known = sorted({one for one in held if isinstance(one, int | float)})
            yield Difference(file, f"{where}.{name}", shown(value), ", ".join(map(shown, known)) or ABSENT, sources)


def _named(indicators: Sequence[Indicator], stated: Mapping[str, Any]) -> Indicator | None:
    """The pilot's indicator of the same name and direction; the pooled name may say the direction in brackets."""
    better = str(stated.get("better"))
    name = _folded(str(stated.get("name")).removesuffix(f" ({better})"))
    whole = _folded(str(stated.get("name")))
    return next((own for own in indicators if own.better == better and _folded(own.name) in (name, whole)), None)


def _folded(name: str) -> str:
    return " ".join(name.casefold().split())


def _headline(entry: Mapping[str, Any], column: str) -> bool:
    return entry.get("outcome") == column and entry.get("analysis") == "primary" and not entry.get("subgroup")


def _figures(entry: Mapping[str, Any]) -> dict[str, Any]:
    interval = entry.get("interval")
    limits = interval if isinstance(interval, dict) else {}
    return {name: entry.get(name) for name in FIGURES} | {name: limits.get(name) for name in LIMITS}


def _records(record: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    found = record.get(name)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _compared(
    file: str, where: str, stated: Mapping[str, Any], expected: Mapping[str, Any], source: str
) -> Iterator[Difference]:
    for name, value in expected.items():
        if not _equal(stated.get(name), value):
            found = ABSENT if value is None else shown(value)
            held = shown(stated[name]) if name in stated else ABSENT
            yield Difference(file, f"{where}.{name}", held, found, source)


def _equal(stated: Any, found: Any) -> bool:
    """Equal as numbers whatever way they are written, or as texts."""
    if isinstance(stated, int | float) and isinstance(found, int | float):
        return same(stated, found, ROUNDING)
    return bool(stated == found)
