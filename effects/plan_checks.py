"""Contradictions within a plan whose keys are each readable; all of them are found at once."""

from collections.abc import Callable, Iterator
from typing import Final

from effects.codes import (
    BootstrapKind,
    Calibration,
    Claim,
    Design,
    Estimand,
    Estimator,
    Family,
    MissingMethod,
    Role,
    StandardError,
    WorkingModel,
)
from effects.errors import Finding
from effects.plan_rules import CLUSTERED, RULES
from effects.plan_sections import Outcome, PlanSections
from effects.terms import parse_term

Findings = Iterator[Finding]


def contradictions(plan: PlanSections) -> list[Finding]:
    """Everything in the plan that cannot be meant together."""
    return [finding for check in _CHECKS for finding in check(plan)]


def _needed_columns(plan: PlanSections) -> Findings:
    for choices in RULES[plan.design].needs:
        if all(getattr(plan.data, role) is None for role in choices):
            yield Finding(where=f"data.{choices[0]}", code="missing_role",
                          message="A {design} design needs data.{role}.",
                          remedy="Name the column (any one of: {choices}).",
                          params={"design": plan.design.value, "role": choices[0], "choices": ", ".join(choices)})
    if plan.design is Design.SURVEY_BEFORE_AFTER and plan.survey.wave is None:
        yield Finding(where="survey.wave", code="missing_role",
                      message="A survey_before_after design needs survey.wave.",
                      remedy="Name the column that is 0 before and 1 after.")


def _estimand(plan: PlanSections) -> Findings:
    allowed = RULES[plan.design].estimands
    if plan.estimand not in allowed:
        yield Finding(where="estimand", code="estimand_not_identified",
                      message="A {design} design does not identify the estimand {estimand}.",
                      remedy="Use one of: {allowed}.",
                      params={"design": plan.design.value, "estimand": plan.estimand.value,
                              "allowed": _listed(allowed)})
    if plan.estimand is Estimand.CACE and plan.data.received is None:
        yield Finding(where="data.received", code="missing_role",
                      message="The estimand cace needs the treatment actually received.",
                      remedy="Name the column in data.received.")


def _column_clashes(plan: PlanSections) -> Findings:
    roles = {"treated": plan.data.treated, "first_treated": plan.data.first_treated, "unit": plan.data.unit,
             "period": plan.data.period, "cluster": plan.data.cluster, "group": plan.data.group}
    for place, outcome in enumerate(plan.outcomes):
        for role, column in roles.items():
            if column == outcome.column:
                yield Finding(where=f"outcome[{place}].column", code="column_has_two_roles",
                              message="{column} is both an outcome and data.{role}.", remedy="Correct one of them.",
                              params={"column": outcome.column, "role": role})
    for role in ("unit", "cluster", "period"):
        if roles[role] is not None and roles[role] == roles["treated"]:
            yield Finding(where=f"data.{role}", code="column_has_two_roles",
                          message="{column} is both data.treated and data.{role}.", remedy="Correct one of them.",
                          params={"column": str(roles[role]), "role": role})


def _outcomes(plan: PlanSections) -> Findings:
    seen: dict[str, int] = {}
    for place, outcome in enumerate(plan.outcomes):
        where = f"outcome[{place}]"
        if outcome.column in seen:
            yield Finding(where=f"{where}.column", code="repeated_outcome",
                          message="{column} is already outcome number {number}.", remedy="State each outcome once.",
                          params={"column": outcome.column, "number": seen[outcome.column] + 1})
        seen.setdefault(outcome.column, place)
        yield from _thresholds(outcome, where)
        yield from _covariates(outcome, plan, where)


def _thresholds(outcome: Outcome, where: str) -> Findings:
    least, margin = outcome.minimal_important, outcome.margin
    if least is None and (outcome.role is Role.PRIMARY or (outcome.role is Role.GUARDRAIL and margin is None)):
        yield Finding(where=f"{where}.minimal_important", code="missing_key",
                      message="A {role} outcome needs the smallest difference that matters.",
                      remedy="State minimal_important in the outcome's unit.", params={"role": outcome.role.value})
    if least is not None and least <= 0:
        yield Finding(where=f"{where}.minimal_important", code="not_positive",
                      message="minimal_important must be positive.", remedy="Turn the direction with better instead.")
    if margin is not None and margin <= 0:
        yield Finding(where=f"{where}.margin", code="not_positive", message="margin must be positive.",
                      remedy="State the most harm that is acceptable as a positive number.")
    if margin is not None and least is not None and margin > least > 0:
        yield Finding(where=f"{where}.margin", code="margin_exceeds_importance",
                      message="The margin {margin} exceeds minimal_important {least}.",
                      remedy="A harm that large would matter: lower the margin.",
                      params={"margin": margin, "least": least})
    if outcome.claim is Claim.NOT_WORSE and margin is None and least is None:
        yield Finding(where=f"{where}.margin", code="missing_key", message="The claim not_worse needs a margin.",
                      remedy="State the most harm that is acceptable.")


def _covariates(outcome: Outcome, plan: PlanSections, where: str) -> Findings:
    for number, text in enumerate(outcome.covariates):
        term = parse_term(text)
        if term is None:
            yield Finding(where=f"{where}.covariates[{number}]", code="unknown_term",
                          message="{term} is not a covariate term.",
                          remedy="Write x, x^2, log(x) or factor(x).", params={"term": text[:80]})
        elif term.column in (outcome.column, plan.data.treated):
            yield Finding(where=f"{where}.covariates[{number}]", code="column_has_two_roles",
                          message="{column} cannot adjust for itself.", remedy="Remove it from the covariates.",
                          params={"column": term.column})
    if outcome.family is Family.BINOMIAL and outcome.offset is not None:
        yield Finding(where=f"{where}.offset", code="offset_without_count_model",
                      message="A binomial outcome takes no offset.", remedy="Remove it or use family poisson.")


def _model(plan: PlanSections) -> Findings:
    rules, model = RULES[plan.design], plan.model
    stated = [key for key in ("fixed_effects", "control", "working_model", "estimator", "harmonics", "period_length",
                              "change") if getattr(model, key) not in (None, ())]
    for key in stated:
        if key not in rules.model_keys:
            yield Finding(where=f"model.{key}", code="key_not_for_design", message="A {design} design takes no {key}.",
                          remedy="Remove it.", params={"design": plan.design.value, "key": key})
    if "estimator" in rules.model_keys and model.estimator is not None and model.estimator not in rules.estimators:
        yield Finding(where="model.estimator", code="estimator_not_for_design",
                      message="A {design} design has no estimator {estimator}.", remedy="Use one of: {allowed}.",
                      params={"design": plan.design.value, "estimator": model.estimator.value,
                              "allowed": _listed(rules.estimators)})
    if "fixed_effects" in rules.model_keys and not set(model.fixed_effects) <= rules.fixed_effects:
        yield Finding(where="model.fixed_effects", code="fixed_effects_not_for_design",
                      message="A {design} design does not take these fixed effects.", remedy="Use: {allowed}.",
                      params={"design": plan.design.value, "allowed": _listed(rules.fixed_effects)})
    if model.estimator is Estimator.TWFE and model.control is not None:
        yield Finding(where="model.control", code="key_not_for_estimator",
                      message="The estimator twfe chooses no control group.", remedy="Remove control.")
    if model.harmonics and model.period_length is None:
        yield Finding(where="model.period_length", code="missing_key", message="Harmonics need the length of a season.",
                      remedy="State period_length, for instance 12 for months.")
    if model.period_length is not None and model.period_length <= 0:
        yield Finding(where="model.period_length", code="not_positive", message="period_length must be positive.",
                      remedy="State the number of periods in a season.")


def _inference(plan: PlanSections) -> Findings:
    rules, inference = RULES[plan.design], plan.inference
    kind = inference.standard_error
    if inference.level is not None and not 0.5 <= inference.level < 1:
        yield Finding(where="inference.level", code="level_out_of_range",
                      message="The level must be at least 0.5 and below 1.", remedy="Write 0.95 for 95 per cent.")
    if kind is not None and kind not in rules.standard_errors:
        yield Finding(where="inference.standard_error", code="standard_error_not_for_design",
                      message="A {design} design has no standard error {kind}.", remedy="Use one of: {allowed}.",
                      params={"design": plan.design.value, "kind": kind.value,
                              "allowed": _listed(rules.standard_errors)})
    if kind in CLUSTERED and plan.data.assignment is None:
        yield Finding(where="data.cluster", code="missing_role", message="The standard error {kind} needs clusters.",
                      remedy="Name the column of the level of assignment.", params={"kind": str(kind)})
    if inference.working_variance is not None and kind not in (None, StandardError.CR2):
        yield Finding(where="inference.working_variance", code="key_not_for_standard_error",
                      message="Only cr2 takes a working variance.", remedy="Remove it or state cr2.")
    if inference.lag is not None and kind not in (None, StandardError.NEWEY_WEST):
        yield Finding(where="inference.lag", code="key_not_for_standard_error", message="Only newey_west takes a lag.",
                      remedy="Remove it or state newey_west.")
    if inference.bootstrap is not None and inference.bootstrap.kind is BootstrapKind.WILD and (
        plan.data.assignment is None
    ):
        yield Finding(where="inference.bootstrap", code="missing_role", message="A wild bootstrap needs clusters.",
                      remedy="Name the column of the level of assignment in data.cluster.")


def _mixed_models(plan: PlanSections) -> Findings:
    kind, working = plan.inference.standard_error, plan.model.working_model
    fixed = working is WorkingModel.FIXED_EFFECTS
    if plan.design is Design.STEPPED_WEDGE and fixed and kind is StandardError.MODEL_BASED:
        yield Finding(where="inference.standard_error", code="key_not_for_model",
                      message="model_based needs a mixed working model.", remedy="Use cr2 with fixed_effects.")
    if plan.design is Design.STEPPED_WEDGE and not fixed and plan.model.fixed_effects:
        yield Finding(where="model.fixed_effects", code="key_not_for_model",
                      message="Fixed effects are stated but the working model is not fixed_effects.",
                      remedy="State working_model = \"fixed_effects\" or remove fixed_effects.")
    mixed = plan.design is Design.STEPPED_WEDGE and not fixed
    if plan.inference.df_method is not None and not mixed and kind is not StandardError.MODEL_BASED:
        yield Finding(where="inference.df_method", code="key_not_for_model",
                      message="Only mixed models choose their degrees of freedom.", remedy="Remove df_method.")


def _missing_and_survey(plan: PlanSections) -> Findings:
    if plan.missing.imputations is not None and plan.missing.method is not MissingMethod.MULTIPLE_IMPUTATION:
        yield Finding(where="missing.imputations", code="key_not_for_method",
                      message="Only multiple_imputation takes a number of imputations.", remedy="Remove it.")
    survey = plan.survey
    stated = survey.fpc or survey.calibration or survey.margins or survey.wave
    if stated and plan.design is not Design.SURVEY_BEFORE_AFTER:
        yield Finding(where="survey", code="key_not_for_design", message="A {design} design takes no survey section.",
                      remedy="Remove it or use survey_before_after.", params={"design": plan.design.value})
    calibrated = survey.calibration not in (None, Calibration.NONE)
    if calibrated != bool(survey.margins):
        yield Finding(where="survey.margins", code="calibration_without_margins",
                      message="Calibration and margins belong together.", remedy="State both or neither.")


def _subgroups(plan: PlanSections) -> Findings:
    outcomes = {outcome.column for outcome in plan.outcomes}
    seen: set[str] = set()
    for place, subgroup in enumerate(plan.subgroups):
        if subgroup.column in outcomes or subgroup.column in (plan.data.treated, plan.data.received):
            yield Finding(where=f"subgroup[{place}].column", code="column_has_two_roles",
                          message="{column} follows from the treatment and cannot define a subgroup.",
                          remedy="Use a characteristic known before the start.", params={"column": subgroup.column})
        if subgroup.column in seen:
            yield Finding(where=f"subgroup[{place}].column", code="repeated_subgroup",
                          message="{column} is stated twice.", remedy="State each subgroup once.",
                          params={"column": subgroup.column})
        seen.add(subgroup.column)


def _listed(codes: frozenset[Estimand] | frozenset[Estimator] | frozenset[StandardError] | frozenset[object]) -> str:
    return ", ".join(sorted(str(code) for code in codes)) or "none"


_CHECKS: Final[tuple[Callable[[PlanSections], Findings], ...]] = (
    _needed_columns, _estimand, _column_clashes, _outcomes, _model, _inference, _mixed_models, _missing_and_survey,
    _subgroups,
)
