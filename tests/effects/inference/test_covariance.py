from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from causaldata import nsw_mixtape
from hypothesis import given, settings
from hypothesis import strategies as st

from effects.codes import Reason, StandardError, WorkingVariance
from effects.inference.cluster_robust import Precision
from effects.inference.covariance import precision
from effects.inference.least_squares import Fit, fit
from effects.linear_model import LinearModel, Obstacle

IDENTITY = WorkingVariance.IDENTITY


def fitted(frame: pd.DataFrame, *, weighted: bool = False) -> Fit:
    ordered = frame.sort_values("school", kind="stable")
    design = np.column_stack([np.ones(len(ordered)), ordered["treated"], ordered["score"]])
    model = LinearModel(
        outcome=ordered["y"].to_numpy(float),
        design=design,
        names=("intercept", "treated", "score"),
        effect=1,
        weights=ordered["w"].to_numpy(float) if weighted else np.ones(len(ordered)),
        clusters=ordered["school"].to_numpy(np.int64),
        absorbed=0,
        estimator="ols",
    )
    found = fit(model)
    assert isinstance(found, Fit)
    return found


def ours(found: Fit, kind: str) -> Precision:
    result = precision(found, StandardError(kind), IDENTITY)
    assert isinstance(result, Precision)
    return result


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    ("kind", "theirs"), [("iid", "nonrobust"), ("hc1", "HC1"), ("hc2", "HC2"), ("hc3", "HC3"), ("cr1s", "cluster")]
)
def test_standard_errors_meet_statsmodels(schools: pd.DataFrame, kind: str, theirs: str, weighted: bool) -> None:
    found = fitted(schools, weighted=weighted)
    model = sm.WLS(found.model.outcome, found.model.design, weights=found.model.weights)
    keys = {"groups": found.model.clusters} if theirs == "cluster" else {}
    judge = model.fit(cov_type=theirs, cov_kwds=keys) if keys else model.fit(cov_type=theirs)
    assert found.estimate == pytest.approx(judge.params[1], rel=1e-10)
    assert ours(found, kind).standard_error == pytest.approx(judge.bse[1], rel=1e-10)


@pytest.fixture(scope="module")
def nsw() -> pd.DataFrame:
    """The National Supported Work trial: LaLonde 1986, as Dehejia and Wahba published it."""
    frame: pd.DataFrame = nsw_mixtape.load_pandas().data
    return frame


COVARIATES = ["age", "educ", "black", "hisp", "marr", "nodegree", "re74", "re75"]
KINDS = {"iid": "nonrobust", "hc1": "HC1", "hc2": "HC2", "hc3": "HC3"}


def earnings(frame: pd.DataFrame, covariates: list[str], clusters: str | None = None) -> Fit:
    if clusters is not None:
        frame = frame.sort_values(clusters, kind="stable")
    design = np.column_stack([np.ones(len(frame)), frame["treat"], frame[covariates].to_numpy(float)])
    found = fit(
        LinearModel(
            outcome=frame["re78"].to_numpy(float),
            design=design,
            names=("intercept", "treat", *covariates),
            effect=1,
            weights=np.ones(len(frame)),
            clusters=None if clusters is None else np.unique(frame[clusters], return_inverse=True)[1],
            absorbed=0,
            estimator="ols",
        )
    )
    assert isinstance(found, Fit)
    return found


def test_the_published_effect_on_earnings_is_met(nsw: pd.DataFrame) -> None:
    found = earnings(nsw, [])
    assert len(nsw) == 445
    assert found.estimate == pytest.approx(1794.342404, rel=1e-6)
    assert ours(found, "hc2").df == 443.0


@pytest.mark.parametrize("covariates", [[], COVARIATES], ids=["means", "adjusted"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_published_trial_meets_statsmodels(nsw: pd.DataFrame, covariates: list[str], kind: str) -> None:
    found = earnings(nsw, covariates)
    judge = sm.OLS(found.model.outcome, found.model.design).fit(cov_type=KINDS[kind])
    assert found.estimate == pytest.approx(judge.params[1], rel=1e-9)
    assert ours(found, kind).standard_error == pytest.approx(judge.bse[1], rel=1e-9)


@pytest.mark.parametrize("cluster", ["age", "educ"])
def test_the_published_trial_clustered_by_a_characteristic_meets_statsmodels(nsw: pd.DataFrame, cluster: str) -> None:
    found = earnings(nsw, ["black", "re75"], cluster)
    groups = found.model.clusters
    judge = sm.OLS(found.model.outcome, found.model.design)
    for kind, correction in (("cr1s", True), ("cr0", False)):
        theirs = judge.fit(cov_type="cluster", cov_kwds={"groups": groups, "use_correction": correction})
        assert ours(found, kind).standard_error == pytest.approx(theirs.bse[1], rel=1e-9)


def test_of_two_arms_hc2_is_neymans_variance(nsw: pd.DataFrame) -> None:
    arms = [nsw.loc[nsw["treat"] == arm, "re78"].astype(float) for arm in (0, 1)]
    neyman = np.sqrt(sum(arm.var() / len(arm) for arm in arms))
    assert ours(earnings(nsw, []), "hc2").standard_error == pytest.approx(neyman, rel=1e-12)


@given(st.integers(0, 2**32 - 1), st.integers(8, 40), st.booleans())
@settings(max_examples=25)
def test_with_a_cluster_for_every_row_the_clustered_errors_are_those_by_row(
    seed: int, rows: int, weighted: bool
) -> None:
    random = np.random.Generator(np.random.PCG64(seed))
    frame = pd.DataFrame(
        {
            "school": np.arange(rows),
            "treated": np.arange(rows) % 2,
            "score": random.normal(size=rows),
            "y": random.normal(size=rows),
            "w": random.uniform(0.5, 3.0, rows),
        }
    )
    found = fitted(frame, weighted=weighted)
    assert ours(found, "cr3").standard_error == pytest.approx(ours(found, "hc3").standard_error, rel=1e-9)
    assert ours(found, "cr1s").standard_error == pytest.approx(ours(found, "hc1").standard_error, rel=1e-9)
    if not weighted:
        assert ours(found, "cr2").standard_error == pytest.approx(ours(found, "hc2").standard_error, rel=1e-9)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=25)
def test_errors_by_row_grow_from_hc2_to_hc3_and_shrink_with_more_rows(seed: int) -> None:
    random = np.random.Generator(np.random.PCG64(seed))
    frame = pd.DataFrame({"school": 0, "treated": np.arange(30) % 2, "score": random.normal(size=30), "w": 1.0})
    frame["y"] = random.normal(size=30)
    once, twice = fitted(frame), fitted(pd.concat([frame, frame]))
    assert ours(once, "hc2").standard_error < ours(once, "hc3").standard_error
    for kind in ("iid", "hc1", "hc2", "hc3"):
        assert ours(twice, kind).standard_error < ours(once, kind).standard_error


def test_cluster_factors_are_the_ones_of_the_contract(schools: pd.DataFrame) -> None:
    found = fitted(schools)
    clusters, rows, columns = 12, len(schools), 3
    plain = ours(found, "cr0").standard_error
    assert ours(found, "cr1").standard_error / plain == pytest.approx(np.sqrt(clusters / (clusters - 1)))
    factor = clusters / (clusters - 1) * (rows - 1) / (rows - columns)
    assert ours(found, "cr1s").standard_error / plain == pytest.approx(np.sqrt(factor))
    assert ours(found, "cr1s").df == clusters - 1


def test_absorbed_unit_effects_are_not_counted_by_cr1s(schools: pd.DataFrame) -> None:
    found = fitted(schools)
    fewer = replace(found, model=replace(found.model, absorbed=1))
    rows = len(schools)
    ratio = ours(fewer, "cr1s").standard_error / ours(found, "cr1s").standard_error
    assert ratio == pytest.approx(np.sqrt((rows - 3) / (rows - 2)))


def test_bias_reduced_errors_lie_between_the_plain_and_the_jackknife(schools: pd.DataFrame) -> None:
    found = fitted(schools)
    plain, reduced, jackknife = (ours(found, kind).standard_error for kind in ("cr0", "cr2", "cr3"))
    assert plain < reduced < jackknife


def test_row_based_errors_have_residual_degrees_of_freedom(schools: pd.DataFrame) -> None:
    found = fitted(schools)
    assert {ours(found, kind).df for kind in ("iid", "hc1", "hc2", "hc3")} == {len(schools) - 3.0}


def test_a_row_that_determines_a_coefficient_alone_has_no_hc2(schools: pd.DataFrame) -> None:
    alone = schools.assign(treated=0)
    alone.loc[3, "treated"] = 1
    found = fitted(alone)
    for kind in (StandardError.HC2, StandardError.HC3):
        result = precision(found, kind, IDENTITY)
        assert isinstance(result, Obstacle)
        assert result.reason is Reason.TOO_FEW_ROWS


@pytest.mark.parametrize("kind", ["cr0", "cr1", "cr1s", "cr2", "cr3"])
def test_one_cluster_or_none_gives_no_clustered_error(schools: pd.DataFrame, kind: str) -> None:
    found = fitted(schools)
    for clusters in (None, np.zeros(len(schools), dtype=np.int64)):
        lone = replace(found, model=replace(found.model, clusters=clusters))
        result = precision(lone, StandardError(kind), IDENTITY)
        assert isinstance(result, Obstacle)
        assert result.reason is Reason.TOO_FEW_CLUSTERS


def test_a_kind_that_is_not_built_yet_says_so(schools: pd.DataFrame) -> None:
    result = precision(fitted(schools), StandardError.NEWEY_WEST, IDENTITY)
    assert isinstance(result, Obstacle)
    assert result.reason is Reason.NOT_IMPLEMENTED


@pytest.mark.parametrize("kind", ["iid", "hc1", "cr0", "cr2"])
def test_residuals_that_vanish_or_explode_give_no_error(schools: pd.DataFrame, kind: str) -> None:
    found = fitted(schools)
    for value, reason in ((0.0, Reason.NO_RESIDUAL_VARIATION), (np.inf, Reason.NOT_FINITE)):
        spoilt = replace(found, residuals=np.full(len(schools), value))
        with np.errstate(all="ignore"):
            result = precision(spoilt, StandardError(kind), IDENTITY)
        assert isinstance(result, Obstacle)
        assert result.reason is reason
