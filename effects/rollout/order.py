"""The randomised order of a roll-out in stages: a stepped wedge whose sequences are the stages.

How many places of each stratum start in each stage is settled first, so that strata, regions and size classes are
spread equally; which places these are is then drawn by shuffling within strata. All orders with the same numbers are
therefore equally likely, which is what a permutation test within strata takes for granted.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np

from effects.rollout.places import Place, RolloutError, problems
from effects.rollout.splitting import equal_parts
from effects.rollout.strata import Stratum, strata_of
from effects.rows.columns import Codes
from effects.serialize import plain_record

SCHEMA: Final = "virkning-order/1"
Kind: TypeAlias = Literal["all", "region", "size_class", "stratum"]
GROUPS: Final[tuple[Kind, ...]] = ("region", "size_class", "stratum")


@dataclass(frozen=True, slots=True)
class Placed:
    """A place with its stratum and the stage (from 1) in which it starts."""

    place: Place
    stratum: str
    stage: int


@dataclass(frozen=True, slots=True)
class Balance:
    """Places and inhabitants by stage of one group; `tolerance` is the most by which two stages may differ in places.

    It is 1 for all, for strata, and for the regions and size classes that no merged stratum cuts across. In a merged
    stratum chance decides where the places start that were merged into it: so many more may differ.
    """

    kind: Kind
    name: str
    places: tuple[int, ...]
    population: tuple[int, ...]
    tolerance: int

    @property
    def difference(self) -> int:
        """Places of the fullest stage less those of the emptiest."""
        return max(self.places) - min(self.places)

    @property
    def within(self) -> bool:
        """Whether the tolerance is kept."""
        return self.difference <= self.tolerance


@dataclass(frozen=True, slots=True)
class Order:
    """Places in the order of their codes; the same places, stages and seed give the same order."""

    stages: int
    seed: int
    placed: tuple[Placed, ...]
    strata: tuple[Stratum, ...]
    balance: tuple[Balance, ...]

    @property
    def stage_of(self) -> Mapping[str, int]:
        """Stage by code of the place."""
        return {one.place.code: one.stage for one in self.placed}

    @property
    def within(self) -> bool:
        """Whether every group keeps its tolerance."""
        return all(one.within for one in self.balance)

    def to_mapping(self) -> dict[str, object]:
        """JSON-ready, deterministic."""
        return {"schema": SCHEMA, **plain_record(self)}


def draw_order(places: Sequence[Place], stages: int, seed: int) -> Order:
    """Draws the stage of every place, in whatever order they are given; raises RolloutError with every finding."""
    findings = list(problems(places, stages))
    if findings:
        raise RolloutError(findings)
    listed = sorted(places, key=lambda place: place.code)
    strata = strata_of(listed)
    number_of = {
        (cell.region, cell.size_class): number for number, stratum in enumerate(strata) for cell in stratum.cells
    }
    own = np.array([number_of[place.region, place.size_class] for place in listed], dtype=np.int64)
    stage = _drawn(own, strata, stages, np.random.Generator(np.random.PCG64(seed)))
    placed = tuple(
        Placed(place, strata[number].name, one)
        for place, number, one in zip(listed, own.tolist(), (stage + 1).tolist(), strict=True)
    )
    return Order(stages, seed, placed, strata, _balances(placed, strata, stages))


def _drawn(own: Codes, strata: Sequence[Stratum], stages: int, random: np.random.Generator) -> Codes:
    """Stage (from 0) of each place, given its stratum (n,): numbers by stratum first, then a shuffle within."""
    regions, classes = _sets(own, [one.region for one in strata]), _sets(own, [one.size_class for one in strata])
    together: Codes = np.zeros_like(own)
    found = equal_parts(((own, regions, together), (classes, together)), len(own), stages, random)
    for number in range(len(strata)):
        members = np.flatnonzero(own == number)
        found[members] = random.permutation(found[members])
    return found


def _sets(own: Codes, names: Sequence[str]) -> Codes:
    """Which set each place is in by its stratum."""
    found: Codes = np.unique(names, return_inverse=True)[1][own]
    return found


def _balances(placed: Sequence[Placed], strata: Sequence[Stratum], stages: int) -> tuple[Balance, ...]:
    found = [_balance("all", "", placed, stages, 1)]
    for kind in GROUPS:
        for name in sorted({_group(kind, one) for one in placed}):
            members = [one for one in placed if _group(kind, one) == name]
            found.append(_balance(kind, name, members, stages, _tolerance(kind, name, members, strata, stages)))
    return tuple(found)


def _group(kind: Kind, one: Placed) -> str:
    return {"stratum": one.stratum, "region": one.place.region, "size_class": one.place.size_class}[kind]


def _tolerance(kind: Kind, name: str, members: Sequence[Placed], strata: Sequence[Stratum], stages: int) -> int:
    """1 for the strata that were spread as this group, and what chance may add where strata mix it with others."""
    own = Counter(one.stratum for one in members)
    chance, spread = 0, False
    for stratum in strata:
        leads = name == {"stratum": stratum.name, "region": stratum.region, "size_class": stratum.size_class}[kind]
        mixed = stratum.places - own[stratum.name] if leads else own[stratum.name]
        chance += min(mixed, -(-stratum.places // stages))
        spread = spread or leads
    return chance + spread


def _balance(kind: Kind, name: str, members: Sequence[Placed], stages: int, tolerance: int) -> Balance:
    by_stage = [[one.place for one in members if one.stage == stage] for stage in range(1, stages + 1)]
    places = tuple(len(stage) for stage in by_stage)
    return Balance(kind, name, places, tuple(sum(place.population for place in stage) for stage in by_stage), tolerance)
