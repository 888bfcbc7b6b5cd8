from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from effects.errors import DataError
from effects.plan import AnalysisPlan
from effects.power import PowerError, read_planned, solve
from effects.power.pre_period import from_pre_period
from effects.power.solving import PowerAnswer

PlanFor = Callable[..., AnalysisPlan]
FIXED = {"working_model": "fixed_effects"}


def homes(number: int = 20, size: int = 12, seed: int = 3) -> pd.DataFrame:
    """People in homes before anybody is treated; ICC 0.1, SD 1."""
    random = np.random.Generator(np.random.PCG64(seed))
    home = np.repeat(np.arange(number), size)
    own = random.normal(0, np.sqrt(0.1), number)[home]
    return pd.DataFrame({"school": home, "y": own + random.normal(0, np.sqrt(0.9), len(home))})


def months(sites: int = 8, periods: int = 5, seed: int = 3) -> pd.DataFrame:
    random = np.random.Generator(np.random.PCG64(seed))
    site, month = np.repeat(np.arange(sites), periods), np.tile(np.arange(periods), sites)
    values = random.normal(0, 1, sites)[site] + 0.1 * month + random.normal(0, 0.3, len(site))
    return pd.DataFrame({"site": site, "month": month, "y": values})


def test_without_an_effect_the_test_rejects_as_often_as_its_level(plan_for: PlanFor) -> None:
    """400 trials of 5 %: three standard errors are 3.3 %."""
    (found,) = from_pre_period(homes(), plan_for("cluster_randomised"), 0.0, trials=400)
    assert found.power is not None and found.power <= 0.05 + 0.033
    assert found.refused == 0


def test_power_is_near_the_closed_form_with_the_spread_of_the_rows(plan_for: PlanFor) -> None:
    rows = homes(40, 10)
    (found,) = from_pre_period(rows, plan_for("cluster_randomised"), 0.4, trials=300)
    means = rows.groupby("school")["y"].mean()
    keys = {"design": "cluster_randomised", "clusters": 20, "effect": 0.4, "sd": float(means.std())}
    closed = solve(read_planned(keys))
    assert isinstance(closed, PowerAnswer) and found.power is not None and found.interval is not None
    assert found.interval[0] - 0.05 <= closed.power <= found.interval[1] + 0.05
    assert found.standard_error == pytest.approx(closed.standard_error, rel=0.15)


def test_a_larger_effect_is_found_more_often(plan_for: PlanFor) -> None:
    powers = [
        from_pre_period(homes(), plan_for("cluster_randomised"), size, trials=100)[0].power for size in (0.2, 2.0)
    ]
    assert powers[0] is not None and powers[1] == 1.0 and powers[0] < 1.0


def test_people_are_drawn_one_by_one(plan_for: PlanFor) -> None:
    (found,) = from_pre_period(homes(), plan_for(), 5.0, trials=20)
    assert (found.power, found.refused, found.outcome) == (1.0, 0, "y")


def test_a_wedge_starts_evenly_over_the_periods(plan_for: PlanFor) -> None:
    plan = plan_for("stepped_wedge", model=FIXED)
    (found,) = from_pre_period(months(), plan, 3.0, trials=30)
    assert (found.power, found.refused) == (1.0, 0)
    (nothing,) = from_pre_period(months(), plan, 0.0, trials=100)
    assert nothing.power is not None and nothing.power <= 0.15


def test_strata_are_kept(plan_for: PlanFor) -> None:
    rows = homes(8).assign(pair=lambda frame: frame["school"] // 2)
    rows["y"] += 100.0 * rows["pair"]
    roles = {"treated": "treated", "cluster": "school", "strata": "pair"}
    stratified = plan_for("cluster_randomised", data=roles, model={"fixed_effects": ["strata"]})
    (found,) = from_pre_period(rows, stratified, 3.0, trials=30)
    assert found.power is not None and found.power > 0.9


def test_the_same_seed_gives_the_same_figures(plan_for: PlanFor) -> None:
    plan = plan_for("cluster_randomised")
    first, second, other = (from_pre_period(homes(), plan, 0.3, trials=50, seed=seed) for seed in (1, 1, 2))
    assert first == second != other


def test_rows_that_cannot_be_analysed_are_counted_and_no_power_is_made_up(plan_for: PlanFor) -> None:
    (found,) = from_pre_period(homes(2), plan_for("cluster_randomised"), 1.0, trials=10)
    assert (found.refused, found.power, found.interval, found.standard_error) == (10, None, None, None)
    (empty,) = from_pre_period(homes().assign(y=np.nan), plan_for("cluster_randomised"), 1.0, trials=10)
    assert (empty.refused, empty.power) == (10, None)


def test_what_the_rows_lack_is_told(plan_for: PlanFor) -> None:
    with pytest.raises(DataError):
        from_pre_period(homes().drop(columns="school"), plan_for("cluster_randomised"), 1.0)


@pytest.mark.parametrize("trials", [0, 10**9])
def test_an_impossible_number_of_trials_is_refused(trials: int, plan_for: PlanFor) -> None:
    with pytest.raises(PowerError) as error:
        from_pre_period(homes(), plan_for("cluster_randomised"), 1.0, trials=trials)
    assert [finding.where for finding in error.value.findings] == ["trials"]


@pytest.mark.parametrize("design", ["stepped_wedge", "staggered_adoption", "synthetic_control"])
def test_plans_whose_trials_cannot_be_drawn_are_refused(design: str, plan_for: PlanFor) -> None:
    with pytest.raises(PowerError) as error:
        from_pre_period(months(), plan_for(design), 1.0)
    assert [finding.code for finding in error.value.findings] == ["not_simulated"]
