"""Augmented inverse-probability weighting: right where either the propensity or the outcome model is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from effects.codes import Estimand
from effects.estimators.matched.weighting import Scored, through
from effects.inference.propensity import Propensity, unusable
from effects.linear_model import Obstacle
from effects.rows.columns import Codes, Flags, Numbers

WELL_POSED: Final = 1e8


def augmented(
    outcome: Numbers,
    treated: Numbers,
    model: Propensity,
    estimand: Estimand,
    weights: Numbers,
    names: tuple[str, ...],
    clusters: Codes | None = None,
) -> Scored | Obstacle:
    """AIPW with a linear outcome model m in each arm on the covariates of the propensity p, weights w normed to sum 1.

    ate: sum w [m1 - m0 + t (y - m1) / p - (1 - t)(y - m0) / (1 - p)]; att: sum w [t - (1 - t) p / (1 - p)](y - m0)
    over sum w t. The influence stacks the equations of effect, propensity and outcome models; where `clusters` are
    given, the cautious one takes each one's residuals from outcome models fitted without it. Robins, Rotnitzky and
    Zhao 1994; Hahn 1998.
    """
    arms = (treated == 1.0, treated == 0.0)
    for arm in arms[1:] if estimand is Estimand.ATT else arms:
        obstacle = unusable(outcome[arm], model.basis[arm], names, weights[arm])
        if obstacle is not None:
            return obstacle
    parts = [OutcomeModel.fitted(outcome, arm, model.basis, weights) for arm in arms]
    plain = [part.residuals for part in parts]
    outside = plain if clusters is None else [part.left_out(clusters) for part in parts]
    if estimand is Estimand.ATT:
        share, p = weights / np.sum(weights * treated), model.probabilities
        signed = treated - (1.0 - treated) * p / (1.0 - p)
        estimate = float(np.sum(share * signed * plain[1]))
        known, cautious = (
            _on_the_treated(model, parts[1], share, signed, treated, estimate, left) for left in (plain[1], outside[1])
        )
    else:
        share, p = weights / np.sum(weights), model.probabilities
        inverse = treated / p, (1.0 - treated) / (1.0 - p)
        gains = parts[0].predicted - parts[1].predicted
        estimate = float(np.sum(share * (gains + inverse[0] * plain[0] - inverse[1] * plain[1])))
        known, cautious = (
            _on_everybody(model, parts, share, inverse, gains - estimate, left) for left in (plain, outside)
        )
    return Scored(estimate, known[0] + known[1], known[0], cautious[0] + cautious[1])


@dataclass(frozen=True, slots=True)
class OutcomeModel:
    """The outcome model of one arm: rows (n,) in it, predictions and residuals (n,) of all rows, bread (k, k)."""

    own: Numbers
    basis: Numbers
    bread: Numbers
    predicted: Numbers
    residuals: Numbers

    @classmethod
    def fitted(cls, outcome: Numbers, arm: Flags, basis: Numbers, weights: Numbers) -> "OutcomeModel":
        """Weighted least squares in the arm."""
        own = weights * arm
        bread: Numbers = np.linalg.inv(basis.T @ (own[:, None] * basis)).astype(np.float64)
        predicted = basis @ (bread @ (basis.T @ (own * outcome)))
        return cls(own, basis, bread, predicted, outcome - predicted)

    def left_out(self, clusters: Codes) -> Numbers:
        """Residuals (n,) of each cluster from the model fitted without it; as they are where that has no solution."""
        order = np.argsort(clusters, kind="stable")
        groups = np.split(order, np.flatnonzero(np.diff(clusters[order])) + 1)
        if len(groups) == len(clusters):
            leverage = self.own * np.sum((self.basis @ self.bread) * self.basis, axis=1)
            alone: Numbers = self.residuals / np.where(1.0 - leverage > 1.0 / WELL_POSED, 1.0 - leverage, 1.0)
            return alone
        left = self.residuals.copy()
        for rows in groups:
            inside = self.basis[rows]
            gram = self.bread @ (inside.T @ (self.own[rows, None] * inside))
            system = np.eye(len(gram)) - gram
            if np.linalg.cond(system) < WELL_POSED:
                pull = self.bread @ (inside.T @ (self.own[rows] * self.residuals[rows]))
                left[rows] += inside @ np.linalg.solve(system, pull)
        return left

    def pull(self, residuals: Numbers, direction: Numbers) -> Numbers:
        """Influence (n,) through the coefficients on what has the gradient `direction` (k,)."""
        pulled: Numbers = self.own * residuals * (self.basis @ (self.bread @ direction))
        return pulled


def _on_everybody(
    model: Propensity,
    arms: Sequence[OutcomeModel],
    share: Numbers,
    inverse: tuple[Numbers, Numbers],
    apart: Numbers,
    left: Sequence[Numbers],
) -> tuple[Numbers, Numbers]:
    """Influence (n,) with the propensity known, and what its estimation adds; `left` are the residuals by arm."""
    p = model.probabilities
    one, other = inverse[0] * left[0], inverse[1] * left[1]
    known = share * (apart + one - other)
    known += arms[0].pull(left[0], model.basis.T @ (share * (1.0 - inverse[0])))
    known -= arms[1].pull(left[1], model.basis.T @ (share * (1.0 - inverse[1])))
    return known, through(model, -share * (one * (1.0 - p) + other * p))


def _on_the_treated(
    model: Propensity,
    arm: OutcomeModel,
    share: Numbers,
    signed: Numbers,
    treated: Numbers,
    estimate: float,
    left: Numbers,
) -> tuple[Numbers, Numbers]:
    known = share * (signed * left - treated * estimate)
    known -= arm.pull(left, model.basis.T @ (share * signed))
    return known, through(model, np.where(treated == 1.0, 0.0, share * signed * left))
