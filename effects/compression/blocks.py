"""Sums by cluster and by level of one set of dummies: the cross-products of every model without unit effects."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from effects.compression.relation import Relation, exact_sum, label_of
from effects.compression.sampling import Column
from effects.moments import CONSTANT, OUTCOME, TREATED, Grams
from effects.rows.columns import Codes, Numbers


@dataclass(frozen=True, slots=True)
class Blocks:
    """Sums (m, c) and products (m, c, c) of c numeric columns over the rows of m pairs of cluster and level."""

    clusters: tuple[str, ...]
    levels: tuple[str, ...]
    cluster: Codes
    level: Codes
    rows: Codes
    sums: Numbers
    products: Numbers


def sum_blocks(
    relation: Relation, rows: str, columns: Sequence[Column], cluster: str = "'all'", level: str = "''"
) -> Blocks:
    """One GROUP BY over a subquery of rows; `cluster` and `level` are SQL."""
    width = len(columns)
    pairs = [(i, j) for i in range(width) for j in range(i, width)]
    sums = [exact_sum(column.value, column.reach) for column in columns]
    products = [
        exact_sum(f"({columns[i].value}) * ({columns[j].value})", columns[i].reach * columns[j].reach) for i, j in pairs
    ]
    query = f"SELECT {cluster}, {level}, count(*), {', '.join(sums + products)} FROM {rows} GROUP BY ALL ORDER BY ALL"
    found = relation.ask(query)
    clusters = tuple(sorted({label_of(row[0]) for row in found}))
    levels = tuple(dict.fromkeys(label_of(value) for value in sorted({row[1] for row in found})))
    places = {name: place for place, name in enumerate(clusters)}, {name: place for place, name in enumerate(levels)}
    squares = np.zeros((len(found), width, width))
    for offset, (i, j) in enumerate(pairs, start=3 + width):
        squares[:, i, j] = squares[:, j, i] = [row[offset] for row in found]
    return Blocks(
        clusters,
        levels,
        np.array([places[0][label_of(row[0])] for row in found], dtype=np.int64),
        np.array([places[1][label_of(row[1])] for row in found], dtype=np.int64),
        np.array([row[2] for row in found], dtype=np.int64),
        np.array([row[3 : 3 + width] for row in found], dtype=np.float64).reshape(len(found), width),
        squares,
    )


def grams_of_blocks(blocks: Blocks, columns: Sequence[Column], effect: str | None, units: Mapping[str, int]) -> Grams:
    """Cross-products by cluster of treatment, constant, covariates, the dummies of `effect`, and the outcome."""
    dummies = [] if effect is None else [f"{effect}:{level}" for level in blocks.levels]
    plain = [TREATED, CONSTANT, *(column.name for column in columns[1:-1])]
    names = (*plain, *dummies, OUTCOME)
    numeric = np.array([names.index(column.name) for column in columns])
    products = np.zeros((len(blocks.clusters), len(names), len(names)))
    np.add.at(products, (blocks.cluster[:, None, None], numeric[:, None], numeric[None, :]), blocks.products)
    rows = np.zeros(len(blocks.clusters), dtype=np.int64)
    np.add.at(rows, blocks.cluster, blocks.rows)
    constant = names.index(CONSTANT)
    totals = np.zeros((len(blocks.clusters), len(columns)))
    np.add.at(totals, blocks.cluster, blocks.sums)
    products[:, constant, numeric] = products[:, numeric, constant] = totals
    products[:, constant, constant] = rows
    if dummies:
        place = len(plain) + blocks.level
        products[blocks.cluster, place, place] = products[blocks.cluster, constant, place] = blocks.rows
        products[blocks.cluster, place, constant] = blocks.rows
        products[blocks.cluster[:, None], place[:, None], numeric] = blocks.sums
        products[blocks.cluster[:, None], numeric, place[:, None]] = blocks.sums
    origins = {column.name: (column.base, column.origin) for column in columns}
    return Grams(
        blocks.clusters,
        names,
        products,
        rows,
        np.rint(products[:, 0, 0]).astype(np.int64),
        np.array([units[cluster] for cluster in blocks.clusters], dtype=np.int64),
        demeaned=False,
        squared=True,
        base=tuple(origins[name][0] if name in origins else name for name in names),
        origin=np.array([origins[name][1] if name in origins else 0.0 for name in names]),
    )
