from collections.abc import Callable

import pytest

from effects.codes import Design, Estimator, Role, StandardError
from effects.errors import PlanError
from effects.plan import AnalysisPlan
from effects.planning.method_checks import listed, method_contradictions
from effects.planning.rules import RULES

Mapping = dict[str, object]
WEDGE_FIXED = {"working_model": "fixed_effects"}


@pytest.mark.parametrize(
    ("design", "sections", "where", "code"),
    [
        ("individual_randomised", {"model": {"harmonics": 0}}, "model.harmonics", "key_not_for_design"),
        ("cluster_randomised", {"model": {"estimator": "lin"}}, "model.estimator", "key_not_for_design"),
        ("individual_randomised", {"model": {"estimator": "ipw"}}, "model.estimator", "estimator_not_for_design"),
        (
            "cluster_randomised",
            {"model": {"fixed_effects": ["unit"]}},
            "model.fixed_effects",
            "fixed_effects_not_for_design",
        ),
        ("cluster_randomised", {"model": {"fixed_effects": ["strata"]}}, "data.strata", "missing_role"),
        (
            "staggered_adoption",
            {"model": {"estimator": "twfe", "control": "never_treated"}},
            "model.control",
            "key_not_for_estimator",
        ),
        (
            "staggered_adoption",
            {"model": {"estimator": "imputation", "base_period": "universal"}},
            "model.base_period",
            "key_not_for_estimator",
        ),
        (
            "staggered_adoption",
            {"model": {"estimator": "twfe", "anticipation": 1}},
            "model.anticipation",
            "key_not_for_estimator",
        ),
        (
            "staggered_adoption",
            {"model": {"fixed_effects": ["unit", "period"]}},
            "model.fixed_effects",
            "key_not_for_estimator",
        ),
        ("staggered_adoption", {"model": {"anticipation": -1}}, "model.anticipation", "negative"),
        (
            "staggered_adoption",
            {"inference": {"standard_error": "cr2"}},
            "inference.standard_error",
            "standard_error_not_for_estimator",
        ),
        ("interrupted_time_series", {"model": {"harmonics": 2}}, "model.period_length", "missing_key"),
        ("interrupted_time_series", {"model": {"period_length": -1}}, "model.period_length", "not_positive"),
        ("individual_randomised", {"inference": {"level": 95}}, "inference.level", "level_out_of_range"),
        ("individual_randomised", {"inference": {"level": 1}}, "inference.level", "level_out_of_range"),
        (
            "cluster_randomised",
            {"inference": {"standard_error": "hc2"}},
            "inference.standard_error",
            "standard_error_not_for_design",
        ),
        ("individual_randomised", {"inference": {"standard_error": "cr2"}}, "data.cluster", "missing_role"),
        (
            "individual_randomised",
            {"inference": {"standard_error": "hc2", "working_variance": "identity"}},
            "inference.working_variance",
            "key_not_for_standard_error",
        ),
        (
            "individual_randomised",
            {"inference": {"standard_error": "hc2", "lag": 2}},
            "inference.lag",
            "key_not_for_standard_error",
        ),
        (
            "individual_randomised",
            {"inference": {"bootstrap": {"kind": "wild"}}},
            "inference.bootstrap",
            "missing_role",
        ),
        (
            "stepped_wedge",
            {"model": WEDGE_FIXED, "inference": {"standard_error": "model_based"}},
            "inference.standard_error",
            "key_not_for_model",
        ),
        ("stepped_wedge", {"model": {"fixed_effects": ["unit"]}}, "model.fixed_effects", "key_not_for_model"),
        (
            "stepped_wedge",
            {"model": WEDGE_FIXED, "inference": {"df_method": "satterthwaite"}},
            "inference.df_method",
            "key_not_for_model",
        ),
        ("individual_randomised", {"missing": {"imputations": 5}}, "missing.imputations", "key_not_for_method"),
        ("individual_randomised", {"survey": {"fpc": "n"}}, "survey", "key_not_for_design"),
        (
            "survey_before_after",
            {"survey": {"wave": "w", "calibration": "raking"}},
            "survey.margins",
            "calibration_without_margins",
        ),
        (
            "survey_before_after",
            {"survey": {"wave": "w", "margins": {"a": {"b": 1}}}},
            "survey.margins",
            "calibration_without_margins",
        ),
    ],
)
def test_a_choice_that_another_rules_out_is_found(
    stated: Callable[..., Mapping], design: str, sections: Mapping, where: str, code: str
) -> None:
    with pytest.raises(PlanError) as raised:
        AnalysisPlan.from_mapping(stated(design, **sections))
    assert [(finding.where, finding.code) for finding in raised.value.findings] == [(where, code)]
    assert "{" not in raised.value.findings[0].text()


@pytest.mark.parametrize(
    ("design", "sections"),
    [
        ("individual_randomised", {"model": {"estimator": "lin"}, "inference": {"standard_error": "hc3"}}),
        ("cluster_randomised", {"inference": {"standard_error": "cr2", "working_variance": "inverse_weight"}}),
        ("cluster_randomised", {"inference": {"standard_error": "model_based", "df_method": "residual"}}),
        ("stepped_wedge", {"model": {"working_model": "hussey_hughes"}, "inference": {"df_method": "satterthwaite"}}),
        ("stepped_wedge", {"model": {**WEDGE_FIXED, "fixed_effects": ["unit", "period"]}}),
        ("interrupted_time_series", {"model": {"harmonics": 2, "period_length": 12}, "inference": {"lag": 3}}),
        ("staggered_adoption", {"model": {"control": "not_yet_treated"}}),
        ("staggered_adoption", {"model": {"base_period": "universal", "anticipation": 2}}),
        ("staggered_adoption", {"model": {"estimator": "twfe", "fixed_effects": ["unit", "period"]}}),
        ("staggered_adoption", {"model": {"estimator": "twfe"}, "inference": {"standard_error": "cr1s"}}),
        ("survey_before_after", {"survey": {"wave": "w", "calibration": "raking", "margins": {"a": {"b": 1}}}}),
        ("individual_randomised", {"missing": {"method": "multiple_imputation", "imputations": 5}}),
    ],
)
def test_choices_that_fit_together_are_accepted(
    plan_for: Callable[..., AnalysisPlan], design: str, sections: Mapping
) -> None:
    assert list(method_contradictions(plan_for(design, **sections))) == []


def test_codes_are_listed_in_order_for_a_message() -> None:
    assert listed(frozenset({Role.SECONDARY, Role.GUARDRAIL})) == "guardrail, secondary"
    assert listed(frozenset[Role]()) == "none"


def found(mapping: Mapping) -> set[tuple[str, str]]:
    """Where a plan contradicts itself and how; nothing where it does not."""
    try:
        AnalysisPlan.from_mapping(mapping)
    except PlanError as error:
        assert all("{" not in finding.text() for finding in error.findings)
        return {(finding.where, finding.code) for finding in error.findings}
    return set()


KEYS: Mapping = {
    "fixed_effects": ["unit"],
    "control": "never_treated",
    "base_period": "universal",
    "anticipation": 1,
    "working_model": "hussey_hughes",
    "estimator": "twfe",
    "harmonics": 1,
    "period_length": 12,
    "change": ["level"],
}


@pytest.mark.parametrize("design", Design)
@pytest.mark.parametrize("key", KEYS)
def test_a_key_of_the_model_is_refused_by_every_design_that_does_not_know_it(
    stated: Callable[..., Mapping], design: Design, key: str
) -> None:
    refused = (f"model.{key}", "key_not_for_design") in found(stated(design.value, model={key: KEYS[key]}))
    assert refused is (key not in RULES[design].model_keys)


@pytest.mark.parametrize("design", Design)
@pytest.mark.parametrize("kind", StandardError)
def test_a_standard_error_is_refused_by_every_design_that_does_not_know_it(
    stated: Callable[..., Mapping], design: Design, kind: StandardError
) -> None:
    contradictions = found(stated(design.value, inference={"standard_error": kind.value}))
    refused = ("inference.standard_error", "standard_error_not_for_design") in contradictions
    assert refused is (kind not in RULES[design].standard_errors)


@pytest.mark.parametrize("design", Design)
@pytest.mark.parametrize("estimator", Estimator)
def test_an_estimator_is_refused_by_every_design_that_does_not_have_it(
    stated: Callable[..., Mapping], design: Design, estimator: Estimator
) -> None:
    codes = {code for where, code in found(stated(design.value, model={"estimator": estimator.value}))}
    assert bool(codes) is (estimator not in RULES[design].estimators)
    assert codes <= {"key_not_for_design", "estimator_not_for_design"}


@pytest.mark.parametrize("level", [-1.0, 0.0, 0.49, 1.0, 1.5, 95.0])
def test_a_level_that_is_no_level_is_refused_by_every_design(stated: Callable[..., Mapping], level: float) -> None:
    for design in Design:
        assert found(stated(design.value, inference={"level": level})) == {("inference.level", "level_out_of_range")}
