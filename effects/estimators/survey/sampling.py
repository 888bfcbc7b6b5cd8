"""How a survey was drawn, and the linearised variance that follows from it."""

from dataclasses import dataclass

import numpy as np

from effects.codes import Reason
from effects.linear_model import Obstacle
from effects.message import Message
from effects.rows.columns import Codes, Flags, Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """Rows (n,) that answered, with the clusters and strata they were drawn in; codes count from 0 without gaps.

    A cluster lies in one stratum. By stratum (H,): `population` clusters, of which `drawn` were sampled whether they
    answered or not; None means drawn with replacement or from so many that no correction is due. `silent` (H,) marks
    strata in which a whole cluster did not answer, `incomplete` (n,) rows whose cluster answered in part.
    """

    weights: Numbers
    clusters: Codes
    strata: Codes
    population: Numbers | None = None
    drawn: Numbers | None = None
    silent: Flags | None = None
    incomplete: Flags | None = None

    @property
    def stratum_of_cluster(self) -> Codes:
        """The stratum of each cluster (G,)."""
        found: Codes = np.zeros(int(self.clusters.max()) + 1, dtype=np.int64)
        found[self.clusters] = self.strata
        return found

    @property
    def df(self) -> int:
        """Clusters less strata."""
        return int(self.clusters.max()) - int(self.strata.max())


def one_stage(weights: Numbers, clusters: Codes, strata: Codes, population: Numbers | None) -> Sampling:
    """A sample in which everybody answered: the clusters at hand are those that were drawn."""
    plain = Sampling(weights=weights, clusters=clusters, strata=strata)
    if population is None:
        return plain
    drawn = np.bincount(plain.stratum_of_cluster).astype(np.float64)
    return Sampling(weights=weights, clusters=clusters, strata=strata, population=population, drawn=drawn)


def variance(scores: Numbers, sampling: Sampling) -> float | Obstacle:
    """Variance of sum(scores), scores (n,) being the linearised variable times the weight.

    By stratum h with n clusters, f = drawn / population and t the cluster sums of the scores:
    (1 - f) B + f R, B = n / (n - 1) sum((t - mean t)^2). Those who answered are a phase of their own, without finite
    population: R = B where whole clusters are silent, else the sum of squared scores over the clusters that answered
    in part, 0 where everybody answered. A stratum with one cluster has no B unless it was the only one there is.
    Wolter 2007; Saerndal, Swensson and Wretman 1992, chapter 15 (phases).
    """
    home = sampling.stratum_of_cluster
    sums = np.bincount(sampling.clusters, weights=scores)
    counts = np.bincount(home).astype(np.float64)
    fraction = np.zeros(len(counts))
    if sampling.population is not None and sampling.drawn is not None:
        fraction = np.minimum(sampling.drawn / sampling.population, 1.0)
    lonely = counts == 1.0
    if bool(np.any(lonely & (fraction < 1.0))):
        return Obstacle(
            Reason.LONELY_CLUSTER,
            Message("{strata} strata hold a single cluster", {"strata": int(np.sum(lonely & (fraction < 1.0)))}),
            Message("at least 2 clusters in each stratum: merge strata, or state that the cluster was certain to come"),
        )
    centred = sums - (np.bincount(home, weights=sums) / counts)[home]
    between = np.bincount(home, weights=centred**2) * counts / np.maximum(counts - 1.0, 1.0)
    within: Numbers = np.zeros(len(counts))
    if sampling.incomplete is not None:
        within += np.bincount(sampling.strata, weights=scores**2 * sampling.incomplete, minlength=len(counts))
    answering = within if sampling.silent is None else np.where(sampling.silent, between, within)
    return float(np.sum((1.0 - fraction) * between + fraction * answering))
