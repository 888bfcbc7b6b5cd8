"""Series and what is asked of them, for several tests; every random number comes from a stated seed."""

import numpy as np
import pandas as pd
import statsmodels.api as sm

from effects.design_answers import Asked
from effects.plan import AnalysisPlan
from effects.planning.settings import settle
from effects.rows.roles import read_roles
from effects.rows.samples import KEPT, draw, why_dropped
from effects.sources import open_source
from tests.effects.designs import outcome, plan_for

ALONE = "interrupted_time_series"
CONTROLLED = "controlled_interrupted_time_series"
MONTHLY: dict[str, object] = {"period": "month", "start": 25}


def nile() -> pd.DataFrame:
    """Flow of the Nile at Aswan, 1871 to 1970; it fell when a dam was begun in 1898 (Cobb 1978)."""
    frame = sm.datasets.nile.load_pandas().data
    return frame.assign(
        year=frame["year"].astype(int),
        t=frame["year"] - 1899.0,
        after=(frame["year"] >= 1899).astype(float),
    )


def monthly(months: int = 48, start: int = 25, jump: float = 3.0, bend: float = -0.1, seed: int = 1) -> pd.DataFrame:
    """A line with a jump and a bend, months counted from 1, beside what a regression needs to find them."""
    random = np.random.Generator(np.random.PCG64(seed))
    month = np.arange(1, months + 1)
    time = month - float(start)
    after = (time >= 0).astype(float)
    y = 20.0 + 0.2 * time + jump * after + bend * after * time + random.normal(0, 0.8, months)
    return pd.DataFrame({"month": month, "t": time, "after": after, "y": y})


def counts(months: int = 60, start: int = 37, seed: int = 2) -> pd.DataFrame:
    """Monthly events in a growing population, overdispersed and seasonal; the rate falls by a quarter."""
    random = np.random.Generator(np.random.PCG64(seed))
    month = np.arange(1, months + 1)
    people = np.linspace(9e4, 1.1e5, months)
    season = 0.2 * np.sin(2 * np.pi * month / 12)
    rate = np.exp(-6.0 + 0.004 * month - 0.3 * (month >= start) + season)
    y = random.poisson(people * rate * random.gamma(20, 1 / 20, months))
    time = month - float(start)
    columns = {"month": month, "t": time, "after": (time >= 0).astype(float), "y": y, "lp": np.log(people)}
    return pd.DataFrame(columns)


def paired(seed: int = 3, shared: float = 2.0) -> pd.DataFrame:
    """Two series that share their shocks; the intervention's jumps by 3 in month 25, the control's does not."""
    common = shared * np.random.Generator(np.random.PCG64(seed)).normal(size=48)
    ours, theirs = monthly(seed=seed + 1), monthly(jump=0.0, bend=0.0, seed=seed + 2)
    own = [frame.assign(y=frame["y"] + common, arm=arm) for frame, arm in ((ours, 1), (theirs, 0))]
    return pd.concat(own, ignore_index=True)


def plan_of(design: str = ALONE, *, roles: dict[str, object] | None = None, **sections: object) -> AnalysisPlan:
    """A plan about y by month; `keys` in the sections are those of the outcome."""
    own = {"group": "arm"} if design == CONTROLLED else {}
    keys = sections.pop("keys", {})
    assert isinstance(keys, dict)
    return plan_for(design, data={**MONTHLY, **own, **(roles or {})}, outcome=[outcome("y", **keys)], **sections)


def asked(frame: pd.DataFrame, plan: AnalysisPlan) -> Asked:
    """What a design is asked about the first outcome of a plan."""
    roles = read_roles(open_source(frame), plan)
    kept = why_dropped(roles, roles.outcomes[0]) == KEPT
    sample = draw(roles, roles.outcomes[0], kept)
    return Asked(outcome=roles.outcomes[0], roles=roles, plan=plan, settings=settle(plan)[0], sample=sample)
