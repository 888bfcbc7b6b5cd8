"""Rows of a mixed model condensed to cells, and the small algebra of its covariance.

With weights w, V = diag(1/w) + t1 Z1 Z1' + t2 Z2 Z2' is the covariance of the rows over the residual variance; Z1 marks
the clusters, Z2 the cells (cluster-periods) inside them. Inverse and determinant follow cell by cell and cluster by
cluster (Woodbury); every product below is a sum of squares, so that nothing cancels at large ratios.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from effects.inference.least_squares import Fit
from effects.rows.columns import Codes, Numbers

CLUSTER: Final = 0
CELL: Final = 1


@dataclass(frozen=True, slots=True)
class Blocks:
    """What the restricted likelihood needs of n rows in C cells of G clusters.

    The k + 1 columns are the orthonormal fixed effects and the residual of least squares in units of `scale`. Shapes:
    within (k+1, k+1) products about the cells' means, means (C, k+1), size (C,) sums of weights (whose mean over the
    rows is 1), cluster (C,) ascending, starts (G,) first cell of each cluster.
    """

    within: Numbers
    means: Numbers
    size: Numbers
    cluster: Codes
    starts: Codes
    rows: int
    scale: float
    nested: bool

    @property
    def columns(self) -> int:
        """Number of fixed effects."""
        return len(self.within) - 1

    def by_cluster(self, values: Numbers) -> Numbers:
        """Sums over the cells of each cluster, (C, ...) to (G, ...)."""
        sums: Numbers = np.add.reduceat(values, self.starts, axis=0)
        return sums


def condensed(fitted: Fit, clusters: Codes, cells: Codes | None) -> Blocks:
    """The rows of a least-squares fit with weights of mean 1, by cell; `cells` (n,) are any codes inside clusters."""
    weights = fitted.model.weights
    scale = float(np.max(np.abs(fitted.residuals)))
    columns = np.column_stack([fitted.orthonormal / np.sqrt(weights)[:, None], fitted.residuals / scale])
    keys = clusters if cells is None else clusters * (int(cells.max()) + 1) + cells
    order = np.argsort(keys, kind="stable")
    distinct, first, place = np.unique(keys[order], return_index=True, return_inverse=True)
    columns, weight, cluster = columns[order], weights[order], clusters[order][first]
    size = np.add.reduceat(weight, first)
    means = np.add.reduceat(columns * weight[:, None], first, axis=0) / size[:, None]
    centred = (columns - means[place]) * np.sqrt(weight)[:, None] if len(distinct) < len(weight) else columns[:0]
    starts = np.unique(cluster, return_index=True)[1].astype(np.int64)
    return Blocks(centred.T @ centred, means, size, cluster, starts, len(weight), scale, cells is not None)


@dataclass(frozen=True, slots=True)
class Terms:
    """The covariance V at given ratios, seen through the columns M of the blocks.

    Shapes: products (k+1, k+1) = M'V^-1 M; cluster_sums (G, k+1) = Z1'V^-1 M; cell_sums (C, k+1) = Z2'V^-1 M; reach
    (C,) and total (G,) the information of a cell's and a cluster's mean were the cluster effect known; shrink (G,) =
    1 / (1 + t1 total).
    """

    blocks: Blocks
    ratios: Numbers
    products: Numbers
    log_determinant: float
    cluster_sums: Numbers
    cell_sums: Numbers
    reach: Numbers
    total: Numbers
    shrink: Numbers

    def sums(self, component: int) -> Numbers:
        """Z'V^-1 M of a component."""
        return self.cluster_sums if component == CLUSTER else self.cell_sums

    def trace(self, component: int) -> float:
        """tr(V^-1 Z Z') of a component."""
        if component == CLUSTER:
            return float(np.sum(self.total * self.shrink))
        squares = self.blocks.by_cluster(self.reach**2)
        return float(np.sum(self.total - self.ratios[CLUSTER] * self.shrink * squares))

    def double_trace(self, one: int, other: int) -> float:
        """tr(V^-1 Za Za' V^-1 Zb Zb') of two components."""
        if one == other == CLUSTER:
            return float(np.sum((self.total * self.shrink) ** 2))
        squares = self.blocks.by_cluster(self.reach**2)
        if one != other:
            return float(np.sum(self.shrink**2 * squares))
        pull = self.ratios[CLUSTER] * self.shrink
        cubes = self.blocks.by_cluster(self.reach**3)
        return float(np.sum(squares - 2.0 * pull * cubes + pull**2 * squares**2))

    def double_products(self, one: int, other: int) -> Numbers:
        """M'V^-1 Za (Za'V^-1 Zb) Zb'V^-1 M of two components, (k+1, k+1)."""
        if one == other == CLUSTER:
            return self.cluster_sums.T @ (self.cluster_sums * (self.total * self.shrink)[:, None])
        leaning = self.blocks.by_cluster(self.cell_sums * self.reach[:, None])
        if one != other:
            crossed = self.cluster_sums.T @ (leaning * self.shrink[:, None])
            return crossed if one == CLUSTER else crossed.T
        pull = (self.ratios[CLUSTER] * self.shrink)[:, None]
        inside: Numbers = self.cell_sums.T @ (self.cell_sums * self.reach[:, None]) - leaning.T @ (leaning * pull)
        return inside


def terms(blocks: Blocks, ratios: Numbers) -> Terms:
    """The terms at the variances of clusters and, where cells are nested, of cells, over the residual variance."""
    cell_ratio = float(ratios[CELL]) if blocks.nested else 0.0
    shrunk = 1.0 / (1.0 + cell_ratio * blocks.size)
    reach = blocks.size * shrunk
    total = blocks.by_cluster(reach)
    centre = blocks.by_cluster(blocks.means * reach[:, None]) / total[:, None]
    shrink = 1.0 / (1.0 + ratios[CLUSTER] * total)
    apart = blocks.means - centre[blocks.cluster]
    between = centre * (total * shrink)[:, None]
    return Terms(
        blocks=blocks,
        ratios=ratios,
        products=blocks.within + apart.T @ (apart * reach[:, None]) + centre.T @ between,
        log_determinant=float(-np.sum(np.log(shrunk)) - np.sum(np.log(shrink))),
        cluster_sums=between,
        cell_sums=reach[:, None] * (apart + (centre * shrink[:, None])[blocks.cluster]),
        reach=reach,
        total=total,
        shrink=shrink,
    )
