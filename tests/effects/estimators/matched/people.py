"""Made-up people who chose treatment by what also drives the outcome; true effect 2, larger for the older."""

import numpy as np
import pandas as pd

from effects.codes import Estimand
from effects.inference.propensity import Propensity, propensity
from effects.rows.columns import Numbers

NAMES = ("age", "kind")
BOTH = (Estimand.ATE, Estimand.ATT)


def people(rows: int = 240, seed: int = 3) -> pd.DataFrame:
    random = np.random.Generator(np.random.PCG64(seed))
    age, kind = random.normal(0, 1, rows), random.integers(0, 2, rows)
    treated = (random.random(rows) < 1 / (1 + np.exp(0.4 - 0.8 * age - 0.5 * kind))).astype(int)
    y = 1 + 2 * treated + 1.5 * age + kind + 0.5 * age * treated + random.normal(0, 1, rows)
    return pd.DataFrame(
        {
            "treated": treated,
            "age": age,
            "kind": kind,
            "y": y,
            "w": random.uniform(0.5, 2, rows),
            "site": np.arange(rows) // 4,
        }
    )


def arrays(frame: pd.DataFrame) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """Outcome, treatment, covariates and weights."""
    columns = [frame[name].to_numpy(dtype=np.float64) for name in ("y", "treated", "w")]
    return columns[0], columns[1], frame[list(NAMES)].to_numpy(dtype=np.float64), columns[2]


def model_of(treated: Numbers, covariates: Numbers, weights: Numbers) -> Propensity:
    found = propensity(treated, covariates, tuple(f"x{place}" for place in range(covariates.shape[1])), weights)
    assert isinstance(found, Propensity), found
    return found
