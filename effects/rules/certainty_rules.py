"""Rules A to L: what lowers the certainty of a claim, each a small function of the case."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import isfinite

from effects.case import Case
from effects.codes import Better, Claim, Role
from effects.rules.attrition import potential_bias
from effects.rules.claims import alpha_now
from effects.rules.indicator import Indicator
from effects.rules.ruleset import Design, Rule, Ruleset
from effects.rules.steps import Value
from effects.rules.tristate import Tristate, above, all_of, any_of, at_least, below, negate
from effects.rules.verdicts import Verdict, predictive_high, predictive_low, reaches, states_no_gain, turned, verdict


@dataclass(frozen=True, slots=True)
class Context:
    """What a rule reads: the indicator within its case, and the rule's own thresholds."""

    case: Case
    indicator: Indicator
    design: Design
    ruleset: Ruleset
    rule: Rule

    @property
    def adjusted_alpha(self) -> float:
        """Strictest level that Holm asks of a primary claim at this look."""
        primaries = sum(item.role is Role.PRIMARY and item.counts for item in self.case.indicators)
        return alpha_now(self.case, self.ruleset) / max(1, primaries)


@dataclass(frozen=True, slots=True)
class Check:
    """Whether a rule takes one level, takes two, or caps.

    `inputs` are the stated facts it read (None: not known), `found` is what it worked out of them.
    """

    inputs: Mapping[str, Value] = field(default_factory=dict)
    one: Tristate = False
    two: Tristate = False
    cap: Tristate = False
    found: Mapping[str, float] = field(default_factory=dict)


def attrition(context: Context) -> Check:
    """A: potential bias by the What Works Clearinghouse model, in standard deviations."""
    if not context.design.arms:
        return Check()
    lost, lost_control = context.indicator.attrition_treated, context.indicator.attrition_control
    inputs = {"attrition_treated": lost, "attrition_control": lost_control}
    if lost is None or lost_control is None:
        return Check(inputs, one=None, two=None)
    at = context.rule.at
    bias = potential_bias(lost, lost_control, at("alpha_more_lost"), at("alpha_less_lost"))
    found = {"potential_bias": bias} if isfinite(bias) else {}
    return Check(inputs, one=bias > at("bias_one"), two=bias > at("bias_two"), found=found)


def baseline(context: Context) -> Check:
    """B: baseline difference in standard deviations, where no draw made the arms."""
    if context.design.randomised or not context.design.arms:
        return Check()
    difference, adjusted = context.indicator.baseline_g, context.indicator.baseline_adjusted
    size = None if difference is None else abs(difference)
    return Check(
        {"baseline_g": difference, "baseline_adjusted": adjusted},
        one=all_of([above(size, context.rule.at("small")), negate(adjusted)]),
        cap=above(size, context.rule.at("large")),
    )


def confounding(context: Context) -> Check:
    """C: important confounders not measured; under parallel trends, a breakdown below the violation observed."""
    indicator, at = context.indicator, context.rule.at
    inputs: dict[str, Value] = {"confounders_unmeasured": indicator.confounders_unmeasured}
    one = at_least(indicator.confounders_unmeasured, at("one"))
    several = at_least(indicator.confounders_unmeasured, at("several"))
    if context.design.start != "D3":
        return Check(inputs, one, several)
    inputs |= {"breakdown": indicator.breakdown, "observed_violation": indicator.observed_violation}
    survives = reaches(indicator.breakdown, indicator.observed_violation)
    return Check(inputs, one, any_of([several, negate(survives)]))


def delivery(context: Context) -> Check:
    """D: too few received it, or too many of the comparison did."""
    dose, contamination = context.indicator.dose, context.indicator.contamination
    weak = below(dose, context.rule.at("dose"))
    if not context.design.arms:
        return Check({"dose": dose}, weak)
    leaking = above(contamination, context.rule.at("contamination"))
    inputs = {"dose": dose, "contamination": contamination}
    return Check(inputs, any_of([weak, leaking]), all_of([weak, leaking]))


def measurement(context: Context) -> Check:
    """E: unblinded self-report, or different instruments by arm."""
    blinded, self_report = context.indicator.blinded, context.indicator.self_report
    differ = context.indicator.instruments_differ if context.design.arms else False
    inputs = {"blinded": blinded, "self_report": self_report, "instruments_differ": differ}
    return Check(inputs, all_of([negate(blinded), self_report]), differ)


def reporting(context: Context) -> Check:
    """F: promoted from secondary with a reason, changed after data were seen, or not in the plan (cap)."""
    indicator = context.indicator
    inputs = {
        "in_plan": indicator.in_plan,
        "promoted_with_reason": indicator.promoted_with_reason,
        "changed_after_data": indicator.changed_after_data,
    }
    return Check(inputs, indicator.promoted_with_reason, indicator.changed_after_data, negate(indicator.in_plan))


def imprecision(context: Context) -> Check:
    """G: the interval crosses the threshold of the claim made, and also -m.

    Where the interval settles a finding (also "little or no effect") that finding is the claim made and nothing is
    crossed. What stays inconclusive is held against its own claim: 0, or -margin for non-inferiority and guardrails.
    """
    indicator = context.indicator
    interval, important, margin = turned(indicator), indicator.minimal_important, indicator.harm_margin
    inputs = {"low": indicator.low, "high": indicator.high, "minimal_important": important}
    settled = verdict(indicator)
    if settled is None:
        return Check(inputs, None, None)
    if settled is not Verdict.INCONCLUSIVE:
        return Check(inputs)
    if context.rule.relative_to_statement and states_no_gain(indicator):
        return Check(inputs)
    superiority = indicator.claim is Claim.BETTER and indicator.role is not Role.GUARDRAIL
    threshold = 0.0 if superiority else None if margin is None else -margin
    crossed = negate(reaches(interval.low, threshold))
    deep = None if important is None else below(interval.low, -important)
    return Check(inputs, crossed, all_of([crossed, deep]))


def few_clusters(context: Context) -> Check:
    """H: few clusters in an arm unless a permutation test could still prove the claim; one in an arm caps.

    A synthetic control has one treated site by design: its enumerated placebos answer for it where they can reach
    the adjusted level.
    """
    if not context.design.clustered:
        return Check()
    indicator, at = context.indicator, context.rule.at
    arms = (indicator.clusters_treated, indicator.clusters_control)
    few = any_of(below(count, at("clusters")) for count in arms)
    single = any_of(None if count is None else count <= at("single") for count in arms)
    floor = indicator.permutation_floor
    reachable = None if floor is None else floor <= context.adjusted_alpha
    answered = all_of([context.design.placebos, indicator.placebos_enumerated, reachable])
    inputs: dict[str, Value] = {"clusters_treated": arms[0], "clusters_control": arms[1], "permutation_floor": floor}
    if context.design.placebos:
        inputs["placebos_enumerated"] = indicator.placebos_enumerated
    return Check(inputs, all_of([few, negate(reachable)]), cap=all_of([single, negate(answered)]))


def inconsistency(context: Context) -> Check:
    """I: the next pilot could be harmed, and pilots differ without an explanation; a single pilot cannot disagree.

    From version 2 on, where what is said is that nothing is gained: the next pilot could gain what matters.
    """
    indicator = context.indicator
    pilots = len(indicator.studies) or context.case.portfolio.pilots
    several = at_least(pilots, context.rule.at("pilots"))
    named, reaching = _next_place(context)
    apart = all_of([indicator.intervals_barely_overlap, negate(indicator.subgroup_explains)])
    inputs: dict[str, Value] = {
        "pilots": pilots,
        named: getattr(indicator, named),
        "intervals_barely_overlap": indicator.intervals_barely_overlap,
        "subgroup_explains": indicator.subgroup_explains,
    }
    one = all_of([several, reaching])
    return Check(inputs, one, all_of([one, apart]))


def _next_place(context: Context) -> tuple[str, Tristate]:
    """The end of the predictive interval that speaks against what is said, and whether it reaches that far."""
    indicator, important = context.indicator, context.indicator.minimal_important
    higher = indicator.better is Better.HIGHER
    no_gain = context.rule.relative_to_statement and states_no_gain(indicator)
    if no_gain is None:
        return "minimal_important", None
    if no_gain:
        end = predictive_high(indicator)
        return "predictive_high" if higher else "predictive_low", None if end is None else reaches(end, important)
    end = predictive_low(indicator)
    return "predictive_low" if higher else "predictive_high", None if end is None else reaches(-end, important)


def transfer(context: Context) -> Check:
    """J: much of the roll-out population in size classes or target groups without a pilot, or a new major version."""
    portfolio = context.case.portfolio
    new_version = portfolio.major_version_change
    sizes = above(portfolio.untested_size_classes, context.rule.at("untested"))
    groups = above(portfolio.untested_target_groups, context.rule.at("untested"))
    pairs = [all_of(pair) for pair in ((sizes, groups), (sizes, new_version), (groups, new_version))]
    inputs = {
        "untested_size_classes": portfolio.untested_size_classes,
        "untested_target_groups": portfolio.untested_target_groups,
        "major_version_change": new_version,
    }
    return Check(inputs, any_of([sizes, groups, new_version]), any_of(pairs))


def silence(context: Context) -> Check:
    """K: completed pilots that were never reported."""
    share = context.case.portfolio.share_silent
    one, two = (at_least(share, context.rule.at(name)) for name in ("silent_one", "silent_two"))
    return Check({"share_silent": share}, one, two)


def independence(context: Context) -> Check:
    """L: the analysis was made by somebody with a stake in its answer."""
    interested = context.case.analysed_by_supplier_or_owner
    return Check({"analysed_by_supplier_or_owner": interested}, interested)


CHECKS: Mapping[str, Callable[[Context], Check]] = {
    "A": attrition,
    "B": baseline,
    "C": confounding,
    "D": delivery,
    "E": measurement,
    "F": reporting,
    "G": imprecision,
    "H": few_clusters,
    "I": inconsistency,
    "J": transfer,
    "K": silence,
    "L": independence,
}
