"""What the inputs and thresholds of the rules are called on a page."""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from effects.message import Message
from effects.rules.ruleset import load_ruleset
from registry.evidence.schemas import MissingFact, Raising

_WORKED_OUT: Final[Mapping[str, Message]] = {
    "alpha": Message("error rate over the primary claims"),
    "certainty": Message("certainty"),
    "certainty_highest": Message("highest possible certainty"),
    "certainty_lowest": Message("known least certainty"),
    "claims_required": Message("claims required"),
    "correlation": Message("correlation of cost and units gained"),
    "currency": Message("currency"),
    "discount_rate": Message("discount rate"),
    "domains": Message("domains"),
    "domains_required": Message("domains required"),
    "evpi": Message("value of perfect information"),
    "icer": Message("extra cost of a unit gained"),
    "icer_high": Message("extra cost of a unit gained, upper end"),
    "icer_low": Message("extra cost of a unit gained, lower end"),
    "interval_level": Message("coverage of the intervals"),
    "net_value_sd": Message("standard deviation of the net value"),
    "probability_cost_saving": Message("probability that it saves"),
    "ratio": Message("how cost and units gained compare"),
    "guardrails_lacking": Message("domains without a guardrail"),
    "horizon_years": Message("horizon in years"),
    "level": Message("certainty required"),
    "perspective": Message("perspective"),
    "potential_bias": Message("potential bias, in standard deviations"),
    "primaries": Message("primary indicators"),
    "proven": Message("claims proven at that certainty"),
    "required": Message("claims required"),
    "shown": Message("claims shown"),
    "verdict": Message("verdict"),
}

_THRESHOLDS: Final[Mapping[str, Message]] = {
    "alpha_less_lost": Message("assumed dependence, arm that lost least"),
    "alpha_more_lost": Message("assumed dependence, arm that lost most"),
    "assurance": Message("probability required"),
    "bias_one": Message("one level off from"),
    "bias_two": Message("two levels off from"),
    "cap": Message("at most level"),
    "class_share": Message("share required in each size class"),
    "clusters": Message("clusters required in each arm"),
    "guardrail_certainty": Message("certainty required of guardrails"),
    "large": Message("large difference from"),
    "municipalities": Message("municipalities required"),
    "net_value": Message("net value"),
    "one": Message("one level off from"),
    "pause_certainty": Message("pause from certainty"),
    "regions": Message("or regions required"),
    "several": Message("two levels off from"),
    "silent_one": Message("one level off from"),
    "silent_two": Message("two levels off from"),
    "single": Message("so few clusters in an arm cap the level"),
    "small": Message("small difference from"),
    "stop_certainty": Message("stop from certainty"),
    "times_important": Message("times the minimal important difference"),
    "untested": Message("share without a pilot above"),
}


@cache
def names() -> Mapping[str, Message]:
    """The name of every input and threshold by its key in the rules."""
    inputs = {key: Message(stated.title) for key, stated in load_ruleset().inputs.items()}
    return {**_THRESHOLDS, **_WORKED_OUT, **inputs}


def missing(graded: Mapping[str, Any]) -> tuple[MissingFact, ...]:
    """The facts that leave the certainty of a grade open, in the order of the rules."""
    waiting: dict[str, list[str]] = {}
    for item in graded["indicators"]:
        for step in item["certainty"]["steps"]:
            for name in step["missing"]:
                waiting.setdefault(name, []).append(item["name"])
    rules = load_ruleset()
    return tuple(
        MissingFact(
            name, Message(rules.inputs[name].title), tuple(dict.fromkeys(indicators)), Message(rules.supplier(name))
        )
        for name, indicators in waiting.items()
    )


def raising(graded: Mapping[str, Any]) -> tuple[Raising, ...]:
    """What would raise the certainty: each remedy once, with the rule it answers and the indicators it is for."""
    rules = load_ruleset(graded["rules_version"])
    by_remedy = {rule.remedy: rule for rule in (*rules.starts.values(), *rules.steps.values()) if rule.remedy}
    found: dict[str, list[str]] = {}
    for item in graded["indicators"]:
        for remedy in item["certainty"]["remedies"]:
            found.setdefault(remedy["template"], []).append(item["name"])
    return tuple(
        Raising(by_remedy[said].id, Message(by_remedy[said].title), Message(said), tuple(indicators))
        for said, indicators in found.items()
    )
