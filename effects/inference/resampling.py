"""What every resampled p-value has in common: how draws are counted, cut into pieces and turned into a share."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from effects.rows.columns import Numbers

TIE: Final = 1e-9
MOST_CELLS: Final = 2_000_000_000
_CELLS_AT_ONCE: Final = 500_000


@dataclass(frozen=True, slots=True)
class Resampled:
    """Two-sided p-values (m,), one for each outcome, from `draws` draws; `enumerated` where these are all there are.

    Drawn at random p = (1 + c) / (draws + 1) with c the draws at least as extreme as the observed statistic (Davison
    and Hinkley 1997); enumerated p = c / draws, the observed statistic being one of them. NaN where the observed
    statistic does not exist.
    """

    p_values: Numbers
    draws: int
    enumerated: bool


def resampled(extreme: Numbers, observed: Numbers, draws: int, enumerated: bool) -> Resampled:
    """P-values from the number of draws (m,) that are at least as extreme as the observed statistics (m,)."""
    p_values = extreme / draws if enumerated else (1.0 + extreme) / (draws + 1.0)
    return Resampled(np.where(np.isnan(observed), np.nan, p_values), draws, enumerated)


def at_least(size: Numbers, observed: Numbers, spread: Numbers) -> Numbers:
    """How many of |size| / spread (draws, m) reach |observed| (m,); equal up to 1e-9 counts as reached.

    Nothing is divided: a draw without spread, whose statistic does not exist, counts as reached, which can only make
    the p-value larger.
    """
    reached: Numbers = np.sum(np.abs(size) >= np.abs(observed) * spread * (1.0 - TIE), axis=0, dtype=np.float64)
    return reached


def extremes(observed: Numbers, drawn: Iterable[tuple[Numbers, Numbers]]) -> Numbers:
    """How many draws reach each observed statistic (m,), piece after piece of their sizes and spreads (d, m)."""
    extreme = np.zeros(len(observed))
    for size, spread in drawn:
        extreme += at_least(size, observed, spread)
    return extreme


def pieces(draws: int, width: int) -> Iterator[tuple[int, int]]:
    """First and last-but-one draw of pieces of about 4 MB for `width` numbers a draw, in whole bytes of bits."""
    step = max(8, _CELLS_AT_ONCE // max(width, 1) // 8 * 8)
    return ((start, min(start + step, draws)) for start in range(0, draws, step))


def inverse(products: Numbers) -> Numbers:
    """Inverse of cross-products (k, k) of full rank, computed at unit diagonal: units of measurement do not matter."""
    scale = np.sqrt(np.diag(products))
    inverted: Numbers = np.linalg.inv(products / np.outer(scale, scale)) / np.outer(scale, scale)
    return inverted
