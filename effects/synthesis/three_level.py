"""Studies nested in clusters, such as pilots in the same municipality: two variances by REML, and CR2 errors beside.

y = mu + u_cluster + w_study + e with u ~ N(0, s1), w ~ N(0, s2) and e of known variance (Konstantopoulos 2011). The
restricted likelihood is climbed by Newton's method on exact derivatives, variances kept at or above zero.
"""

from dataclasses import dataclass
from itertools import product
from typing import Final, Literal

import numpy as np

from effects.message import Message
from effects.rows.columns import Codes, Flags, Numbers
from effects.synthesis.answers import MOST_STUDIES, Answer, Answered, Unanswered, answer, too_many
from effects.synthesis.clustered_errors import Cluster, cr2
from effects.synthesis.random_effects import Prediction, predicted

_STEPS: Final = 100
_CLOSE: Final = 1e-13
_FARTHEST: Final = 1e12
_HALVINGS: Final = 40
_STARTS: Final = (0.0, 0.1, 0.5, 1.0, 3.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreeLevel:
    """Variances between clusters and between studies of one cluster, in the outcome's unit squared.

    `mean` is by z from the model, `mean_cr2` by t with Satterthwaite degrees of freedom, which holds also where
    studies of one cluster are alike in another way than the model says.
    """

    kind: Literal["three_level"] = "three_level"
    mean: Answer
    mean_cr2: Answered
    sigma2_cluster: float
    sigma2_study: float
    log_likelihood: float
    clusters: int
    prediction: Prediction


@dataclass(frozen=True, slots=True)
class _Fit:
    variances: Numbers
    mean: float
    bread: float
    log_likelihood: float
    score: Numbers
    observed: Numbers
    expected: Numbers


def three_level(estimates: Numbers, variances: Numbers, clusters: Codes, level: float) -> ThreeLevel | Unanswered:
    """Fit the model; clusters are codes (k,) from 0 to their number less one."""
    sizes = np.bincount(clusters)
    if obstacle := _obstacle(len(estimates), sizes):
        return obstacle
    if float(np.var(estimates)) > _FARTHEST * float(np.min(variances)):
        return Unanswered(
            detail=Message(
                "The estimates lie too many of their standard errors apart to tell the levels from each other."
            ),
            needs=Message("estimates and variances in one unit"),
        )
    model = _Model(estimates, variances, (clusters[:, None] == clusters[None]).astype(np.float64))
    fit = _climb(model)
    between, within = (float(value) for value in fit.variances)
    return ThreeLevel(
        mean=answer("three_level_reml", fit.mean, fit.bread**0.5, level, tau2=between + within),
        mean_cr2=_robust(model, fit, clusters, level),
        sigma2_cluster=between,
        sigma2_study=within,
        log_likelihood=fit.log_likelihood,
        clusters=len(sizes),
        prediction=predicted("z_three_level", fit.mean, between + within + fit.bread, level, None),
    )


def _robust(model: "_Model", fit: _Fit, clusters: Codes, level: float) -> Answered:
    parts = [_part(model, fit, clusters == code) for code in range(int(np.max(clusters)) + 1)]
    found = cr2(parts, np.array([[fit.bread]]))
    if found.standard_error <= _CLOSE * fit.bread**0.5:
        return Unanswered(
            detail=Message("The clusters do not differ at all: no error can be worked out from their differences."),
            needs=Message("clusters whose estimates differ"),
        )
    return answer("three_level_cr2", fit.mean, found.standard_error, level, df=found.df)


def _obstacle(studies: int, sizes: Codes) -> Unanswered | None:
    if len(sizes) < 2:
        detail, needs = Message("All studies are of one cluster."), Message("studies from at least two clusters")
    elif np.max(sizes) < 2:
        detail = Message("Each cluster has one study: differences between clusters and between studies are one.")
        needs = Message("at least one cluster with two studies")
    elif studies < 3:
        detail, needs = Message("Two studies cannot carry two variances."), Message("at least three studies")
    elif studies > MOST_STUDIES:
        return too_many(studies)
    else:
        return None
    return Unanswered(detail=detail, needs=needs)


@dataclass(frozen=True, slots=True)
class _Model:
    estimates: Numbers
    variances: Numbers
    same: Numbers

    def covariance(self, variances: Numbers) -> Numbers:
        whole: Numbers = np.diag(self.variances + variances[1]) + variances[0] * self.same
        return whole

    def at(self, variances: Numbers) -> _Fit:
        covariance = self.covariance(variances)
        inverse = np.linalg.inv(covariance)
        column = inverse.sum(axis=1)
        mass = float(np.sum(column))
        mean = float(column @ self.estimates) / mass
        projection = inverse - np.outer(column, column) / mass
        pulled = projection @ self.estimates
        products = (projection @ self.same, projection)
        turned = (self.same @ pulled, pulled)
        expected = np.array([[0.5 * float(np.sum(one * other.T)) for other in products] for one in products])
        curved = np.array([[float(one @ projection @ other) for other in turned] for one in turned])
        score = [
            0.5 * (float(pulled @ one) - float(np.trace(other))) for one, other in zip(turned, products, strict=True)
        ]
        determinant = float(np.linalg.slogdet(covariance)[1])
        rows = len(self.estimates)
        # the constant of the restricted likelihood, with the term log|X'X| / 2 that makes it one of contrasts
        constant = 0.5 * np.log(rows) - 0.5 * (rows - 1) * np.log(2.0 * np.pi)
        likelihood = constant - 0.5 * (determinant + np.log(mass) + float(self.estimates @ pulled))
        return _Fit(variances, mean, 1.0 / mass, float(likelihood), np.array(score), curved - expected, expected)


def _climb(model: _Model) -> _Fit:
    unit = float(np.var(model.estimates) + np.median(model.variances))
    starts = [model.at(unit * np.array(start)) for start in product(_STARTS, repeat=2)]
    fit = max(starts, key=lambda start: start.log_likelihood)
    for _ in range(_STEPS):
        free = (fit.variances > 0.0) | (fit.score > 0.0)
        step = _step(fit, free)
        if np.all(np.abs(step) <= _CLOSE * unit):
            break
        following = _forward(model, fit, step)
        if following is fit:
            break
        fit = following
    return fit


def _step(fit: _Fit, free: Flags) -> Numbers:
    """Newton's step where the likelihood is concave there, else Fisher's."""
    step = np.zeros(2)
    if not np.any(free):
        return step
    places = np.ix_(free, free)
    observed = fit.observed[places]
    concave = bool(np.all(np.linalg.eigvalsh(observed) > 0.0))
    step[free] = np.linalg.solve(observed if concave else fit.expected[places], fit.score[free])
    return step


def _forward(model: _Model, fit: _Fit, step: Numbers) -> _Fit:
    """The next point, kept at or above zero; the step is halved until the likelihood does not fall."""
    for halving in range(_HALVINGS):
        following = model.at(np.maximum(fit.variances + step * 0.5**halving, 0.0))
        if following.log_likelihood >= fit.log_likelihood - 1e-12 * abs(fit.log_likelihood):
            return following
    return fit


def _part(model: _Model, fit: _Fit, rows: Flags) -> Cluster:
    covariance = model.covariance(fit.variances)[np.ix_(rows, rows)]
    return Cluster(np.ones((int(np.sum(rows)), 1)), model.estimates[rows] - fit.mean, covariance)
