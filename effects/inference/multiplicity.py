"""Correction of p-values for asking several questions."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from effects.codes import Adjustment
from effects.rows.columns import Numbers


def adjust(p_values: Sequence[float], method: Adjustment) -> list[float] | None:
    """Adjusted p-values in the given order; None where the method needs resampling, which is not available yet."""
    if method not in _METHODS:
        return None
    return _METHODS[method](p_values) if p_values else []


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
