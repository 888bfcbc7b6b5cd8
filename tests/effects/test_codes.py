from enum import StrEnum

import pytest

from effects import codes

VOCABULARIES = [item for item in vars(codes).values() if isinstance(item, type) and issubclass(item, StrEnum)]
CONTRACT = {
    codes.Design: "individual_randomised cluster_randomised stepped_wedge two_period_did staggered_adoption "
    "interrupted_time_series controlled_interrupted_time_series matched_comparison synthetic_control before_after "
    "survey_before_after",
    codes.Estimand: "itt att ate cace",
    codes.Role: "primary secondary guardrail",
    codes.Domain: "citizen staff organisation technology economy safety equity",
    codes.Better: "higher lower",
    codes.Claim: "better not_worse",
    codes.Family: "gaussian poisson binomial",
    codes.WorkingModel: "hussey_hughes nested_exchangeable exposure_time fixed_effects",
    codes.WorkingVariance: "identity inverse_weight",
    codes.DfMethod: "kenward_roger satterthwaite residual",
    codes.MissingMethod: "complete_cases response_weights multiple_imputation",
    codes.Calibration: "none poststratification raking greg",
    codes.Adjustment: "holm bonferroni benjamini_hochberg westfall_young romano_wolf none",
    codes.Aggregation: "overall simple dynamic group calendar group_time event_time level_change slope_change "
    "interaction",
    codes.AnalysisRole: "primary sensitivity exploratory",
    codes.Verdict: "pass warn fail inapplicable",
    codes.Spillover: "none within_clusters between_clusters",
    codes.Strategy: "treatment_policy composite hypothetical while_on_treatment principal_stratum",
}


@pytest.mark.parametrize("vocabulary", CONTRACT, ids=lambda vocabulary: vocabulary.__name__)
def test_the_codes_of_the_contract_are_exactly_these(vocabulary: type[StrEnum]) -> None:
    assert [code.value for code in vocabulary] == CONTRACT[vocabulary].split()


def test_every_standard_error_of_the_contract_is_known() -> None:
    named = "iid hc1 hc2 hc3 cr0 cr1 cr1s cr2 cr3 newey_west model_based sandwich influence influence_small"
    assert set(named.split()) <= {code.value for code in codes.StandardError}


@pytest.mark.parametrize("vocabulary", VOCABULARIES, ids=lambda vocabulary: vocabulary.__name__)
def test_a_code_is_its_own_name_in_lower_case_and_advice_in_capitals(vocabulary: type[StrEnum]) -> None:
    assert all(code.value == (code.name if vocabulary is codes.Kind else code.name.lower()) for code in vocabulary)
