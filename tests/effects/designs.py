"""Plans and rows that every built design can read; every random number comes from a stated seed."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from effects import analyse
from effects.plan import AnalysisPlan
from effects.results import AnalysisResult, EffectEstimate, Entry

Mapping = dict[str, object]
PlanFor = Callable[..., AnalysisPlan]
Indicator = Callable[..., Mapping]

ROLES = {
    "individual_randomised": {"treated": "treated"},
    "cluster_randomised": {"treated": "treated", "cluster": "school"},
    "stepped_wedge": {"treated": "treated", "unit": "site", "period": "month"},
    "two_period_did": {"treated": "treated", "unit": "site", "period": "month"},
    "staggered_adoption": {"unit": "site", "period": "month", "first_treated": "start"},
    "interrupted_time_series": {"period": "month", "start": 5},
    "controlled_interrupted_time_series": {"period": "month", "start": 5, "group": "treated"},
    "matched_comparison": {"treated": "treated"},
    "synthetic_control": {"unit": "site", "period": "month", "treated": "treated"},
    "before_after": {"unit": "site", "treated": "treated"},
    "survey_before_after": {},
}
ESTIMANDS = {"individual_randomised": "itt", "cluster_randomised": "itt", "stepped_wedge": "itt"}
LINEAR: dict[str, Mapping] = {
    "individual_randomised": {},
    "cluster_randomised": {},
    "stepped_wedge": {"model": {"working_model": "fixed_effects"}},
    "two_period_did": {},
}
"""The designs that are one coefficient of a linear model, with the sections that their plans need beside the roles."""
BUILT: dict[str, Mapping] = {
    **LINEAR,
    "staggered_adoption": {},
    "interrupted_time_series": {},
    "controlled_interrupted_time_series": {},
    "synthetic_control": {},
    "before_after": {},
    "survey_before_after": {},
    "matched_comparison": {},
}
"""All designs that have an estimator."""


def outcome(column: str, **keys: object) -> Mapping:
    return {
        "column": column,
        "role": "primary",
        "domain": "citizen",
        "better": "higher",
        "minimal_important": 0.5,
        **keys,
    }


def stated(design: str = "individual_randomised", **sections: object) -> Mapping:
    """The mapping of a plan for a design; keyword arguments replace or add sections."""
    mapping: Mapping = {
        "schema": "virkning-plan/1",
        "title": "A pilot",
        "design": design,
        "estimand": ESTIMANDS.get(design, "att"),
        "data": deepcopy(ROLES[design]),
        "outcome": [outcome("y")],
    }
    if design == "survey_before_after":
        mapping["survey"] = {"wave": "wave"}
    return {**mapping, **sections}


def plan_for(*design: str, **sections: object) -> AnalysisPlan:
    """A checked plan, built in the same way."""
    return AnalysisPlan.from_mapping(stated(*design, **sections))


def plan_of(design: str, *, roles: Mapping | None = None, **keys: object) -> AnalysisPlan:
    """A plan of a built design about the outcome y; `roles` are added to its data, `keys` to the outcome."""
    data = {**ROLES[design], **(roles or {})}
    return plan_for(design, data=data, outcome=[outcome("y", **keys)], **BUILT[design])


def rows(sites: int = 8, months: int = 6, seed: int = 17) -> pd.DataFrame:
    """A balanced panel that every built design can read; half of the sites are treated throughout."""
    random = np.random.Generator(np.random.PCG64(seed))
    site, month, size = np.repeat(np.arange(sites), months), np.tile(np.arange(months), sites), sites * months
    return pd.DataFrame(
        {
            "site": site,
            "school": site,
            "month": month,
            "treated": site % 2,
            "start": np.array([0, 2, 3, 4])[site % 4],
            "wave": month % 2,
            "x": random.normal(size=size),
            "w": random.uniform(1, 5, size),
            "y": random.normal(size=size) + site,
            "z": random.normal(size=size),
        }
    )


def rows_for(design: str, frame: pd.DataFrame | None = None) -> pd.DataFrame:
    """The rows with treatment as the design assigns it: in a stepped wedge the sites start one after another."""
    frame = rows() if frame is None else frame
    later = frame["month"] >= 3
    assigned = {
        "stepped_wedge": frame["month"] >= 1 + frame["site"] % 4,
        "two_period_did": later & (frame["site"] % 2 == 1),
        "before_after": later,
        "synthetic_control": later & (frame["site"] == 0),
        "matched_comparison": (frame["site"] + frame["month"]) % 2 == 1,
    }
    return frame if design not in assigned else frame.assign(treated=assigned[design].astype(int))


def first(result: AnalysisResult) -> Entry:
    """The first entry of a result in which every number is finite."""
    assert all_finite(result.to_dict())
    return result.estimates[0]


def estimated(frame: pd.DataFrame, plan: AnalysisPlan) -> EffectEstimate:
    """The first effect, which must have been estimated."""
    found = first(analyse(frame, plan))
    assert isinstance(found, EffectEstimate), found
    return found


def all_finite(value: object) -> bool:
    if isinstance(value, dict):
        return all(all_finite(item) for item in value.values())
    if isinstance(value, list):
        return all(all_finite(item) for item in value)
    return not isinstance(value, float) or bool(np.isfinite(value))


def as_csv(frame: pd.DataFrame, path: Path) -> Path:
    frame.to_csv(path, index=False)
    return path


def as_parquet(frame: pd.DataFrame, path: Path) -> Path:
    with duckdb.connect(":memory:") as connection:
        connection.from_df(frame).write_parquet(str(path))
    return path
