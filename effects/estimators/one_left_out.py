"""Whether the effect hangs on one cluster."""

from typing import Final

import numpy as np

from effects.codes import Verdict
from effects.design_answers import Asked, DesignAnswer
from effects.inference.cluster_robust import cluster_slices, power_times
from effects.inference.least_squares import Fit, fit
from effects.linear_model import LinearModel, Obstacle
from effects.message import Message
from effects.results import Diagnostic
from effects.rows.columns import Codes, Numbers

FEWEST: Final = 3
LARGE_SHARE: Final = 0.5
MOST_WORK: Final = 2e9
_LOST: Final = 1e-6


def one_left_out(asked: Asked, model: LinearModel | Obstacle) -> DesignAnswer:
    """A check by leaving out one cluster at a time: one cluster's share of the squared changes of the effect.

    These add up to the jackknife's variance, so that the share says how much of the uncertainty is about one cluster.
    Clusters without which the effect is not identified are counted, not guessed.
    """
    if isinstance(model, Obstacle) or model.clusters is None or _too_costly(model, model.clusters):
        return DesignAnswer(())
    fitted = fit(model)
    groups = int(model.clusters.max()) + 1
    if isinstance(fitted, Obstacle) or groups < FEWEST:
        return DesignAnswer(())
    without = estimates_without(fitted, model.clusters)
    known = without[np.isfinite(without)]
    changes = (known - fitted.estimate) ** 2
    if not (np.isfinite(changes).all() and float(np.sum(changes)) > 0.0):
        return DesignAnswer(())
    largest = float(np.max(changes) / np.sum(changes))
    check = Diagnostic(
        name="one_cluster_left_out",
        question=Message("Does the effect hang on one cluster?"),
        null=Message("No one cluster makes up more than half of the changes, or twice its even share."),
        statistic=largest,
        p_value=None,
        verdict=Verdict.WARN if largest > max(LARGE_SHARE, 2.0 / groups) or len(known) < groups else Verdict.PASS,
        detail=Message(
            "from {low:.4g} to {high:.4g}; not identified without {needed} of {clusters} clusters",
            {
                "low": float(known.min()),
                "high": float(known.max()),
                "needed": groups - len(known),
                "clusters": groups,
            },
        ),
        outcome=asked.outcome.stated.column,
    )
    return DesignAnswer((), (check,))


def estimates_without(fitted: Fit, clusters: Codes) -> Numbers:
    """The coefficient of interest without each cluster (G,), NaN where it is not identified then.

    From the whole fit: b - (X'WX)^-1 X_g' W_g (I - H_gg)^-1 e_g. Unit effects nested in the cluster leave with it:
    there I - H_gg is singular, and its pseudo-inverse drops them.
    """
    root, core = np.sqrt(fitted.model.weights), -np.eye(fitted.orthonormal.shape[1])
    scores = root * (fitted.model.design @ fitted.influence)
    found = np.empty(int(clusters.max()) + 1)
    for place, rows in enumerate(cluster_slices(clusters)):
        basis, own = fitted.orthonormal[rows], scores[rows]
        pull = power_times(basis, core, -1.0, root[rows] * fitted.residuals[rows])
        lost = own - power_times(basis, core, 0.0, own)
        identified = np.linalg.norm(lost) <= _LOST * np.linalg.norm(scores)
        found[place] = fitted.estimate - float(own @ pull) if identified else np.nan
    return found


def _too_costly(model: LinearModel, clusters: Codes) -> bool:
    sizes = np.bincount(clusters)
    return bool(np.sum(np.minimum(sizes, model.design.shape[1]).astype(np.float64) ** 3) > MOST_WORK)
