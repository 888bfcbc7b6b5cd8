"""From estimates to verdicts, proven claims and certainty: what the evidence says, before any advice."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from effects.case import Case
from effects.codes import Better, Domain, Role
from effects.message import Message, spoken
from effects.rules.certainty import Certainty, certainty
from effects.rules.claims import ClaimTest, Conjunction, primary_claims, secondary_claims
from effects.rules.indicator import Indicator
from effects.rules.pooled import pooled
from effects.rules.ruleset import Ruleset, load_ruleset
from effects.rules.tristate import Tristate
from effects.rules.verdicts import Interval, Verdict, excludes_importance, shows_no_harm, turned, verdict

Leveller: TypeAlias = Callable[[Case, Indicator, Ruleset], Certainty]


@dataclass(frozen=True, slots=True)
class IndicatorGrade:
    """What is said of one indicator.

    `effect` is turned so that + is an improvement, in the outcome's unit; `no_harm` is whether its interval excludes
    the margin, `no_importance` whether it excludes an important benefit; `test` is missing for guardrails and for what
    does not stand in the plan.
    """

    name: str
    role: Role
    domain: Domain
    better: Better
    counts: bool
    effect: Interval
    verdict: Verdict | None
    title: Message
    no_harm: Tristate
    no_importance: Tristate
    test: ClaimTest | None
    certainty: Certainty


@dataclass(frozen=True, slots=True)
class Grade:
    """Every indicator in the case's order, and whether enough primary claims hold together."""

    technology: str
    rules_version: str
    indicators: tuple[IndicatorGrade, ...]
    conjunction: Conjunction

    def to_mapping(self) -> dict[str, object]:
        """JSON-ready, deterministic; numbers are finite or null. ValueError should a number not be finite."""
        return {
            **spoken(self),
            "verdicts": {item.name: None if item.verdict is None else item.verdict.value for item in self.indicators},
            "certainty": {item.name: item.certainty.level for item in self.indicators},
            "indicators": [{**spoken(item), "certainty": item.certainty.to_mapping()} for item in self.indicators],
        }


def grade(case: Case, ruleset: Ruleset | None = None) -> Grade:
    """Grades a case under a rule set (the version it asks for where none is given); several studies are pooled first.

    FileNotFoundError where the case asks for a version that is not shipped.
    """
    rules = rules_of(case) if ruleset is None else ruleset
    return graded(pooled(case, rules), rules)


def rules_of(case: Case) -> Ruleset:
    """The rule set a case asks for: version 1 where it names none."""
    return load_ruleset() if case.ruleset is None else load_ruleset(case.ruleset)


def graded(case: Case, rules: Ruleset, levels: Leveller = certainty) -> Grade:
    """The grade of a case whose figures are pooled already; `levels` gives the certainty of each claim."""
    primary, conjunction = primary_claims(case, rules)
    tests = {test.indicator: test for test in (*primary, *secondary_claims(case, rules))}
    found = tuple(
        _graded(indicator, tests.get(indicator.name), levels(case, indicator, rules), rules)
        for indicator in case.indicators
    )
    return Grade(case.technology, rules.version, found, conjunction)


def _graded(indicator: Indicator, test: ClaimTest | None, sure: Certainty, ruleset: Ruleset) -> IndicatorGrade:
    found = verdict(indicator)
    return IndicatorGrade(
        name=indicator.name,
        role=indicator.role,
        domain=indicator.domain,
        better=indicator.better,
        counts=indicator.counts,
        effect=turned(indicator),
        verdict=found,
        title=Message("Not known") if found is None else Message(ruleset.verdicts[found]),
        no_harm=shows_no_harm(indicator),
        no_importance=excludes_importance(indicator),
        test=test,
        certainty=sure,
    )
