"""Cross-products of unit-demeaned columns, where covariates vary within cells: two looks at the rows, none kept."""

from dataclasses import replace

import numpy as np

from effects.compression.blocks import block_question, blocks_of
from effects.compression.parts import Question
from effects.compression.relation import Relation, label_of
from effects.compression.sampling import Sample, columns_of
from effects.compression.units import STEPS, cells_and_reversals, look_at_units, with_units
from effects.moments import OUTCOME, TREATED, Grams


def grams_within_units(relation: Relation, sample: Sample) -> tuple[Grams, tuple[int, int]] | None:
    """Cross-products by cluster of treatment, covariates, period dummies and outcome, each less its unit's mean.

    Beside them, cells and reversals as `cells_and_reversals` counts them.

    A demeaned dummy times a demeaned column is the column's sum in that period; two dummies need the units by the
    periods in which they were observed. None where units have no paths.
    """
    columns = columns_of(sample, interacted=False)
    units_of = look_at_units(relation, sample, columns)
    if units_of is None:
        return None
    periods = units_of.periods
    demeaned = [
        replace(column, value=f"c{place} - m{place}", reach=2.0 * column.reach) for place, column in enumerate(columns)
    ]
    masks = "SELECT g, observed, count(*), sum(bit_count(treated)) FROM unit_paths GROUP BY ALL"
    found = units_of.ask(block_question(with_units(sample, columns), demeaned, "g", "place"), Question(masks, 2), STEPS)
    if found is None:
        return None
    blocks = blocks_of(found[0], demeaned)
    names = (TREATED, *(column.name for column in columns[1:-1]), *(f"period:{name}" for name in periods), OUTCOME)
    numeric = np.array([names.index(column.name) for column in columns])
    dummies = np.array([names.index(f"period:{periods[int(level)]}") for level in blocks.levels])
    products = np.zeros((len(blocks.clusters), len(names), len(names)))
    np.add.at(products, (blocks.cluster[:, None, None], numeric[:, None], numeric[None, :]), blocks.products)
    place = dummies[blocks.level]
    products[blocks.cluster[:, None], place[:, None], numeric] = blocks.sums
    products[blocks.cluster[:, None], numeric, place[:, None]] = blocks.sums
    rows, treated, units = (np.zeros(len(blocks.clusters), dtype=np.int64) for _ in range(3))
    np.add.at(rows, blocks.cluster, blocks.rows)
    first = names.index(f"period:{periods[0]}")
    window = slice(first, first + len(periods))
    for cluster, observed, number, doses in found[1]:
        own = blocks.clusters.index(label_of(cluster))
        seen = np.array([(observed >> bit) & 1 for bit in range(len(periods))], dtype=np.float64)
        products[own, window, window] += number * (np.diag(seen) - np.outer(seen, seen) / seen.sum())
        units[own] += number
        treated[own] += int(doses)
    grams = Grams(
        blocks.clusters,
        names,
        products,
        rows,
        treated,
        units,
        demeaned=True,
        squared=True,
        base=names,
        origin=np.zeros(len(names)),
    )
    return grams, cells_and_reversals(found[2])
