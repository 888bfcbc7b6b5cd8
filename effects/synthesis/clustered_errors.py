"""Cluster-robust error of a mean whose estimates are correlated within clusters by a working model.

`effects.inference.cluster_robust` has the same correction for weights on the diagonal; here the working covariance of a
cluster is a full matrix.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from effects.inference.cluster_robust import Precision
from effects.rows.columns import Numbers

_NULL_SPACE: Final = 1e-10


@dataclass(frozen=True, slots=True)
class Cluster:
    """One cluster's part: design (n, p), residuals (n,) and working covariance (n, n)."""

    design: Numbers
    residuals: Numbers
    covariance: Numbers


def cr2(clusters: Sequence[Cluster], bread: Numbers, coefficient: int = 0) -> Precision:
    """CR2 error of a generalised least-squares coefficient with Satterthwaite degrees of freedom.

    With working covariance V_g = D'D (D upper triangular) and weights V_g^-1, A_g = D' B_g^(+1/2) D where
    B_g = D (V_g - X_g M X_g') D' and M (p, p) is the bread (Bell and McCaffrey 2002; Pustejovsky and Tipton 2018).
    """
    pulls = [_pull(cluster, bread, coefficient) for cluster in clusters]
    sums = np.array([pull @ cluster.residuals for pull, cluster in zip(pulls, clusters, strict=True)])
    own = np.array([pull @ cluster.covariance @ pull for pull, cluster in zip(pulls, clusters, strict=True)])
    shared = np.array([pull @ cluster.design for pull, cluster in zip(pulls, clusters, strict=True)])
    products = np.diag(own) - shared @ bread @ shared.T
    df = float(np.trace(products)) ** 2 / float(np.sum(products**2))
    return Precision(float(np.sqrt(np.sum(sums**2))), df)


def _pull(cluster: Cluster, bread: Numbers, coefficient: int) -> Numbers:
    """The row (n,) that the cluster's residuals are multiplied with: the coefficient's row of M X_g' V_g^-1 A_g."""
    root = np.linalg.cholesky(cluster.covariance).T
    middle = root @ (cluster.covariance - cluster.design @ bread @ cluster.design.T) @ root.T
    values, vectors = np.linalg.eigh(middle)
    kept = values > _NULL_SPACE * float(values[-1])
    inverse_root = (vectors[:, kept] / np.sqrt(values[kept])) @ vectors[:, kept].T
    weighted = np.linalg.solve(cluster.covariance, cluster.design @ bread[:, coefficient])
    pull: Numbers = root.T @ inverse_root @ root @ weighted
    return pull
