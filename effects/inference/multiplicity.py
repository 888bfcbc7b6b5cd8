"""Correction of p-values for asking several questions."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from effects.codes import Adjustment
from effects.rows.columns import Numbers


def adjust(p_values: Sequence[float], method: Adjustment) -> list[float]:
    """Adjusted p-values in the given order; Holm's for a method that would have to resample the rows."""
    return _METHODS.get(method, holm)(p_values) if p_values else []


def holm(p_values: Sequence[float]) -> list[float]:
    """Step-down, controls the chance of any false claim under every dependence (Holm 1979)."""
    order = np.argsort(p_values, kind="stable")
    multiplied = np.array(p_values)[order] * np.arange(len(p_values), 0, -1)
    return _in_given_order(np.minimum(np.maximum.accumulate(multiplied), 1.0), order)


def bonferroni(p_values: Sequence[float]) -> list[float]:
    """Each p-value times their number."""
    return [min(1.0, value * len(p_values)) for value in p_values]


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Step-up, controls the share of false claims among the claims (Benjamini and Hochberg 1995)."""
    order = np.argsort(p_values, kind="stable")
    number = len(p_values)
    multiplied = np.array(p_values)[order] * number / np.arange(1, number + 1)
    return _in_given_order(np.minimum(np.minimum.accumulate(multiplied[::-1])[::-1], 1.0), order)


def partial_conjunction(p_values: Sequence[float], required: int) -> float:
    """p for "fewer than r of n hold", (n - r + 1) p_(r), whatever the dependence.

    Benjamini and Heller (2008, Biometrics 64:1215-1222), Bonferroni form. Needs 1 <= r; with r > n the answer is 1.
    """
    count = len(p_values)
    return 1.0 if required > count else min(1.0, (count - required + 1) * sorted(p_values)[required - 1])


def unadjusted(p_values: Sequence[float]) -> list[float]:
    """The p-values themselves."""
    return list(p_values)


def _in_given_order(sorted_values: Numbers, order: NDArray[np.intp]) -> list[float]:
    adjusted = np.empty(len(order))
    adjusted[order] = sorted_values
    return [float(value) for value in adjusted]


_METHODS: Final[Mapping[Adjustment, Callable[[Sequence[float]], list[float]]]] = MappingProxyType(
    {
        Adjustment.HOLM: holm,
        Adjustment.BONFERRONI: bonferroni,
        Adjustment.BENJAMINI_HOCHBERG: benjamini_hochberg,
        Adjustment.NONE: unadjusted,
    }
)
