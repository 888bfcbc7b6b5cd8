"""Contradictions between the design and the stated model, inference, missing-data and survey choices."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from effects.codes import (
    BootstrapKind,
    Calibration,
    Design,
    Estimator,
    FixedEffect,
    MissingMethod,
    StandardError,
    WorkingModel,
)
from effects.errors import Finding
from effects.planning.rules import CLUSTERED, RULES
from effects.planning.sections import PlanSections
from effects.planning.survey_checks import survey_contradictions

Findings = Iterator[Finding]

_MODEL_KEYS: Final = (
    "fixed_effects",
    "control",
    "base_period",
    "anticipation",
    "working_model",
    "estimator",
    "harmonics",
    "period_length",
    "change",
)


def method_contradictions(plan: PlanSections) -> Findings:
    """Choices of method that the design, or another choice, rules out."""
    yield from _model(plan)
    yield from _model_keys_together(plan)
    yield from _staggered(plan)
    yield from _inference(plan)
    yield from _mixed_models(plan)
    yield from _missing_and_survey(plan)
    yield from survey_contradictions(plan)


def _model(plan: PlanSections) -> Findings:
    rules, model = RULES[plan.design], plan.model
    stated = [key for key in _MODEL_KEYS if getattr(model, key) not in (None, ())]
    for key in stated:
        if key not in rules.model_keys:
            yield Finding(
                where=f"model.{key}",
                code="key_not_for_design",
                message="A {design} design takes no {key}.",
                remedy="Remove it.",
                params={"design": plan.design.value, "key": key},
            )
    if "estimator" in rules.model_keys and model.estimator is not None and model.estimator not in rules.estimators:
        yield Finding(
            where="model.estimator",
            code="estimator_not_for_design",
            message="A {design} design has no estimator {estimator}.",
            remedy="Use one of: {allowed}.",
            params={
                "design": plan.design.value,
                "estimator": model.estimator.value,
                "allowed": listed(rules.estimators),
            },
        )
    if "fixed_effects" in rules.model_keys and not set(model.fixed_effects) <= rules.fixed_effects:
        yield Finding(
            where="model.fixed_effects",
            code="fixed_effects_not_for_design",
            message="A {design} design does not take these fixed effects.",
            remedy="Use: {allowed}.",
            params={"design": plan.design.value, "allowed": listed(rules.fixed_effects)},
        )


def _model_keys_together(plan: PlanSections) -> Findings:
    model = plan.model
    if FixedEffect.STRATA in model.fixed_effects and plan.data.strata is None:
        yield Finding(
            where="data.strata",
            code="missing_role",
            message="Strata are fixed effects but not named.",
            remedy="Name the column in data.strata.",
        )
    if model.harmonics and model.period_length is None:
        yield Finding(
            where="model.period_length",
            code="missing_key",
            message="Harmonics need the length of a season.",
            remedy="State period_length, for instance 12 for months.",
        )
    if model.period_length is not None and model.period_length <= 0:
        yield Finding(
            where="model.period_length",
            code="not_positive",
            message="period_length must be positive.",
            remedy="State the number of periods in a season.",
        )


def _staggered(plan: PlanSections) -> Findings:
    model, kind = plan.model, plan.inference.standard_error
    if plan.design is not Design.STAGGERED_ADOPTION:
        return
    estimator = model.estimator or Estimator.CALLAWAY_SANTANNA
    dynamic = estimator is Estimator.CALLAWAY_SANTANNA
    linear = estimator is Estimator.TWFE
    misplaced = {
        "control": model.control is not None and linear,
        "base_period": model.base_period is not None and not dynamic,
        "anticipation": model.anticipation is not None and linear,
        "fixed_effects": bool(model.fixed_effects) and not linear,
    }
    for key in (key for key, stated in misplaced.items() if stated):
        yield Finding(
            where=f"model.{key}",
            code="key_not_for_estimator",
            message="The estimator {estimator} takes no {key}.",
            remedy="Remove it.",
            params={"estimator": estimator.value, "key": key},
        )
    if model.anticipation is not None and model.anticipation < 0:
        yield Finding(
            where="model.anticipation",
            code="negative",
            message="anticipation must not be negative.",
            remedy="State how long before its start treatment may be felt, in the unit of the periods.",
        )
    if not linear and kind in CLUSTERED | {StandardError.IID}:
        yield Finding(
            where="inference.standard_error",
            code="standard_error_not_for_estimator",
            message="The estimator {estimator} has no standard error {kind}.",
            remedy="Use influence or influence_small.",
            params={"estimator": estimator.value, "kind": str(kind)},
        )


def _inference(plan: PlanSections) -> Findings:
    rules, inference = RULES[plan.design], plan.inference
    kind = inference.standard_error
    if inference.level is not None and not 0.5 <= inference.level < 1:
        yield Finding(
            where="inference.level",
            code="level_out_of_range",
            message="The level must be at least 0.5 and below 1.",
            remedy="Write 0.95 for 95 per cent.",
        )
    if kind is not None and kind not in rules.standard_errors:
        yield Finding(
            where="inference.standard_error",
            code="standard_error_not_for_design",
            message="A {design} design has no standard error {kind}.",
            remedy="Use one of: {allowed}.",
            params={"design": plan.design.value, "kind": kind.value, "allowed": listed(rules.standard_errors)},
        )
    if kind in CLUSTERED and plan.data.assignment is None:
        yield Finding(
            where="data.cluster",
            code="missing_role",
            message="The standard error {kind} needs clusters.",
            remedy="Name the column of the level of assignment.",
            params={"kind": str(kind)},
        )
    if inference.working_variance is not None and kind not in (None, StandardError.CR2):
        yield Finding(
            where="inference.working_variance",
            code="key_not_for_standard_error",
            message="Only cr2 takes a working variance.",
            remedy="Remove it or state cr2.",
        )
    if inference.lag is not None and kind not in (None, StandardError.NEWEY_WEST):
        yield Finding(
            where="inference.lag",
            code="key_not_for_standard_error",
            message="Only newey_west takes a lag.",
            remedy="Remove it or state newey_west.",
        )
    if (
        inference.bootstrap is not None
        and inference.bootstrap.kind is BootstrapKind.WILD
        and (plan.data.assignment is None)
    ):
        yield Finding(
            where="inference.bootstrap",
            code="missing_role",
            message="A wild bootstrap needs clusters.",
            remedy="Name the column of the level of assignment in data.cluster.",
        )


def _mixed_models(plan: PlanSections) -> Findings:
    kind, working = plan.inference.standard_error, plan.model.working_model
    fixed = working is WorkingModel.FIXED_EFFECTS
    if plan.design is Design.STEPPED_WEDGE and fixed and kind is StandardError.MODEL_BASED:
        yield Finding(
            where="inference.standard_error",
            code="key_not_for_model",
            message="model_based needs a mixed working model.",
            remedy="Use cr2 with fixed_effects.",
        )
    if plan.design is Design.STEPPED_WEDGE and not fixed and plan.model.fixed_effects:
        yield Finding(
            where="model.fixed_effects",
            code="key_not_for_model",
            message="Fixed effects are stated but the working model is not fixed_effects.",
            remedy='State working_model = "fixed_effects" or remove fixed_effects.',
        )
    mixed = plan.design is Design.STEPPED_WEDGE and not fixed
    if plan.inference.df_method is not None and not mixed and kind is not StandardError.MODEL_BASED:
        yield Finding(
            where="inference.df_method",
            code="key_not_for_model",
            message="Only mixed models choose their degrees of freedom.",
            remedy="Remove df_method.",
        )


def _missing_and_survey(plan: PlanSections) -> Findings:
    if plan.missing.imputations is not None and plan.missing.method is not MissingMethod.MULTIPLE_IMPUTATION:
        yield Finding(
            where="missing.imputations",
            code="key_not_for_method",
            message="Only multiple_imputation takes a number of imputations.",
            remedy="Remove it.",
        )
    survey = plan.survey
    stated = survey.fpc or survey.calibration or survey.margins or survey.wave
    if stated and plan.design is not Design.SURVEY_BEFORE_AFTER:
        yield Finding(
            where="survey",
            code="key_not_for_design",
            message="A {design} design takes no survey section.",
            remedy="Remove it or use survey_before_after.",
            params={"design": plan.design.value},
        )
    calibrated = survey.calibration not in (None, Calibration.NONE)
    if calibrated != bool(survey.margins):
        yield Finding(
            where="survey.margins",
            code="calibration_without_margins",
            message="Calibration and margins belong together.",
            remedy="State both or neither.",
        )


def listed(codes: frozenset[StrEnum]) -> str:
    """Codes in alphabetical order for a message."""
    return ", ".join(sorted(codes)) or "none"
