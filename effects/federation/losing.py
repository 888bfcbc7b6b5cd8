"""People who count for one of two outcomes only: what they have in covariates of both is left by a subtraction."""

from collections.abc import Iterator
from typing import Final

from effects.compression.relation import Relation, label_of
from effects.compression.sampling import placed, terms_of, treatment
from effects.federation.people import sums_by_arm
from effects.federation.products import Pair, Shared
from effects.moments import Moments, OutcomeMoments
from effects.plan import AnalysisPlan
from effects.planning.sections import Outcome
from effects.rows.parquet import quoted

_COUNTED: Final = """WITH rows AS MATERIALIZED (SELECT {cluster} AS cluster, {unit} AS unit, {people} AS people,
{level} AS level, {arm} AS arm, ({one}) <> ({other}) AS differs FROM {table} WHERE {placed} AND (({one}) OR ({other}))),
whole AS (SELECT cluster, unit, min(people) AS people FROM rows GROUP BY ALL HAVING bool_or(differs)),
parts AS (SELECT cluster, unit, level, min(people) AS people FROM rows {among} GROUP BY ALL),
arms AS (SELECT cluster, unit, arm, min(people) AS people FROM rows {among} GROUP BY ALL)
SELECT cluster, '', sum(people) FROM whole GROUP BY ALL UNION ALL
SELECT cluster, concat('arm ', arm), sum(people) FROM arms GROUP BY ALL UNION ALL
SELECT cluster, concat('level ', level), sum(people) FROM parts WHERE level IS NOT NULL GROUP BY ALL"""

_EFFECTS: Final = ("period", "strata")


def losing(relation: Relation, plan: AnalysisPlan, moments: Moments) -> dict[str, dict[str, Shared]]:
    """For each cluster and outcome, people who count for it or for a later outcome of shared covariates, not for both.

    They are counted in all, in each arm and at each level at which sums leave. A covariate is shared in whatever form,
    since its own products tell its square, and so is an outcome that is a covariate of the other. Where columns leave
    less their mean over a person's rows, a row that is lost changes what leaves of that person at every level.
    """
    found: dict[str, dict[str, Shared]] = {}
    for place, (one, own) in enumerate(zip(plan.outcomes, moments.outcomes, strict=True)):
        counts: dict[str, dict[tuple[Pair, str], float]] = {}
        for other in plan.outcomes[place + 1 :]:
            if set(columns_of(one)) & set(columns_of(other)):
                for cluster, level, people in _differing(relation, plan, (one, other), own):
                    counts.setdefault(cluster, {})[((one.column, other.column), level)] = people
        keys = sorted({key for by_level in counts.values() for key in by_level})
        for cluster in own.grams.clusters if keys else ():
            people_of = tuple(counts.get(cluster, {}).get(key, 0.0) for key in keys)
            found.setdefault(cluster, {})[one.column] = Shared(tuple(pair for pair, _ in keys), people_of)
    return found


def _differing(
    relation: Relation, plan: AnalysisPlan, pair: tuple[Outcome, Outcome], moments: OutcomeMoments
) -> Iterator[tuple[str, str, float]]:
    query = _COUNTED.format(
        **placing(relation, plan, moments),
        one=complete(relation, pair[0]),
        other=complete(relation, pair[1]),
        table=relation.table,
        placed=placed(relation, plan),
        among="SEMI JOIN whole USING (cluster, unit)" if moments.grams.demeaned else "WHERE differs",
    )
    for cluster, at, people in relation.ask(query):
        yield label_of(cluster), str(at), float(people)


def placing(relation: Relation, plan: AnalysisPlan, moments: OutcomeMoments) -> dict[str, str]:
    """SQL: the cluster, unit and people of a row, its arm, and the level at which sums of it leave (NULL: none)."""
    roles, arm = plan.data, f"CAST({treatment(relation, plan)} AS BIGINT)"
    effect = next((effect for effect in _EFFECTS if moments.grams.levels(effect)), None)
    level = {"period": roles.period, "strata": roles.strata}.get(effect or "")
    return {
        "cluster": arm if sums_by_arm(plan) else quoted(roles.assignment or ""),
        "unit": "row_number() OVER ()" if roles.unit is None else quoted(roles.unit),
        "people": "1" if roles.persons is None else f"CAST({quoted(roles.persons)} AS DOUBLE)",
        "level": "NULL" if level is None else quoted(level),
        "arm": arm,
    }


def complete(relation: Relation, outcome: Outcome) -> str:
    """SQL: whether a row that is placed counts for an outcome."""
    return " AND ".join(relation.known(column) for column in columns_of(outcome))


def columns_of(outcome: Outcome) -> list[str]:
    """The columns that an outcome's sums are of, whatever form they take; its own last."""
    return list(dict.fromkeys([*(term.column for term in terms_of(outcome)), outcome.column]))
