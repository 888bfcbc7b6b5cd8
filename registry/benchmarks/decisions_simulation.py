"""Simulates every cell of the table of decisions and holds it against what was measured and what is asked."""

from collections.abc import Callable, Iterator
from math import sqrt
from typing import Final

import msgspec

from effects.codes import Kind
from effects.decision_simulation import Outlook, Share, forecasts
from registry.benchmarks.decisions_cells import (
    ALL_PILOTS,
    BOUNDS,
    GOOD,
    ONE,
    PEERS,
    PROTOTYPE,
    PROTOTYPE_TRIALS,
    TAUS,
    TRUTHS,
    Pilots,
    setting,
)

NEAR: Final = 3.0
"""Standard errors of the difference from the prototype that count as Monte Carlo error: of 38 cells none should lie
further off by chance."""
ROUNDED: Final = 0.005
"""The prototype's shares above one half are rounded to so much."""


class Figures(msgspec.Struct, frozen=True):
    """One truth under one set of rules at one tau: shares of the trials with their Monte Carlo errors.

    Of the peers' rules only `rolled_out` is known. `agrees`: as measured on the prototype, or better, None where it was
    not measured; `bound` is the least or most asked for, `met` None where nothing is.
    """

    truth: str
    rules: str
    tau: float
    rolled_out: Share
    in_stages: Share | None = None
    stopped: Share | None = None
    settled: Share | None = None
    prototype: float | None = None
    agrees: bool | None = None
    bound: float | None = None
    met: bool | None = None


def simulate(trials: int, seed: int, say: Callable[[str], None]) -> Iterator[Figures]:
    """Every truth under the rules, with one, three and six pilots, and under the peers' rules, at each tau."""
    cells = [(pilots, place) for pilots in ALL_PILOTS for place in range(len(TAUS))]
    settings = [setting(pilots, TAUS[place]) for pilots, place in cells]
    for (pilots, place), found in zip(cells, forecasts(settings, TRUTHS, replications=trials, seed=seed), strict=True):
        tau = TAUS[place]
        say(f"{pilots.name}, tau {tau:g}: {trials} trials of {len(TRUTHS)} truths")
        for outlook in found.outlooks:
            yield _judged(_rules(pilots, outlook, tau), place, trials)
            if pilots is ONE:
                yield from (
                    _judged(Figures(outlook.truth.name, PEERS[name], tau, share), place, trials)
                    for name, share in outlook.peers.items()
                )


def _rules(pilots: Pilots, outlook: Outlook, tau: float) -> Figures:
    kinds = outlook.kinds
    return Figures(
        outlook.truth.name,
        pilots.name,
        tau,
        rolled_out=kinds[Kind.ROLL_OUT],
        in_stages=kinds[Kind.ROLL_OUT_IN_STAGES],
        stopped=kinds[Kind.STOP],
        settled=outlook.settled,
    )


def _judged(found: Figures, place: int, trials: int) -> Figures:
    key, share = (found.truth, found.rules), found.rolled_out.share
    measured, bounds = PROTOTYPE.get(key, ()), BOUNDS.get(key, ())
    prototype = measured[place] if place < len(measured) else None
    bound = bounds[place] if place < len(bounds) else None
    helps = found.truth in GOOD
    return msgspec.structs.replace(
        found,
        prototype=prototype,
        agrees=None if prototype is None else agrees_with(share, prototype, trials, helps),
        bound=bound,
        met=None if bound is None else share >= bound if helps else share <= bound,
    )


def agrees_with(share: float, prototype: float, trials: int, helps: bool) -> bool:
    """Better than the prototype, or off by no more than both Monte Carlo errors and the prototype's rounding."""
    worse = prototype - share if helps else share - prototype
    middle = (share * trials + prototype * PROTOTYPE_TRIALS) / (trials + PROTOTYPE_TRIALS)
    error = sqrt(middle * (1.0 - middle) * (1.0 / trials + 1.0 / PROTOTYPE_TRIALS))
    return worse <= NEAR * error + ROUNDED
