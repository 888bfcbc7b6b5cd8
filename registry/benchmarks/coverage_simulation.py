"""Thousands of trials of a world, in pieces that have seeds of their own: the same figures wherever they are drawn."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Final

import msgspec
import numpy as np
from threadpoolctl import threadpool_limits

from effects.checks import few_to_trust
from effects.codes import Design
from effects.inference.shares import wilson
from effects.planning.settings import Settings
from effects.rows.samples import Sample
from effects.spread import spread
from registry.benchmarks.coverage_cells import BOUNDS, CELLS, WAYS, Band, Cell
from registry.benchmarks.coverage_methods import Method, Said, settings_of

PIECE: Final = 250


class Tally(msgspec.Struct, frozen=True):
    """What one method did in so many trials; `widths` of the intervals it gave."""

    trials: int = 0
    refused: int = 0
    rejected: int = 0
    found: int = 0
    warned: int = 0
    widths: tuple[float, ...] = ()

    def __add__(self, other: "Tally") -> "Tally":
        """Both together."""
        return Tally(
            self.trials + other.trials,
            self.refused + other.refused,
            self.rejected + other.rejected,
            self.found + other.found,
            self.warned + other.warned,
            self.widths + other.widths,
        )


class Figures(msgspec.Struct, frozen=True):
    """What a method did in a cell; shares are of the trials it answered, intervals are Monte Carlo (Wilson, 95 %)."""

    cell: str
    band: str
    method: str
    leads: bool
    trials: int
    refused: int
    coverage: float | None
    coverage_interval: tuple[float, float] | None
    rejection: float | None
    rejection_interval: tuple[float, float] | None
    width: float | None
    effect: float
    power: float | None
    warned: float | None
    verdict: str


@dataclass(frozen=True, slots=True)
class Piece:
    """Some trials of one cell: its place in CELLS, the number of the piece, how many trials."""

    cell: int
    number: int
    trials: int


def simulate(cells: Sequence[int], trials: int, seed: int, say: Callable[[str], None]) -> Iterator[Figures]:
    """The figures of the cells at these places, every method on the same trials; `say` hears when a cell is done."""
    for place in cells:
        cell, pieces = CELLS[place], list(_pieces(place, trials))
        sums = [reduce(add, tallies) for tallies in zip(*spread(tallied, seed, pieces), strict=True)]
        say(f"{cell.name}: {sums[0].trials} trials")
        yield from (figures(cell, name, tally) for name, tally in zip(cell.ways, sums, strict=True))


def tallied(seed: int, piece: Piece) -> list[Tally]:
    """The tallies of a piece, one for each method of its cell."""
    cell = CELLS[piece.cell]
    ways = [WAYS[name] for name in cell.ways]
    settings = [settings_of(cell.world.design, way.standard_error) for way in ways]
    found = [Tally()] * len(ways)
    random = np.random.Generator(np.random.PCG64([seed, piece.cell, piece.number]))
    with threadpool_limits(limits=1), np.errstate(all="ignore"):
        for _ in range(piece.trials):
            sample = cell.world.draw(random)
            drawn = int(random.integers(2**62))
            for place, (way, settled) in enumerate(zip(ways, settings, strict=True)):
                found[place] += counted(way.method, sample, settled, cell.effect, drawn)
    return found


def counted(method: Method, sample: Sample, settings: Settings, effect: float, seed: int) -> Tally:
    """One trial of one method; it counts as warned where an analysis would keep it out of the grade, or refuse."""
    said = method(sample, settings, effect, seed)
    warned = said.refused or _warned(sample, settings, said)
    if said.refused:
        return Tally(trials=1, refused=1, warned=1)
    widths = (said.width,) if np.isfinite(said.width) else ()
    return Tally(1, 0, int(said.rejected), int(said.found), int(warned), widths)


def _warned(sample: Sample, settings: Settings, said: Said) -> bool:
    if sample.cluster is None or settings.design is Design.INDIVIDUAL_RANDOMISED:
        return False
    treated, untreated = (len(np.unique(sample.cluster[sample.treated == arm])) for arm in (1.0, 0.0))
    return few_to_trust(settings.standard_error, treated, untreated, said.df)


def figures(cell: Cell, method: str, tally: Tally) -> Figures:
    """Shares, Monte Carlo intervals and the verdict of a tally; None where the method never answered."""
    answered = tally.trials - tally.refused
    rejection = wilson(tally.rejected, answered) if answered else None
    share = tally.rejected / answered if answered else None
    warned = tally.warned / tally.trials
    return Figures(
        cell=cell.name,
        band=cell.band.value,
        method=method,
        leads=method == cell.ways[0],
        trials=tally.trials,
        refused=tally.refused,
        coverage=None if share is None else 1.0 - share,
        coverage_interval=None if rejection is None else (1.0 - rejection[1], 1.0 - rejection[0]),
        rejection=share,
        rejection_interval=rejection,
        width=float(np.median(tally.widths)) if tally.widths else None,
        effect=cell.effect,
        power=tally.found / answered if answered else None,
        warned=warned,
        verdict=verdict(cell.band, share, rejection, warned),
    )


def verdict(band: Band, share: float | None, interval: tuple[float, float] | None, warned: float) -> str:
    """met; met within error, where the Monte Carlo interval reaches the band; missed; or what saves it: a warning.

    Where nothing is promised (d), an answer must be refused or warned in every trial, whatever it is; elsewhere a
    method that misses the band is saved by that.
    """
    if share is None or interval is None:
        return "refused"
    least, most = BOUNDS[band]
    if band is Band.WARNED and warned < 1.0:
        return "missed"
    if least <= share <= most:
        return "met"
    if interval[0] <= most and interval[1] >= least:
        return "met within error"
    return "kept out by a warning" if warned == 1.0 else "missed"


def _pieces(place: int, trials: int) -> Iterator[Piece]:
    for number in range(-(-trials // PIECE)):
        yield Piece(place, number, min(PIECE, trials - number * PIECE))
