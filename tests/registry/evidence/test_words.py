"""Every key that a page of evidence or advice can show has a name."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from typing import Any

from effects.case import Economy, case_from_mapping
from effects.grading import grade
from effects.recommendation import recommend
from effects.rules.ruleset import load_ruleset
from registry.evidence.schemas import Facts
from registry.evidence.words import missing, names, raising
from tests.registry.evidence.story import published


def keys(value: Any) -> Iterator[str]:
    """The keys of every table of inputs, findings and thresholds, at any depth."""
    if isinstance(value, list):
        for item in value:
            yield from keys(item)
    elif isinstance(value, Mapping):
        for name, item in value.items():
            if name in ("inputs", "found", "thresholds"):
                yield from item
            yield from keys(item)


def test_every_threshold_of_the_rule_set_has_a_name() -> None:
    rules = load_ruleset()
    groups = (rules.starts, rules.steps, rules.gates, rules.recommendations)
    stated = {name for group in groups for rule in group.values() for name in rule.thresholds}
    assert stated - names().keys() == set()


def test_every_fact_of_the_form_has_a_name() -> None:
    assert set(Facts.__struct_fields__) - names().keys() == {"remark"}


def test_every_part_of_the_economy_has_a_name() -> None:
    assert {field.name for field in fields(Economy)} - names().keys() == set()


def test_everything_shown_of_a_real_case_has_a_name() -> None:
    case = case_from_mapping(tomllib.loads(published().case))
    indicators = {indicator.name for indicator in case.indicators}
    assert set(keys(recommend(case).to_mapping())) - names().keys() - indicators == set()


def test_a_missing_fact_is_named_once_with_its_indicators_and_who_can_give_it() -> None:
    case = case_from_mapping(tomllib.loads(published().case))
    unknown = replace(case, indicators=tuple(replace(one, dose=None, contamination=None) for one in case.indicators))
    found = {fact.input: fact for fact in missing(recommend(unknown).to_mapping())}
    assert {"dose", "contamination"} <= found.keys()
    assert str(found["dose"].supplier)
    assert set(found["dose"].indicators) <= {one.name for one in case.indicators}


def test_what_would_raise_the_certainty_is_every_remedy_once_with_its_rule() -> None:
    graded = grade(case_from_mapping(tomllib.loads(published().case))).to_mapping()
    found = raising(graded)
    assert [one.rule for one in found] == ["A", "E", "G"]
    assert (len(found[0].indicators), found[2].indicators) == (3, ("Kvalitetsjusterede leveår (QALY) på 12 måneder",))
    told: Any = graded["indicators"]
    assert {str(one.remedy) for one in found} == {
        remedy["text"] for item in told for remedy in item["certainty"]["remedies"]
    }


def test_a_case_that_nothing_lowers_has_nothing_to_raise() -> None:
    assert raising({"rules_version": "1", "indicators": [{"name": "Falls", "certainty": {"remedies": []}}]}) == ()
