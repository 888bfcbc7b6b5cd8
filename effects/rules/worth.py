"""Conditions about value, reach and extension: is it worth its cost, for everyone, and would one more study pay?"""

from collections.abc import Iterable
from dataclasses import replace

from effects.message import Message
from effects.rules.economy import lacking
from effects.rules.evidence import Condition, Evidence, Missing, condition
from effects.rules.ruleset import Rule
from effects.rules.steps import Value
from effects.rules.tristate import Tristate, above, all_of, any_of, at_least, below


def value_positive(evidence: Evidence, rule: Rule) -> Condition:
    """Expected net value above the rule's threshold."""
    net = evidence.case.economy.net_value
    message = Message("Expected net value is positive")
    return _of_value(
        "value_positive", above(net, rule.at("net_value")), message, {"expected_net_value": net}, evidence, rule
    )


def value_negative(evidence: Evidence, rule: Rule) -> Condition:
    """Expected net value below the rule's threshold."""
    net = evidence.case.economy.net_value
    message = Message("Expected net value is negative")
    return _of_value(
        "value_negative", below(net, rule.at("net_value")), message, {"expected_net_value": net}, evidence, rule
    )


def value_likely(evidence: Evidence, rule: Rule) -> Condition:
    """Net value is probably positive nationally."""
    probability = evidence.case.economy.probability_positive
    state = at_least(probability, rule.at("probability_positive"))
    message = Message("Net value is probably positive nationally")
    return _of_value("value_likely", state, message, {"probability_positive": probability}, evidence, rule)


def value_everywhere(evidence: Evidence, rule: Rule) -> Condition:
    """Net value is positive in most municipalities of each size class; not known without a size class."""
    shares = dict(evidence.case.economy.share_positive_by_size_class)
    state = all_of(share >= rule.at("class_share") for share in shares.values()) if shares else None
    inputs: dict[str, Value] = {**shares} if shares else {"share_positive_by_size_class": None}
    message = Message("Net value is positive in most municipalities of each size class")
    return _of_case("value_everywhere", state, message, inputs, rule)


def value_nationally_or_in_segments(evidence: Evidence, rule: Rule) -> Condition:
    """Net value is positive nationally, or in segments named beforehand."""
    economy = evidence.case.economy
    nationally = all_of([value_positive(evidence, rule).state, value_likely(evidence, rule).state])
    inputs: dict[str, Value] = {
        "expected_net_value": economy.net_value,
        "probability_positive": economy.probability_positive,
        "value_in_named_segments": economy.value_in_named_segments,
    }
    message = Message("Net value is positive nationally or in named segments")
    state = any_of([nationally, economy.value_in_named_segments])
    return _of_value("value_somewhere", state, message, inputs, evidence, rule)


def enough_sites(evidence: Evidence, rule: Rule) -> Condition:
    """Enough municipalities, or regions, with their own comparison."""
    reach = evidence.case.portfolio
    municipalities, regions = reach.municipalities_with_comparison, reach.regions_with_comparison
    state = any_of([at_least(municipalities, rule.at("municipalities")), at_least(regions, rule.at("regions"))])
    inputs: dict[str, Value] = {"municipalities_with_comparison": municipalities, "regions_with_comparison": regions}
    message = Message("Enough municipalities or regions have their own comparison")
    return _of_case("enough_sites", state, message, inputs, rule)


def strata_covered(evidence: Evidence, rule: Rule) -> Condition:
    """Every stratum of the roll-out population has a pilot."""
    covered = evidence.case.portfolio.strata_covered
    message = Message("All strata are covered")
    return _of_case("strata_covered", covered, message, {"strata_covered": covered}, rule)


def extension_pays(evidence: Evidence, rule: Rule) -> tuple[Condition, ...]:
    """A feasible extension whose information is worth more than it costs, and that would settle the matter."""
    offer = evidence.case.portfolio
    pays = None if offer.extension_cost is None else above(offer.evsi, offer.extension_cost)
    settles = at_least(offer.extension_assurance, rule.at("assurance"))
    worth: dict[str, Value] = {"evsi": offer.evsi, "extension_cost": offer.extension_cost}
    return (
        _of_case(
            "extension_feasible",
            offer.extension_feasible,
            Message("A feasible extension exists"),
            {"extension_feasible": offer.extension_feasible},
            rule,
        ),
        _of_case("extension_pays", pays, Message("Its information is worth more than its cost"), worth, rule),
        _of_case(
            "extension_settles",
            settles,
            Message("It would probably settle the binding indicator"),
            {"extension_assurance": offer.extension_assurance},
            rule,
        ),
    )


def _of_value(
    name: str, state: Tristate, message: Message, inputs: dict[str, Value], evidence: Evidence, rule: Rule
) -> Condition:
    """As `_of_case`; a figure that could be worked out waits for the parts not stated."""
    parts = lacking(evidence.case.economy)
    waits = (part for key, value in inputs.items() if value is None for part in parts.get(key, (key,)))
    return replace(_of_case(name, state, message, inputs, rule), missing=_waiting(state, waits))


def _waiting(state: Tristate, names: Iterable[str]) -> tuple[Missing, ...]:
    return tuple((None, name) for name in dict.fromkeys(names)) if state is None else ()


def _of_case(name: str, state: Tristate, message: Message, inputs: dict[str, Value], rule: Rule) -> Condition:
    return condition(
        name, state, message, inputs, rule.values, ((None, key) for key, value in inputs.items() if value is None)
    )
