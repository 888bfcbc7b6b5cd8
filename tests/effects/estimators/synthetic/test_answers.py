from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from effects import analyse
from effects.plan import AnalysisPlan
from effects.results import AnalysisResult, EffectEstimate, NotEstimable
from tests.effects.designs import all_finite, outcome, plan_for
from tests.effects.estimators.synthetic.panels import long, prisons, walk

STATES = {"unit": "state", "period": "year", "treated": "treated"}
ESTIMATORS = ("synthetic_did", "synthetic_control", "did")


def by_estimator(frame: pd.DataFrame, plan: AnalysisPlan) -> dict[str, EffectEstimate]:
    result = analyse(frame, plan)
    assert all_finite(result.to_dict())
    found = {entry.estimator: entry for entry in result.estimates if isinstance(entry, EffectEstimate)}
    assert len(found) == len(result.estimates)
    return found


@pytest.fixture(scope="module")
def texas() -> dict[str, EffectEstimate]:
    return by_estimator(prisons(), plan_for("synthetic_control", data=STATES, outcome=[outcome("bmprison")]))


@pytest.fixture(scope="module")
def small() -> pd.DataFrame:
    return long(walk(units=6, periods=6, seed=21), before=4)


@pytest.fixture(scope="module")
def chosen(small: pd.DataFrame) -> dict[str, AnalysisResult]:
    """The same rows with each estimator as the one that is asked for."""
    return {name: analyse(small, plan_for("synthetic_control", model={"estimator": name})) for name in ESTIMATORS}


def estimates(result: AnalysisResult) -> list[EffectEstimate]:
    return [entry for entry in result.estimates if isinstance(entry, EffectEstimate)]


def test_the_reference_case_is_met_by_all_three_estimators(reference: Path) -> None:
    plan = AnalysisPlan.from_toml(reference / "plans" / "prop99.toml")
    found = by_estimator(pd.read_csv(reference / "california_prop99.csv"), plan)
    # The folder's tolerance is 1e-6 for estimates and 1e-5 for errors; agreement is to the last digit that is given.
    assert found["synthetic_did"].estimate == pytest.approx(-15.60382787, rel=1e-9)
    assert found["synthetic_did"].standard_error == pytest.approx(9.49678950, rel=1e-9)
    assert found["synthetic_control"].estimate == pytest.approx(-19.61966347, rel=1e-9)
    assert found["did"].estimate == pytest.approx(-27.34911108, rel=1e-9)
    assert found["synthetic_did"].p_permutation == 2 / 39


def test_prisons_in_texas_meet_another_implementation(texas: dict[str, EffectEstimate]) -> None:
    # SyntheticDiD of diff-diff 3.13; its own error comes from random placebos (1278 with 50 draws), ours from all 50.
    assert texas["synthetic_did"].estimate == pytest.approx(19478.64651976959, rel=1e-10)
    assert texas["synthetic_did"].standard_error == pytest.approx(1337.762099658, rel=1e-8)
    wide = prisons().pivot(index="state", columns="year", values="bmprison")
    change = wide.loc[:, 1993:].mean(axis=1) - wide.loc[:, :1992].mean(axis=1)
    assert texas["did"].estimate == pytest.approx(change["Texas"] - change.drop("Texas").mean())


def test_the_rank_p_value_says_how_small_it_can_be(texas: dict[str, EffectEstimate]) -> None:
    for entry in texas.values():
        assert entry.p_permutation == 1 / 51
        assert "all 50 placebos; it cannot be below 0.0196." in " ".join(str(part) for part in entry.note or ())


def test_the_interval_is_normal_and_says_so(texas: dict[str, EffectEstimate]) -> None:
    entry = texas["synthetic_did"]
    assert (entry.standard_error_kind, entry.df, entry.interval.method) == ("placebo", None, "normal")
    assert entry.interval.high - entry.interval.low == pytest.approx(2 * 1.959963985 * entry.standard_error)
    assert any("normal" in str(part) for part in entry.note or ())


def test_the_plans_estimator_is_primary_and_the_others_stand_beside_it(chosen: dict[str, AnalysisResult]) -> None:
    for name, result in chosen.items():
        found = {entry.estimator: entry for entry in result.estimates if isinstance(entry, EffectEstimate)}
        assert next(iter(found)) == name
        assert {other: entry.analysis.value for other, entry in found.items()} == {
            other: "primary" if other == name else "sensitivity" for other in ESTIMATORS
        }
        assert [entry.p_adjusted is None for entry in found.values()] == [False, True, True]


def test_whoever_is_primary_the_numbers_are_the_same(chosen: dict[str, AnalysisResult]) -> None:
    numbers = [
        {(entry.estimator, entry.estimate, entry.standard_error, entry.p_permutation) for entry in estimates(result)}
        for result in chosen.values()
    ]
    assert numbers[0] == numbers[1] == numbers[2]


def test_the_checks_are_those_of_the_primary_estimator(chosen: dict[str, AnalysisResult]) -> None:
    found = {check.name: check for check in chosen["did"].diagnostics}
    assert found["donor_weights"].statistic == pytest.approx(0.2)
    assert {"fit_before_start", "leave_one_donor_out", "in_time_placebo"} <= found.keys()


@pytest.mark.parametrize("factor", [-(2.0**-600)])
def test_the_unit_of_the_outcome_scales_estimate_and_error(
    small: pd.DataFrame, chosen: dict[str, AnalysisResult], factor: float
) -> None:
    result = analyse(small.assign(y=factor * small["y"]), plan_for("synthetic_control", model={"estimator": "did"}))
    for before, after in zip(estimates(chosen["did"]), estimates(result), strict=True):
        assert after.estimate == pytest.approx(factor * before.estimate, rel=1e-9)
        assert after.standard_error == pytest.approx(abs(factor) * before.standard_error, rel=1e-9)
        assert after.p_permutation == before.p_permutation


def test_several_treated_units_are_judged_by_draws_that_name_their_seed() -> None:
    random = np.random.Generator(np.random.PCG64(3))
    frame = long(random.normal(size=(17, 4)), before=2, treated=4)
    found = by_estimator(frame, plan_for("synthetic_control", inference={"seed": 11}))
    change = frame.groupby(["site", "month"])["y"].mean().unstack()
    change = change.loc[:, 2:].mean(axis=1) - change.loc[:, :1].mean(axis=1)
    assert found["did"].estimate == pytest.approx(change[13:].mean() - change[:13].mean())
    note = " ".join(str(part) for part in found["did"].note or ())
    assert "500 placebos drawn with seed 11; it cannot be below 0.002." in note


def test_what_a_panel_lacks_is_said_once() -> None:
    frame = long(walk(units=6, periods=8, seed=4), before=5).drop(index=3)
    (entry,) = analyse(frame, plan_for("synthetic_control")).estimates
    assert isinstance(entry, NotEstimable)
    assert (entry.reason, entry.analysis) == ("not_a_panel", "primary")


def test_placebos_that_are_all_alike_give_no_error() -> None:
    lines = np.tile(np.arange(8.0), (6, 1)) + np.arange(6)[:, None]
    lines[-1, 5:] += 2.0
    (entry,) = analyse(long(lines, before=5), plan_for("synthetic_control")).estimates
    assert isinstance(entry, NotEstimable)
    assert entry.reason == "no_residual_variation"
