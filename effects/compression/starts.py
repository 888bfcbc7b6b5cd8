"""When the clusters of a stepped wedge were first treated, asked of all rows, also of those without an outcome."""

from effects.compression.relation import Relation, label_of
from effects.planning.sections import PlanSections
from effects.rows.parquet import quoted
from effects.treatment_starts import TreatmentStarts, ordered


def find_starts(relation: Relation, plan: PlanSections) -> TreatmentStarts | None:
    """The starts; None where rows do not say to which sequence their cluster belongs, or say several."""
    roles = plan.data
    assert roles.period is not None
    assert roles.assignment is not None
    period, cluster = quoted(roles.period), quoted(roles.assignment)
    owner = cluster if roles.sequence is None else quoted(roles.sequence)
    placed = f"{relation.known(roles.period)} AND {relation.known(roles.assignment)}"
    stated = "true" if roles.sequence is None else relation.known(roles.sequence)
    treated = f"CAST({quoted(roles.treated or '')} AS DOUBLE) = 1"
    periods = relation.ask(f"SELECT DISTINCT {period} FROM {relation.table} WHERE {relation.known(roles.period)}")
    found = relation.ask(
        f"SELECT {cluster}, {owner}, min({period}) FILTER (WHERE {treated}), bool_and({stated}) "
        f"FROM {relation.table} WHERE {placed} GROUP BY 1, 2"
    )
    clusters = sorted(
        ((label_of(name), label_of(own), start) for name, own, start, _ in found), key=lambda row: row[:2]
    )
    if not all(row[3] for row in found) or len({name for name, _, _ in clusters}) < len(clusters):
        return None
    numeric = relation.is_number(roles.period)
    return TreatmentStarts(
        ordered({label_of(value) for (value,) in periods}, numeric=numeric),
        numeric,
        tuple(name for name, _, _ in clusters),
        tuple(own for _, own, _ in clusters),
        tuple(None if start is None else label_of(start) for _, _, start in clusters),
    )
