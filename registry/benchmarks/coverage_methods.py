"""What each method says of one trial: whether it rejects the truth, finds an effect that was added, and how widely."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.special import stdtrit

from effects.codes import BootstrapWeights, Design, Estimand, StandardError
from effects.estimators import LINEAR
from effects.inference.covariance import precision
from effects.inference.least_squares import Fit, fit
from effects.inference.permutation import permutation, sums_of_rows
from effects.inference.wild_bootstrap import WildScores, scores_from_fit, wild_bootstrap
from effects.linear_model import Obstacle
from effects.message import Message
from effects.plan import AnalysisPlan
from effects.planning.sections import SCHEMA
from effects.planning.settings import Settings, settle
from effects.reassignment import reassignment
from effects.rows.samples import Sample

LEVEL: Final = 0.95
DRAWS: Final = 399
"""Of a resampling; 0.05 (draws + 1) is whole, so that a test of 5 % can have its size."""


@dataclass(frozen=True, slots=True)
class Said:
    """Of one trial: was the truth rejected, was the added effect found, width of the interval (NaN without one), df.

    A trial in which the method refuses to answer is `refused` and counts towards nothing else.
    """

    rejected: bool = False
    found: bool = False
    width: float = np.nan
    df: float = np.inf
    refused: bool = False


Method = Callable[[Sample, Settings, float, int], Said]
"""Of a sample without effect, the settings of its design, an effect to add to the treated, and a seed."""

REFUSED: Final = Said(refused=True)


def settings_of(design: Design, standard_error: StandardError) -> Settings:
    """What a plan of the design settles where nothing but the standard error is stated."""
    roles = {"unit": "site", "period": "month"} if design is Design.STEPPED_WEDGE else {"cluster": "site"}
    plan = AnalysisPlan.from_mapping(
        {
            "schema": SCHEMA,
            "title": "coverage",
            "design": design.value,
            "estimand": Estimand.ITT.value,
            "data": {"treated": "treated", **roles},
            "outcome": [{"column": "y", "role": "secondary", "domain": "citizen", "better": "higher"}],
            "model": {"working_model": "fixed_effects"} if design is Design.STEPPED_WEDGE else {},
            "inference": {"standard_error": standard_error.value, "level": LEVEL},
        }
    )
    return settle(plan)[0]


def by_t(sample: Sample, settings: Settings, effect: float, _seed: int) -> Said:
    """The interval and test of the t distribution, as in an analysis."""
    fitted = _fitted(sample, settings)
    if fitted is None:
        return REFUSED
    spread = precision(fitted, settings.standard_error, settings.working_variance)
    if isinstance(spread, Obstacle):
        return REFUSED
    return judged(fitted.estimate, spread.standard_error, spread.df, effect)


def judged(estimate: float, standard_error: float, df: float, effect: float) -> Said:
    """What an estimate with a t distribution says where the truth is 0, and where `effect` had been added."""
    reach = float(stdtrit(df, 0.5 + LEVEL / 2.0)) * standard_error
    if not np.isfinite(reach):
        return REFUSED
    return Said(abs(estimate) > reach, abs(estimate + effect) > reach, 2.0 * reach, df)


def by_bootstrap(sample: Sample, settings: Settings, effect: float, seed: int) -> Said:
    """The wild cluster bootstrap that imposes the null; its interval is what it does not reject."""
    fitted, added = _fitted(sample, settings), _fitted(_added(sample, effect), settings)
    if fitted is None or added is None or sample.cluster is None:
        return REFUSED
    both = [scores_from_fit(one, sample.cluster) for one in (fitted, added)]
    scores = WildScores(np.concatenate([one.scores for one in both]), both[0].leverage, both[0].influence)
    return _by_p_values(wild_bootstrap(scores, BootstrapWeights.RADEMACHER, DRAWS, seed).p_values.tolist())


def by_permutation(sample: Sample, settings: Settings, effect: float, seed: int) -> Said:
    """The assignment drawn again as it was made; its interval is what it does not reject."""
    redrawn, fitted = reassignment(sample, settings.design), _fitted(sample, settings)
    if isinstance(redrawn, Message) or fitted is None:
        return REFUSED
    model = fitted.model
    nuisance = np.delete(model.design, model.effect, axis=1)
    both = [
        sums_of_rows(redrawn.unit, redrawn.period, nuisance, outcome, model.weights)
        for outcome in (sample.outcome, _added(sample, effect).outcome)
    ]
    sums = replace(both[0], residuals=np.column_stack([one.residuals for one in both]))
    return _by_p_values(permutation(sums, redrawn.assignment, DRAWS, seed).p_values.tolist())


def _by_p_values(p_values: list[float]) -> Said:
    if np.isnan(p_values[0]):
        return REFUSED
    truth, added = (value <= 1.0 - LEVEL + 1e-9 for value in p_values)
    return Said(truth, added)


def _fitted(sample: Sample, settings: Settings) -> Fit | None:
    model = LINEAR[settings.design](sample, settings)
    found = model if isinstance(model, Obstacle) else fit(model)
    return None if isinstance(found, Obstacle) else found


def _added(sample: Sample, effect: float) -> Sample:
    return replace(sample, outcome=sample.outcome + effect * sample.treated)
