"""Which worlds are drawn, which methods answer in them, and within which band the leading one must stay."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from effects.codes import StandardError
from registry.benchmarks.coverage_methods import Method, by_bootstrap, by_permutation, by_t
from registry.benchmarks.coverage_mixed import by_kenward_roger
from registry.benchmarks.coverage_worlds import World, clusters, pairs, people, wedge


class Band(StrEnum):
    """What is promised: (a) to (d) of the rules for small samples."""

    NOMINAL = "a"
    AT_MOST = "b"
    EXACT = "c"
    WARNED = "d"


BOUNDS: Final[Mapping[Band, tuple[float, float]]] = MappingProxyType(
    {Band.NOMINAL: (0.03, 0.07), Band.AT_MOST: (0.0, 0.07), Band.EXACT: (0.0, 0.05), Band.WARNED: (0.0, 0.07)}
)
"""Least and most rejections of the truth by a test of 5 %; coverage is what is left of 1."""

HC2, CR1S, CR2 = "hc2, t", "cr1s, t", "cr2, Satterthwaite t"
WILD, PERMUTED, KENWARD_ROGER = "wild bootstrap", "permutation", "REML, Kenward-Roger"


@dataclass(frozen=True, slots=True)
class Way:
    """A method with the standard error it takes."""

    method: Method
    standard_error: StandardError = StandardError.CR2


WAYS: Final[Mapping[str, Way]] = MappingProxyType(
    {
        HC2: Way(by_t, StandardError.HC2),
        CR1S: Way(by_t, StandardError.CR1S),
        CR2: Way(by_t),
        WILD: Way(by_bootstrap),
        PERMUTED: Way(by_permutation),
        KENWARD_ROGER: Way(by_kenward_roger),
    }
)


@dataclass(frozen=True, slots=True)
class Cell:
    """A world, its band, an effect whose power is told, and the methods: the first leads, the others stand beside."""

    name: str
    band: Band
    world: World
    effect: float
    ways: tuple[str, ...]


_ALL: Final = (CR2, CR1S, WILD, PERMUTED, KENWARD_ROGER)
CELLS: Final = (
    Cell("people, 30 + 60, unequal spread", Band.NOMINAL, people(60, 30, spread=2.0), 1.0, (HC2, PERMUTED)),
    Cell("clusters, 8 + 8, unequal sizes", Band.NOMINAL, clusters(8, 8), 0.6, _ALL),
    Cell("clusters, 8 + 16, unequal sizes", Band.NOMINAL, clusters(16, 8), 0.5, (CR2, KENWARD_ROGER)),
    Cell("clusters, 4 + 4", Band.AT_MOST, clusters(4, 4), 1.0, _ALL),
    Cell("clusters, 3 + 3", Band.AT_MOST, clusters(3, 3), 1.0, _ALL),
    Cell("clusters, 2 + 2", Band.AT_MOST, clusters(2, 2), 1.0, _ALL),
    Cell("clusters, 2 treated of 20, wider", Band.WARNED, clusters(18, 2, spread=3.0), 1.0, _ALL),
    Cell("wedge, 4 x 4 clusters", Band.NOMINAL, wedge((4, 4, 4, 4)), 0.4, (KENWARD_ROGER, CR2, PERMUTED)),
    Cell("wedge, 4 x 2 clusters", Band.AT_MOST, wedge((2, 2, 2, 2)), 0.5, (KENWARD_ROGER, CR2, WILD, PERMUTED)),
    Cell("people drawn again, 8 + 8", Band.EXACT, people(8, 8), 1.0, (PERMUTED,)),
    Cell("clusters drawn again, 5 + 5", Band.EXACT, clusters(5, 5), 0.8, (PERMUTED,)),
    Cell("8 pairs drawn again", Band.EXACT, pairs(8), 0.6, (PERMUTED,)),
    Cell("sequences drawn again, 4 x 2", Band.EXACT, wedge((2, 2, 2, 2)), 0.5, (PERMUTED,)),
)
