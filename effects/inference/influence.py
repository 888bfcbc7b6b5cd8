"""Standard errors from influence: what each unit contributes to the error of an estimate.

An estimate less its target is, up to smaller terms, the sum of one contribution a unit; its variance is the sum of
their squares, summed first within clusters where clusters are what was sampled or treated.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from effects.rows.columns import Codes, Numbers


@dataclass(frozen=True, slots=True)
class Spread:
    """A standard error with its degrees of freedom; None means that the normal distribution is meant."""

    standard_error: float
    df: float | None


@dataclass(frozen=True, slots=True)
class Strata:
    """Clusters (n,) of the units, and the stratum (G,) of each cluster: one number where a cluster lies in several."""

    cluster: Codes
    stratum: Codes

    @property
    def sizes(self) -> Codes:
        """Number of clusters in each stratum (S,)."""
        return np.bincount(self.stratum).astype(np.int64)


def strata_of(cluster: Codes, group: Codes) -> Strata:
    """Groups (n,) as strata of the clusters; all clusters are one stratum where a cluster lies in several groups."""
    clusters = int(cluster.max()) + 1
    lowest, highest = np.full(clusters, np.iinfo(np.int64).max), np.full(clusters, -1)
    np.minimum.at(lowest, cluster, group)
    np.maximum.at(highest, cluster, group)
    nested = bool(np.all(lowest == highest))
    return Strata(cluster, np.unique(lowest, return_inverse=True)[1] if nested else np.zeros(clusters, dtype=np.int64))


def by_cluster(influence: Numbers, cluster: Codes) -> Numbers:
    """Contributions (n,) or (n, k) summed within clusters: (G,) or (G, k)."""
    summed = np.zeros((int(cluster.max()) + 1, *influence.shape[1:]))
    np.add.at(summed, cluster, influence)
    return summed


def plain(influence: Numbers, cluster: Codes) -> Spread:
    """Root of the sum over clusters of their squared contribution, normal: `influence`."""
    return Spread(float(np.sqrt(np.sum(by_cluster(influence, cluster) ** 2))), None)


def small(influence: Numbers, strata: Strata, lone: Sequence[Numbers] = ()) -> Spread:
    """The same with n / (n - 1) for the n clusters of each stratum, t with Welch's df: `influence_small`.

    With v the variance that a stratum brings, df = (sum v)^2 / sum(v^2 / (n - 1)) (Welch 1947; Satterthwaite 1946).
    A stratum of one cluster has no variance of its own. `lone` holds, for each of these, the contributions (n,) of
    those it is compared with: it is taken to vary as one of m does, which is m times the variance of their mean.
    """
    sums, sizes = by_cluster(influence, strata.cluster), strata.sizes
    factor = np.where(sizes > 1, sizes / np.maximum(sizes - 1, 1), 1.0)
    own = factor * np.bincount(strata.stratum, weights=sums**2)
    variances, dfs = [own[sizes > 1]], [sizes[sizes > 1] - 1.0]
    left = float(np.sum(own[sizes == 1]))
    for contributions in lone:
        compared = by_cluster(contributions, strata.cluster)
        number = int(np.count_nonzero(compared))
        if number > 1:
            variances.append(np.array([np.sum(compared**2) * number**2 / (number - 1.0)]))
            dfs.append(np.array([number - 1.0]))
    parts, freedom = np.concatenate(variances), np.concatenate(dfs)
    total, squares = float(np.sum(parts)), float(np.sum(parts**2 / freedom)) if len(parts) else 0.0
    return Spread(float(np.sqrt(total + left)), total**2 / squares if squares > 0.0 else None)


def covariance(influence: Numbers, strata: Strata, lone: Sequence[Numbers] = ()) -> Numbers:
    """Covariance (k, k) of estimates with contributions (n, k), and `lone` of that shape, by the rules of `small`."""
    sums, sizes = by_cluster(influence, strata.cluster), strata.sizes
    factor = np.where(sizes > 1, sizes / np.maximum(sizes - 1, 1), 1.0)[strata.stratum]
    found: Numbers = sums.T @ (factor[:, None] * sums)
    for contributions in lone:
        compared = by_cluster(contributions, strata.cluster)
        number = int(np.count_nonzero(np.any(compared != 0.0, axis=1)))
        if number > 1:
            found = found + number**2 / (number - 1.0) * (compared.T @ compared)
    return found
