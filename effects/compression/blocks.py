"""Sums by cluster and by level of one set of dummies: the cross-products of every model without unit effects."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from effects.compression.parts import Question, Row
from effects.compression.relation import label_of, real, whole_sum
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


def block_question(rows: str, columns: Sequence[Column], cluster: str = "'all'", level: str = "''") -> Question:
    """One GROUP BY over a subquery of rows; `cluster` and `level` are SQL."""
    sums = ", ".join(whole_sum(value, reach) for value, reach in _summed(columns))
    return Question(f"SELECT {cluster}, {level}, count(*), {sums} FROM {rows} GROUP BY ALL", 2)


def blocks_of(found: Sequence[Row], columns: Sequence[Column]) -> Blocks:
    """What the answer to `block_question` says of the columns."""
    width = len(columns)
    clusters = tuple(sorted({label_of(row[0]) for row in found}))
    levels = tuple(dict.fromkeys(label_of(value) for value in sorted({row[1] for row in found})))
    places = {name: place for place, name in enumerate(clusters)}, {name: place for place, name in enumerate(levels)}
    reaches = [reach for _, reach in _summed(columns)]
    totals = np.array([[real(total, reach) for total, reach in zip(row[3:], reaches, strict=True)] for row in found])
    squares = np.zeros((len(found), width, width))
    for offset, (i, j) in enumerate(_pairs(width), start=width):
        squares[:, i, j] = squares[:, j, i] = totals[:, offset]
    return Blocks(
        clusters,
        levels,
        np.array([places[0][label_of(row[0])] for row in found], dtype=np.int64),
        np.array([places[1][label_of(row[1])] for row in found], dtype=np.int64),
        np.array([row[2] for row in found], dtype=np.int64),
        totals[:, :width],
        squares,
    )


def _pairs(width: int) -> list[tuple[int, int]]:
    return [(i, j) for i in range(width) for j in range(i, width)]


def _summed(columns: Sequence[Column]) -> list[tuple[str, float]]:
    """SQL and reach of each column and then of each product of two."""
    alone = [(column.value, column.reach) for column in columns]
    pairs = [(columns[i], columns[j]) for i, j in _pairs(len(columns))]
    return alone + [(f"({one.value}) * ({other.value})", one.reach * other.reach) for one, other in pairs]


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
