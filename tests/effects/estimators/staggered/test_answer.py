import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from diff_diff import CallawaySantAnna, SurveyDesign

from effects import analyse
from effects.plan import AnalysisPlan
from effects.results import EffectEstimate, Entry, NotEstimable
from tests.effects.designs import all_finite
from tests.effects.estimators.staggered.adoptions import (
    PLAIN,
    adoption,
    averages_of,
    castle,
    plan_about,
    quietly,
    result_of,
)

ESTIMATORS = ("callaway_santanna", "imputation", "sun_abraham", "twfe")
FOUR = ["simple", "dynamic", "group", "calendar"]
Model = dict[str, object]


def estimate(entry: Entry) -> EffectEstimate:
    assert isinstance(entry, EffectEstimate), entry
    return entry


def figures(frame: pd.DataFrame, plan: AnalysisPlan) -> tuple[float, float]:
    first = estimate(result_of(frame, plan).estimates[0])
    return first.estimate, first.standard_error


# ---- outside numbers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", ["mpdta_never", "mpdta_notyet", "mpdta_never_lpop"])
def test_minimum_wages_meet_the_reference_implementation(reference: Path, case: str) -> None:
    found = analyse(reference / "mpdta.csv", AnalysisPlan.from_toml(reference / "plans" / f"{case}.toml"))
    cases: list[dict[str, Any]] = tomllib.loads((reference / "reference.toml").read_text("utf-8"))["case"]
    (stated,) = [one for one in cases if one["plan"] == f"plans/{case}.toml"]
    for expected in stated["expect"]:
        key = (expected["aggregation"], expected.get("cohort"), expected.get("period"))
        (entry,) = [
            one
            for one in found.estimates
            if (one.aggregation, one.cohort, one.period) == key and one.analysis == "primary"
        ]
        within = expected.get("tolerance", 1e-6)
        assert estimate(entry).estimate == pytest.approx(expected["estimate"], rel=within)
        assert estimate(entry).standard_error == pytest.approx(
            expected["standard_error"], rel=expected.get("se_tolerance", within)
        )
    if case == "mpdta_never":
        beside = averages_of(found, "sensitivity")
        assert estimate(beside["twfe"]).estimate == pytest.approx(-0.03654893667, abs=1e-10)
        assert estimate(beside["sun_abraham"]).estimate == pytest.approx(-0.03995127516, abs=1e-10)


@pytest.mark.parametrize("control", ["never_treated", "not_yet_treated"])
def test_castle_laws_meet_other_software(control: str) -> None:
    with quietly():
        judge = CallawaySantAnna(control_group=control).fit(
            castle(), outcome="y", unit="unit", time="period", first_treat="start", aggregate="all"
        )
    found = result_of(castle(), plan_about(model={"control": control}, inference=PLAIN))
    simple = estimate(found.estimates[0])
    assert simple.estimate == pytest.approx(judge.overall_att, abs=1e-7)  # sums in another order
    assert simple.standard_error == pytest.approx(judge.overall_se, rel=1e-6)
    assert (simple.units, simple.rows, simple.df, simple.interval.method) == (50, 550, None, "normal")


@pytest.mark.parametrize(("base", "anticipation"), [("varying", 0), ("varying", 1), ("universal", 1)])
def test_base_periods_and_anticipation_meet_other_software(base: str, anticipation: int) -> None:
    frame = adoption(cohorts=(4, 6, 0, 0))
    with quietly():
        judge = CallawaySantAnna(base_period=base, anticipation=anticipation).fit(
            frame, outcome="y", unit="unit", time="period", first_treat="start"
        )
    model: Model = {"base_period": base, "anticipation": anticipation}
    cells = [one for one in result_of(frame, plan_about(model=model)).estimates if one.aggregation == "group_time"]
    assert len(cells) == 14
    for entry in cells:
        theirs = judge.group_time_effects[(entry.cohort, entry.period)]
        assert estimate(entry).estimate == pytest.approx(theirs["effect"])


def test_a_panel_without_never_treated_units_meets_other_software() -> None:
    frame = adoption(cohorts=(3, 5, 7))
    with quietly():
        judge = CallawaySantAnna(control_group="not_yet_treated").fit(
            frame, outcome="y", unit="unit", time="period", first_treat="start"
        )
    plan = plan_about(model={"control": "not_yet_treated"}, inference=PLAIN)
    assert figures(frame, plan) == pytest.approx((judge.overall_att, judge.overall_se))


def test_weights_meet_other_software() -> None:
    frame = adoption()
    with quietly():
        judge = CallawaySantAnna().fit(
            frame,
            outcome="y",
            unit="unit",
            time="period",
            first_treat="start",
            survey_design=SurveyDesign(weights="w"),
        )
    estimated, error = figures(frame, plan_about(roles={"weight": "w"}, inference=PLAIN))
    assert estimated == pytest.approx(judge.overall_att)
    assert error == pytest.approx(judge.overall_se, rel=0.02)  # a survey's factor n / (n - 1) is 1.3 %


def test_covariates_meet_other_software() -> None:
    frame = adoption(units=200, periods=6, cohorts=(3, 5, 0, 0))
    with quietly():
        judge = CallawaySantAnna(estimation_method="dr", pscore_trim=1e-6).fit(
            frame, outcome="y", unit="unit", time="period", first_treat="start", covariates=["x", "z"]
        )
    estimated, error = figures(frame, plan_about("x", "z", inference=PLAIN))
    assert estimated == pytest.approx(judge.overall_att, rel=3e-4)  # its logit stops early; ours meets R to 1e-9
    assert error == pytest.approx(judge.overall_se, rel=1e-3)


# ---- what the answer holds -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_each_estimator_leads_where_asked_and_the_others_stand_beside_it(estimator: str) -> None:
    found = result_of(adoption(), plan_about(model={"estimator": estimator}))
    primary, beside = averages_of(found), averages_of(found, "sensitivity")
    assert list(primary) == (["overall"] if estimator == "twfe" else FOUR)
    assert {estimate(entry).estimator for entry in primary.values()} == {estimator}
    assert list(beside) == [other for other in ESTIMATORS if other != estimator]
    assert {name: entry.aggregation for name, entry in beside.items()} == {
        other: "overall" if other == "twfe" else "simple" for other in ESTIMATORS if other != estimator
    }


def test_a_second_opinion_is_what_the_same_estimator_says_when_it_leads() -> None:
    frame = adoption()
    beside = averages_of(result_of(frame, plan_about()), "sensitivity")
    for estimator in ESTIMATORS[1:]:
        own = estimate(result_of(frame, plan_about(model={"estimator": estimator})).estimates[0])
        other = estimate(beside[estimator])
        assert (other.estimate, other.standard_error, other.df) == (own.estimate, own.standard_error, own.df)


@pytest.mark.parametrize("estimator", ["imputation", "sun_abraham"])
def test_a_control_group_that_the_estimator_does_not_read_is_noted(estimator: str) -> None:
    model: Model = {"estimator": estimator}
    silent, stated = (
        estimate(result_of(adoption(), plan_about(model=own)).estimates[0])
        for own in (model, {**model, "control": "not_yet_treated"})
    )
    assert stated.estimate == silent.estimate
    assert silent.note is None
    assert [str(note) for note in stated.note or ()] == ["Only callaway_santanna reads control (not_yet_treated)."]


def test_only_the_average_over_all_carries_the_claim() -> None:
    found = result_of(adoption(), plan_about())
    adjusted = [entry for entry in found.estimates if isinstance(entry, EffectEstimate) and entry.p_adjusted]
    assert [entry.aggregation for entry in adjusted] == ["simple"]


def test_the_default_error_is_small_sample_with_its_degrees_of_freedom() -> None:
    small = estimate(result_of(adoption(), plan_about()).estimates[0])
    plain = estimate(result_of(adoption(), plan_about(inference=PLAIN)).estimates[0])
    assert (small.standard_error_kind, small.interval.method) == ("influence_small", "t")
    assert small.df is not None
    assert small.estimate == plain.estimate
    assert small.standard_error > plain.standard_error


@pytest.mark.parametrize(("stated", "meant"), [(None, "cr2"), ("cr1s", "cr1s"), ("influence", "cr0"), ("iid", "iid")])
def test_two_way_fixed_effects_take_the_errors_of_a_linear_model(stated: str | None, meant: str) -> None:
    inference: Model | None = None if stated is None else {"standard_error": stated}
    found = result_of(adoption(), plan_about(model={"estimator": "twfe"}, inference=inference))
    assert estimate(found.estimates[0]).standard_error_kind == meant


def test_clusters_above_the_units_are_those_of_the_errors() -> None:
    plain, clustered = (
        estimate(result_of(adoption(), plan_about(roles=roles)).estimates[0]) for roles in (None, {"cluster": "region"})
    )
    assert clustered.estimate == plain.estimate
    assert (plain.clusters, clustered.clusters) == (40, 20)
    assert clustered.standard_error != plain.standard_error


def test_diagnostics_are_those_of_the_design() -> None:
    found = result_of(adoption(), plan_about())
    assert [check.name for check in found.diagnostics][-5:] == [
        "parallel_pre_trends",
        "honest_did_breakdown",
        "bacon_weights",
        "negative_weights",
        "cohort_sizes",
    ]
    assert {check.outcome for check in found.diagnostics[-5:]} == {"y"}


def test_always_treated_units_serve_two_way_fixed_effects_alone() -> None:
    found = result_of(adoption(cohorts=(1, 4, 0, 0)), plan_about())
    simple, twfe = estimate(found.estimates[0]), estimate(averages_of(found, "sensitivity")["twfe"])
    assert (simple.units, twfe.units) == (30, 40)
    assert "10 units are left out" in str((simple.note or ("",))[0])


def test_covariates_that_unit_effects_absorb_do_not_stop_the_second_opinions() -> None:
    with_it, without = (averages_of(result_of(adoption(), plan_about(*names)), "sensitivity") for names in (["z"], []))
    for estimator in ESTIMATORS[1:]:
        assert estimate(with_it[estimator]).estimate == pytest.approx(estimate(without[estimator]).estimate)


def test_a_subgroup_is_answered_by_its_average_over_all() -> None:
    frame = adoption(units=80).assign(kind=lambda own: np.where(own["unit"] < 40, "urban", "rural"))
    found = result_of(frame, plan_about(subgroup=[{"column": "kind"}]))
    by_level = [entry for entry in found.estimates if entry.subgroup is not None]
    assert {entry.aggregation for entry in by_level} == {"overall", "interaction"}
    alone = estimate(result_of(frame[frame["unit"] < 40], plan_about()).estimates[0])
    (urban,) = [entry for entry in by_level if entry.subgroup == {"column": "kind", "level": "urban"}]
    assert estimate(urban).estimate == pytest.approx(alone.estimate)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_scaling_the_outcome_scales_estimate_and_error(estimator: str) -> None:
    plan = plan_about(model={"estimator": estimator})
    before = figures(adoption(), plan)
    after = figures(adoption().assign(y=lambda own: -250.0 * own["y"]), plan)
    assert after == pytest.approx((-250.0 * before[0], 250.0 * before[1]))


def test_intervals_cover_about_as_often_as_they_say() -> None:
    random, covered = np.random.Generator(np.random.PCG64(77)), []
    frame, plan = adoption(units=24, periods=5, cohorts=(3, 4, 0), effect=0.0), plan_about()
    for _ in range(40):
        own = frame.assign(y=random.normal(size=24)[frame["unit"]] + random.normal(size=len(frame)))
        interval = estimate(analyse(own, plan).estimates[0]).interval
        covered.append(interval.low < 0.0 < interval.high)
    assert np.mean(covered) >= 0.81  # 40 draws of 95 %: four Monte Carlo errors of 3.4 %


# ---- refusals --------------------------------------------------------------------------------------------------------


P = adoption()
CLUSTERED = {"cluster": "region"}


@pytest.mark.parametrize("estimator", ESTIMATORS)
@pytest.mark.parametrize(
    ("frame", "roles", "reason", "detail"),
    [
        (P.assign(start=0), {}, "empty_arm", "no unit is treated within the periods"),
        (P.query("start == 0 or unit == 0"), {}, "too_few_clusters", "1 treated cluster"),
        (P.assign(region=1), CLUSTERED, "too_few_clusters", "fewer than 2 clusters"),
        (P.query("period == 3"), {}, "no_baseline", "1 period is observed"),
        (P.assign(start=P["start"].clip(upper=1)), {}, "no_baseline", "all 20 treated units are treated from"),
        (P.assign(y=1e300 * P["y"]), {}, "not_finite", "too large to compute with"),
        (P.assign(y=np.inf), {}, "not_finite", "infinite values"),
        (P.assign(y=2.0), {}, "constant_outcome", "never varies"),
        (P.assign(y=np.nan), {}, "no_rows", "no complete rows"),
        (P.assign(w=0.0), {"weight": "w"}, "no_rows", "no complete rows"),
        (P[:0], {}, "no_rows", "no complete rows"),
        (P[:2], {}, "empty_arm", "no unit is treated"),
        (P[:3], {}, "too_few_clusters", "fewer than 2 clusters"),
        (pd.concat([P, P]), {}, "not_a_panel", "second of their unit"),
    ],
    ids=lambda own: None if isinstance(own, pd.DataFrame | dict) else str(own),
)
def test_what_cannot_be_answered_is_refused_by_name_for_every_average(
    estimator: str, frame: pd.DataFrame, roles: dict[str, str], reason: str, detail: str
) -> None:
    found = result_of(frame, plan_about(roles=roles, model={"estimator": estimator}))
    assert [entry.aggregation for entry in found.estimates] == (["overall"] if estimator == "twfe" else FOUR)
    for entry in found.estimates:
        assert isinstance(entry, NotEstimable)
        assert entry.reason == reason
        assert detail in str(entry.detail)


@pytest.mark.parametrize(
    ("frame", "covariates", "reason"),
    [
        (P.query("start > 0"), [], "no_comparison"),
        (P.query("start > 0 or unit == 2"), [], "no_comparison"),
        (P.assign(start=4), [], "no_comparison"),
        (P.assign(y=P["unit"] + 0.5 * P["period"]), [], "no_residual_variation"),
        (P.assign(twice=2 * P["x"]), ["x", "twice"], "collinear"),
        (P.assign(told=P["unit"] + 100.0 * (P["start"] > 0)), ["told"], "separation"),
    ],
    ids=["no never", "one never", "at once", "exact", "collinear", "separated"],
)
def test_cells_that_all_fail_leave_averages_with_their_reason(
    frame: pd.DataFrame, covariates: list[str], reason: str
) -> None:
    found = result_of(frame, plan_about(*covariates))
    assert {entry.reason for entry in averages_of(found).values() if isinstance(entry, NotEstimable)} == {reason}
    assert len(averages_of(found)) == 4


def test_no_never_treated_unit_is_mended_by_the_not_yet_treated() -> None:
    frame = adoption(cohorts=(3, 5, 7))
    refused = result_of(frame, plan_about()).estimates[0]
    assert isinstance(refused, NotEstimable)
    assert "not_yet_treated" in str(refused.needs)
    answered = estimate(result_of(frame, plan_about(model={"control": "not_yet_treated"})).estimates[0])
    assert "7 / 7" in " ".join(str(note) for note in answered.note or ())


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_a_thousand_periods_are_answered_or_refused_at_once(estimator: str) -> None:
    frame = adoption(units=8, periods=1000, cohorts=(300, 500, 0, 0))
    first = result_of(frame, plan_about(model={"estimator": estimator})).estimates[0]
    assert isinstance(first, NotEstimable)
    assert "too many" in str(first.detail)


def test_two_way_fixed_effects_stand_alone_where_cells_are_too_many() -> None:
    frame = adoption(units=120, periods=60, cohorts=tuple(range(30, 60)))
    found = result_of(frame, plan_about(model={"estimator": "twfe"}))
    assert len(found.estimates) == 1
    assert isinstance(found.estimates[0], EffectEstimate)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("share", [0.3, 0.7])
def test_panels_full_of_holes_have_finite_answers_or_reasons(seed: int, share: float) -> None:
    frame = adoption(units=16, periods=6).sample(frac=share, random_state=seed)
    for estimator in ESTIMATORS:
        assert all_finite(result_of(frame, plan_about(model={"estimator": estimator})).to_dict())


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_the_same_rows_give_the_same_bytes(estimator: str) -> None:
    plan = plan_about("x", model={"estimator": estimator})
    frame = adoption()
    assert analyse(frame.sample(frac=1.0, random_state=1), plan).to_json() == analyse(frame, plan).to_json()
