from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from causaldata import cps_mixtape, nsw_mixtape
from scipy.special import stdtrit

from effects import analyse
from effects.codes import Estimand
from effects.estimators.matched.doubly_robust import augmented
from effects.estimators.matched.precision import summed
from effects.estimators.matched.weighting import Scored
from effects.inference.cluster_robust import Precision
from effects.inference.propensity import propensity
from effects.linear_model import Obstacle
from effects.plan import AnalysisPlan
from effects.results import EffectEstimate, NotEstimable
from tests.effects.designs import estimated, first, outcome, plan_for
from tests.effects.estimators.matched.people import NAMES, people

AGED = list(NAMES)


def plan(
    estimator: str | None = None,
    error: str | None = None,
    estimand: str = "ate",
    covariates: list[str] | None = None,
    **roles: str,
) -> AnalysisPlan:
    return plan_for(
        "matched_comparison",
        estimand=estimand,
        data={"treated": "treated", **roles},
        outcome=[outcome("y", **({} if covariates == [] else {"covariates": covariates or AGED}))],
        model={} if estimator is None else {"estimator": estimator},
        inference={} if error is None else {"standard_error": error},
    )


def entries(frame: pd.DataFrame, stated: AnalysisPlan) -> list[EffectEstimate]:
    found = [entry for entry in analyse(frame, stated).estimates if isinstance(entry, EffectEstimate)]
    assert found
    return found


def refusal(frame: pd.DataFrame, stated: AnalysisPlan) -> tuple[str, str]:
    found = first(analyse(frame, stated))
    assert isinstance(found, NotEstimable), found
    return found.reason.value, str(found.detail)


def test_a_silent_plan_is_doubly_robust_with_weighting_and_matching_beside_it() -> None:
    result = analyse(people(rows=800), plan())
    found = [entry for entry in result.estimates if isinstance(entry, EffectEstimate)]
    assert [(entry.estimator, entry.analysis.value, entry.standard_error_kind.value) for entry in found] == [
        ("aipw", "primary", "influence"),
        ("ipw", "sensitivity", "influence"),
        ("matching", "sensitivity", "abadie_imbens"),
    ]
    assert result.defaults["model.estimator"] == "aipw"
    for entry in found:
        assert entry.estimate == pytest.approx(2.0, abs=3.5 * entry.standard_error)
    names = {check.name for check in result.diagnostics}
    assert {"balance", "balance_after_weighting", "overlap", "effective_rows", "e_value"} <= names


@pytest.mark.parametrize("estimator", ["aipw", "ipw", "matching"])
@pytest.mark.parametrize("estimand", ["att", "ate"])
def test_each_estimator_can_be_the_primary_one_of_either_estimand(estimator: str, estimand: str) -> None:
    found = entries(people(), plan(estimator, estimand=estimand))
    assert [entry.analysis.value for entry in found] == ["primary", "sensitivity", "sensitivity"]
    assert found[0].estimator == estimator
    assert {entry.estimand.value for entry in found} == {estimand}


def test_matching_settles_on_the_error_that_belongs_to_it() -> None:
    result = analyse(people(), plan("matching"))
    assert result.defaults["inference.standard_error"] == "abadie_imbens"


@pytest.mark.parametrize(
    ("estimator", "error"),
    [
        ("aipw", "hc1"),
        ("aipw", "cr2"),
        ("aipw", "abadie_imbens"),
        ("ipw", "abadie_imbens"),
        ("matching", "influence"),
        ("matching", "hc2"),
    ],
)
def test_an_error_that_an_estimator_does_not_have_is_refused_by_name(estimator: str, error: str) -> None:
    reason, detail = refusal(people(), plan(estimator, error, cluster="site"))
    assert reason == "not_implemented"
    assert detail == f"the standard error {error} is not defined for {estimator}"


def regressed(frame: pd.DataFrame, kind: str) -> tuple[float, float]:
    """Estimate and error of the weighted regression of statsmodels, its propensity from a GLM."""
    covariates = sm.add_constant(frame[AGED].astype(float))
    p = sm.GLM(frame["treated"], covariates, family=sm.families.Binomial()).fit(tol=1e-14).fittedvalues
    weights = np.where(frame["treated"] == 1, 1 / p, 1 / (1 - p))
    model = sm.WLS(frame["y"], sm.add_constant(frame["treated"].astype(float)), weights=weights)
    groups = {"groups": frame["site"]} if kind == "cluster" else None
    fitted = model.fit(cov_type=kind, cov_kwds=groups)
    return float(fitted.params["treated"]), float(fitted.bse["treated"])


@pytest.mark.parametrize(
    ("error", "theirs"),
    [
        ("sandwich", "HC0"),
        ("iid", "nonrobust"),
        ("hc1", "HC1"),
        ("hc2", "HC2"),
        ("hc3", "HC3"),
        ("cr1s", "cluster"),
    ],
)
def test_weighting_has_the_errors_of_its_regression(error: str, theirs: str) -> None:
    frame = people()
    roles = {"cluster": "site"} if theirs == "cluster" else {}
    found = entries(frame, plan("ipw", error, **roles))[0]
    expected = regressed(frame, theirs)
    assert found.standard_error_kind == error
    assert (found.estimate, found.standard_error) == (
        pytest.approx(expected[0], rel=1e-9),
        pytest.approx(expected[1], rel=1e-9),
    )


@pytest.mark.parametrize("error", ["cr0", "cr1", "cr2", "cr3"])
def test_further_clustered_errors_are_of_the_same_size(error: str) -> None:
    found = entries(people(), plan("ipw", error, cluster="site"))[0]
    assert found.standard_error == pytest.approx(regressed(people(), "cluster")[1], rel=0.1)


def test_estimated_weights_make_the_error_smaller_than_known_ones() -> None:
    frame = people(rows=2000)
    one, other = (entries(frame, plan("ipw", error))[0] for error in ("influence", "sandwich"))
    assert one.standard_error < other.standard_error


def test_scores_are_summed_over_clusters() -> None:
    doubled = pd.concat([people(), people()])
    alone = entries(people(), plan())[0]
    together = entries(doubled.assign(twin=np.tile(np.arange(240), 2)), plan(cluster="twin"))[0]
    assert together.estimate == pytest.approx(alone.estimate)
    assert together.standard_error == pytest.approx(alone.standard_error)
    assert together.clusters == 240


def test_weights_that_count_repeated_rows_give_the_estimate_of_the_repeated_rows() -> None:
    frame = people().assign(w=lambda own: own.index % 3 + 1)
    repeated = frame.loc[frame.index.repeat(frame["w"])]
    for estimator in ("aipw", "ipw"):
        weighted = entries(frame, plan(estimator, weight="w"))[0]
        assert weighted.estimate == pytest.approx(entries(repeated, plan(estimator))[0].estimate)


def test_matching_refuses_weights_and_clusters_of_several_rows() -> None:
    for roles in ({"weight": "w"}, {"cluster": "site"}):
        reason, detail = refusal(people(), plan("matching", **roles))
        assert reason == "not_implemented"
        assert "matching has no error" in detail
    beside = analyse(people(), plan(cluster="site")).estimates
    assert [entry.kind for entry in beside] == ["estimate", "estimate", "not_estimable"]


def test_without_covariates_there_is_no_matched_comparison() -> None:
    reason, detail = refusal(people(), plan(covariates=[]))
    assert reason == "no_covariates"
    assert "no covariate makes the arms comparable" in detail


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"age": lambda own: own["treated"] * 10.0 + own["age"] / 100}, "age tells the arm"),
        ({"kind": lambda own: own["treated"] * own["kind"]}, "kind tells the arm"),
    ],
)
def test_covariates_that_separate_the_arms_are_named(change: dict[str, object], expected: str) -> None:
    reason, detail = refusal(people().assign(**change), plan())
    assert reason == "separation"
    assert expected in detail


def test_collinear_covariates_are_named() -> None:
    frame = people().assign(years=lambda own: own["age"] * 2)
    reason, detail = refusal(frame, plan(covariates=["age", "years"]))
    assert reason == "collinear"
    assert "age" in detail


@pytest.mark.parametrize(("treated", "reason"), [(0, "empty_arm"), (1, "too_few_rows")])
def test_one_treated_row_or_none_is_refused(treated: int, reason: str) -> None:
    frame = people()
    keep = pd.concat([frame[frame["treated"] == 0], frame[frame["treated"] == 1][:treated]])
    assert refusal(keep, plan())[0] == reason


def test_one_treated_cluster_is_refused() -> None:
    frame = people().assign(site=lambda own: np.where(own["treated"] == 1, 1000, own["site"]))
    assert refusal(frame, plan(cluster="site"))[0] == "too_few_clusters"


@pytest.mark.parametrize("change", [{"y": 1e300}, {"age": 1e300}])
def test_huge_values_are_refused(change: dict[str, float]) -> None:
    frame = people()
    for name, factor in change.items():
        frame[name] *= factor
    assert refusal(frame, plan())[0] == "not_finite"


def test_weights_of_nothing_leave_no_rows() -> None:
    assert refusal(people().assign(w=0.0), plan(weight="w"))[0] == "no_rows"


def test_trained_men_against_the_population_survey_come_near_the_experiment() -> None:
    """The experiment says 1794 (671); unadjusted the difference to the survey is -8498 (Dehejia and Wahba 1999)."""
    experiment = nsw_mixtape.load_pandas().data
    frame = pd.concat([experiment[experiment["treat"] == 1], cps_mixtape.load_pandas().data]).rename(
        columns={"treat": "treated", "re78": "y"}
    )
    terms = ["age", "age^2", "educ", "black", "hisp", "marr", "nodegree", "re74", "re75"]
    found = entries(frame.drop(columns="data_id"), plan(estimand="att", covariates=terms))
    assert found[0].rows == 16177
    arms = frame.groupby("treated")["y"].mean()
    assert arms[1] - arms[0] == pytest.approx(-8498, abs=1)
    for entry in found:
        assert entry.interval.low < 1794 < entry.interval.high


def test_the_weighted_gain_of_quitters_meets_the_published_one(reference: Path) -> None:
    """Through the plan of the reference; estimates to 1e-6, errors to 1e-5."""
    stated = AnalysisPlan.from_toml(reference / "plans" / "nhefs_ipw.toml")
    result = analyse(reference / "nhefs.csv", stated)
    found = first(result)
    assert isinstance(found, EffectEstimate)
    assert found.estimate == pytest.approx(3.440535430, rel=1e-6)
    assert found.standard_error == pytest.approx(0.5254935530, rel=1e-5)
    assert found.rows == 1566
    assert [(drop.reason.value, drop.rows) for drop in found.dropped] == [("missing_outcome", 63)]


def test_the_same_rows_in_another_order_give_the_same_bytes() -> None:
    frame = people()
    shuffled = frame.sample(frac=1.0, random_state=3)
    assert analyse(frame, plan()).to_json() == analyse(shuffled, plan()).to_json()
    assert estimated(frame, plan()).df is not None


def test_few_units_choose_the_cautious_error_unless_the_plan_says_otherwise() -> None:
    frame = people(rows=80)
    silent, plain, small = (entries(frame, plan(error=error))[0] for error in (None, "influence", "influence_small"))
    assert [entry.standard_error_kind.value for entry in (silent, plain, small)] == [
        "influence_small",
        "influence",
        "influence_small",
    ]
    assert silent.note is not None
    assert small.note is None
    assert silent.standard_error == small.standard_error > plain.standard_error
    assert entries(people(rows=800), plan())[0].note is None


def test_with_eight_clusters_an_arm_the_interval_covers() -> None:
    """200 seeded trials without effect; fails only where the Monte Carlo interval lies outside 93 to 98 %."""
    random, covered, trials = np.random.Generator(np.random.PCG64(9)), 0, 200
    site, arm = np.repeat(np.arange(16), 6), np.repeat(np.tile([0.0, 1.0], 8), 6)
    for _ in range(trials):
        drawn = random.normal(size=16)[site]
        x, y = drawn + 0.3 * arm, drawn + 0.3 * random.normal(size=16)[site] + random.normal(size=96)
        weights = np.ones(96)
        model = propensity(arm, x[:, None], ("x",), weights)
        if isinstance(model, Obstacle):
            trials -= 1
            continue
        scored = augmented(y, arm, model, Estimand.ATE, weights, ("x",), site)
        assert isinstance(scored, Scored)
        error = summed(scored.cautious, arm, site)
        assert isinstance(error, Precision)
        covered += abs(scored.estimate + 0.3) < stdtrit(error.df, 0.975) * error.standard_error
    share = covered / trials
    reach = 2.6 * np.sqrt(share * (1 - share) / trials)
    assert share + reach > 0.93
    assert share - reach < 0.98


STRANGE = np.array([0.0, 1.0, 2.0, np.nan, 1e300, -1e300, 1e-300, np.inf, 1e17])


@pytest.mark.parametrize("estimator", ["aipw", "ipw", "matching"])
def test_whatever_few_rows_hold_there_is_an_answer(estimator: str) -> None:
    """Fifty seeded tables of up to 14 rows with values and weights that no table should hold."""
    random = np.random.Generator(np.random.PCG64(len(estimator)))
    for size in random.integers(0, 15, 50).tolist():
        frame = pd.DataFrame(
            {
                "treated": random.integers(0, 2, size) * 1.0,
                "age": np.where(random.random(size) < 0.1, random.choice(STRANGE, size), random.normal(size=size)),
                "kind": random.integers(0, 2, size) * 1.0,
                "y": np.where(random.random(size) < 0.1, random.choice(STRANGE, size), random.normal(size=size)),
                "w": random.choice([1.0, 2.0, 0.0, 1e308, 5e-324], size),
            }
        )
        found = first(analyse(frame, plan(estimator, weight="w")))
        assert found.kind in ("estimate", "not_estimable")


@pytest.mark.parametrize("estimator", ["aipw", "ipw", "matching"])
def test_calling_the_arms_by_each_others_names_turns_the_sign(estimator: str) -> None:
    """Of the effect on everybody: treated and untreated are treated alike by every estimator."""
    one = entries(people(), plan(estimator))[0]
    other = entries(people().assign(treated=lambda own: 1 - own["treated"]), plan(estimator))[0]
    assert other.estimate == pytest.approx(-one.estimate)
    assert other.standard_error == pytest.approx(one.standard_error)
    assert other.p_value == pytest.approx(one.p_value)


@pytest.mark.parametrize("estimator", ["aipw", "ipw", "matching"])
@pytest.mark.parametrize("estimand", ["att", "ate"])
def test_the_unit_of_the_outcome_is_the_unit_of_the_effect(estimator: str, estimand: str) -> None:
    one = entries(people(), plan(estimator, estimand=estimand))[0]
    other = entries(people().assign(y=lambda own: 100.0 - 5.0 * own["y"]), plan(estimator, estimand=estimand))[0]
    assert other.estimate == pytest.approx(-5.0 * one.estimate)
    assert other.standard_error == pytest.approx(5.0 * one.standard_error)


def test_those_who_gain_most_chose_treatment_so_that_the_treated_gain_more() -> None:
    """By construction the effect is 2 + age / 2, and the treated are older."""
    frame = people(rows=4000)
    for estimator in ("aipw", "ipw", "matching"):
        treated, everybody = (entries(frame, plan(estimator, estimand=own))[0] for own in ("att", "ate"))
        older = frame.loc[frame["treated"] == 1, "age"].mean()
        assert treated.estimate == pytest.approx(2.0 + 0.5 * older, abs=3 * treated.standard_error)
        assert everybody.estimate == pytest.approx(2.0, abs=3 * everybody.standard_error)
        assert treated.estimate > everybody.estimate


def test_rows_without_a_covariate_are_left_out_and_counted() -> None:
    frame = people()
    frame.loc[:9, "age"] = np.nan
    found = entries(frame, plan())[0]
    assert found.rows == 230
    assert [(drop.reason.value, drop.rows) for drop in found.dropped] == [("missing_covariate", 10)]


def test_a_factor_is_matched_on_its_levels() -> None:
    frame = people().assign(
        region=lambda own: np.where(own["age"] > 0.5, "north", np.where(own["kind"] == 1, "e", "w"))
    )
    found = entries(frame, plan(covariates=["factor(region)"]))
    cells = frame.groupby(["region", "treated"])["y"].mean().unstack()
    shares = frame["region"].value_counts(normalize=True)
    by_hand = float(((cells[1] - cells[0]) * shares).sum())
    for entry in found:
        assert entry.estimate == pytest.approx(by_hand)


def test_subgroups_are_compared_by_the_primary_estimator() -> None:
    stated = plan_for(
        "matched_comparison",
        estimand="ate",
        outcome=[outcome("y", covariates=["age"])],
        subgroup=[{"column": "kind"}],
    )
    found = [entry for entry in analyse(people(rows=800), stated).estimates if entry.subgroup is not None]
    assert [entry.aggregation.value for entry in found] == ["overall", "overall", "interaction"]
    effects = [entry for entry in found if isinstance(entry, EffectEstimate)]
    assert {entry.estimator for entry in effects} == {"aipw"}
    assert effects[2].estimate == pytest.approx(effects[1].estimate - effects[0].estimate)


def test_the_interval_is_that_of_t_with_the_arms_degrees_of_freedom() -> None:
    found = entries(people(rows=800), plan())[0]
    assert found.df is not None
    assert 300 < found.df < 800
    reach = stdtrit(found.df, 0.975) * found.standard_error
    assert found.interval.method == "t"
    assert found.interval.low == pytest.approx(found.estimate - reach)
    assert found.interval.high == pytest.approx(found.estimate + reach)
