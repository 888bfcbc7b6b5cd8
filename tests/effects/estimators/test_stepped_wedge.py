from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from numpy.typing import NDArray

from effects import analyse
from effects.plan import AnalysisPlan
from effects.results import EffectEstimate, NotEstimable

PlanFor = Callable[..., AnalysisPlan]
Array = NDArray[np.float64]
FIXED = {"working_model": "fixed_effects"}
WEIGHTED = {"treated": "treated", "unit": "site", "period": "month", "weight": "people"}


def estimate(frame: pd.DataFrame, plan: AnalysisPlan) -> EffectEstimate:
    found = analyse(frame, plan).estimates[0]
    assert isinstance(found, EffectEstimate)
    return found


def refusal(frame: pd.DataFrame, plan: AnalysisPlan) -> NotEstimable:
    found = analyse(frame, plan).estimates[0]
    assert isinstance(found, NotEstimable)
    return found


def test_two_way_fixed_effects_meet_statsmodels(wedge: pd.DataFrame, plan_for: PlanFor) -> None:
    found = estimate(wedge, plan_for("stepped_wedge", model=FIXED))
    judge = smf.ols("y ~ treated + C(site) + C(month)", wedge).fit()
    assert found.estimate == pytest.approx(judge.params["treated"])
    assert found.estimator == "ols_fixed_effects"


def test_weights_enter_the_fit(wedge: pd.DataFrame, plan_for: PlanFor) -> None:
    found = estimate(wedge, plan_for("stepped_wedge", data=WEIGHTED, model=FIXED))
    judge = smf.wls("y ~ treated + C(site) + C(month)", wedge, weights=wedge["people"]).fit()
    assert found.estimate == pytest.approx(judge.params["treated"])
    assert found.estimator == "wls_fixed_effects"


@pytest.mark.parametrize(("effects", "formula"), [(["unit"], "C(site)"), (["period"], "C(month)")])
def test_only_the_stated_fixed_effects_enter(
    wedge: pd.DataFrame, plan_for: PlanFor, effects: list[str], formula: str
) -> None:
    found = estimate(wedge, plan_for("stepped_wedge", model={**FIXED, "fixed_effects": effects}))
    assert found.estimate == pytest.approx(smf.ols(f"y ~ treated + {formula}", wedge).fit().params["treated"])


def test_cr1s_counts_treatment_and_periods_but_not_nested_units(wedge: pd.DataFrame, plan_for: PlanFor) -> None:
    errors = {
        kind: estimate(wedge, plan_for("stepped_wedge", model=FIXED, inference={"standard_error": kind})).standard_error
        for kind in ("cr1", "cr1s")
    }
    rows, counted = 72, 1 + 8
    assert errors["cr1s"] / errors["cr1"] == pytest.approx(np.sqrt((rows - 1) / (rows - counted)))


def test_units_that_move_between_clusters_are_counted(wedge: pd.DataFrame, plan_for: PlanFor) -> None:
    moved = wedge.assign(region=(wedge["site"] + wedge["month"] // 4) % 5)
    data = {"treated": "treated", "unit": "site", "period": "month", "cluster": "region"}
    errors = {
        kind: estimate(
            moved, plan_for("stepped_wedge", data=data, model=FIXED, inference={"standard_error": kind})
        ).standard_error
        for kind in ("cr1", "cr1s")
    }
    assert errors["cr1s"] / errors["cr1"] == pytest.approx(np.sqrt(71 / (72 - 1 - 8 - 8)))


def test_everybody_starting_at_once_cannot_be_told_from_time(wedge: pd.DataFrame, plan_for: PlanFor) -> None:
    together = wedge.assign(treated=(wedge["month"] >= 4).astype(int))
    found = refusal(together, plan_for("stepped_wedge", model=FIXED))
    assert found.reason == "collinear"
    assert "treated" in str(found.detail)


def test_one_treated_cluster_needs_a_permutation_test(wedge: pd.DataFrame, plan_for: PlanFor) -> None:
    lone = wedge.assign(treated=((wedge["site"] == 0) & (wedge["month"] >= 4)).astype(int))
    found = refusal(lone, plan_for("stepped_wedge", model=FIXED))
    assert (found.reason, str(found.detail)) == ("too_few_clusters", "1 treated cluster")


def test_more_cells_than_memory_should_hold_are_refused(plan_for: PlanFor) -> None:
    people = 20_000
    frame = pd.DataFrame(
        {"site": np.arange(people), "month": np.arange(people) % 3, "treated": np.arange(people) % 2, "y": 1.0}
    )
    frame["y"] += np.arange(people) % 7
    assert refusal(frame, plan_for("stepped_wedge", model=FIXED)).reason == "not_implemented"


def within(values: Array, site: Array, month: Array) -> Array:
    """What is left of values after means of sites and of months are taken out in turn, until nothing moves."""
    for _ in range(200):
        for codes in (site, month):
            values = values - (np.bincount(codes, values) / np.bincount(codes))[codes]
    return values


@pytest.mark.parametrize("holes", [0, 12])
def test_dummies_are_what_repeated_demeaning_leaves(wedge: pd.DataFrame, plan_for: PlanFor, holes: int) -> None:
    frame = wedge.drop(index=wedge.index[7 : 7 + 5 * holes : 5])
    site, month = frame["site"].to_numpy(), frame["month"].to_numpy()
    treated, outcome = (within(frame[name].to_numpy(float), site, month) for name in ("treated", "y"))
    found = estimate(frame, plan_for("stepped_wedge", model=FIXED))
    assert found.estimate == pytest.approx(float(treated @ outcome / (treated @ treated)), rel=1e-9)


@pytest.mark.parametrize("shock", ["site", "month"])
def test_what_a_site_or_a_month_has_in_common_does_not_matter(
    wedge: pd.DataFrame, plan_for: PlanFor, shock: str
) -> None:
    random = np.random.Generator(np.random.PCG64(5))
    shaken = wedge.assign(y=wedge["y"] + 5.0 * random.normal(size=9)[wedge[shock]])
    before, after = (estimate(frame, plan_for("stepped_wedge", model=FIXED)) for frame in (wedge, shaken))
    assert after.estimate == pytest.approx(before.estimate, rel=1e-9)
    assert after.standard_error == pytest.approx(before.standard_error, rel=1e-9)


def test_a_site_that_is_never_treated_helps_to_tell_time_from_treatment(wedge: pd.DataFrame, plan_for: PlanFor) -> None:
    together = wedge.assign(treated=((wedge["month"] >= 4) & (wedge["site"] < 6)).astype(int))
    found = estimate(together, plan_for("stepped_wedge", model=FIXED))
    assert found.clusters == 9


def test_clusters_above_the_units_are_those_of_the_errors(wedge: pd.DataFrame, plan_for: PlanFor) -> None:
    data = {"treated": "treated", "unit": "site", "period": "month", "cluster": "region"}
    frame = wedge.assign(region=wedge["site"] % 5)
    found = estimate(frame, plan_for("stepped_wedge", data=data, model=FIXED))
    assert (found.units, found.clusters) == (9, 5)
    assert found.estimate == pytest.approx(estimate(wedge, plan_for("stepped_wedge", model=FIXED)).estimate, rel=1e-9)
