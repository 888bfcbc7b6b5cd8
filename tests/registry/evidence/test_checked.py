"""What a result's own checks answer of what the rules ask."""

from typing import Any

import pytest

from effects.codes import Design
from effects.rules.indicator import Indicator
from registry.evidence.checked import AS_BEFORE, checked
from tests.registry.analyses.story import a_check, a_result, an_estimate


def moment(time: int) -> Any:
    return an_estimate("sleep", 0.1, 0.2, None, aggregation="event_time", event_time=time)


def result(*entries: Any, **statistics: float | None) -> dict[str, Any]:
    found = a_result(an_estimate("sleep", 0.5, 0.2, 0.01), *entries)
    checks = [{**a_check(name, "pass", "sleep"), "statistic": value} for name, value in statistics.items()]
    return {**found, "diagnostics": checks}


def test_staggered_adoption_states_its_breakdown_against_what_the_pre_periods_show() -> None:
    found = checked(
        Design.STAGGERED_ADOPTION, result(*map(moment, (-3, -2, -1, 0, 1)), honest_did_breakdown=0.62), "sleep"
    )
    assert found == {"pre_periods": 4, "breakdown": 0.62, "observed_violation": AS_BEFORE}


def test_a_breakdown_that_could_not_be_had_stays_unknown() -> None:
    found = checked(Design.STAGGERED_ADOPTION, result(moment(0), honest_did_breakdown=None), "sleep")
    assert found == {"pre_periods": 1}


def test_whether_every_placebo_was_gone_through_is_what_the_check_says() -> None:
    for share, every in ((1.0, True), (0.2, False)):
        found = checked(Design.SYNTHETIC_CONTROL, result(placebos_enumerated=share), "sleep")
        assert found == {"placebos_enumerated": every}
    assert checked(Design.SYNTHETIC_CONTROL, result(placebos_enumerated=None), "sleep") == {}


def test_balance_is_that_after_weighting() -> None:
    found = checked(Design.MATCHED_COMPARISON, result(balance=0.3, balance_after_weighting=0.04), "sleep")
    assert found == {"baseline_g": 0.04, "baseline_adjusted": True}


@pytest.mark.parametrize("design", [Design.CLUSTER_RANDOMISED, Design.BEFORE_AFTER, Design.TWO_PERIOD_DID])
def test_other_designs_leave_everything_to_the_evaluator(design: Design) -> None:
    assert checked(design, result(balance=0.3, honest_did_breakdown=0.2), "sleep") == {}


def test_another_outcomes_checks_say_nothing() -> None:
    found = checked(Design.MATCHED_COMPARISON, result(balance_after_weighting=0.04), "falls")
    assert found == {}


def test_every_answer_is_an_input_of_the_rules() -> None:
    inputs = set(Indicator.__dataclass_fields__)
    answers = checked(Design.STAGGERED_ADOPTION, result(moment(-1), honest_did_breakdown=0.5), "sleep")
    answers |= checked(Design.MATCHED_COMPARISON, result(balance_after_weighting=0.04), "sleep")
    assert set(answers) <= inputs
