"""What stands behind a moments file, in counts: rows used and dropped, clusters, people."""

from dataclasses import dataclass

from effects.moments import Moments
from effects.results import Dropped


@dataclass(frozen=True, slots=True)
class OutcomeCompleteness:
    """One outcome: the rows that count for it, and those without a value in it."""

    outcome: str
    used: int
    missing: int
    dropped: tuple[Dropped, ...]


@dataclass(frozen=True, slots=True)
class Completeness:
    """Rows are those before any was dropped; `people` and `clusters` are the most behind any outcome."""

    rows: int
    used: int
    dropped: tuple[Dropped, ...]
    clusters: int
    people: float | None
    outcomes: tuple[OutcomeCompleteness, ...]


def completeness(moments: Moments) -> Completeness:
    """The counts of one file, or of several that were gathered; `people` is None where they were not counted."""
    counted = [sum(found.people_by_cluster) for found in moments.outcomes if found.people_by_cluster is not None]
    return Completeness(
        moments.rows,
        moments.rows_used,
        moments.dropped,
        max(len(outcome.grams.clusters) for outcome in moments.outcomes),
        max(counted, default=None),
        tuple(
            OutcomeCompleteness(
                outcome.outcome,
                moments.rows - sum(found.rows for found in outcome.dropped),
                outcome.missing,
                outcome.dropped,
            )
            for outcome in moments.outcomes
        ),
    )
