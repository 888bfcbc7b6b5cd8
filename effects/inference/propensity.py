"""The probability of being treated given covariates, by logistic regression."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.linalg import solve_triangular
from scipy.special import expit, log_expit

from effects.codes import Reason
from effects.inference.least_squares import COLLINEAR, MOST_NAMES, fit
from effects.linear_model import LinearModel, Obstacle
from effects.message import Message
from effects.rows.columns import Numbers

TOLERANCE: Final = 1e-12
MOST_STEPS: Final = 60
MOST_HALVINGS: Final = 30
_STILL_MOVING: Final = 1e-6
FLAT: Final = 1e-10


@dataclass(frozen=True, slots=True)
class Propensity:
    """Fitted probabilities (n,) and what their estimation costs.

    `basis` (n, k) spans the intercept and the covariates, `information` (k, k) = sum w p (1 - p) q q' and `scores`
    (n, k) = w (t - p) q are those of the logistic likelihood in that basis, w the weights.
    """

    probabilities: Numbers
    basis: Numbers
    information: Numbers
    scores: Numbers


def propensity(
    treated: Numbers, covariates: Numbers, names: tuple[str, ...], weights: Numbers
) -> Propensity | Obstacle:
    """Maximum likelihood of P(treated) = 1 / (1 + exp(-(a + b'x))), covariates (n, m), by Newton steps to 1e-12.

    Refuses collinear covariates and, by name, covariates that separate the arms: then no maximum exists.
    """
    design = np.column_stack([np.ones(len(treated)), covariates])
    obstacle = unusable(treated, design, names, weights)
    if obstacle is not None:
        return obstacle
    root = np.sqrt(weights / np.mean(weights))
    norms = np.sqrt(np.sum((design * root[:, None]) ** 2, axis=0))
    scaled = design / np.where(norms > 0.0, norms, 1.0)
    triangular = np.linalg.qr(scaled * root[:, None], mode="r")
    if not np.isfinite(triangular).all() or np.min(np.abs(np.diag(triangular))) <= COLLINEAR:
        return not_finite()
    basis = solve_triangular(triangular, scaled.T, trans="T").T * np.sqrt(len(treated))
    if not np.isfinite(basis).all():
        return not_finite()
    coefficients = logit_maximum(treated, basis, weights / np.mean(weights))
    if coefficients is None:
        return _separated(treated, covariates, names)
    probabilities = expit(basis @ coefficients)
    spread = weights * probabilities * (1.0 - probabilities)
    return Propensity(
        probabilities=probabilities,
        basis=basis,
        information=basis.T @ (spread[:, None] * basis),
        scores=(weights * (treated - probabilities))[:, None] * basis,
    )


def unusable(outcome: Numbers, design: Numbers, names: tuple[str, ...], weights: Numbers) -> Obstacle | None:
    """Why no regression on these columns (n, 1 + m) has one solution: too few rows, collinear or huge values."""
    model = LinearModel(
        outcome=outcome,
        design=design,
        names=("intercept", *names),
        effect=0,
        weights=weights,
        clusters=None,
        absorbed=0,
        estimator="",
    )
    found = fit(model)
    exact = isinstance(found, Obstacle) and found.reason is Reason.NO_RESIDUAL_VARIATION
    return found if isinstance(found, Obstacle) and not exact else None


def not_finite() -> Obstacle:
    """The refusal of values, or weights, beyond what numbers can hold."""
    return Obstacle(
        Reason.NOT_FINITE,
        Message("values are infinite or too large to compute with"),
        Message("finite values in a sensible unit"),
    )


def logit_maximum(treated: Numbers, basis: Numbers, weights: Numbers) -> Numbers | None:
    """Coefficients (k,) of a weighted logit on the columns (n, k) of a basis, by Newton with halved steps.

    None where the predictor keeps growing, towards where the likelihood is flat.
    """
    coefficients = np.zeros(basis.shape[1])
    likelihood, moved = _log_likelihood(treated, basis @ coefficients, weights), np.inf
    for _ in range(MOST_STEPS):
        probabilities = expit(basis @ coefficients)
        spread = weights * probabilities * (1.0 - probabilities)
        sizes, vectors = np.linalg.eigh(basis.T @ (spread[:, None] * basis))
        if sizes[0] <= FLAT * len(basis):
            return None
        gradient = basis.T @ (weights * (treated - probabilities))
        step = vectors @ ((vectors.T @ gradient) / sizes)
        for _ in range(MOST_HALVINGS):
            reached = _log_likelihood(treated, basis @ (coefficients + step), weights)
            if reached >= likelihood - TOLERANCE * abs(likelihood):
                break
            step = step / 2.0
        coefficients, likelihood = coefficients + step, reached
        moved = float(np.max(np.abs(basis @ step)))
        if moved <= TOLERANCE * (1.0 + float(np.max(np.abs(basis @ coefficients)))):
            break
    return coefficients if moved <= _STILL_MOVING else None


def _log_likelihood(treated: Numbers, predictor: Numbers, weights: Numbers) -> float:
    return float(np.sum(weights * log_expit(np.where(treated == 1.0, predictor, -predictor))))


def _separated(treated: Numbers, covariates: Numbers, names: tuple[str, ...]) -> Obstacle:
    """The refusal, naming each covariate whose values alone tell some rows' arm."""
    telling = [
        name
        for name, values in zip(names, covariates.T, strict=True)
        if _tells(values[treated == 1.0], values[treated == 0.0])
    ]
    if not telling:
        detail = Message("a combination of the covariates tells the arm")
    else:
        detail = Message("{covariates} tells the arm of some rows", {"covariates": ", ".join(telling[:MOST_NAMES])})
    return Obstacle(
        Reason.SEPARATION,
        detail,
        Message("covariates whose values occur in both arms: drop or merge those that do not"),
    )


def _tells(one: Numbers, other: Numbers) -> bool:
    apart = one.min() >= other.max() or other.min() >= one.max()
    binary = len(np.union1d(one, other)) == 2
    return bool(apart or (binary and (np.ptp(one) == 0.0 or np.ptp(other) == 0.0)))
