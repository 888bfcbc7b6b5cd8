"""What one more study is worth before it is made: the expected value of its sample information."""

import math

import numpy as np

from effects.economics.information import evpi_normal
from effects.economics.products import Numbers
from effects.economics.stated import Extension
from effects.economics.sums import Sums
from effects.economics.valuation import Extended


def extended(sums: Sums, extension: Extension) -> Extended:
    """EVSI of a study that measures each named effect again with its standard error, in the currency of the case.

    The net value is linear in the effects, with slopes g (amount x volume x weight at their means). Their errors have
    covariance S; the study sees some of them (rows o) with sampling covariance R, so that the means after it vary by
    S[:, o] (S[o, o] + R)^-1 S[o, :], and the net value by g' of that times g (Ades, Lu and Claxton 2004).
    """
    places: dict[str, int] = {}
    for place, line in enumerate(sums.lines):
        if line.indicator is not None and sums.counted[place]:
            places.setdefault(line.indicator, place)
    measured = [name for name in places if name in extension.standard_error]
    mean, _ = sums.terms.total(sums.net_weights)
    evsi = evpi_normal(mean, _learnt(sums, places, {name: extension.standard_error[name] for name in measured}))
    net = None if extension.cost is None else evsi - extension.cost
    return Extended(evsi, extension.cost, net, tuple(measured))


def _learnt(sums: Sums, places: dict[str, int], errors: dict[str, float]) -> float:
    """Sd of the mean net value after the study; 0 where it measures nothing that the value rests on."""
    names = list(places)
    seen = [names.index(name) for name in errors]
    if not seen:
        return 0.0
    rows = [places[name] for name in names]
    prior = sums.effect.covariance[np.ix_(rows, rows)]
    noise = np.diag([error**2 for error in errors.values()])
    across = prior[:, seen]
    explained = across @ np.linalg.pinv(prior[np.ix_(seen, seen)] + noise) @ across.T
    slopes = _slopes(sums, names)
    return math.sqrt(max(0.0, float(slopes @ explained @ slopes)))


def _slopes(sums: Sums, names: list[str]) -> Numbers:
    each = sums.net_weights * sums.amount.mean * sums.volume.mean
    return np.array([sum(each[i] for i, line in enumerate(sums.lines) if line.indicator == name) for name in names])
