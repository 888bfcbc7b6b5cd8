"""The mixed model as its definition says: whole matrices, brute force, nothing clever."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from effects.inference.mixed_model import MixedFit, fit_mixed
from effects.linear_model import LinearModel, Obstacle
from effects.rows.columns import Codes

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Dense:
    """Variances are those of clusters, of cells where there are any, and of the residual of weight 1, in this order."""

    outcome: Array
    design: Array
    weights: Array
    parts: tuple[Array, ...]

    def spread(self, variances: Array) -> Array:
        own: Array = sum(variance * part for variance, part in zip(variances, self.parts, strict=True))
        return own

    def covariance(self, variances: Array) -> Array:
        found: Array = np.linalg.inv(self.design.T @ np.linalg.solve(self.spread(variances), self.design))
        return found

    def coefficients(self, variances: Array) -> Array:
        inverse = np.linalg.inv(self.spread(variances))
        found: Array = self.covariance(variances) @ self.design.T @ inverse @ self.outcome
        return found

    def projection(self, variances: Array) -> Array:
        inverse = np.linalg.inv(self.spread(variances))
        half = inverse @ self.design
        found: Array = inverse - half @ self.covariance(variances) @ half.T
        return found

    def log_likelihood(self, variances: Array) -> float:
        """Harville's restricted likelihood as lme4 reports it: without the constant log|X'X|."""
        spread = self.spread(variances)
        freedom = len(self.outcome) - self.design.shape[1]
        information = self.design.T @ np.linalg.solve(spread, self.design)
        squares = self.outcome @ self.projection(variances) @ self.outcome
        terms = np.linalg.slogdet(spread)[1] + np.linalg.slogdet(information)[1] + squares + freedom * np.log(2 * np.pi)
        return float(-0.5 * terms)

    def expected_information(self, variances: Array) -> Array:
        pulled = [self.projection(variances) @ part for part in self.parts]
        return np.array([[0.5 * np.trace(one @ other) for other in pulled] for one in pulled])

    def observed_information(self, variances: Array) -> Array:
        """Second differences of the restricted likelihood, steps in proportion to the variances."""
        steps = 1e-3 * variances
        size = len(variances)
        found = np.empty((size, size))
        for one in range(size):
            for other in range(size):
                corners = [
                    left
                    * right
                    * self.log_likelihood(variances + left * _unit(one, steps) + right * _unit(other, steps))
                    for left in (1, -1)
                    for right in (1, -1)
                ]
                found[one, other] = -sum(corners) / (4 * steps[one] * steps[other])
        return found

    def slopes(self, variances: Array, contrast: Array) -> Array:
        """Differences of the contrast's variance in each of the variances."""
        steps = 1e-5 * variances + 1e-12
        return np.array(
            [
                sum(
                    sign * contrast @ self.covariance(variances + sign * _unit(place, steps)) @ contrast
                    for sign in (1, -1)
                )
                / (2 * steps[place])
                for place in range(len(variances))
            ]
        )

    def kenward_roger(self, variances: Array) -> Array:
        """The adjusted covariance, from formulas (3) and (5) of Kenward and Roger 1997."""
        inverse = np.linalg.inv(self.spread(variances))
        covariance, half = self.covariance(variances), inverse @ self.design
        spread = np.linalg.inv(self.expected_information(variances))
        first = [-half.T @ part @ half for part in self.parts]
        total = np.zeros_like(covariance)
        for one, left in enumerate(self.parts):
            for other, right in enumerate(self.parts):
                second = half.T @ left @ inverse @ right @ half
                total += spread[one, other] * (second - first[one] @ covariance @ first[other])
        found: Array = covariance + 2.0 * covariance @ total @ covariance
        return found


def _unit(place: int, steps: Array) -> Array:
    found = np.zeros_like(steps)
    found[place] = steps[place]
    return found


def dense(model: LinearModel, cells: Codes | None = None) -> Dense:
    """The same model in whole matrices."""
    assert model.clusters is not None
    own = model.clusters[:, None] == model.clusters[None, :]
    parts = [own.astype(float)]
    if cells is not None:
        parts.append((own & (cells[:, None] == cells[None, :])).astype(float))
    return Dense(model.outcome, model.design, model.weights, (*parts, np.diag(1.0 / model.weights)))


def model_of(outcome: Array, columns: list[Array], clusters: Codes, weights: Array | None = None) -> LinearModel:
    """A linear model with an intercept whose second column is of interest; rows must be ordered by cluster."""
    design = np.column_stack([np.ones(len(outcome)), *columns])
    return LinearModel(
        outcome=np.asarray(outcome, float),
        design=design,
        names=tuple(f"x{place}" for place in range(design.shape[1])),
        effect=min(1, design.shape[1] - 1),
        weights=np.ones(len(outcome)) if weights is None else weights,
        clusters=np.asarray(clusters, np.int64),
        absorbed=0,
        estimator="mixed",
    )


def fitted(model: LinearModel, cells: Codes | None = None) -> MixedFit:
    """The fit, which must exist."""
    found = fit_mixed(model, cells)
    assert not isinstance(found, Obstacle), str(found.detail)
    return found


def contrast_of(model: LinearModel) -> Array:
    """The coefficient of interest as a contrast."""
    return np.eye(len(model.names))[model.effect]


@dataclass(frozen=True)
class Wedge:
    """A made-up stepped wedge: unequal cells, random clusters and cluster-periods, an effect of 0.5."""

    seed: int
    clusters: int = 8
    periods: int = 5
    most: int = 5
    between: float = 0.8
    within: float = 0.5
    weighted: bool = False

    def rows(self) -> tuple[LinearModel, Codes]:
        """The model with period dummies, and the period of each row."""
        random = np.random.Generator(np.random.PCG64(self.seed))
        sizes = random.integers(1, self.most + 1, self.clusters * self.periods)
        cluster = np.repeat(np.repeat(np.arange(self.clusters), self.periods), sizes)
        period = np.repeat(np.tile(np.arange(self.periods), self.clusters), sizes)
        treated = (period > cluster % (self.periods - 1)).astype(float)
        shared = random.normal(0, self.between, self.clusters)[cluster]
        shared = shared + random.normal(0, self.within, (self.clusters, self.periods))[cluster, period]
        weights = random.uniform(0.5, 4.0, len(cluster)) if self.weighted else np.ones(len(cluster))
        noise = random.normal(size=len(cluster)) / np.sqrt(weights)
        outcome = 0.5 * treated + 0.1 * period + shared + noise
        dummies = [(period == place).astype(float) for place in range(1, self.periods)]
        return model_of(outcome, [treated, *dummies], cluster, weights), period
