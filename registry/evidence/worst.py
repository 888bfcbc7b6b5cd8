"""The worst that is known of one indicator where several pilots measured it; unknown in one is unknown. Pure."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from effects.rules.attrition import potential_bias
from effects.rules.indicator import Indicator
from effects.rules.ruleset import load_ruleset
from effects.rules.tristate import all_of, any_of

ATTRITION: Final = ("attrition_treated", "attrition_control")
VIOLATION: Final = ("breakdown", "observed_violation")


def _least(values: Sequence[Any]) -> Any:
    return None if None in values else min(values)


def _most(values: Sequence[Any]) -> Any:
    return None if None in values else max(values)


def _farthest(values: Sequence[Any]) -> Any:
    return None if None in values else max(values, key=abs)


ANYWHERE: Final[Mapping[str, Callable[[Sequence[Any]], Any]]] = {
    **dict.fromkeys(("has_baseline", "has_comparison", "blinded", "in_plan", "dose_response"), all_of),
    **dict.fromkeys(("self_report", "instruments_differ", "promoted_with_reason", "changed_after_data"), any_of),
    **dict.fromkeys(("clusters_treated", "clusters_control", "dose"), _least),
    **dict.fromkeys(("confounders_unmeasured", "contamination"), _most),
}
"""Inputs that every pilot answers, whatever its design."""

OF_DESIGN: Final[Mapping[str, Callable[[Sequence[Any]], Any]]] = {
    **dict.fromkeys(("diagnostics_passed", "placebos_enumerated", "baseline_adjusted"), all_of),
    "pre_periods": _least,
    "permutation_floor": _most,
    "baseline_g": _farthest,
}
"""Inputs that only some designs have; those of the weakest design are read."""


def worst(measured: Sequence[Indicator]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Inputs of the certainty rules that hold for all pilots together, and the names of those on which they differ.

    The design is the weakest by the ladder of rule set 1. Losses come as the pair of one pilot whose potential bias is
    the largest, and a breakdown as the pair that leaves the least room.
    """
    design = _weakest([one.design for one in measured])
    alike = [one for one in measured if design is None or one.design == design]
    answers: dict[str, Any] = {"design": design}
    answers |= {name: pick([getattr(one, name) for one in measured]) for name, pick in ANYWHERE.items()}
    answers |= {name: pick([getattr(one, name) for one in alike]) for name, pick in OF_DESIGN.items()}
    answers |= _pair(measured, ATTRITION, _bias) | _pair(alike, VIOLATION, lambda bears, seen: seen - bears)
    asked = [*answers, "minimal_important", "margin", "claim", "role"]
    return answers, tuple(name for name in asked if len({getattr(one, name) for one in measured}) > 1)


def _weakest(designs: Sequence[str | None]) -> str | None:
    known = load_ruleset().designs
    if any(design is None or design not in known for design in designs):
        return None
    return min((design for design in designs if design), key=lambda design: known[design].start)


def _pair(
    measured: Sequence[Indicator], names: tuple[str, str], badness: Callable[[float, float], float]
) -> dict[str, Any]:
    pairs = [tuple(getattr(one, name) for name in names) for one in measured]
    if any(None in pair for pair in pairs):
        return dict.fromkeys(names)
    return dict(zip(names, max(pairs, key=lambda pair: badness(*pair)), strict=True))


def _bias(treated: float, control: float) -> float:
    thresholds = load_ruleset().steps["A"]
    return potential_bias(treated, control, thresholds.at("alpha_more_lost"), thresholds.at("alpha_less_lost"))
