"""Contradictions within a plan whose keys are each readable; all of them are found at once."""

from collections.abc import Callable, Iterator
from typing import Final

from effects.codes import Claim, Design, Estimand, Estimator, Family, Role, Spillover, Strategy
from effects.errors import Finding
from effects.planning.index_checks import index_contradictions
from effects.planning.method_checks import listed, method_contradictions
from effects.planning.rules import HETEROSKEDASTIC, RULES
from effects.planning.sections import Outcome, PlanSections
from effects.planning.terms import parse_term

Findings = Iterator[Finding]


def contradictions(plan: PlanSections) -> list[Finding]:
    """Everything in the plan that cannot be meant together."""
    return [finding for check in _CHECKS for finding in check(plan)]


def _needed(design: Design, choices: tuple[str, ...]) -> Finding:
    where, params = f"data.{choices[0]}", {"design": design.value, "role": choices[0], "choices": ", ".join(choices)}
    if choices == ("start",):
        return Finding(
            where=where,
            code="missing_role",
            message="A {design} design needs data.{role}.",
            remedy="State the first period under treatment: a number or a date, not a column.",
            params=params,
        )
    if len(choices) == 1:
        return Finding(
            where=where,
            code="missing_role",
            message="A {design} design needs data.{role}.",
            remedy="Name the column.",
            params=params,
        )
    return Finding(
        where=where,
        code="missing_role",
        message="A {design} design needs data.{role}.",
        remedy="Name the column (any one of: {choices}).",
        params=params,
    )


def _drawn_anew(plan: PlanSections, choices: tuple[str, ...]) -> bool:
    """Whether a two-period plan of samples drawn anew each time, with errors by row, can do without units."""
    by_row = plan.inference.standard_error in HETEROSKEDASTIC and plan.data.group is not None
    return plan.design is Design.TWO_PERIOD_DID and by_row and "unit" in choices


def _needed_columns(plan: PlanSections) -> Findings:
    for choices in RULES[plan.design].needs:
        if all(getattr(plan.data, role) is None for role in choices) and not _drawn_anew(plan, choices):
            yield _needed(plan.design, choices)
    if plan.design is Design.SURVEY_BEFORE_AFTER and plan.survey.wave is None:
        yield Finding(
            where="survey.wave",
            code="missing_role",
            message="A survey_before_after design needs survey.wave.",
            remedy="Name the column that is 0 before and 1 after.",
        )


def _estimand(plan: PlanSections) -> Findings:
    allowed = RULES[plan.design].estimands
    if plan.estimand not in allowed:
        yield Finding(
            where="estimand",
            code="estimand_not_identified",
            message="A {design} design does not identify the estimand {estimand}.",
            remedy="Use one of: {allowed}.",
            params={"design": plan.design.value, "estimand": plan.estimand.value, "allowed": listed(allowed)},
        )
    if plan.estimand is Estimand.CACE and plan.data.received is None:
        yield Finding(
            where="data.received",
            code="missing_role",
            message="The estimand cace needs the treatment actually received.",
            remedy="Name the column in data.received.",
        )


def _events(plan: PlanSections) -> Findings:
    if plan.design is Design.INDIVIDUAL_RANDOMISED and plan.spillover is Spillover.WITHIN_CLUSTERS:
        yield Finding(
            where="spillover",
            code="spillover_not_for_design",
            message="People who influence each other within clusters cannot be compared one by one.",
            remedy="Assign whole clusters, or state between_clusters and have the result warn.",
        )
    for place, event in enumerate(plan.intercurrent_events):
        if event.strategy is Strategy.PRINCIPAL_STRATUM and plan.estimand is not Estimand.CACE:
            yield Finding(
                where=f"intercurrent_event[{place}].strategy",
                code="strategy_not_for_estimand",
                message="The strategy principal_stratum asks for the estimand cace.",
                remedy="State cace with data.received, or treatment_policy.",
            )


def _column_clashes(plan: PlanSections) -> Findings:
    roles = {
        "treated": plan.data.treated,
        "first_treated": plan.data.first_treated,
        "unit": plan.data.unit,
        "period": plan.data.period,
        "cluster": plan.data.cluster,
        "group": plan.data.group,
    }
    for place, outcome in enumerate(plan.outcomes):
        for role, column in roles.items():
            if column == outcome.column:
                yield Finding(
                    where=f"outcome[{place}].column",
                    code="column_has_two_roles",
                    message="{column} is both an outcome and data.{role}.",
                    remedy="Correct one of them.",
                    params={"column": outcome.column, "role": role},
                )
    for role in ("unit", "cluster", "period"):
        if roles[role] is not None and roles[role] == roles["treated"]:
            yield Finding(
                where=f"data.{role}",
                code="column_has_two_roles",
                message="{column} is both data.treated and data.{role}.",
                remedy="Correct one of them.",
                params={"column": str(roles[role]), "role": role},
            )


def _outcomes(plan: PlanSections) -> Findings:
    seen: dict[str, int] = {}
    for place, outcome in enumerate(plan.outcomes):
        where = f"outcome[{place}]"
        if outcome.column in seen:
            yield Finding(
                where=f"{where}.column",
                code="repeated_outcome",
                message="{column} is already outcome number {number}.",
                remedy="State each outcome once.",
                params={"column": outcome.column, "number": seen[outcome.column] + 1},
            )
        seen.setdefault(outcome.column, place)
        yield from _thresholds(outcome, where)
        yield from _covariates(outcome, plan, where)


def _thresholds(outcome: Outcome, where: str) -> Findings:
    least, margin = outcome.minimal_important, outcome.margin
    if least is None and (outcome.role is Role.PRIMARY or (outcome.role is Role.GUARDRAIL and margin is None)):
        yield Finding(
            where=f"{where}.minimal_important",
            code="missing_key",
            message="A {role} outcome needs the smallest difference that matters.",
            remedy="State minimal_important in the outcome's unit.",
            params={"role": outcome.role.value},
        )
    if least is not None and least <= 0:
        yield Finding(
            where=f"{where}.minimal_important",
            code="not_positive",
            message="minimal_important must be positive.",
            remedy="Turn the direction with better instead.",
        )
    if margin is not None and margin <= 0:
        yield Finding(
            where=f"{where}.margin",
            code="not_positive",
            message="margin must be positive.",
            remedy="State the most harm that is acceptable as a positive number.",
        )
    if margin is not None and least is not None and margin > least > 0:
        yield Finding(
            where=f"{where}.margin",
            code="margin_exceeds_importance",
            message="The margin {margin} exceeds minimal_important {least}.",
            remedy="A harm that large would matter: lower the margin.",
            params={"margin": margin, "least": least},
        )
    if outcome.claim is Claim.NOT_WORSE and margin is None and least is None:
        yield Finding(
            where=f"{where}.margin",
            code="missing_key",
            message="The claim not_worse needs a margin.",
            remedy="State the most harm that is acceptable.",
        )


def _covariates(outcome: Outcome, plan: PlanSections, where: str) -> Findings:
    for number, text in enumerate(outcome.covariates):
        term = parse_term(text)
        if term is None:
            yield Finding(
                where=f"{where}.covariates[{number}]",
                code="unknown_term",
                message="{term} is not a covariate term.",
                remedy="Write x, x^2, log(x) or factor(x).",
                params={"term": text[:80]},
            )
        elif term.column in (outcome.column, plan.data.treated):
            yield Finding(
                where=f"{where}.covariates[{number}]",
                code="column_has_two_roles",
                message="{column} cannot adjust for itself.",
                remedy="Remove it from the covariates.",
                params={"column": term.column},
            )
    if outcome.covariates and plan.model.estimator is Estimator.DIFFERENCE_IN_MEANS:
        yield Finding(
            where=f"{where}.covariates",
            code="key_not_for_estimator",
            message="difference_in_means takes no covariates.",
            remedy="Use the estimator lin, or remove them.",
        )
    if outcome.family is Family.BINOMIAL and outcome.offset is not None:
        yield Finding(
            where=f"{where}.offset",
            code="offset_without_count_model",
            message="A binomial outcome takes no offset.",
            remedy="Remove it or use family poisson.",
        )


def _subgroups(plan: PlanSections) -> Findings:
    outcomes = {outcome.column for outcome in plan.outcomes}
    seen: set[str] = set()
    for place, subgroup in enumerate(plan.subgroups):
        if subgroup.column in outcomes or subgroup.column in (plan.data.treated, plan.data.received):
            yield Finding(
                where=f"subgroup[{place}].column",
                code="column_has_two_roles",
                message="{column} follows from the treatment and cannot define a subgroup.",
                remedy="Use a characteristic known before the start.",
                params={"column": subgroup.column},
            )
        if subgroup.column in seen:
            yield Finding(
                where=f"subgroup[{place}].column",
                code="repeated_subgroup",
                message="{column} is stated twice.",
                remedy="State each subgroup once.",
                params={"column": subgroup.column},
            )
        seen.add(subgroup.column)


_CHECKS: Final[tuple[Callable[[PlanSections], Findings], ...]] = (
    _needed_columns,
    _estimand,
    _events,
    _column_clashes,
    _outcomes,
    method_contradictions,
    _subgroups,
    index_contradictions,
)
