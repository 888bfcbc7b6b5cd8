"""M-estimation by brute force: all equations stacked, derivatives taken numerically."""

from collections.abc import Callable

import numpy as np

from effects.codes import Estimand
from effects.rows.columns import Numbers

Equations = Callable[[Numbers], Numbers]


def standard_error(equations: Equations, root: Numbers, place: int) -> float:
    """Of the parameter at `place`; equations give (n, k) contributions that sum to zero at the root (k,)."""
    contributions = equations(root)
    assert np.max(np.abs(contributions.sum(axis=0))) < 1e-6
    steps = 1e-5 * np.maximum(1.0, np.abs(root))
    columns = []
    for which, step in enumerate(steps):
        ahead, behind = root.copy(), root.copy()
        ahead[which] += step
        behind[which] -= step
        columns.append((equations(ahead).sum(axis=0) - equations(behind).sum(axis=0)) / (2 * step))
    bread = np.linalg.inv(np.column_stack(columns))
    return float(np.sqrt((bread @ (contributions.T @ contributions) @ bread.T)[place, place]))


def logistic(design: Numbers, treated: Numbers, weights: Numbers) -> Numbers:
    """Coefficients by plain Newton steps."""
    found = np.zeros(design.shape[1])
    for _ in range(30):
        p = 1 / (1 + np.exp(-design @ found))
        spread = weights * p * (1 - p)
        found = found + np.linalg.solve(design.T @ (spread[:, None] * design), design.T @ (weights * (treated - p)))
    return found


def weighting(
    outcome: Numbers, treated: Numbers, design: Numbers, weights: Numbers, estimand: Estimand
) -> tuple[float, float]:
    """The weighted difference and its error: logistic coefficients, two means, their difference."""
    beta = logistic(design, treated, weights)
    count = len(beta)

    def arms(coefficients: Numbers) -> tuple[Numbers, Numbers]:
        p = 1 / (1 + np.exp(-design @ coefficients))
        if estimand is Estimand.ATT:
            return weights * treated, weights * (1 - treated) * p / (1 - p)
        return weights * treated / p, weights * (1 - treated) / (1 - p)

    def equations(root: Numbers) -> Numbers:
        p = 1 / (1 + np.exp(-design @ root[:count]))
        one, other = arms(root[:count])
        means, effect = root[count : count + 2], root[count + 2]
        return np.column_stack(
            [
                (weights * (treated - p))[:, None] * design,
                one * (outcome - means[0]),
                other * (outcome - means[1]),
                np.full(len(outcome), means[0] - means[1] - effect),
            ]
        )

    means = [float(np.average(outcome, weights=arm)) for arm in arms(beta)]
    root = np.array([*beta, *means, means[0] - means[1]])
    return float(root[-1]), standard_error(equations, root, count + 2)


def augmenting(
    outcome: Numbers, treated: Numbers, design: Numbers, weights: Numbers, estimand: Estimand
) -> tuple[float, float]:
    """The doubly robust effect and its error: logistic coefficients, both regressions, the effect."""
    beta, count = logistic(design, treated, weights), design.shape[1]
    fits = []
    for arm in (1.0, 0.0):
        own = weights * (treated == arm)
        fits.append(np.linalg.solve(design.T @ (own[:, None] * design), design.T @ (own * outcome)))

    def terms(root: Numbers) -> tuple[Numbers, Numbers]:
        p = 1 / (1 + np.exp(-design @ root[:count]))
        one, other = design @ root[count : 2 * count], design @ root[2 * count : 3 * count]
        if estimand is Estimand.ATT:
            return (treated - (1 - treated) * p / (1 - p)) * (outcome - other), treated
        both = one - other + treated * (outcome - one) / p - (1 - treated) * (outcome - other) / (1 - p)
        return both, np.ones(len(outcome))

    def equations(root: Numbers) -> Numbers:
        p = 1 / (1 + np.exp(-design @ root[:count]))
        gain, share = terms(root)
        residuals = [
            (weights * (treated == arm) * (outcome - design @ root[low : low + count]))[:, None] * design
            for arm, low in ((1.0, count), (0.0, 2 * count))
        ]
        return np.column_stack(
            [(weights * (treated - p))[:, None] * design, *residuals, weights * (gain - share * root[-1])]
        )

    start = np.array([*beta, *fits[0], *fits[1], 0.0])
    gain, share = terms(start)
    start[-1] = np.sum(weights * gain) / np.sum(weights * share)
    return float(start[-1]), standard_error(equations, start, len(start) - 1)
