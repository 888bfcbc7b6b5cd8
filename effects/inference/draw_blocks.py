"""Random draws cut into blocks that may be done elsewhere, each with its own place in the stream of random numbers.

How many blocks there are follows from the draws and from what one costs, in nanoseconds as they were once measured on
one core: constants of the code, never of the machine that runs it or of the number of its cores.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import numpy as np

from effects.spread import spread

BLOCK: Final = 1_000_000_000
"""Nanoseconds of a block: at least so many where there are several, below twice as many."""

Shared = TypeVar("Shared")
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Block:
    """The draws `start` to `stop` - 1 of a run.

    Block 0 draws from the seed itself, as a run that is not cut. Block k draws from the k-th child of the seed's
    SeedSequence, whose stream has nothing to do with those of the others (O'Neill 2015; NumPy's way of spawning).
    """

    number: int
    start: int
    stop: int

    @property
    def draws(self) -> int:
        """How many."""
        return self.stop - self.start

    def seed(self, seed: int) -> np.random.SeedSequence:
        """Where the block begins in the stream of a run with this seed, 0 or more."""
        return np.random.SeedSequence(seed, spawn_key=(self.number,) if self.number else ())


def blocks(draws: int, cost: int) -> tuple[Block, ...]:
    """Even blocks of draws that cost so many nanoseconds each: one, two, or as many as four places share evenly.

    Each costs BLOCK or more and less than twice as much; a single one may cost less.
    """
    number = draws * cost // BLOCK
    together = 4 if number >= 4 else 2
    return even_blocks(draws, max(1, number // together * together))


def even_blocks(draws: int, number: int) -> tuple[Block, ...]:
    """So many blocks, as equal as can be."""
    ends = [draws * place // number for place in range(number + 1)]
    return tuple(Block(place, ends[place], ends[place + 1]) for place in range(number))


def in_blocks(function: Callable[[Shared, Block], Found], shared: Shared, cut: Sequence[Block]) -> list[Found]:
    """The function of `shared` and each block, in their order; several are offered to be done elsewhere.

    The function stands in a module, and what it is given can be pickled. Wherever several are done, nothing is said of
    what is not a number; a single block is done as its caller does everything else.
    """
    return [function(shared, cut[0])] if len(cut) == 1 else spread(_alike, (function, shared), cut)


def _alike(task: tuple[Callable[[Any, Block], Found], Any], block: Block) -> Found:
    function, shared = task
    with np.errstate(all="ignore"):
        return function(shared, block)
