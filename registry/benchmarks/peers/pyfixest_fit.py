"""pyfixest on the same panel, already in memory, after a warm-up that compiles and loads what it needs."""

import warnings

import duckdb
import pandas as pd
import pyfixest
from pyfixest.estimation.models.feols_ import Feols

from registry.benchmarks.panels import PANEL, pieces
from registry.benchmarks.readings import Meter, Reading, Task

FORMULA = "y ~ treated | unit + period"
TIGHT = 1e-13
WARM_UP = 2_000


def by_default(task: Task) -> Reading:
    """The default settings, which stop iterating at 1e-6."""
    return _fitted(task, None)


def tight(task: Task) -> Reading:
    """Iterated to 1e-13: the figures to agree with."""
    return _fitted(task, TIGHT)


def _fitted(task: Task, tolerance: float | None) -> Reading:
    with duckdb.connect() as connection:
        frame = connection.from_parquet(str(task.path(PANEL))).df()
    demeaner = None if tolerance is None else pyfixest.MapDemeaner(fixef_tol=tolerance)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _fit(pd.DataFrame(next(pieces(WARM_UP))), demeaner)
        with Meter() as meter:
            fit = _fit(frame, demeaner)
    return meter.reading(answer={"estimate": float(fit.coef().iloc[0]), "standard_error": float(fit.se().iloc[0])})


def _fit(frame: pd.DataFrame, demeaner: pyfixest.MapDemeaner | None) -> Feols:
    return pyfixest.feols(FORMULA, frame, vcov={"CRV1": "cluster"}, demeaner=demeaner)
