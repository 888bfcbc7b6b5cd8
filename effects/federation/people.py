"""Who stands behind each cluster: people who share the same rows but for the outcome, and what leaves of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from effects.compression.relation import Relation, label_of
from effects.compression.sampling import Sample, sample_of
from effects.federation.spanning import Alike
from effects.moments import CONSTANT, TREATED, Grams, OutcomeMoments
from effects.plan import AnalysisPlan
from effects.planning.sections import Outcome
from effects.rows.columns import Numbers

_LEVELS: Final = {"period": "p", "strata": "s", "": "''"}
_PRODUCT: Final = f"{TREATED} x "


@dataclass(frozen=True, slots=True)
class Members:
    """The people of one cluster, in groups of those alike, and the treatments found at each period or stratum."""

    people: float
    groups: tuple[Alike, ...]
    path: Mapping[str, frozenset[float]]


def members_of(relation: Relation, plan: AnalysisPlan, outcome: Outcome, moments: OutcomeMoments) -> dict[str, Members]:
    """The people behind each cluster of an outcome's cross-products, by one look at each unit.

    People are counted as `data.persons` states, the fewest in any row of a unit, else a unit is one; where no unit is
    stated every row is.
    """
    sample, grams = sample_of(relation, plan, outcome, whole=not moments.dropped), moments.grams
    effect = next((name.partition(":")[0] for name in grams.names if name.partition(":")[0] in _LEVELS), "")
    found: dict[str, list[tuple[list[dict[str, Any]], float, float]]] = {}
    for cluster, path, people, units in relation.ask(_paths(sample, plan, effect, by_arm=_by_arm(plan, grams))):
        found.setdefault(label_of(cluster), []).append((path, float(people), float(units)))
    return {cluster: _members(groups, grams, effect, sample.terms) for cluster, groups in found.items()}


def _by_arm(plan: AnalysisPlan, grams: Grams) -> bool:
    """Whether the cross-products are those of the arms, not of clusters."""
    return plan.data.assignment is None or (not grams.demeaned and set(grams.clusters) <= {"0", "1"})


def _paths(sample: Sample, plan: AnalysisPlan, effect: str, *, by_arm: bool) -> str:
    """SQL: cluster, what units alike share, their people and their number."""
    covariates = [f"x{place}" for place in range(len(sample.terms))]
    cluster = "CAST(t AS BIGINT)" if by_arm else "g"
    unit = "row_number() OVER ()" if plan.data.unit is None else "u"
    people = "1" if plan.data.persons is None else "CAST(h AS DOUBLE)"
    rows = (
        f"SELECT {cluster} AS cluster, {unit} AS unit, {people} AS people, {_LEVELS[effect]} AS level, "
        f"{', '.join(['t', *covariates])} FROM {sample.rows}"
    )
    parts = ", ".join(f"'{name}': {name}" for name in ("level", "t", *covariates))
    order = ", ".join(("level", "t", *covariates))
    units = (
        f"SELECT cluster, list({{{parts}}} ORDER BY {order}) AS path, min(people) AS people FROM ({rows}) "
        "GROUP BY cluster, unit"
    )
    return f"SELECT cluster, path, sum(people), count(*) FROM ({units}) GROUP BY ALL ORDER BY ALL"


def _members(
    units: Sequence[tuple[list[dict[str, Any]], float, float]], grams: Grams, effect: str, terms: Sequence[str]
) -> Members:
    path: dict[str, set[float]] = {}
    for steps, _, _ in units:
        for step in steps:
            path.setdefault(label_of(step["level"]), set()).add(step["t"])
    return Members(
        sum(people for _, people, _ in units),
        tuple(Alike(_vectors(steps, grams, effect, terms), people) for steps, people, _ in units),
        {level: frozenset(treatments) for level, treatments in path.items()},
    )


def _vectors(steps: Sequence[Mapping[str, Any]], grams: Grams, effect: str, terms: Sequence[str]) -> Numbers:
    """One person's rows over the columns of the cross-products, all but the outcome."""
    vectors = np.zeros((len(steps), len(grams.names) - 1))
    for row, step in enumerate(steps):
        values = {TREATED: step["t"], CONSTANT: 1.0, f"{effect}:{label_of(step['level'])}": 1.0}
        for place, term in enumerate(terms):
            values[f"term:{term}"] = step[f"x{place}"]
            values[f"{_PRODUCT}term:{term}"] = step["t"] * step[f"x{place}"]
        vectors[row] = [values.get(name, 0.0) for name in grams.names[:-1]]
    return vectors - vectors.mean(axis=0) if grams.demeaned else vectors
