"""What leaves the house with a moments file, line by line, for the person who must answer for it."""

from collections.abc import Iterator

from effects.federation.counting import completeness
from effects.message import Message
from effects.moments import Moments, OutcomeMoments
from effects.plan import AnalysisPlan


def cover_sheet(moments: Moments, plan: AnalysisPlan) -> tuple[Message, ...]:
    """The lines of the sheet, to be translated; an empty line is a message of nothing."""
    return tuple(_lines(moments, plan))


def _lines(moments: Moments, plan: AnalysisPlan) -> Iterator[Message]:
    found = completeness(moments)
    yield Message("Plan: {text}", {"text": plan.title})
    yield Message("Fingerprint of the plan: {text}", {"text": moments.plan})
    if moments.authority:
        yield Message("Authority: {text}", {"text": moments.authority})
    yield Message("{rows} rows were read, {used} of them count.", {"rows": found.rows, "used": found.used})
    for outcome in moments.outcomes:
        yield from _outcome(outcome)
    for cluster, into in moments.merged:
        yield Message("{cluster} was made part of {into}.", {"cluster": cluster, "into": into})


def _outcome(outcome: OutcomeMoments) -> Iterator[Message]:
    people = outcome.people_by_cluster or ()
    yield Message(
        "{outcome}: sums for {clusters} clusters of {people:.0f} people, {least:.0f} in the smallest.",
        {
            "outcome": outcome.outcome,
            "clusters": len(outcome.grams.clusters),
            "people": sum(people),
            "least": min(people, default=0.0),
        },
    )
