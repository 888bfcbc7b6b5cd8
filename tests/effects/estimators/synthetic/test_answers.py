from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from causaldata import texas

from effects import analyse
from effects.plan import AnalysisPlan
from effects.results import EffectEstimate, NotEstimable
from tests.effects.designs import all_finite, outcome, plan_for

PRISONS = {"unit": "state", "period": "year", "treated": "treated"}


def prisons() -> pd.DataFrame:
    """Black men in prison per 100,000 by state, 1985 to 2000; Texas built prisons from 1993 on."""
    frame = texas.load_pandas().data.assign(rate=lambda own: own["bmprison"] / own["bmpop"] * 1e5)
    frame = frame.dropna(subset="rate")
    return frame.assign(treated=((frame["state"] == "Texas") & (frame["year"] >= 1993)).astype(int))


def factors(units: int = 9, periods: int = 14, start: int = 9, treated: int = 1, seed: int = 3) -> pd.DataFrame:
    """Units that load on two shared random walks; the last ones are treated from a period on, true effect 2."""
    random = np.random.Generator(np.random.PCG64(seed))
    shared = np.cumsum(random.normal(size=(2, periods)), axis=1)
    level = random.normal(size=(units, 2)) @ shared + random.normal(0, 3, (units, 1))
    unit, period = np.repeat(np.arange(units), periods), np.tile(np.arange(periods), units)
    begun = ((unit >= units - treated) & (period >= start)).astype(int)
    noise = random.normal(0, 0.3, units * periods)
    return pd.DataFrame({"site": unit, "month": period, "treated": begun, "y": level.ravel() + noise + 2 * begun})


def by_estimator(frame: pd.DataFrame, plan: AnalysisPlan) -> dict[str, EffectEstimate]:
    result = analyse(frame, plan)
    assert all_finite(result.to_dict())
    return {entry.estimator: entry for entry in result.estimates if isinstance(entry, EffectEstimate)}


def prison_plan(**sections: object) -> AnalysisPlan:
    return plan_for("synthetic_control", data=PRISONS, outcome=[outcome("rate")], **sections)


def test_the_reference_case_is_met_by_all_three_estimators(reference: Path) -> None:
    plan = AnalysisPlan.from_toml(reference / "plans" / "prop99.toml")
    frame = pd.read_csv(reference / "california_prop99.csv")
    found = by_estimator(frame, plan)
    # The folder's own tolerance: 1e-6 for estimates, 1e-5 for errors; agreement is in fact to the last digit given.
    assert found["synthetic_did"].estimate == pytest.approx(-15.60382787, rel=1e-9)
    assert found["synthetic_did"].standard_error == pytest.approx(9.49678950, rel=1e-9)
    assert found["synthetic_control"].estimate == pytest.approx(-19.61966347, rel=1e-9)
    assert found["did"].estimate == pytest.approx(-27.34911108, rel=1e-9)
    assert found["synthetic_did"].p_permutation == 2 / 39
