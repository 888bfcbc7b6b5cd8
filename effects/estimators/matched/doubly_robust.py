"""Augmented inverse-probability weighting: right where either the propensity or the outcome model is."""

import numpy as np

from effects.codes import Estimand
from effects.estimators.matched.weighting import Scored, through
from effects.inference.propensity import Propensity, unusable
from effects.linear_model import Obstacle
from effects.rows.columns import Flags, Numbers


def augmented(
    outcome: Numbers,
    treated: Numbers,
    model: Propensity,
    estimand: Estimand,
    weights: Numbers,
    names: tuple[str, ...],
) -> Scored | Obstacle:
    """AIPW with a linear outcome model m in each arm on the covariates of the propensity p, weights w normed to sum 1.

    ate: sum w [m1 - m0 + t (y - m1) / p - (1 - t)(y - m0) / (1 - p)]; att: sum w [t - (1 - t) p / (1 - p)](y - m0)
    over sum w t. The influence stacks the equations of effect, propensity and outcome models. Robins, Rotnitzky and
    Zhao 1994; Hahn 1998.
    """
    arms = (treated == 1.0, treated == 0.0)
    for arm in arms[1:] if estimand is Estimand.ATT else arms:
        obstacle = unusable(outcome[arm], model.basis[arm], names, weights[arm])
        if obstacle is not None:
            return obstacle
    if estimand is Estimand.ATT:
        return _treated(outcome, treated, model, weights)
    p, basis, share = model.probabilities, model.basis, weights / np.sum(weights)
    (one, one_scores), (other, other_scores) = (_regression(outcome, arm, basis, weights) for arm in arms)
    inverse, reverse = treated / p, (1.0 - treated) / (1.0 - p)
    terms = one - other + inverse * (outcome - one) - reverse * (outcome - other)
    estimate = float(np.sum(share * terms))
    slopes = -share * (inverse * (1.0 - p) * (outcome - one) + reverse * p * (outcome - other))
    known = share * (terms - estimate)
    known += one_scores @ (basis.T @ (share * (1.0 - inverse))) - other_scores @ (basis.T @ (share * (1.0 - reverse)))
    return Scored(estimate, known + through(model, slopes), known)


def _treated(outcome: Numbers, treated: Numbers, model: Propensity, weights: Numbers) -> Scored:
    share = weights / np.sum(weights * treated)
    odds = (1.0 - treated) * model.probabilities / (1.0 - model.probabilities)
    other, other_scores = _regression(outcome, treated == 0.0, model.basis, weights)
    estimate = float(np.sum(share * (treated - odds) * (outcome - other)))
    known = share * ((treated - odds) * (outcome - other) - treated * estimate)
    known -= other_scores @ (model.basis.T @ (share * (treated - odds)))
    return Scored(estimate, known + through(model, -share * odds * (outcome - other)), known)


def _regression(outcome: Numbers, arm: Flags, basis: Numbers, weights: Numbers) -> tuple[Numbers, Numbers]:
    """Least squares in the arm: predictions (n,) for all rows, and each row's influence (n, k) on the coefficients."""
    own = weights * arm
    products = basis.T @ (own[:, None] * basis)
    coefficients = np.linalg.solve(products, basis.T @ (own * outcome))
    predicted: Numbers = basis @ coefficients
    scores = np.linalg.solve(products, ((own * (outcome - predicted))[:, None] * basis).T).T
    return predicted, scores.astype(np.float64)
