import numpy as np
import pytest

from effects.codes import WorkingVariance
from effects.inference import cluster_robust, least_squares
from effects.inference.least_squares import Fit
from effects.linear_model import LinearModel
from effects.rows.columns import Numbers
from effects.synthesis.clustered_errors import Cluster, cr2

CODES = np.repeat(np.arange(5), [1, 2, 3, 4, 5]).astype(np.int64)


def fitted(covariance: Numbers, design: Numbers, estimates: Numbers) -> tuple[list[Cluster], Numbers]:
    inverse = np.linalg.inv(covariance)
    bread = np.linalg.inv(design.T @ inverse @ design)
    residuals = estimates - design @ bread @ design.T @ inverse @ estimates
    rows = [np.flatnonzero(code == CODES) for code in range(5)]
    return [Cluster(design[own], residuals[own], covariance[np.ix_(own, own)]) for own in rows], bread


def test_for_known_unequal_variances_it_is_the_error_of_the_plans() -> None:
    random = np.random.Generator(np.random.PCG64(17))
    variances, estimates = random.uniform(0.1, 2.0, 15), random.normal(0, 1, 15)
    design = np.column_stack([np.ones(15), random.normal(0, 1, 15)])
    model = LinearModel(
        outcome=estimates,
        design=design,
        weights=1.0 / variances,
        effect=1,
        names=("intercept", "x"),
        clusters=CODES,
        absorbed=0,
        estimator="wls",
    )
    fit = least_squares.fit(model)
    assert isinstance(fit, Fit)
    expected = cluster_robust.cr2(fit, CODES, WorkingVariance.INVERSE_WEIGHT)
    found = cr2(*fitted(np.diag(variances), design, estimates), coefficient=1)
    assert found.standard_error == pytest.approx(expected.standard_error)
    assert found.df == pytest.approx(expected.df)


def test_it_is_unbiased_where_the_working_model_holds() -> None:
    """The expected square of the error is the model's variance: the sum over clusters of the pulls' own variance."""
    random = np.random.Generator(np.random.PCG64(19))
    same = (CODES[:, None] == CODES[None]).astype(np.float64)
    covariance = np.diag(random.uniform(0.1, 1.0, 15)) + 0.4 * same
    root = np.linalg.cholesky(covariance)
    squares = []
    bread = np.zeros((1, 1))
    for _ in range(1500):
        clusters, bread = fitted(covariance, np.ones((15, 1)), root @ random.normal(0, 1, 15))
        squares.append(cr2(clusters, bread).standard_error ** 2)
    assert np.mean(squares) == pytest.approx(float(bread[0, 0]), rel=4.0 * np.std(squares) / 1500**0.5 / bread[0, 0])


def test_equal_clusters_have_one_degree_of_freedom_less_than_clusters() -> None:
    estimates = np.array([0.1, 0.4, -0.3, 0.8])
    clusters = [Cluster(np.ones((1, 1)), np.array([one - np.mean(estimates)]), np.ones((1, 1))) for one in estimates]
    found = cr2(clusters, np.array([[0.25]]))
    assert found.df == pytest.approx(3.0)
    assert found.standard_error == pytest.approx(np.std(estimates, ddof=1) / 2.0)
