"""One figure for a domain: parts of different units, turned so that more is better, in SDs of the untreated."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from effects.codes import IndexMethod, Reason
from effects.linear_model import Obstacle
from effects.message import Message
from effects.rows.columns import Flags, Numbers

_SINGULAR: Final = 1e-10


@dataclass(frozen=True, slots=True)
class DomainIndex:
    """The index (n,), NaN for a row without any part; what each part (k,) counts for, summing to 1.

    `filled` counts the values that stood in for missing parts.
    """

    values: Numbers
    weights: Numbers
    filled: int


def kling_liebman_katz(parts: Numbers, treated: Numbers, better: Numbers) -> DomainIndex | Obstacle:
    """The mean of z-scores, each by mean and SD of the untreated (Kling, Liebman and Katz 2007, section 3).

    parts (n, k) with NaN where missing, treated (n,) 0 or 1, better (k,) 1 or -1. A row with at least one part has the
    others filled with the mean of its own arm, so that the effect on the index is the mean of the effects on the parts.
    """
    scores = _scores(parts, treated, better)
    if isinstance(scores, Obstacle):
        return scores
    present: Flags = np.isfinite(scores)
    some: Flags = np.sum(present, axis=1) > 0
    filled = scores.copy()
    for arm in (0.0, 1.0):
        own: Flags = np.equal(treated, arm)
        means = np.nanmean(scores[own], axis=0)
        gaps = own[:, None] & some[:, None] & ~present
        filled[gaps] = np.broadcast_to(means, scores.shape)[gaps]
    share = 1.0 / scores.shape[1]
    values = np.where(some, filled.mean(axis=1), np.nan)
    return DomainIndex(values, np.full(scores.shape[1], share), int(np.sum(~present[some])))


def anderson(parts: Numbers, treated: Numbers, better: Numbers) -> DomainIndex | Obstacle:
    """z-scores weighted by the row sums of their inverse covariance matrix (Anderson 2008, section 3.2.1).

    Arguments as in `kling_liebman_katz`. Parts that tell little beside the others count for less. The covariance of two
    parts is that of the rows that have both; the weights of missing parts are shared out among those that are there.
    """
    scores = _scores(parts, treated, better)
    if isinstance(scores, Obstacle):
        return scores
    covariance = _pairwise(scores)
    if covariance is None:
        return _dependent()
    sums = np.linalg.solve(covariance, np.ones(len(covariance))).astype(np.float64)
    weights = sums / sums.sum()
    present = np.isfinite(scores)
    behind = present @ weights
    if bool(np.any(np.abs(behind[present.any(axis=1)]) < _SINGULAR)):
        return _dependent()
    values = np.where(present, scores, 0.0) @ weights
    some = present.any(axis=1)
    return DomainIndex(np.where(some, values / np.where(some, behind, 1.0), np.nan), weights, 0)


BY_METHOD: Final[Mapping[IndexMethod, Callable[[Numbers, Numbers, Numbers], DomainIndex | Obstacle]]] = (
    MappingProxyType({IndexMethod.KLING_LIEBMAN_KATZ: kling_liebman_katz, IndexMethod.ANDERSON: anderson})
)


def _scores(parts: Numbers, treated: Numbers, better: Numbers) -> Numbers | Obstacle:
    """z-scores (n, k) by the untreated, turned so that more is better."""
    if parts.ndim != 2 or parts.shape[1] < 2:
        return Obstacle(
            Reason.TOO_FEW_ROWS, Message("an index needs several parts"), Message("at least 2 outcomes in the index")
        )
    if bool(np.isinf(parts).any()):
        return Obstacle(
            Reason.NOT_FINITE, Message("a part of the index is infinite"), Message("finite values in every part")
        )
    untreated = treated == 0.0
    known = np.sum(np.isfinite(parts[untreated]), axis=0)
    if int(known.min()) < 2 or not _each_arm(parts, treated):
        return Obstacle(
            Reason.TOO_FEW_ROWS,
            Message("a part of the index is known of fewer than 2 untreated rows, or of no treated one"),
            Message("every part measured in both arms"),
        )
    means, spreads = np.nanmean(parts[untreated], axis=0), np.nanstd(parts[untreated], axis=0, ddof=1)
    if not np.all(spreads > 0.0) or not np.isfinite(spreads).all():
        return Obstacle(
            Reason.CONSTANT_OUTCOME,
            Message("a part of the index does not vary among the untreated"),
            Message("parts that vary without the treatment"),
        )
    scores: Numbers = better * (parts - means) / spreads
    return scores


def _each_arm(parts: Numbers, treated: Numbers) -> bool:
    present: Flags = np.isfinite(parts[treated == 1.0])
    return bool(present.any(axis=0).all())


def _pairwise(scores: Numbers) -> Numbers | None:
    """Covariances (k, k) over the rows that have both parts; None where they are not positive definite."""
    count = scores.shape[1]
    found = np.empty((count, count))
    for one in range(count):
        for other in range(one, count):
            both = np.isfinite(scores[:, one]) & np.isfinite(scores[:, other])
            if int(both.sum()) < 2:
                return None
            pair = scores[both][:, [one, other]]
            apart = pair - pair.mean(axis=0)
            found[one, other] = found[other, one] = float(apart[:, 0] @ apart[:, 1]) / (int(both.sum()) - 1)
    values = np.linalg.eigvalsh(found)
    return found if values[0] > _SINGULAR * values[-1] else None


def _dependent() -> Obstacle:
    return Obstacle(
        Reason.COLLINEAR,
        Message("the parts of the index determine each other"),
        Message("parts that are not sums of each other, or equal weights"),
    )
