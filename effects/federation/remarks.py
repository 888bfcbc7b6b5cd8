"""What a reader of a pooled result must know of how its parts were made and put together."""

from collections.abc import Iterator

from effects.codes import Verdict
from effects.message import Message
from effects.moments import Moments
from effects.results import Diagnostic


def remarks(moments: Moments) -> tuple[Diagnostic, ...]:
    """A check for merged clusters and one for clusters of which several authorities hold rows; none without them."""
    return tuple(_remarks(moments))


def merged_away(moments: Moments) -> int:
    """How many clusters fewer there are because of merges; one of which another file holds rows is still there."""
    return len({cluster for cluster, _ in moments.merged} - moments.clusters)


def _remarks(moments: Moments) -> Iterator[Diagnostic]:
    if moments.merged:
        pairs = ", ".join(f"{cluster} > {into}" for cluster, into in moments.merged)
        yield _warning(
            "merged_clusters",
            Message("Were clusters merged so that nobody is exposed?"),
            Message("Every cluster stands by itself."),
            Message(
                "{pairs}: standard errors are clustered on what the clusters became part of. There are fewer clusters "
                "for it; the difference is {number}.",
                {"pairs": pairs, "number": merged_away(moments)},
            ),
        )
    if moments.shared:
        clusters = ", ".join(moments.shared)
        yield _warning(
            "shared_clusters",
            Message("Does each cluster come from one authority?"),
            Message("No two files hold rows of one cluster."),
            Message(
                "{clusters}: several files hold rows, which count twice if a person is in both.", {"clusters": clusters}
            ),
        )


def _warning(name: str, question: Message, null: Message, detail: Message) -> Diagnostic:
    return Diagnostic(
        name=name,
        question=question,
        null=null,
        statistic=None,
        p_value=None,
        verdict=Verdict.WARN,
        detail=detail,
    )
