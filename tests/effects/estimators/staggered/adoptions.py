"""Panels in which units begin treatment one after another; every random number comes from a stated seed."""

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import causaldata
import numpy as np
import pandas as pd

from effects import analyse
from effects.codes import BasePeriod, Control
from effects.design_answers import Asked
from effects.estimators.staggered.cells import Choices
from effects.estimators.staggered.panel import Panel
from effects.plan import AnalysisPlan
from effects.planning.settings import settle
from effects.results import AnalysisResult, Entry
from effects.rows.roles import read_roles
from effects.rows.samples import KEPT, draw, why_dropped
from effects.sources import open_source
from tests.effects.designs import all_finite, outcome, plan_for

ROLES = {"unit": "unit", "period": "period", "first_treated": "start"}
NEVER = Choices(Control.NEVER_TREATED, BasePeriod.VARYING, 0.0)
LATER = Choices(Control.NOT_YET_TREATED, BasePeriod.VARYING, 0.0)
PLAIN = {"standard_error": "influence"}


def adoption(
    units: int = 40, periods: int = 8, cohorts: Sequence[int] = (3, 5, 0, 0), seed: int = 1, effect: float = 0.5
) -> pd.DataFrame:
    """A balanced panel; unit i starts in cohorts[i mod their number], 0 = never; x varies within units, z does not."""
    random = np.random.Generator(np.random.PCG64(seed))
    unit, period = np.repeat(np.arange(units), periods), np.tile(np.arange(1, periods + 1), units)
    start = np.array(cohorts)[unit % len(cohorts)]
    own, shock = random.normal(size=units)[unit], random.normal(size=periods)[period - 1]
    x, z = random.normal(size=len(unit)), random.normal(size=units)[unit]
    under = (start > 0) & (period >= start)
    y = own + shock + 0.3 * x + effect * under * (1 + 0.2 * (period - start)) + random.normal(size=len(unit))
    return pd.DataFrame(
        {"unit": unit, "period": period, "start": start, "region": unit // 2, "x": x, "z": z, "w": 1.0 + z**2, "y": y}
    )


def panel_from(
    frame: pd.DataFrame, *covariates: str, cluster: str = "unit", weight: str | None = None, column: str = "y"
) -> Panel:
    """The frame as a panel, made without the code under test."""
    wide = frame.pivot(index="unit", columns="period", values=column)
    once = frame.drop_duplicates("unit").set_index("unit").loc[wide.index]
    stacked = [frame.pivot(index="unit", columns="period", values=name).to_numpy(float) for name in covariates]
    times = wide.columns.to_numpy(float)
    start = once["start"].to_numpy(float)
    return Panel(
        outcome=wide.to_numpy(float),
        covariates=np.stack(stacked, axis=-1) if stacked else np.zeros((*wide.shape, 0)),
        covariate_names=covariates,
        times=times,
        labels=tuple(times.tolist()),
        first=np.where(start == 0, np.inf, start),
        cluster=np.unique(once.reset_index()[cluster].to_numpy(), return_inverse=True)[1].astype(np.int64),
        weights=np.ones(len(once)) if weight is None else once[weight].to_numpy(float),
        people=np.ones(len(once)),
    )


def plan_about(
    *covariates: str,
    column: str = "y",
    roles: dict[str, str] | None = None,
    model: dict[str, object] | None = None,
    inference: dict[str, object] | None = None,
    **sections: object,
) -> AnalysisPlan:
    """A plan of staggered adoption about one outcome."""
    stated = {"model": model, "inference": inference}
    keys: dict[str, object] = {"covariates": list(covariates)} if covariates else {}
    return plan_for(
        "staggered_adoption",
        data={**ROLES, **(roles or {})},
        outcome=[outcome(column, **keys)],
        **{name: section for name, section in stated.items() if section},
        **sections,
    )


def asked_about(frame: pd.DataFrame, plan: AnalysisPlan) -> Asked:
    """What the design is asked about the first outcome."""
    settings, _ = settle(plan)
    roles = read_roles(open_source(frame), plan)
    first = roles.outcomes[0]
    sample = draw(roles, first, why_dropped(roles, first) == KEPT)
    return Asked(outcome=first, roles=roles, plan=plan, settings=settings, sample=sample)


def result_of(frame: pd.DataFrame, plan: AnalysisPlan) -> AnalysisResult:
    """The analysis, in which every number is finite."""
    result = analyse(frame, plan)
    assert all_finite(result.to_dict())
    return result


def averages_of(result: AnalysisResult, analysis: str = "primary") -> dict[str, Entry]:
    """The entries that are neither a cell nor a time since treatment, by aggregation; second opinions by estimator."""
    found = [entry for entry in result.estimates if entry.aggregation not in ("group_time", "event_time")]
    return {
        str(getattr(entry, "estimator", None) if analysis == "sensitivity" else entry.aggregation): entry
        for entry in found
        if entry.analysis == analysis
    }


def castle(*without: int) -> pd.DataFrame:
    """Castle-doctrine laws of 50 states 2000 to 2010 (Cheng and Hoekstra 2013), `without` some of the cohorts."""
    rows = causaldata.castle.load_pandas().data
    begun = rows[rows["post"] > 0].groupby("sid")["year"].min()
    start = rows["sid"].map(begun).fillna(0).astype(int)
    named = {"unit": rows["sid"], "period": rows["year"], "start": start, "y": rows["l_homicide"].astype(float)}
    frame = pd.DataFrame({**named, "x": rows["unemployrt"].astype(float)})
    return frame[~start.isin(without)]


@contextmanager
def quietly() -> Iterator[None]:
    """Other software may warn of what it likes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def numeric_gradient(value: Callable[[np.ndarray], float], weights: np.ndarray, step: float = 1e-5) -> np.ndarray:
    """Derivative of a figure by the weight of each unit, which is what influence is."""
    ends = []
    for place in range(len(weights)):
        moved = [weights.copy(), weights.copy()]
        moved[0][place] += step
        moved[1][place] -= step
        ends.append((value(moved[0]) - value(moved[1])) / (2.0 * step))
    return np.array(ends)
