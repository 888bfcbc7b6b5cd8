"""Panels of units by periods, the treated last, for several tests."""

import numpy as np
import pandas as pd
from causaldata import texas
from numpy.typing import NDArray

from effects.estimators.synthetic.weights import Contrasts

Array = NDArray[np.float64]
TEXAS = "Texas"


def prisons() -> pd.DataFrame:
    """Black men in prison by state, 1985 to 2000; Texas let prisons be built from 1993 on (Cunningham 2021)."""
    frame = texas.load_pandas().data[["state", "year", "bmprison"]]
    begun = (frame["state"] == TEXAS) & (frame["year"] >= 1993)
    return frame.assign(bmprison=frame["bmprison"].astype(float), treated=begun.astype(int))


def prisons_matrix() -> Array:
    wide = prisons().pivot(index="state", columns="year", values="bmprison")
    return wide.loc[[*wide.index.drop(TEXAS), TEXAS]].to_numpy(float)


def walk(units: int, periods: int, seed: int) -> Array:
    """Units that load on two shared random walks, with their own noise."""
    random = np.random.Generator(np.random.PCG64(seed))
    shared = np.cumsum(random.normal(size=(2, periods)), axis=1)
    return random.normal(size=(units, 2)) @ shared + random.normal(0, 0.3, (units, periods)) + 3.0


def long(panel: Array, before: int, treated: int = 1) -> pd.DataFrame:
    """A panel as rows; its last units are treated from a period on."""
    units, periods = panel.shape
    site, month = np.repeat(np.arange(units), periods), np.tile(np.arange(periods), units)
    begun = (site >= units - treated) & (month >= before)
    return pd.DataFrame({"site": site, "month": month, "treated": begun.astype(int), "y": panel.ravel()})


def actual_of(panel: Array, treated: int) -> Contrasts:
    controls = np.arange(len(panel)) < len(panel) - treated
    return Contrasts(controls[None, :], ~controls[None, :])
