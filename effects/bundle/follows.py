"""What a result states that follows from its plan: identity, seed, defaults and the adjustment for several outcomes."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from effects.bundle.differences import Difference, differences, same, shown
from effects.codes import Role
from effects.inference.multiplicity import adjust
from effects.plan import AnalysisPlan
from effects.planning.rules import HEADLINES
from effects.planning.settings import DEFAULT_SEED, settle
from effects.serialize import plain

SEED: Final = "inference.seed"
"""A default that stands there only where the plan needs a seed and none was given; the seed itself is checked."""

RESAMPLED: Final = frozenset({"westfall_young", "romano_wolf"})
ROUNDING: Final = 1e-9


def follows_from_the_plan(
    file: str, result: Mapping[str, Any], plan: AnalysisPlan, source: str
) -> Iterator[Difference]:
    """Where a result is not one of this plan, or was not carried out as the plan and its defaults say."""
    settings, defaults = settle(plan, DEFAULT_SEED)
    own = plan.inference.seed
    seeds = (own,) if own is not None else (None, DEFAULT_SEED)
    identity = {"fingerprint": plan.fingerprint, "title": plan.title}
    yield from differences(file, result.get("plan"), identity, source=source, where="$.plan")
    if result.get("seed") not in seeds:
        yield Difference(file, "$.seed", shown(result.get("seed")), shown(seeds[-1]), source)
    stated = result.get("defaults")
    taken = {name: value for name, value in stated.items() if name != SEED} if isinstance(stated, dict) else stated
    yield from differences(file, taken, plain(defaults), source=source, where="$.defaults")
    entries = result.get("estimates")
    listed = list(enumerate(entries)) if isinstance(entries, list) else []
    roles = {outcome.column: outcome.role for outcome in plan.analysed}
    for role, method in ((Role.PRIMARY, settings.adjust_primary), (Role.SECONDARY, settings.adjust_secondary)):
        family = [(place, entry) for place, entry in listed if _claims(entry) and roles.get(entry["outcome"]) is role]
        if method not in RESAMPLED:
            yield from _adjusted(file, family, method, source)


def _adjusted(
    file: str, family: Sequence[tuple[int, Mapping[str, Any]]], method: Any, source: str
) -> Iterator[Difference]:
    """An effect that could not be estimated keeps its place in the family, as unproven."""
    values = [entry.get("p_value") for _, entry in family]
    plain_values = [float(value) if isinstance(value, int | float) else 1.0 for value in values]
    for (place, entry), found in zip(family, adjust(plain_values, method), strict=True):
        stated = entry.get("p_adjusted")
        if entry.get("kind") == "estimate" and not same(stated, found, ROUNDING):
            yield Difference(file, f"$.estimates[{place}].p_adjusted", shown(stated), shown(found), source)


def _claims(entry: Any) -> bool:
    """Whether an entry is the planned effect of an outcome."""
    return (
        isinstance(entry, dict)
        and entry.get("analysis") == "primary"
        and str(entry.get("aggregation")) in HEADLINES
        and isinstance(entry.get("outcome"), str)
    )
