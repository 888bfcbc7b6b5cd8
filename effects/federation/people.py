"""Who stands behind each cluster: people who share the same rows but for the outcome, and what leaves of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from effects.codes import Design
from effects.compression.groups import GROUP, grouped
from effects.compression.plan_reasons import BY_ARM
from effects.compression.relation import Relation, label_of
from effects.compression.sampling import Sample, sample_of
from effects.federation.changing import changing
from effects.federation.products import Rows, Shared, shared, squares
from effects.federation.spanning import Alike
from effects.moments import CONSTANT, TREATED, Grams, OutcomeMoments
from effects.plan import AnalysisPlan
from effects.planning.sections import Outcome
from effects.planning.settings import settle
from effects.rows.columns import Numbers

_LEVELS: Final = {"period": "p", "strata": "s", "": "''"}


@dataclass(frozen=True, slots=True)
class Members:
    """The people of one cluster in groups of those alike; `squared`: the outcome's own square leaves too.

    `shared` are the people behind products and differences of columns, `lost` those who count for one of two outcomes,
    `square` those who make up nearly all of the outcome's square.
    """

    people: float
    groups: tuple[Alike, ...]
    squared: bool
    shared: Shared = field(default_factory=Shared)
    lost: Shared = field(default_factory=Shared)
    square: Shared = field(default_factory=Shared)

    def __add__(self, other: "Members") -> "Members":
        """Two clusters as one."""
        return Members(
            self.people + other.people,
            self.groups + other.groups,
            self.squared or other.squared,
            self.shared + other.shared,
            self.lost + other.lost,
            self.square + other.square,
        )

    def without_square(self) -> "Members":
        """The same people where the outcome's own square is kept back."""
        return replace(self, squared=False, square=Shared())


@dataclass(frozen=True, slots=True)
class _Columns:
    """The columns of cross-products: their names but for the outcome, what their dummies are of, and covariates."""

    names: tuple[str, ...]
    effect: str
    terms: tuple[str, ...]
    demeaned: bool

    @property
    def values(self) -> tuple[str, ...]:
        """The columns of a sample that fill them."""
        group = ["k"] if GROUP.name in self.names else []
        return ("level", "t", *group, *(f"x{place}" for place in range(len(self.terms))))


def members_of(relation: Relation, plan: AnalysisPlan, outcome: Outcome, moments: OutcomeMoments) -> dict[str, Members]:
    """The people behind each cluster of an outcome's cross-products, by one look at each unit.

    People are counted as `data.persons` states, the fewest in any row of a unit, else a unit is one; where no unit is
    stated every row is.
    """
    sample = sample_of(relation, plan, outcome, whole=not moments.dropped)
    sample = grouped(sample, plan) if plan.design is Design.TWO_PERIOD_DID else sample
    columns = _columns(moments.grams, sample)
    found: dict[str, list[Alike]] = {}
    if moments.changes is not None:
        found = changing(relation, sample, plan, moments.changes)
    else:
        for cluster, path, people in relation.ask(_paths(sample, plan, columns)):
            found.setdefault(label_of(cluster), []).append(Alike(_vectors(path, columns), float(people)))
    squared = moments.grams.squared
    together, square = _products(relation, sample, plan, columns, outcome.column, squared=squared)
    return {
        name: Members(
            sum(one.people for one in own),
            tuple(own),
            squared,
            shared=together.get(name, Shared()),
            square=square.get(name, Shared()),
        )
        for name, own in found.items()
    }


def sums_by_arm(plan: AnalysisPlan) -> bool:
    """Whether the sums of a plan are those of its arms, 0 and 1, and not of clusters."""
    return plan.data.assignment is None or settle(plan)[0].standard_error in BY_ARM


def _columns(grams: Grams, sample: Sample) -> _Columns:
    effects = [name.partition(":")[0] for name in grams.names]
    effect = next((effect for effect in effects if effect in _LEVELS), "")
    return _Columns(grams.names[:-1], effect, sample.terms, grams.demeaned)


def _products(
    relation: Relation, sample: Sample, plan: AnalysisPlan, columns: _Columns, outcome: str, *, squared: bool
) -> tuple[dict[str, Shared], dict[str, Shared]]:
    """By cluster, the people behind products and differences of columns, and behind the outcome's own square."""
    if not columns.terms and not squared:
        return {}, {}
    clusters, rows = _looked_at(relation, sample, plan, columns, outcome)
    together = shared(rows, demeaned=columns.demeaned) if columns.terms else [Shared()] * len(clusters)
    square = squares(rows, demeaned=columns.demeaned) if squared else [Shared()] * len(clusters)
    return dict(zip(clusters, together, strict=True)), dict(zip(clusters, square, strict=True))


def _looked_at(
    relation: Relation, sample: Sample, plan: AnalysisPlan, columns: _Columns, outcome: str
) -> tuple[list[str], Rows]:
    """The clusters, and the rows that are counted in them."""
    rows = _rows(sample, plan, columns, "y")
    asked = ", ".join(f"CAST({name} AS DOUBLE) AS {name}" for name in (*columns.values[1:], "y"))
    found = relation.connection.execute(
        "SELECT dense_rank() OVER (ORDER BY cluster) AS cluster, dense_rank() OVER (ORDER BY cluster, unit) AS person, "
        f"dense_rank() OVER (ORDER BY level) AS level, CAST(people AS DOUBLE) AS people, {asked} FROM ({rows}) "
        "ORDER BY 1, 2"
    ).fetchnumpy()
    clusters = [label_of(name) for (name,) in relation.ask(f"SELECT DISTINCT cluster FROM ({rows}) ORDER BY 1")]
    levels = [label_of(name) for (name,) in relation.ask(f"SELECT DISTINCT level FROM ({rows}) ORDER BY 1")]
    numbers = {name: np.asarray(values) for name, values in found.items()}
    covariates = {term: numbers[f"x{place}"] + sample.grids[place].origin for place, term in enumerate(columns.terms)}
    others = {TREATED: numbers["t"]} | ({GROUP.name: numbers["k"]} if "k" in numbers else {})
    if columns.effect:
        for place, level in enumerate(levels, start=1):
            others[f"{columns.effect}:{level}"] = (numbers["level"] == place).astype(np.float64)
    answered = (outcome, numbers["y"] + sample.grids[-1].origin)
    return clusters, Rows(numbers["cluster"], numbers["person"], numbers["people"], covariates, others, answered)


def _rows(sample: Sample, plan: AnalysisPlan, columns: _Columns, *more: str) -> str:
    """SQL: cluster, unit and people of each row, and its columns."""
    cluster = "CAST(t AS BIGINT)" if sums_by_arm(plan) else "g"
    unit = "row_number() OVER ()" if plan.data.unit is None else "u"
    people = "1" if plan.data.persons is None else "CAST(h AS DOUBLE)"
    return (
        f"SELECT {cluster} AS cluster, {unit} AS unit, {people} AS people, {_LEVELS[columns.effect]} AS level, "
        f"{', '.join((*columns.values[1:], *more))} FROM {sample.rows}"
    )


def _paths(sample: Sample, plan: AnalysisPlan, columns: _Columns) -> str:
    """SQL: cluster, the rows that units alike share, and their people."""
    rows = _rows(sample, plan, columns)
    parts = ", ".join(f"'{name}': {name}" for name in columns.values)
    units = (
        f"SELECT cluster, list({{{parts}}} ORDER BY {', '.join(columns.values)}) AS path, min(people) AS people "
        f"FROM ({rows}) GROUP BY cluster, unit"
    )
    return f"SELECT cluster, path, sum(people) FROM ({units}) GROUP BY ALL ORDER BY ALL"


def _vectors(path: Sequence[Mapping[str, Any]], columns: _Columns) -> Numbers:
    """One person's rows over the columns of the cross-products."""
    vectors = np.zeros((len(path), len(columns.names)))
    for row, step in enumerate(path):
        values = {TREATED: step["t"], CONSTANT: 1.0, GROUP.name: step.get("k", 0.0)}
        values[f"{columns.effect}:{label_of(step['level'])}"] = 1.0
        for place, term in enumerate(columns.terms):
            values[f"term:{term}"] = step[f"x{place}"]
            values[f"{TREATED} x term:{term}"] = step["t"] * step[f"x{place}"]
        vectors[row] = [values.get(name, 0.0) for name in columns.names]
    return vectors - vectors.mean(axis=0) if columns.demeaned else vectors
