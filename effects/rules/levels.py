"""Certainty for many cases at once: worked out once for all that the rules A to L cannot tell apart."""

from collections.abc import Hashable

from effects.case import Case
from effects.rules.certainty import Certainty, certainty, design_of
from effects.rules.certainty_rules import CHECKS, Context
from effects.rules.indicator import Indicator
from effects.rules.ruleset import Ruleset
from effects.rules.verdicts import turned, verdict

EFFECT_RULES = ("G", "I")
"""The rules that read the effect; rating up reads on which side of its threshold the interval begins."""


class Levels:
    """`certainty` of cases that differ from a first one in effects, losses, delivery, portfolio and economy only.

    Levels are those of `certainty`; the inputs that the steps show may be those of another such case.
    """

    def __init__(self, ruleset: Ruleset) -> None:
        """Nothing is remembered yet."""
        self._ruleset = ruleset
        self._known: dict[Hashable, Certainty] = {}

    def __call__(self, case: Case, indicator: Indicator, ruleset: Ruleset) -> Certainty:
        """The certainty of an indicator; the rule set must be the one of the beginning."""
        key = self._key(case, indicator)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = certainty(case, indicator, ruleset)
        return found

    def _key(self, case: Case, indicator: Indicator) -> Hashable:
        rules, design = self._ruleset, design_of(indicator, self._ruleset)
        low, important = turned(indicator).low, indicator.minimal_important
        twice = rules.steps["UP"].at("times_important")
        checks = (
            ()
            if design is None
            else (CHECKS[rule](Context(case, indicator, design, rules, rules.steps[rule])) for rule in EFFECT_RULES)
        )
        reach = case.portfolio
        return (
            indicator.name,
            verdict(indicator),
            tuple((check.one, check.two) for check in checks),
            None if low is None or important is None else low >= twice * important,
            (indicator.attrition_treated, indicator.attrition_control, indicator.dose, indicator.contamination),
            (reach.share_silent, reach.untested_size_classes, reach.untested_target_groups, reach.major_version_change),
            case.analysed_by_supplier_or_owner,
        )
