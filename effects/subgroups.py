"""Pre-specified subgroups: one estimate for each level, and each level's difference from the first.

They are pre-specified but not powered, so their entries are `exploratory`: they stand outside the families that
multiplicity corrects, and each outcome keeps exactly one primary entry for each aggregation that the design asks for.
The interaction of two levels is estimated on the rows of both, with common nuisance effects.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from effects.codes import Aggregation
from effects.rows.column_reading import Levels
from effects.rows.columns import Codes
from effects.rows.roles import OutcomeColumns, Roles
from effects.rows.samples import KEPT, Sample, draw


@dataclass(frozen=True, slots=True)
class Comparison:
    """A sample to analyse; for an interaction `level` (n,) is 1 in the level that is compared with the reference."""

    aggregation: Aggregation
    subgroup: Mapping[str, str]
    sample: Sample
    level: Codes | None


def comparisons(outcome: OutcomeColumns, roles: Roles, reasons: Codes) -> Iterator[Comparison]:
    """All levels, then all interactions, of every subgroup in the order of the plan."""
    for column, levels in roles.subgroups:
        for place, level in enumerate(levels.levels):
            kept = (reasons == KEPT) & (levels.codes == place)
            named = {"column": column, "level": level}
            yield Comparison(Aggregation.OVERALL, named, draw(roles, outcome, kept), None)
        for place in range(1, len(levels.levels)):
            yield _interaction(outcome, roles, reasons, column, levels, place)


def _interaction(
    outcome: OutcomeColumns, roles: Roles, reasons: Codes, column: str, levels: Levels, place: int
) -> Comparison:
    kept = (reasons == KEPT) & np.isin(levels.codes, (0, place))
    sample = draw(roles, outcome, kept)
    named = {"column": column, "level": levels.levels[place], "reference": levels.levels[0]}
    return Comparison(Aggregation.INTERACTION, named, sample, (levels.codes[sample.rows] == place).astype(np.int64))
