import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf
from scipy.special import stdtr

from effects import analyse
from effects.plan import AnalysisPlan
from effects.results import EffectEstimate, Entry, NotEstimable
from tests.effects.designs import all_finite, outcome, plan_for
from tests.effects.estimators.series.made import CONTROLLED, counts, monthly, nile, paired, plan_of

RATES = {"family": "poisson", "offset": "lp"}
Key = tuple[str, str]


def entries(frame: pd.DataFrame, plan: AnalysisPlan) -> list[Entry]:
    result = analyse(frame, plan)
    assert all_finite(result.to_dict())
    return list(result.estimates)


def answers(frame: pd.DataFrame, plan: AnalysisPlan) -> dict[Key, EffectEstimate]:
    """Effects by aggregation and standard error."""
    found = entries(frame, plan)
    estimates = {
        (entry.aggregation.value, entry.standard_error_kind.value): entry
        for entry in found
        if isinstance(entry, EffectEstimate)
    }
    assert len(estimates) == len(found), found
    return estimates


def notes(entry: EffectEstimate) -> str:
    return " ".join(str(part) for part in entry.note or ())


def error(kind: str, **keys: object) -> dict[str, object]:
    return {"inference": {"standard_error": kind, **keys}}


def test_the_nile_has_the_estimates_and_errors_of_statsmodels() -> None:
    plan = plan_for("interrupted_time_series", data={"period": "year", "start": 1899}, outcome=[outcome("volume")])
    found = answers(nile(), plan)
    judge = smf.ols("volume ~ t + after + after:t", nile()).fit(
        cov_type="HAC", cov_kwds={"maxlags": 4, "use_correction": False}
    )
    for aggregation, name in (("level_change", "after"), ("slope_change", "after:t")):
        entry = found[aggregation, "newey_west"]
        assert entry.estimate == pytest.approx(judge.params[name], rel=1e-9)
        assert entry.standard_error == pytest.approx(judge.bse[name], rel=1e-9)
    level = found["level_change", "newey_west"]
    # statsmodels 0.15.
    assert (level.estimate, level.standard_error) == pytest.approx((-289.1026853664, 61.77593894331), rel=1e-9)
    assert "lag 4 = floor(4 (T / 100)^(2/9))" in notes(level)
    assert "The jump at 1899" in notes(level)


def test_level_comes_first_and_second_opinions_last() -> None:
    found = entries(monthly(), plan_of())
    assert [(entry.aggregation.value, entry.analysis.value) for entry in found] == [
        ("level_change", "primary"),
        ("slope_change", "primary"),
        ("level_change", "sensitivity"),
        ("slope_change", "sensitivity"),
    ]
    adjusted = [entry.p_adjusted is None for entry in found if isinstance(entry, EffectEstimate)]
    assert adjusted == [False, False, True, True]


@pytest.mark.parametrize(
    ("kind", "others"),
    [
        ("newey_west", ["model_based"]),
        ("model_based", ["newey_west"]),
        ("hc3", ["newey_west", "model_based"]),
        ("iid", ["newey_west", "model_based"]),
    ],
)
def test_the_plans_error_is_primary_and_the_others_stand_beside_it(kind: str, others: list[str]) -> None:
    found = answers(monthly(), plan_of(**error(kind)))
    primary = [key[1] for key, entry in found.items() if entry.analysis == "primary"]
    beside = [key[1] for key, entry in found.items() if entry.analysis == "sensitivity"]
    assert primary == [kind, kind]
    assert beside == [other for other in others for _ in range(2)]


@pytest.mark.parametrize(("kind", "theirs"), [("iid", "nonrobust"), ("hc1", "HC1"), ("hc2", "HC2"), ("hc3", "HC3")])
def test_errors_for_independent_points_are_those_of_statsmodels(kind: str, theirs: str) -> None:
    found = answers(monthly(), plan_of(**error(kind)))
    judge = smf.ols("y ~ t + after + after:t", monthly()).fit(cov_type=theirs)
    assert found["level_change", kind].standard_error == pytest.approx(judge.bse["after"], rel=1e-9)
    assert found["slope_change", kind].standard_error == pytest.approx(judge.bse["after:t"], rel=1e-9)
    assert found["level_change", kind].df == 44


def test_a_stated_lag_is_used_and_said() -> None:
    found = answers(monthly(), plan_of(**error("newey_west", lag=6)))["level_change", "newey_west"]
    judge = smf.ols("y ~ t + after + after:t", monthly()).fit(
        cov_type="HAC", cov_kwds={"maxlags": 6, "use_correction": False}
    )
    assert found.standard_error == pytest.approx(judge.bse["after"], rel=1e-9)
    assert "the stated lag 6" in notes(found)


def test_short_series_are_warned_of_newey_west() -> None:
    short, long = (answers(monthly(months=months), plan_of())["level_change", "newey_west"] for months in (99, 100))
    assert "too small in series of fewer than 100 periods" in notes(short)
    assert "too small" not in notes(long)


@pytest.mark.parametrize(("change", "formula"), [("level", "y ~ t + after"), ("slope", "y ~ t + after:t")])
def test_one_change_may_be_asked_for(change: str, formula: str) -> None:
    found = answers(monthly(), plan_of(model={"change": [change]}))
    assert {aggregation for aggregation, _ in found} == {f"{change}_change"}
    name = "after" if change == "level" else "after:t"
    judge = smf.ols(formula, monthly()).fit()
    assert found[f"{change}_change", "newey_west"].estimate == pytest.approx(judge.params[name], rel=1e-9)


def test_a_true_jump_and_bend_are_found() -> None:
    found = answers(monthly(jump=6.0, bend=-0.5), plan_of(**error("model_based")))
    level, slope = found["level_change", "model_based"], found["slope_change", "model_based"]
    assert level.interval.low < 6.0 < level.interval.high
    assert slope.interval.low < -0.5 < slope.interval.high
    assert max(level.p_value, slope.p_value) < 0.001
    assert level.estimator == "segmented_gls_ar1"
    assert "autocorrelation" in notes(level)


@pytest.mark.parametrize("method", ["kenward_roger", "satterthwaite", "residual"])
def test_degrees_of_freedom_follow_the_plan(method: str) -> None:
    entry = answers(monthly(), plan_of(**error("model_based", df_method=method)))["level_change", "model_based"]
    assert entry.df is not None
    assert (entry.df == 44.0) == (method == "residual")


def test_counts_give_a_log_rate_ratio_and_say_so() -> None:
    found = answers(counts(), plan_of(roles={"start": 37}, keys=RATES))
    glm = smf.glm("y ~ t + after + after:t", counts(), family=sm.families.Poisson(), offset=counts()["lp"])
    dispersed = glm.fit(scale="X2", tol=1e-13)
    robust = glm.fit(tol=1e-13, cov_type="HAC", cov_kwds={"maxlags": 3, "use_correction": False})
    level = found["level_change", "model_based"]
    assert level.estimate == pytest.approx(dispersed.params["after"], rel=1e-8)
    assert level.standard_error == pytest.approx(dispersed.bse["after"], rel=1e-7)
    assert level.df == 56
    hac = found["level_change", "newey_west"]
    assert hac.standard_error == pytest.approx(robust.bse["after"], rel=1e-7)
    ratio = np.exp([level.estimate, level.interval.low, level.interval.high])
    assert f"a rate ratio of {ratio[0]:.4g} ({ratio[1]:.4g} to {ratio[2]:.4g})." in notes(level)
    assert "not for autocorrelation" in notes(level)
    assert level.estimator == "segmented_quasi_poisson"


def test_shares_give_log_odds_and_say_so() -> None:
    random = np.random.Generator(np.random.PCG64(3))
    frame = monthly().assign(y=random.binomial(50, 0.4, 48) / 50)
    level = answers(frame, plan_of(keys={"family": "binomial"}))["level_change", "newey_west"]
    assert f"an odds ratio of {np.exp(level.estimate):.4g}" in notes(level)
    assert level.estimator == "segmented_quasi_binomial"


def test_a_season_is_modelled_where_it_is_stated() -> None:
    season = 5.0 * np.sin(2 * np.pi * np.arange(48) / 12)
    frame = monthly().assign(y=lambda own: own["y"] + season)
    plain, seasonal = (
        answers(frame, plan_of(model=model))["level_change", "newey_west"]
        for model in ({}, {"harmonics": 1, "period_length": 12})
    )
    assert seasonal.standard_error < 0.5 * plain.standard_error
    without = answers(monthly(), plan_of(model={"harmonics": 1, "period_length": 12}))
    assert seasonal.estimate == pytest.approx(without["level_change", "newey_west"].estimate, rel=1e-9)


def test_shocks_that_both_series_share_cancel() -> None:
    controlled = answers(paired(shared=5.0), plan_of(CONTROLLED))["level_change", "newey_west"]
    calm = answers(paired(shared=0.0), plan_of(CONTROLLED))["level_change", "newey_west"]
    assert controlled.estimate == pytest.approx(calm.estimate, rel=1e-9)
    assert controlled.standard_error == pytest.approx(calm.standard_error, rel=1e-9)
    assert controlled.interval.low < 3.0 < controlled.interval.high
    assert "taken from the intervention's" in notes(controlled)


def test_the_difference_is_the_interaction_of_the_model_of_both_series() -> None:
    frame = paired()
    formula = "y ~ t * arm + after * arm + after:t + after:t:arm"
    judge = smf.ols(formula, frame).fit(
        cov_type="hac-groupsum",
        cov_kwds={"time": frame["month"].to_numpy(), "maxlags": 3, "use_correction": False},
    )
    found = answers(frame, plan_of(CONTROLLED, **error("newey_west", lag=3)))
    level = found["level_change", "newey_west"]
    assert level.estimate == pytest.approx(judge.params["after:arm"], rel=1e-9)
    assert found["slope_change", "newey_west"].estimate == pytest.approx(judge.params["after:t:arm"], rel=1e-9)
    assert level.standard_error == pytest.approx(judge.bse["after:arm"], rel=1e-9)


def test_a_controlled_series_of_counts_is_the_interaction_on_the_log_scale() -> None:
    frame = pd.concat([counts().assign(arm=1), counts(seed=9).assign(arm=0)], ignore_index=True)
    found = answers(frame, plan_of(CONTROLLED, roles={"start": 37}, keys=RATES))
    formula = "y ~ t * arm + after * arm + after:t + after:t:arm"
    judge = smf.glm(formula, frame, family=sm.families.Poisson(), offset=frame["lp"]).fit(scale="X2", tol=1e-13)
    level = found["level_change", "model_based"]
    assert level.estimate == pytest.approx(judge.params["after:arm"], rel=1e-7)
    assert level.standard_error == pytest.approx(judge.bse["after:arm"], rel=1e-7)
    assert (level.df, level.rows) == (112.0, 120)
    hac = found["level_change", "newey_west"]
    assert hac.df is not None
    assert hac.df < 56


@pytest.mark.parametrize("design", ["interrupted_time_series", CONTROLLED])
def test_an_effect_added_after_the_start_is_added_to_the_jump(design: str) -> None:
    frame = paired() if design == CONTROLLED else monthly().assign(arm=1)
    raised = frame.assign(y=frame["y"] + 2.5 * frame["after"] * frame["arm"])
    before, after = (answers(own, plan_of(design))["level_change", "newey_west"] for own in (frame, raised))
    assert after.estimate == pytest.approx(before.estimate + 2.5, rel=1e-9)
    assert after.standard_error == pytest.approx(before.standard_error, rel=1e-9)


@pytest.mark.parametrize("factor", [1e-150, -3.0, 1e150])
def test_the_unit_of_the_outcome_scales_every_number(factor: float) -> None:
    frame = monthly()
    before, after = answers(frame, plan_of()), answers(frame.assign(y=factor * frame["y"]), plan_of())
    for key, entry in before.items():
        assert after[key].estimate == pytest.approx(factor * entry.estimate, rel=1e-6)
        assert after[key].standard_error == pytest.approx(abs(factor) * entry.standard_error, rel=1e-6)


def test_what_is_no_series_refuses_every_change() -> None:
    found = entries(monthly()[:26], plan_of())
    assert [(entry.aggregation.value, entry.kind) for entry in found] == [
        ("level_change", "not_estimable"),
        ("slope_change", "not_estimable"),
    ]
    assert {entry.reason.value for entry in found if isinstance(entry, NotEstimable)} == {"too_few_periods"}


def test_a_random_walk_refuses_the_model_and_keeps_the_second_opinion() -> None:
    walk = np.cumsum(np.cumsum(np.random.Generator(np.random.PCG64(10)).normal(size=200)))
    frame = monthly(months=200, start=101).assign(y=walk)
    found = entries(frame, plan_of(roles={"start": 101}, **error("model_based")))
    assert [entry.kind for entry in found] == ["not_estimable"] * 2 + ["estimate"] * 2
    assert "random walk" in str(next(entry.detail for entry in found if isinstance(entry, NotEstimable)))


def test_what_every_series_rests_on_is_checked() -> None:
    checks = {check.name for check in analyse(counts(), plan_of(roles={"start": 37}, keys=RATES)).diagnostics}
    assert {"points_before_and_after", "residual_autocorrelation", "placebo_breaks", "overdispersion"} <= checks


def test_intervals_and_p_values_are_those_of_t() -> None:
    for entry in answers(monthly(), plan_of()).values():
        assert entry.df is not None
        assert entry.interval.method == "t"
        assert entry.p_value == pytest.approx(2 * stdtr(entry.df, -abs(entry.estimate) / entry.standard_error))
