"""Random panels, the plans that read them, and a slow, obvious implementation with every dummy written out."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from hypothesis import strategies as st

from effects.compression.compress import compress
from effects.moments import Moments
from effects.plan import AnalysisPlan
from effects.planning.settings import Settings, settle
from tests.effects.designs import outcome


@dataclass(frozen=True)
class Shape:
    """What a random panel looks like; `lost` is the share of rows that are missing, `parts` how it is split."""

    seed: int
    clusters: int
    units: int
    periods: int
    lost: float
    level: float
    parts: int


SHAPES = st.builds(
    Shape,
    seed=st.integers(0, 10**6),
    clusters=st.integers(5, 12),
    units=st.integers(2, 5),
    periods=st.integers(3, 7),
    lost=st.sampled_from([0.0, 0.1, 0.3]),
    level=st.sampled_from([0.0, 100.0]),
    parts=st.integers(1, 9),
)


def panel(shape: Shape) -> pd.DataFrame:
    """Units in clusters over periods, treated by cluster from different periods on, with two covariates."""
    random = np.random.Generator(np.random.PCG64(shape.seed))
    starts = random.permuted(np.resize([1, 2, shape.periods], shape.clusters))
    rows = [
        (f"c{cluster}", f"c{cluster}u{unit}", period, int(period >= starts[cluster]), cluster % 2)
        for cluster in range(shape.clusters)
        for unit in range(shape.units)
        for period in range(shape.periods)
    ]
    frame = pd.DataFrame(rows, columns=["cluster", "unit", "period", "treated", "stratum"])
    frame["x"] = random.normal(size=len(frame)) + 0.5 * frame["treated"]
    frame["z"] = random.uniform(1.0, 3.0, size=len(frame))
    own = random.normal(size=shape.clusters * shape.units).repeat(shape.periods)
    noise = random.normal(size=len(frame))
    frame["y"] = shape.level + own + 0.2 * frame["period"] + 0.5 * frame["treated"] + 0.7 * frame["x"] + noise
    return frame[random.uniform(size=len(frame)) >= shape.lost].reset_index(drop=True)


def by_cluster(frame: pd.DataFrame) -> pd.DataFrame:
    """The panel as a cluster-randomised trial: every other pair of clusters is treated throughout."""
    number = frame["cluster"].str.removeprefix("c").astype(int)
    return frame.assign(treated=(number // 2 + number) % 2)


def plan(design: str, error: str, covariates: Sequence[str] = (), **sections: object) -> AnalysisPlan:
    """A plan that reads the panels; sections replace those that stand here."""
    wedge = design == "stepped_wedge"
    roles = {"unit": "unit", "cluster": "cluster", "treated": "treated"} | ({"period": "period"} if wedge else {})
    mapping = {
        "schema": "virkning-plan/1",
        "title": "A panel",
        "design": design,
        "estimand": "itt",
        "data": roles,
        "outcome": [outcome("y", covariates=list(covariates)) if covariates else outcome("y")],
        "inference": {"standard_error": error},
        **({"model": {"working_model": "fixed_effects"}} if wedge else {}),
    }
    return AnalysisPlan.from_mapping(mapping | sections)


def settings_of(stated: AnalysisPlan) -> Settings:
    return settle(stated)[0]


def parquet(frame: pd.DataFrame, path: Path) -> Path:
    """The frame as a Parquet file."""
    with _writer().cursor() as connection:
        connection.from_df(frame).write_parquet(str(path))
    return path


@cache
def _writer() -> duckdb.DuckDBPyConnection:
    """One database for all files of a test process; each starts slower than it writes."""
    return duckdb.connect(":memory:", config={"threads": 1})


def moments(frame: pd.DataFrame, folder: Path, stated: AnalysisPlan, name: str = "rows") -> Moments:
    """The moments of the frame; fails where its rows would have to be read."""
    found = compress([parquet(frame, folder / f"{name}.parquet")], stated, settings_of(stated))
    assert isinstance(found, Moments), str(found)
    return found


def split_by_unit(frame: pd.DataFrame, parts: int, seed: int) -> list[pd.DataFrame]:
    """The frame in so many parts or fewer, each unit whole in one of them."""
    random = np.random.Generator(np.random.PCG64(seed))
    part = dict(zip(sorted(frame["unit"].unique()), random.integers(parts, size=frame["unit"].nunique()), strict=True))
    pieces = [frame[frame["unit"].map(part) == place] for place in range(parts)]
    return [piece for piece in pieces if len(piece)]


def dummies(frame: pd.DataFrame, effects: Sequence[str], covariates: Sequence[str]) -> np.ndarray:
    """Treatment first, then a constant, the covariates, and every dummy but the first of each set."""
    columns = [
        frame["treated"].to_numpy(float),
        np.ones(len(frame)),
        *(frame[name].to_numpy(float) for name in covariates),
    ]
    for effect in effects:
        for level in sorted(frame[effect].unique())[1:]:
            columns.append((frame[effect] == level).to_numpy(float))
    return np.column_stack(columns)


def obvious(design: np.ndarray, frame: pd.DataFrame, error: str, absorbed: int) -> tuple[float, float]:
    """Coefficient of the first column and its standard error, by definitions, matrices of all rows at full size.

    `absorbed` of the columns are effects nested in the clusters that cr1s does not count.
    """
    outcomes, clusters = frame["y"].to_numpy(), frame["cluster"].to_numpy()
    rows, columns = design.shape
    bread = np.linalg.inv(design.T @ design)
    hat = design @ bread @ design.T
    coefficients = np.linalg.lstsq(design, outcomes, rcond=None)[0]
    residuals = outcomes - design @ coefficients
    if error == "iid":
        return coefficients[0], np.sqrt(residuals @ residuals / (rows - columns) * bread[0, 0])
    names = np.unique(clusters)
    meat = np.zeros((columns, columns))
    for name in names:
        own = clusters == name
        adjusted = residuals[own]
        if error in ("cr2", "cr3"):
            values, vectors = np.linalg.eigh(np.eye(own.sum()) - hat[np.ix_(own, own)])
            kept = values > 1e-10
            power = -0.5 if error == "cr2" else -1.0
            adjusted = (vectors[:, kept] * values[kept] ** power) @ (vectors[:, kept].T @ adjusted)
        score = design[own].T @ adjusted
        meat += np.outer(score, score)
    groups = len(names)
    factor = {
        "cr1": groups / (groups - 1.0),
        "cr1s": groups / (groups - 1.0) * (rows - 1.0) / (rows - columns + absorbed),
    }
    return coefficients[0], np.sqrt(factor.get(error, 1.0) * (bread @ meat @ bread)[0, 0])
