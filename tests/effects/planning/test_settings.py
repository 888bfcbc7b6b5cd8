from collections.abc import Callable

import pytest

from effects import codes
from effects.plan import AnalysisPlan
from effects.planning.settings import DEFAULT_SEED, WildDraws, settle
from effects.serialize import plain

PlanFor = Callable[..., AnalysisPlan]
WILD = {"bootstrap": {"kind": "wild"}}


@pytest.mark.parametrize(
    ("design", "kind"),
    [
        ("individual_randomised", "hc2"),
        ("cluster_randomised", "cr2"),
        ("stepped_wedge", "model_based"),
        ("two_period_did", "cr2"),
        ("staggered_adoption", "influence_small"),
        ("interrupted_time_series", "newey_west"),
        ("controlled_interrupted_time_series", "newey_west"),
        ("matched_comparison", "influence"),
        ("synthetic_control", "placebo"),
        ("before_after", "cr2"),
        ("survey_before_after", "linearised"),
    ],
)
def test_a_silent_plan_has_the_standard_error_of_the_contract(plan_for: PlanFor, design: str, kind: str) -> None:
    settings, defaults = settle(plan_for(design))
    assert settings.standard_error.value == kind
    assert defaults["inference.standard_error"] == kind


def test_a_silent_stepped_wedge_is_nested_exchangeable_with_kenward_roger(plan_for: PlanFor) -> None:
    settings, defaults = settle(plan_for("stepped_wedge"))
    assert settings.working_model is codes.WorkingModel.NESTED_EXCHANGEABLE
    assert defaults["inference.df_method"] == "kenward_roger"


def test_a_stepped_wedge_with_fixed_effects_has_units_periods_and_cr2(plan_for: PlanFor) -> None:
    settings, defaults = settle(plan_for("stepped_wedge", model={"working_model": "fixed_effects"}))
    assert settings.fixed_effects == (codes.FixedEffect.UNIT, codes.FixedEffect.PERIOD)
    assert settings.standard_error is codes.StandardError.CR2
    assert {"model.fixed_effects", "inference.standard_error", "inference.working_variance"} <= set(defaults)


def test_staggered_adoption_measures_from_the_period_before_without_anticipation(plan_for: PlanFor) -> None:
    settings, defaults = settle(plan_for("staggered_adoption"))
    assert (settings.base_period, settings.anticipation) == (codes.BasePeriod.VARYING, 0.0)
    assert defaults["model.base_period"] == "varying"
    assert settings.seed == defaults["inference.seed"] == DEFAULT_SEED


@pytest.mark.parametrize("estimator", ["imputation", "sun_abraham"])
def test_other_estimators_of_staggered_adoption_choose_no_base_period(plan_for: PlanFor, estimator: str) -> None:
    settings, defaults = settle(plan_for("staggered_adoption", model={"estimator": estimator, "anticipation": 1}))
    assert (settings.control, settings.base_period, settings.anticipation) == (None, None, 1.0)
    assert settings.standard_error is codes.StandardError.INFLUENCE_SMALL
    assert "model.anticipation" not in defaults


def test_two_way_fixed_effects_have_the_standard_error_of_a_linear_model(plan_for: PlanFor) -> None:
    settings, defaults = settle(plan_for("staggered_adoption", model={"estimator": "twfe"}))
    assert settings.standard_error is codes.StandardError.CR2
    assert settings.seed is None
    assert {"model.anticipation", "model.control"}.isdisjoint(defaults)


def test_what_is_stated_is_no_default(plan_for: PlanFor) -> None:
    plan = plan_for(
        inference={"level": 0.9, "standard_error": "iid"},
        multiplicity={"primary": "none", "secondary": "none"},
        missing={"method": "complete_cases"},
        model={"estimator": "lin"},
    )
    settings, defaults = settle(plan)
    assert (settings.level, settings.standard_error) == (0.9, codes.StandardError.IID)
    assert settings.adjust_primary is codes.Adjustment.NONE
    assert all(key.startswith("outcome[0]") for key in defaults)


def test_every_silent_choice_of_an_outcome_is_listed(
    plan_for: PlanFor, indicator: Callable[..., dict[str, object]]
) -> None:
    _, defaults = settle(plan_for(outcome=[indicator("y"), indicator("x", claim="not_worse", margin=0.1)]))
    assert defaults["outcome[0].claim"] == "better"
    assert defaults["outcome[0].margin"] == 0.5
    assert "outcome[1].claim" not in defaults
    assert "outcome[1].margin" not in defaults


def test_covariates_choose_lins_adjustment(plan_for: PlanFor, indicator: Callable[..., dict[str, object]]) -> None:
    assert settle(plan_for())[0].estimator is codes.Estimator.DIFFERENCE_IN_MEANS
    plan = plan_for(outcome=[indicator("y", covariates=["age"])])
    assert settle(plan)[0].estimator is codes.Estimator.LIN


def test_the_unit_stands_for_a_silent_cluster(plan_for: PlanFor) -> None:
    assert settle(plan_for("stepped_wedge"))[1]["data.cluster"] == "site"


def test_without_resampling_there_is_no_seed_unless_stated(plan_for: PlanFor) -> None:
    assert settle(plan_for())[0].seed is None
    assert settle(plan_for(inference={"seed": 4}))[0].seed == 4


def test_resampling_without_a_seed_takes_a_stated_default(plan_for: PlanFor) -> None:
    settings, defaults = settle(plan_for("cluster_randomised", inference=WILD))
    assert settings.seed == defaults["inference.seed"] == DEFAULT_SEED
    assert defaults["inference.bootstrap.weights"] == "rademacher"
    assert defaults["inference.bootstrap.draws"] == 9999
    assert settings.bootstrap == WildDraws(codes.BootstrapWeights.RADEMACHER, 9999)
    assert settings.permutation_draws is None


def test_resampling_that_is_stated_is_taken_as_stated(plan_for: PlanFor) -> None:
    asked = {"bootstrap": {"kind": "wild", "weights": "webb", "draws": 499}, "permutation": {"draws": 199}}
    settings, defaults = settle(plan_for("cluster_randomised", inference=asked))
    assert settings.bootstrap == WildDraws(codes.BootstrapWeights.WEBB, 499)
    assert (settings.permutation_draws, settings.design) == (199, "cluster_randomised")
    assert not {key for key in defaults if "bootstrap" in key or "permutation" in key}


def test_a_seed_given_for_the_run_wins_over_the_plan(plan_for: PlanFor) -> None:
    assert settle(plan_for(inference={"seed": 4}), 9)[0].seed == 9


@pytest.mark.parametrize("design", codes.Design)
def test_defaults_hold_plain_values_only(plan_for: PlanFor, design: codes.Design) -> None:
    _, defaults = settle(plan_for(design.value, inference={"permutation": {"draws": 99}}))
    assert all(isinstance(value, str | int | float | tuple) for value in defaults.values())


WRITABLE = {
    "model": ("working_model", "fixed_effects", "estimator", "control", "base_period", "anticipation"),
    "inference": ("level", "standard_error", "working_variance", "df_method", "seed"),
    "missing": ("method",),
    "multiplicity": ("primary", "secondary"),
}


@pytest.mark.parametrize("design", codes.Design)
def test_a_plan_that_states_its_defaults_runs_with_the_same_settings(plan_for: PlanFor, design: codes.Design) -> None:
    settings, defaults = settle(plan_for(design.value))
    sections: dict[str, object] = {
        section: {key: plain(defaults[f"{section}.{key}"]) for key in keys if f"{section}.{key}" in defaults}
        for section, keys in WRITABLE.items()
    }
    written = plan_for(design.value, **{section: keys for section, keys in sections.items() if keys})
    assert settle(written)[0] == settings
    assert not {key for key in settle(written)[1] if key.split(".")[0] in WRITABLE}


def test_defaults_do_not_depend_on_the_order_in_which_a_plan_states_its_sections(plan_for: PlanFor) -> None:
    first = settle(plan_for(inference={"level": 0.9}, missing={"method": "complete_cases"}))
    second = settle(plan_for(missing={"method": "complete_cases"}, inference={"level": 0.9}))
    assert first == second


@pytest.mark.parametrize("seed", [0, 1, 2**63 - 1])
def test_a_stated_seed_is_kept_with_and_without_resampling(plan_for: PlanFor, seed: int) -> None:
    for asked in ({}, WILD):
        assert settle(plan_for("cluster_randomised", inference={"seed": seed, **asked}))[0].seed == seed
