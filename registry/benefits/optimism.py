"""How much of what was promised came true, by kind: the factor that a business case takes off. Pure.

Reference class forecasting in its simplest form (Flyvbjerg 2006; HM Treasury, Green Book, supplementary guidance on
optimism bias): the median over promises of what was realised, else measured, divided by the first promise.
"""

from collections.abc import Iterable, Sequence
from statistics import median

from registry.benefits.rules import FEWEST
from registry.benefits.schemas import BenefitView, Optimism
from registry.benefits.standing import EXPECTED, REALISED
from registry.business_cases.rules import BenefitKind


def by_kind(benefits: Iterable[BenefitView]) -> tuple[Optimism, ...]:
    """The factor of every kind that has a promise, in the order of the kinds."""
    known = tuple(benefits)
    grouped = {kind: [one for one in known if one.promise.kind is kind] for kind in BenefitKind}
    return tuple(_optimism(kind, found) for kind, found in grouped.items() if found)


def _optimism(kind: BenefitKind, found: Sequence[BenefitView]) -> Optimism:
    answered = [one for one in found if one.standing.basis != EXPECTED]
    shares = [one.standing.share for one in answered if one.standing.share is not None]
    enough = len(shares) >= FEWEST
    return Optimism(
        kind=kind,
        counted=len(shares),
        realised=sum(one.standing.basis == REALISED for one in answered),
        simulated=sum(one.promise.simulated for one in answered),
        unanswered=sum(one.standing.overdue and one.standing.basis == EXPECTED for one in found),
        factor=median(shares) if enough else None,
        lowest=min(shares) if enough else None,
        highest=max(shares) if enough else None,
    )
