import json
from dataclasses import replace

import pytest

from effects import codes
from effects.results import (
    AnalysisResult,
    DataIdentity,
    Diagnostic,
    Dropped,
    EffectEstimate,
    Interval,
    NotEstimable,
    PlanIdentity,
)

ESTIMATE = EffectEstimate(
    outcome="y2",
    estimand=codes.Estimand.ITT,
    aggregation=codes.Aggregation.OVERALL,
    estimate=-0.0188257,
    standard_error=0.0070187,
    standard_error_kind=codes.StandardError.CR2,
    df=13.82,
    interval=Interval(0.95, -0.0339, -0.00375),
    p_value=0.018,
    p_adjusted=0.018,
    rows=231,
    units=29,
    clusters=29,
    estimator="wls_fixed_effects",
)
REFUSAL = NotEstimable(
    outcome="y3",
    estimand=codes.Estimand.ITT,
    aggregation=codes.Aggregation.OVERALL,
    reason=codes.Reason.TOO_FEW_CLUSTERS,
    detail="1 treated cluster",
    needs="at least 2 treated clusters or a permutation test",
)
RESULT = AnalysisResult(
    plan=PlanIdentity("sha256:0", "A pilot"),
    data=DataIdentity(("ab",), "sha256:1", 232, 231, (Dropped(codes.DropReason.MISSING_OUTCOME, 1),)),
    effects_version="0.1.0",
    seed=20160512,
    defaults={"inference.level": 0.95},
    estimates=(ESTIMATE, REFUSAL),
    diagnostics=(
        Diagnostic(
            name="parallel_pre_trends",
            question="q",
            null="n",
            statistic=0.0,
            p_value=0.4,
            verdict=codes.Verdict.PASS,
            detail="d",
        ),
    ),
)
CONTRACT_ESTIMATE = (
    "kind outcome estimand aggregation cohort period event_time subgroup estimate standard_error standard_error_kind "
    "df analysis interval p_value p_adjusted p_permutation p_bootstrap rows units clusters estimator note"
)
CONTRACT_REFUSAL = "kind outcome estimand aggregation subgroup reason detail needs"
CONTRACT_DIAGNOSTIC = "name question null statistic p_value verdict detail"


def test_the_result_has_the_keys_of_the_contract() -> None:
    found = json.loads(RESULT.to_json())
    assert {"schema", "plan", "data", "effects_version", "seed", "estimates", "diagnostics"} <= set(found)
    assert found["schema"] == "virkning-result/1"
    assert set(found["plan"]) == {"fingerprint", "title"}
    assert {"sha256", "content", "rows", "rows_used", "dropped"} == set(found["data"])
    assert found["data"]["dropped"] == [{"reason": "missing_outcome", "rows": 1}]


def test_entries_and_diagnostics_have_the_keys_of_the_contract() -> None:
    found = json.loads(RESULT.to_json())
    estimate, refusal = found["estimates"]
    assert set(CONTRACT_ESTIMATE.split()) <= set(estimate)
    assert set(CONTRACT_REFUSAL.split()) <= set(refusal)
    assert set(CONTRACT_DIAGNOSTIC.split()) <= set(found["diagnostics"][0])
    assert set(estimate["interval"]) == {"level", "low", "high", "method"}


def test_kinds_say_which_entry_is_which() -> None:
    assert (ESTIMATE.kind, REFUSAL.kind) == ("estimate", "not_estimable")
    assert ESTIMATE.analysis is REFUSAL.analysis is codes.AnalysisRole.PRIMARY


def test_dictionary_and_file_say_the_same() -> None:
    assert json.loads(RESULT.to_json()) == RESULT.to_dict()


def test_the_same_result_gives_the_same_bytes() -> None:
    assert RESULT.to_json() == replace(RESULT).to_json()
    assert RESULT.to_json().endswith(b"}\n")


def test_unknown_is_null_and_never_zero() -> None:
    found = RESULT.to_dict()["estimates"]
    assert isinstance(found, list)
    assert found[0]["p_bootstrap"] is None
    assert found[0]["cohort"] is None


def test_a_number_that_is_not_finite_cannot_be_written() -> None:
    spoilt = replace(RESULT, estimates=(replace(ESTIMATE, p_value=float("nan")),))
    with pytest.raises(ValueError, match="finite"):
        spoilt.to_json()
