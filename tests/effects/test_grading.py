import json

import pytest

from effects.case import Case, case_from_mapping
from effects.codes import Better, Claim, Domain, Role
from effects.grading import Grade, grade
from effects.rules.ruleset import load_ruleset
from effects.rules.verdicts import Interval, Verdict
from tests.effects.sound_case import indicator, sound_case, telecare_nord


@pytest.fixture(scope="module")
def golden() -> Grade:
    return grade(telecare_nord())


def test_both_health_scales_show_little_or_no_effect_and_the_quality_adjusted_years_nothing_sure(golden: Grade) -> None:
    physical, mental, years = (item.verdict for item in golden.indicators)
    assert physical is mental is Verdict.LITTLE_OR_NO_EFFECT
    assert years is Verdict.INCONCLUSIVE


def test_certainty_of_both_health_scales_is_low_for_attrition_and_measurement(golden: Grade) -> None:
    for item in golden.indicators[:2]:
        assert str(item.certainty.label) == "Low"
        against = [step.rule for step in item.certainty.steps[1:] if step.change < 0]
        assert against == ["A", "E"]
        attrition = item.certainty.steps[1]
        assert attrition.found["potential_bias"] == pytest.approx(0.080, abs=0.0005)


def test_transfer_does_not_count_against_it(golden: Grade) -> None:
    transfer = next(step for step in golden.indicators[0].certainty.steps if step.rule == "J")
    assert transfer.state is False


def test_none_of_its_claims_is_proven(golden: Grade) -> None:
    assert [item.test.proven for item in golden.indicators if item.test is not None] == [False] * 3
    assert golden.conjunction.proven is False


def test_the_indicators_stay_in_order_and_keep_their_roles() -> None:
    found = grade(sound_case())
    assert [item.name for item in found.indicators] == [
        "control",
        "strain",
        "guard safety",
        "guard staff",
        "guard equity",
    ]
    assert [item.role for item in found.indicators] == [Role.PRIMARY] * 2 + [Role.GUARDRAIL] * 3


def test_guardrails_and_unplanned_indicators_have_no_test() -> None:
    late = indicator(name="late", in_plan=False)
    tests = {item.name: item.test for item in grade(sound_case(indicator(), late)).indicators}
    assert tests["control"] is not None
    assert tests["late"] is None
    assert tests["guard safety"] is None


def test_an_unplanned_indicator_is_shown_but_does_not_count() -> None:
    late = next(item for item in grade(sound_case(indicator(name="late", in_plan=False))).indicators)
    assert late.counts is False
    assert late.verdict is Verdict.IMPORTANT_BENEFIT
    assert late.certainty.level == 2


def test_secondary_indicators_are_tested_apart() -> None:
    other = indicator(name="other", role=Role.SECONDARY, p_value=0.09)
    found = {item.name: item.test for item in grade(sound_case(indicator(), other)).indicators}
    test = found["other"]
    assert test is not None
    assert test.proven is True


def test_effects_are_turned_so_that_more_is_better() -> None:
    falls = indicator(better=Better.LOWER, estimate=-1.5, low=-1.9, high=-1.1)
    assert grade(sound_case(falls)).indicators[0].effect == Interval(1.5, 1.1, 1.9)


@pytest.mark.parametrize(
    ("facts", "no_harm"),
    [
        ({"low": -0.5, "high": 1.0, "estimate": 0.2}, True),
        ({"low": -1.0, "high": 1.0, "estimate": 0.2}, False),
        ({"low": None, "high": None}, None),
    ],
)
def test_whether_harm_is_excluded(facts: dict[str, float | None], no_harm: bool | None) -> None:
    assert grade(sound_case(indicator(**facts))).indicators[0].no_harm is no_harm


def test_a_verdict_that_is_not_known_says_so() -> None:
    found = grade(sound_case(indicator(low=None, high=None))).indicators[0]
    assert found.verdict is None
    assert str(found.title) == "Not known"


def test_a_claim_of_no_worse_is_tested_at_its_margin() -> None:
    cheaper = indicator(claim=Claim.NOT_WORSE, margin=0.5, estimate=0.0, low=-0.2, high=0.2, p_value=0.99)
    test = grade(sound_case(cheaper)).indicators[0].test
    assert test is not None
    assert test.proven is True


def test_the_version_of_the_rules_is_shown() -> None:
    assert grade(sound_case()).rules_version == load_ruleset().version


def test_the_mapping_is_json_and_the_same_each_time() -> None:
    first = json.dumps(grade(sound_case()).to_mapping(), allow_nan=False)
    assert first == json.dumps(grade(sound_case()).to_mapping(), allow_nan=False)


def test_the_mapping_sums_up_verdicts_and_certainty(golden: Grade) -> None:
    mapping = golden.to_mapping()
    verdicts = mapping["verdicts"]
    assert isinstance(verdicts, dict)
    assert list(verdicts) == [item.name for item in golden.indicators]
    assert list(verdicts.values()) == ["little_or_no_effect", "little_or_no_effect", "inconclusive"]
    certainty = mapping["certainty"]
    assert isinstance(certainty, dict)
    assert list(certainty.values()) == [2, 2, 1]


def test_a_case_of_which_nothing_is_known_is_graded_all_the_same() -> None:
    bare = case_from_mapping(
        {
            "case": {"technology": "Eating robot 1"},
            "indicator": [{"name": "meals", "role": "primary", "domain": "citizen", "better": "higher"}],
        }
    )
    found = grade(bare).indicators[0]
    assert found.verdict is None
    assert (found.certainty.level, found.certainty.lowest, found.certainty.highest) == (0, 0, 4)
    assert found.domain is Domain.CITIZEN


def test_a_case_without_primaries_proves_nothing() -> None:
    found = grade(Case("T", (indicator(role=Role.SECONDARY),)))
    assert found.conjunction.proven is False
    assert found.conjunction.claims == 0
