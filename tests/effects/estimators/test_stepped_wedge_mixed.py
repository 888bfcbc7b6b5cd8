"""Stepped wedges by mixed models, from rows to entries."""

import time
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from effects import analyse
from effects.codes import WorkingModel
from effects.inference.mixed_model import MOST_ROWS
from effects.plan import AnalysisPlan
from effects.results import AnalysisResult, EffectEstimate, Entry, NotEstimable
from tests.effects.designs import all_finite, outcome, plan_for, rows, rows_for
from tests.effects.estimators.test___init__ import SPOILT

WORKING = ["nested_exchangeable", "hussey_hughes", "exposure_time"]
FIXED = {"model": {"working_model": "fixed_effects"}}
WEIGHTED = {"data": {"treated": "treated", "unit": "site", "period": "month", "weight": "w"}}


def people(seed: int = 3, sites: int = 12, effect: Callable[[int], float] = lambda _time: 1.0) -> pd.DataFrame:
    """Four people in each of six months at each site, new ones every month; sites start one after another."""
    random = np.random.Generator(np.random.PCG64(seed))
    site, month = np.repeat(np.arange(sites), 24), np.tile(np.repeat(np.arange(6), 4), sites)
    start = 1 + site % 5
    shared = random.normal(0, 1, sites)[site] + random.normal(0, 0.5, (sites, 6))[site, month]
    gained = np.where(month >= start, [effect(int(time)) for time in month - start], 0.0)
    return pd.DataFrame(
        {
            "site": site,
            "month": month,
            "treated": (month >= start).astype(int),
            "person": np.arange(len(site)),
            "kind": np.where(site < sites // 2, "rural", "urban"),
            "y": gained + 0.2 * month + shared + random.normal(size=len(site)),
        }
    )


def answers(frame: pd.DataFrame, **sections: object) -> AnalysisResult:
    result = analyse(frame, plan_for("stepped_wedge", **sections))
    assert all_finite(result.to_dict())
    return result


def named(result: AnalysisResult) -> dict[str, Entry]:
    """Entries of the overall effect by estimator; those without an estimate by their reason."""
    return {
        entry.estimator if isinstance(entry, EffectEstimate) else entry.reason.value: entry
        for entry in result.estimates
        if entry.aggregation == "overall"
    }


def primary(result: AnalysisResult) -> EffectEstimate:
    found = result.estimates[0]
    assert isinstance(found, EffectEstimate), found
    assert found.analysis == "primary"
    return found


def check(result: AnalysisResult, name: str) -> object:
    return next(item.verdict.value for item in result.diagnostics if item.name == name)


def test_a_silent_plan_is_nested_exchangeable_with_kenward_and_roger() -> None:
    found = primary(answers(people()))
    assert (found.estimator, found.standard_error_kind) == ("reml_nested_exchangeable", "model_based")
    assert found.estimate == pytest.approx(1.0, abs=4 * found.standard_error)
    assert found.df is not None
    assert found.df < 72


@pytest.mark.parametrize("working", [*WORKING, "fixed_effects"])
def test_the_models_that_are_not_primary_stand_beside(working: str) -> None:
    result = answers(people(), model={"working_model": working})
    names = {f"reml_{model}" for model in WORKING} | {"ols_fixed_effects"}
    own = "ols_fixed_effects" if working == "fixed_effects" else f"reml_{working}"
    assert primary(result).estimator == own
    beside = [entry for entry in result.estimates[1:] if entry.aggregation == "overall"]
    assert all(entry.analysis == "sensitivity" for entry in beside)
    assert {entry.estimator for entry in beside if isinstance(entry, EffectEstimate)} == names - {own}
    assert len(beside) == 3


def test_one_model_says_the_same_as_primary_and_beside_another() -> None:
    frame = people()
    for working in WORKING:
        own = primary(answers(frame, model={"working_model": working}))
        beside = named(answers(frame, **FIXED))[f"reml_{working}"]
        assert isinstance(beside, EffectEstimate)
        assert (beside.estimate, beside.standard_error, beside.df) == (own.estimate, own.standard_error, own.df)


def test_random_clusters_meet_statsmodels() -> None:
    """MixedLM is good to about four digits."""
    frame = people()
    judge = smf.mixedlm("y ~ treated + C(month)", frame, groups="site").fit(reml=True)
    found = primary(answers(frame, model={"working_model": "hussey_hughes"}, inference={"df_method": "residual"}))
    assert found.estimate == pytest.approx(judge.params["treated"], rel=1e-4)
    assert found.standard_error == pytest.approx(judge.bse["treated"], rel=1e-3)
    assert found.df == len(frame) - 7


def test_effects_by_exposure_follow_their_average() -> None:
    result = answers(people(), model={"working_model": "exposure_time"})
    each = [entry for entry in result.estimates if entry.aggregation == "event_time"]
    assert [entry.event_time for entry in each] == [0, 1, 2, 3, 4]
    estimates = [entry.estimate for entry in each if isinstance(entry, EffectEstimate)]
    assert np.mean(estimates) == pytest.approx(primary(result).estimate, rel=1e-9)
    assert all(entry.analysis == "primary" for entry in each)


def test_an_effect_that_grows_makes_the_exposure_time_average_lead() -> None:
    result = answers(people(seed=5, sites=40, effect=lambda time: 1.0 * time))
    assert check(result, "effect_by_exposure") == "warn"
    entries = named(result)
    for name in ("reml_nested_exchangeable", "reml_exposure_time"):
        entry = entries[name]
        assert isinstance(entry, EffectEstimate)
        assert any("leads the reading" in str(note) for note in entry.note or ())
    average, plain = entries["reml_exposure_time"], entries["reml_nested_exchangeable"]
    assert isinstance(average, EffectEstimate)
    assert isinstance(plain, EffectEstimate)
    assert average.interval.low < 2.0 < average.interval.high
    assert plain.estimate < 1.0


def test_an_effect_that_stays_leaves_the_primary_in_the_lead() -> None:
    result = answers(people(seed=5, sites=40))
    assert check(result, "effect_by_exposure") == "pass"
    assert not any("leads" in str(note) for note in primary(result).note or ())


def test_one_row_in_each_cell_merges_cells_with_the_residual(wedge: pd.DataFrame) -> None:
    result = answers(wedge)
    assert any("one row a period" in str(note) for note in primary(result).note or ())
    assert "reml_hussey_hughes" not in named(result)
    assert check(result, "correlation_decay") == "inapplicable"
    stated = primary(answers(wedge, model={"working_model": "hussey_hughes"}))
    assert stated.note is None
    assert stated.estimate == primary(result).estimate


def test_resampled_p_values_are_those_of_fixed_effects() -> None:
    inference = {"permutation": {"draws": 199}, "bootstrap": {"kind": "wild", "draws": 199}, "seed": 4}
    result = answers(people(), inference=inference)
    beside = named(result)["ols_fixed_effects"]
    assert isinstance(beside, EffectEstimate)
    assert beside.p_permutation is not None
    assert primary(result).p_permutation == beside.p_permutation
    assert primary(result).p_bootstrap == beside.p_bootstrap
    assert any("least squares" in str(note) for note in primary(result).note or ())


@pytest.mark.parametrize("kind", ["cr0", "cr1", "cr1s", "cr2", "cr3"])
def test_robust_errors_leave_the_estimate_alone(kind: str) -> None:
    frame = people()
    found = primary(answers(frame, inference={"standard_error": kind}))
    assert found.standard_error_kind == kind
    assert found.estimate == primary(answers(frame)).estimate


def test_iid_errors_of_a_mixed_model_are_refused_by_name() -> None:
    found = answers(people(), inference={"standard_error": "iid"}).estimates[0]
    assert isinstance(found, NotEstimable)
    assert "iid" in str(found.detail)


def test_subgroups_are_answered_by_the_same_model() -> None:
    result = answers(people(), subgroup=[{"column": "kind"}])
    parts = [entry for entry in result.estimates if entry.subgroup]
    assert [entry.aggregation for entry in parts] == ["overall", "overall", "interaction"]
    assert {entry.estimator for entry in parts if isinstance(entry, EffectEstimate)} == {"reml_nested_exchangeable"}


@pytest.mark.parametrize("working", WORKING)
def test_whatever_is_wrong_with_the_rows_every_effect_is_finite_or_refused_with_a_reason(working: str) -> None:
    begun = time.process_time()
    for problem, spoil in SPOILT.items():
        for sections in ({}, WEIGHTED):
            result = answers(spoil(rows_for("stepped_wedge")), model={"working_model": working}, **sections)
            assert result.estimates, problem
            for entry in result.estimates:
                if isinstance(entry, NotEstimable):
                    assert str(entry.detail), problem
                    assert str(entry.needs), problem
                else:
                    assert entry.standard_error > 0, problem
    assert time.process_time() - begun < 30.0 * len(SPOILT)


def test_a_thousand_periods_are_refused_in_time_with_what_would_help() -> None:
    begun = time.process_time()
    found = answers(rows_for("stepped_wedge", rows(sites=6, months=1000))).estimates[0]
    assert time.process_time() - begun < 30.0
    assert isinstance(found, NotEstimable)
    assert "too many" in str(found.detail)
    assert "longer periods" in str(found.needs)


def test_a_refused_sensitivity_does_not_sink_the_primary() -> None:
    frame = pd.concat([rows_for("stepped_wedge", rows(sites=8, months=5))] * (MOST_ROWS // 40 + 1))
    entries = answers(frame, **FIXED).estimates
    assert isinstance(entries[0], EffectEstimate)
    assert all(isinstance(entry, NotEstimable) for entry in entries[1:])
    assert all(entry.analysis == "sensitivity" for entry in entries[1:])


def test_twenty_indicators_take_seconds_and_not_minutes() -> None:
    random = np.random.Generator(np.random.PCG64(9))
    frame = rows_for("stepped_wedge", rows(sites=29, months=8))
    names = [f"y{place}" for place in range(20)]
    frame = pd.concat([frame, pd.DataFrame(random.normal(size=(232, 20)), columns=names)], axis=1)
    begun = time.process_time()
    answers(frame, outcome=[outcome(name) for name in names])
    assert time.process_time() - begun < 30.0


@pytest.mark.parametrize("working", WORKING)
def test_the_order_of_the_rows_changes_no_byte(working: str) -> None:
    frame = people(sites=6)
    plan: AnalysisPlan = plan_for("stepped_wedge", model={"working_model": working})
    assert analyse(frame, plan).to_json() == analyse(frame[::-1], plan).to_json()


def test_every_working_model_has_an_answer() -> None:
    assert {*WORKING, "fixed_effects"} == {model.value for model in WorkingModel}


def test_outside_numbers_are_met(reference: object) -> None:
    """lmerTest on the contact-tracing trial, the digits as given there."""
    plan = AnalysisPlan.from_toml(f"{reference}/plans/cict_hussey_hughes.toml")
    found = primary(analyse(f"{reference}/cict_sw_analysis.csv", plan))
    numbers = (found.estimate, found.standard_error, found.df)
    assert numbers == pytest.approx((-0.02816764370, 0.01173418222, 200.3806697), rel=1e-8)
