"""pyfixest's bootstrap (through wildboottest) and randomisation test of the first of the twenty indicators."""

import warnings
from importlib.metadata import version

import numpy as np
import pandas as pd
import pyfixest
from pyfixest.estimation.models.feols_ import Feols

from registry.benchmarks.indicators import CLUSTERS, MONTHS, indicators
from registry.benchmarks.readings import Meter, Reading, Task

SEED = 20260304
WARM_UP = 99
BOOTSTRAP = version("wildboottest")
"""pyfixest loads it only when asked; that it is missing is to be known here."""


def bootstrapped(task: Task) -> Reading:
    """`wildboottest` after a warm-up with few draws; null imposed, Rademacher signs."""
    fit = _fit("y ~ treated | unit+month")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit.wildboottest(param="treated", cluster="unit", reps=WARM_UP, seed=SEED)
        with Meter() as meter:
            found = fit.wildboottest(param="treated", cluster="unit", reps=task.draws, seed=SEED)
    return meter.reading(answer={"p_value": float(found["Pr(>|t|)"])})


def permuted_arms(task: Task) -> Reading:
    """`ritest` of two arms among municipalities after a warm-up with few draws."""
    fit = _fit("y ~ arm")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit.ritest("arm", cluster="unit", reps=WARM_UP, rng=np.random.default_rng(SEED))
        with Meter() as meter:
            found = fit.ritest("arm", cluster="unit", reps=task.draws, rng=np.random.default_rng(SEED))
    return meter.reading(answer={"p_value": float(found["Pr(>|t|)"])})


def _fit(formula: str) -> Feols:
    found = indicators()
    frame = pd.DataFrame(
        {
            "unit": np.repeat(np.arange(CLUSTERS), MONTHS),
            "month": np.tile(np.arange(MONTHS), CLUSTERS),
            "treated": found.treated.ravel(),
            "arm": np.repeat(found.arm, MONTHS).astype(np.float64),
            "y": found.values[:, :, 0].ravel(),
        }
    )
    fit: Feols = pyfixest.feols(formula, frame, vcov={"CRV1": "unit"})
    return fit
