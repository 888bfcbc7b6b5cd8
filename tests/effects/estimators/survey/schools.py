"""A small survey of schools with made-up figures; weights, clusters, strata and two waves."""

import numpy as np
import pandas as pd

from effects.plan import AnalysisPlan
from tests.effects.designs import outcome, plan_for


def schools(seed: int = 5, clusters: int = 10, size: int = 6) -> pd.DataFrame:
    """The same clusters before and after; `kind` and `area` are known of everybody, `last` is a number."""
    random = np.random.Generator(np.random.PCG64(seed))
    cluster = np.repeat(np.arange(clusters), size)
    rows = len(cluster)
    fixed = {
        "district": cluster,
        "layer": cluster % 2,
        "kind": np.array(["E", "H", "M"])[(np.arange(rows) * 7 + cluster) % 3],
        "area": np.array(["city", "land"])[(np.arange(rows) // 2 + cluster) % 2],
        "last": random.uniform(50, 90, rows).round(1),
        "w": random.uniform(2, 6, rows).round(2),
        "districts": 40,
    }
    level = random.normal(60, 3, clusters)[cluster]
    waves = [
        pd.DataFrame({**fixed, "wave": wave, "y": level + 4.0 * wave + random.normal(0, 5, rows)}) for wave in (0, 1)
    ]
    return pd.concat(waves, ignore_index=True)


def plan(roles: dict[str, object] | None = None, **survey: object) -> AnalysisPlan:
    """A plan about y in districts, weighted; keyword arguments are added to its survey section."""
    data = {"cluster": "district", "weight": "w", **(roles or {})}
    return plan_for("survey_before_after", data=data, outcome=[outcome("y")], survey={"wave": "wave", **survey})
