from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from effects import analyse
from effects.compression.plan_reasons import plan_needs_rows
from effects.inference import draw_blocks
from effects.inference.multiplicity import holm
from effects.joint_adjustment import NEEDS_ROWS, refused_families
from effects.plan import AnalysisPlan
from effects.planning.settings import settle
from effects.results import AnalysisResult, Diagnostic, EffectEstimate
from effects.spread import spreading
from tests.effects.elsewhere import elsewhere

PlanFor = Callable[..., AnalysisPlan]
Indicator = Callable[..., dict[str, object]]
BOTH = ["westfall_young", "romano_wolf"]


@pytest.fixture
def measured(schools: pd.DataFrame) -> pd.DataFrame:
    """Three outcomes of the schools; the last has nothing to do with treatment."""
    random = np.random.Generator(np.random.PCG64(4))
    return schools.assign(z=schools["y"] + random.normal(0, 0.3, len(schools)), w2=random.normal(0, 1, len(schools)))


def plan_with(plan_for: PlanFor, indicator: Indicator, method: str, **sections: object) -> AnalysisPlan:
    columns = [indicator(column) for column in ("y", "z", "w2")]
    return plan_for("cluster_randomised", outcome=columns, multiplicity={"primary": method}, **sections)


def adjusted(result: AnalysisResult) -> list[float | None]:
    return [
        item.p_adjusted for item in result.estimates if isinstance(item, EffectEstimate) and item.analysis == "primary"
    ]


def raw(result: AnalysisResult, name: str = "p_value") -> list[float]:
    primary = [item for item in result.estimates if isinstance(item, EffectEstimate) and item.analysis == "primary"]
    return [getattr(item, name) for item in primary]


def check(result: AnalysisResult, name: str) -> Diagnostic:
    (found,) = [item for item in result.diagnostics if item.name == name]
    return found


@pytest.mark.parametrize("method", BOTH)
def test_a_family_is_resampled_together(
    method: str, measured: pd.DataFrame, plan_for: PlanFor, indicator: Indicator
) -> None:
    result = analyse(measured, plan_with(plan_for, indicator, method))
    found = check(result, method)
    assert (found.verdict, result.seed) == ("pass", 0)
    assert "smallest p-value possible" in str(found.detail)
    values = adjusted(result)
    assert all(value is not None and 0.0 < value <= 1.0 for value in values)
    assert values != holm(raw(result))


@pytest.mark.parametrize(
    ("method", "second", "name"),
    [
        ("westfall_young", {"permutation": {"draws": 999}}, "p_permutation"),
        ("romano_wolf", {"bootstrap": {"kind": "wild", "draws": 999}}, "p_bootstrap"),
    ],
)
def test_a_family_of_one_has_the_p_value_of_its_second_opinion(
    method: str, second: dict[str, object], name: str, measured: pd.DataFrame, plan_for: PlanFor
) -> None:
    plan = plan_for("cluster_randomised", multiplicity={"primary": method}, inference={**second, "seed": 5})
    result = analyse(measured, plan)
    assert adjusted(result) == pytest.approx(raw(result, name))


@pytest.mark.parametrize("method", BOTH)
def test_adjusted_values_are_not_below_the_single_ones(
    method: str, measured: pd.DataFrame, plan_for: PlanFor, indicator: Indicator
) -> None:
    asked = {"permutation": {"draws": 999}, "bootstrap": {"kind": "wild", "draws": 999}, "seed": 5}
    result = analyse(measured, plan_with(plan_for, indicator, method, inference=asked))
    name = "p_permutation" if method == "westfall_young" else "p_bootstrap"
    for joint, single in zip(adjusted(result), raw(result, name), strict=True):
        assert joint is not None and joint >= single - 1e-12


@pytest.mark.parametrize("method", BOTH)
def test_the_same_rows_in_another_order_give_the_same_values(
    method: str, measured: pd.DataFrame, plan_for: PlanFor, indicator: Indicator
) -> None:
    plan = plan_with(plan_for, indicator, method)
    assert adjusted(analyse(measured, plan)) == adjusted(analyse(measured.iloc[::-1], plan))


@pytest.mark.parametrize("method", BOTH)
def test_outcomes_missing_in_some_places_still_share_their_draws(
    method: str, measured: pd.DataFrame, plan_for: PlanFor, indicator: Indicator
) -> None:
    measured.loc[measured["school"] == 3, "z"] = np.nan
    measured.loc[measured.index[:5], "w2"] = np.nan
    result = analyse(measured, plan_with(plan_for, indicator, method))
    assert check(result, method).verdict == "pass"
    assert all(value is not None for value in adjusted(result))


@pytest.mark.parametrize("method", BOTH)
def test_an_outcome_that_cannot_be_estimated_takes_no_part(
    method: str, measured: pd.DataFrame, plan_for: PlanFor, indicator: Indicator
) -> None:
    result = analyse(measured.assign(w2=1.0), plan_with(plan_for, indicator, method))
    assert "2 outcomes" in str(check(result, method).detail)
    assert [item.kind for item in result.estimates][-1] == "not_estimable" or len(adjusted(result)) == 2


def holm_instead(result: AnalysisResult, method: str, said: str) -> None:
    found = check(result, method)
    assert found.verdict == "inapplicable"
    assert said in str(found.detail) and "Holm instead" in str(found.detail)
    assert adjusted(result) == pytest.approx(holm(raw(result)))


def test_people_without_clusters_are_not_bootstrapped_together(
    trial: pd.DataFrame, plan_for: PlanFor, indicator: Indicator
) -> None:
    outcomes = [indicator("y"), indicator("age")]
    plan = plan_for("individual_randomised", outcome=outcomes, multiplicity={"primary": "romano_wolf"})
    holm_instead(analyse(trial, plan), "romano_wolf", "no clusters")


def test_people_are_drawn_again_together_where_outcomes_miss_different_ones(
    trial: pd.DataFrame, plan_for: PlanFor, indicator: Indicator
) -> None:
    trial.loc[:5, "y"] = np.nan
    trial.loc[10:12, "age"] = np.nan
    outcomes = [indicator("y"), indicator("age")]
    plan = plan_for("individual_randomised", outcome=outcomes, multiplicity={"primary": "westfall_young"})
    assert check(analyse(trial, plan), "westfall_young").verdict == "pass"


def test_a_wedge_is_drawn_again_over_its_sequences(
    wedge: pd.DataFrame, plan_for: PlanFor, indicator: Indicator
) -> None:
    random = np.random.Generator(np.random.PCG64(1))
    frame = wedge.assign(z=random.normal(0, 1, len(wedge)))
    sections = {"model": {"working_model": "fixed_effects"}, "multiplicity": {"primary": "westfall_young"}}
    plan = plan_for("stepped_wedge", outcome=[indicator("y"), indicator("z")], **sections)
    assert check(analyse(frame, plan), "westfall_young").verdict == "pass"
    lost = frame.assign(z=frame["z"].where(frame["month"] > 0))
    holm_instead(analyse(lost, plan), "westfall_young", "do not share one assignment")


def test_mixed_models_are_not_resampled_together(wedge: pd.DataFrame, plan_for: PlanFor, indicator: Indicator) -> None:
    plan = plan_for("stepped_wedge", outcome=[indicator("y")], multiplicity={"primary": "westfall_young"})
    holm_instead(analyse(wedge, plan), "westfall_young", "linear model")


@pytest.mark.parametrize("method", BOTH)
def test_each_family_has_its_own_method(
    method: str, measured: pd.DataFrame, plan_for: PlanFor, indicator: Indicator
) -> None:
    outcomes = [indicator("y"), indicator("z", role="secondary"), indicator("w2", role="secondary")]
    plan = plan_for("cluster_randomised", outcome=outcomes, multiplicity={"secondary": method})
    result = analyse(measured, plan)
    assert adjusted(result)[0] == raw(result)[0]
    assert check(result, method).verdict == "pass"


def test_a_role_without_outcomes_is_not_asked_about(measured: pd.DataFrame, plan_for: PlanFor) -> None:
    plan = plan_for("cluster_randomised", multiplicity={"secondary": "romano_wolf"})
    assert "romano_wolf" not in [item.name for item in analyse(measured, plan).diagnostics]


@pytest.mark.parametrize("method", BOTH)
def test_cross_products_do_not_answer_for_rows(method: str, plan_for: PlanFor, indicator: Indicator) -> None:
    plan = plan_with(plan_for, indicator, method)
    settings, _ = settle(plan)
    reason = plan_needs_rows(plan, settings)
    assert reason is not None and "resampled together" in str(reason)
    (family,) = refused_families(plan, settings, NEEDS_ROWS).values()
    assert (family.p_values, family.check.verdict) == (None, "inapplicable")
    assert "Holm instead" in str(family.check.detail)


def test_a_whole_analysis_is_the_same_wherever_its_blocks_are_done(
    measured: pd.DataFrame, plan_for: PlanFor, indicator: Indicator, monkeypatch: pytest.MonkeyPatch
) -> None:
    inference = {"permutation": {"draws": 2_000}, "bootstrap": {"kind": "wild", "weights": "webb", "draws": 2_000}}
    plans = [plan_with(plan_for, indicator, method, inference=inference) for method in BOTH]
    whole = [analyse(measured, plan).to_json() for plan in plans]
    monkeypatch.setattr(draw_blocks, "BLOCK", 100_000)
    here = [analyse(measured, plan).to_json() for plan in plans]
    with elsewhere() as away, spreading(away):
        there = [analyse(measured, plan).to_json() for plan in plans]
    assert there == here != whole
    assert len(away.given) >= 6 and min(away.given) > 1
