from collections.abc import Callable

import pandas as pd
import pytest
import statsmodels.formula.api as smf

from effects import analyse
from effects.plan import AnalysisPlan
from effects.results import EffectEstimate, Entry

PlanFor = Callable[..., AnalysisPlan]
SIZE = [{"column": "size"}]


def entries(frame: pd.DataFrame, plan: AnalysisPlan) -> list[Entry]:
    return [entry for entry in analyse(frame, plan).estimates if entry.subgroup is not None]


def test_each_level_has_the_estimate_of_its_own_rows(trial: pd.DataFrame, plan_for: PlanFor) -> None:
    found = entries(trial, plan_for(subgroup=SIZE))[:2]
    for entry, level in zip(found, ("large", "small"), strict=True):
        alone = analyse(trial[trial["size"] == level], plan_for()).estimates[0]
        assert isinstance(entry, EffectEstimate)
        assert isinstance(alone, EffectEstimate)
        assert entry.subgroup == {"column": "size", "level": level}
        assert (entry.estimate, entry.standard_error) == pytest.approx((alone.estimate, alone.standard_error))


def test_the_interaction_is_the_difference_between_the_levels(trial: pd.DataFrame, plan_for: PlanFor) -> None:
    large, small, interaction = entries(trial, plan_for(subgroup=SIZE))
    assert isinstance(large, EffectEstimate)
    assert isinstance(small, EffectEstimate)
    assert isinstance(interaction, EffectEstimate)
    assert interaction.aggregation == "interaction"
    assert interaction.subgroup == {"column": "size", "level": "small", "reference": "large"}
    assert interaction.estimate == pytest.approx(small.estimate - large.estimate)
    judge = smf.ols("y ~ treated * C(size)", trial).fit(cov_type="HC2")
    assert interaction.standard_error == pytest.approx(judge.bse["treated:C(size)[T.small]"])


def test_with_unit_effects_the_level_itself_is_left_out(wedge: pd.DataFrame, plan_for: PlanFor) -> None:
    plan = plan_for("stepped_wedge", model={"working_model": "fixed_effects"}, subgroup=[{"column": "kind"}])
    interaction = entries(wedge, plan)[2]
    judge = smf.ols("y ~ treated + treated:C(kind) + C(site) + C(month)", wedge).fit()
    assert isinstance(interaction, EffectEstimate)
    assert interaction.estimate == pytest.approx(judge.params["treated:C(kind)[T.urban]"])


def test_subgroups_are_exploratory_and_outside_the_correction(trial: pd.DataFrame, plan_for: PlanFor) -> None:
    found = entries(trial, plan_for(subgroup=SIZE))
    assert {entry.analysis.value for entry in found} == {"exploratory"}
    assert all(entry.p_adjusted is None for entry in found if isinstance(entry, EffectEstimate))


def test_the_overall_estimate_is_the_same_with_and_without_subgroups(trial: pd.DataFrame, plan_for: PlanFor) -> None:
    assert analyse(trial, plan_for()).estimates[0] == analyse(trial, plan_for(subgroup=SIZE)).estimates[0]


def test_every_level_is_compared_with_the_first(trial: pd.DataFrame, plan_for: PlanFor) -> None:
    frame = trial.assign(third=trial["person"] % 3)
    found = entries(frame, plan_for(subgroup=[{"column": "third"}]))
    assert [dict(entry.subgroup or {}).get("reference") for entry in found] == [None, None, None, "0", "0"]


def test_a_level_without_an_arm_is_not_estimable_and_sinks_nothing(trial: pd.DataFrame, plan_for: PlanFor) -> None:
    frame = trial.assign(size=trial["size"].where(trial["treated"] == 1, "small"))
    large, small, interaction = entries(frame, plan_for(subgroup=SIZE))
    assert getattr(large, "reason", None) == "empty_arm"
    assert small.kind == "estimate"
    assert getattr(interaction, "reason", None) == "collinear"


def test_rows_without_a_level_are_in_no_subgroup(trial: pd.DataFrame, plan_for: PlanFor) -> None:
    frame = trial.assign(size=trial["size"].where(trial["person"] >= 10))
    found = entries(frame, plan_for(subgroup=SIZE))
    assert sum(entry.rows for entry in found[:2] if isinstance(entry, EffectEstimate)) == 70


def test_the_interaction_turns_its_sign_when_the_levels_change_places(trial: pd.DataFrame, plan_for: PlanFor) -> None:
    swapped = trial.assign(size=trial["size"].map({"large": "b", "small": "a"}))
    before, after = (entries(frame, plan_for(subgroup=SIZE))[2] for frame in (trial, swapped))
    assert isinstance(before, EffectEstimate)
    assert isinstance(after, EffectEstimate)
    assert after.estimate == pytest.approx(-before.estimate)
    assert (after.standard_error, after.p_value) == pytest.approx((before.standard_error, before.p_value))


def test_of_several_subgroups_each_is_answered_as_if_it_were_alone(trial: pd.DataFrame, plan_for: PlanFor) -> None:
    frame = trial.assign(third=trial["person"] % 3)
    third = [{"column": "third"}]
    together = entries(frame, plan_for(subgroup=[*SIZE, *third]))
    assert together == entries(frame, plan_for(subgroup=SIZE)) + entries(frame, plan_for(subgroup=third))


def test_a_subgroup_of_one_level_has_an_estimate_and_no_interaction(trial: pd.DataFrame, plan_for: PlanFor) -> None:
    (found,) = entries(trial.assign(size="same"), plan_for(subgroup=SIZE))
    (overall,) = analyse(trial, plan_for()).estimates
    assert isinstance(found, EffectEstimate)
    assert isinstance(overall, EffectEstimate)
    assert found.estimate == overall.estimate


def test_in_clusters_the_interaction_of_two_halves_has_the_errors_of_clusters(
    schools: pd.DataFrame, plan_for: PlanFor
) -> None:
    frame = schools.assign(half=schools["school"] // 6)
    *_, interaction = entries(frame, plan_for("cluster_randomised", subgroup=[{"column": "half"}]))
    assert isinstance(interaction, EffectEstimate)
    judge = smf.ols("y ~ treated * half", frame).fit()
    assert interaction.estimate == pytest.approx(judge.params["treated:half"])
    assert (interaction.standard_error_kind, interaction.clusters) == ("cr2", 12)
