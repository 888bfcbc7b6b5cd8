"""From a plan and what its authors expect to what is simulated."""

from dataclasses import replace
from math import exp, lgamma
from typing import Final

from effects.case import Economy
from effects.codes import Claim, Design, Role
from effects.decision_simulation.assumption_checks import problems
from effects.decision_simulation.assumptions import Assumptions, SettingError, power_of
from effects.decision_simulation.setting import FAITHFUL, Expected, Facts, Setting, economy_at
from effects.plan import AnalysisPlan
from effects.planning.sections import Outcome
from effects.power import Unattainable, solve
from effects.power.planned import SEQUENCED

DECISIVE: Final = (Role.PRIMARY, Role.GUARDRAIL)


def setting_of(plan: AnalysisPlan, planned: Assumptions) -> Setting:
    """What is simulated: primary outcomes and guardrails of the plan, with the standard error of one pilot each.

    Standard errors that are not stated are those of `effects.power`. Raises SettingError with every finding.
    """
    decisive = [outcome for outcome in plan.analysed if outcome.role in DECISIVE]
    findings = list(problems(plan, decisive, planned))
    if findings:
        raise SettingError(findings)
    return Setting(
        indicators=tuple(_expected(plan, outcome, planned) for outcome in decisive),
        design=plan.design.value,
        pilots=planned.pilots or 1,
        tau=planned.tau or 0.0,
        correlation=planned.correlation or 0.0,
        economy=Economy() if planned.probability_positive is None else economy_at(planned.probability_positive),
        facts=_facts(plan, planned),
    )


def _expected(plan: AnalysisPlan, outcome: Outcome, planned: Assumptions) -> Expected:
    told = planned.outcomes[outcome.column]
    error = told.standard_error
    if error is None:
        answer = solve(power_of(plan, outcome, planned))
        assert not isinstance(answer, Unattainable), "refused before"
        error = answer.standard_error
    assert outcome.minimal_important is not None, "refused before"
    return Expected(
        name=outcome.column,
        role=outcome.role,
        domain=outcome.domain,
        better=outcome.better,
        claim=outcome.claim or Claim.BETTER,
        minimal_important=outcome.minimal_important,
        margin=outcome.margin,
        standard_error=error,
    )


def _facts(plan: AnalysisPlan, planned: Assumptions) -> Facts:
    """Everything favourable but the number of clusters, where it is stated: that of a pilot's smaller arm, for both.

    In a stepped wedge every cluster stands in both arms. A permutation test helps few clusters only where it is in the
    plan; its smallest p is 1 over the number of ways in which the clusters could have been assigned.
    """
    if not planned.clusters:
        return Facts()
    counts = _counts(plan, planned)
    smaller = sum(counts) if plan.design in SEQUENCED else min(counts)
    if planned.never_treated:
        smaller = min(smaller, planned.never_treated)
    ways = lgamma(sum(counts) + 1.0) - sum(lgamma(count + 1.0) for count in counts)
    floor = 1.0 if plan.inference.permutation is None else exp(-ways)
    few = replace(FAITHFUL, clusters_treated=smaller, clusters_control=smaller, permutation_floor=floor)
    return Facts(indicator=few)


def _counts(plan: AnalysisPlan, planned: Assumptions) -> tuple[int, ...]:
    """Clusters of each arm or sequence; one treated site of a synthetic control."""
    stated = planned.clusters
    if len(stated) > 1:
        return stated
    if plan.design is Design.SYNTHETIC_CONTROL:
        return (1, *stated)
    return stated * power_of(plan, plan.outcomes[0], planned).groups
