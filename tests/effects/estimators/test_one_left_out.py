import numpy as np
import pandas as pd
import pytest

from effects import analyse
from effects.estimators.one_left_out import estimates_without
from effects.inference.least_squares import Fit, fit
from effects.linear_model import LinearModel
from effects.results import Diagnostic, EffectEstimate
from tests.effects.designs import PlanFor, estimated

WEDGE = {"treated": "treated", "unit": "site", "period": "month", "weight": "people"}


def model(clusters: np.ndarray, seed: int = 3, columns: int = 2) -> LinearModel:
    random = np.random.Generator(np.random.PCG64(seed))
    rows = len(clusters)
    treated = (clusters % 2).astype(float)
    return LinearModel(
        outcome=treated + random.normal(size=rows) + random.normal(size=int(clusters.max()) + 1)[clusters],
        design=np.column_stack([np.ones(rows), treated, random.normal(size=(rows, columns))]),
        names=("intercept", "treated", *"abcdefgh"[:columns]),
        effect=1,
        weights=random.uniform(0.2, 1.0, rows),
        clusters=clusters,
        absorbed=0,
        estimator="ols",
    )


def without(own: LinearModel, kept: np.ndarray) -> float:
    """The coefficient by a fit of the kept rows alone."""
    root = np.sqrt(own.weights[kept])
    answer = np.linalg.lstsq(own.design[kept] * root[:, None], own.outcome[kept] * root, rcond=None)[0]
    return float(answer[own.effect])


def test_each_estimate_is_that_of_the_other_clusters() -> None:
    own = model(np.repeat(np.arange(9), [3, 8, 5, 9, 4, 7, 6, 2, 5]))
    fitted = fit(own)
    assert isinstance(fitted, Fit)
    assert own.clusters is not None
    expected = [without(own, own.clusters != place) for place in range(9)]
    assert estimates_without(fitted, own.clusters) == pytest.approx(expected, rel=1e-9)


def test_a_cluster_that_alone_identifies_the_effect_is_marked() -> None:
    own = model(np.repeat(np.arange(4), 6))
    assert own.clusters is not None
    lone = LinearModel(
        outcome=own.outcome,
        design=np.column_stack([np.ones(24), (own.clusters == 2).astype(float)]),
        names=("intercept", "treated"),
        effect=1,
        weights=own.weights,
        clusters=own.clusters,
        absorbed=0,
        estimator="ols",
    )
    fitted = fit(lone)
    assert isinstance(fitted, Fit)
    found = estimates_without(fitted, own.clusters)
    assert np.isnan(found).tolist() == [False, False, True, False]


def test_unit_effects_leave_with_their_cluster(wedge: pd.DataFrame, plan_for: PlanFor) -> None:
    plan = plan_for("stepped_wedge", data=WEDGE, model={"working_model": "fixed_effects"})
    result = analyse(wedge, plan)
    (check,) = (one for one in result.diagnostics if one.name == "one_cluster_left_out")
    whole = estimated(wedge, plan).estimate
    each = np.array([estimated(wedge[wedge["site"] != site], plan).estimate for site in range(9)])
    changes = (each - whole) ** 2
    assert check.statistic == pytest.approx(changes.max() / changes.sum(), rel=1e-8)
    assert check.detail.params["low"] == pytest.approx(min(each), rel=1e-8)
    assert check.detail.params["high"] == pytest.approx(max(each), rel=1e-8)
    assert check.detail.params["needed"] == 0


def named(frame: pd.DataFrame, plan_for: PlanFor) -> list[Diagnostic]:
    result = analyse(frame, plan_for("cluster_randomised"))
    assert isinstance(result.estimates[0], EffectEstimate)
    return [one for one in result.diagnostics if one.name == "one_cluster_left_out"]


def test_an_effect_that_hangs_on_one_school_is_warned_of(schools: pd.DataFrame, plan_for: PlanFor) -> None:
    steady = schools.assign(y=schools["y"] + 3.0 * schools["treated"])
    assert named(steady, plan_for)[0].verdict == "pass"
    random = np.random.Generator(np.random.PCG64(1))
    flat = schools.assign(y=random.normal(size=len(schools)) + 20.0 * (schools["school"] == 4))
    (found,) = named(flat, plan_for)
    assert found.verdict == "warn"
    assert found.statistic is not None
    assert found.statistic > 0.5


def test_trials_without_clusters_are_not_asked(trial: pd.DataFrame, plan_for: PlanFor) -> None:
    assert "one_cluster_left_out" not in {one.name for one in analyse(trial, plan_for()).diagnostics}
