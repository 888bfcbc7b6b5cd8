from effects.codes import Verdict
from registry.analyses.schemas import Answer, Check


def an_answer(verdict: Verdict) -> Answer:
    return Answer(indicator=verdict.value, statistic=None, p_value=None, verdict=verdict, messages={})


def test_a_check_points_to_the_answers_that_are_not_in_order() -> None:
    check = Check(Verdict.FAIL, [an_answer(verdict) for verdict in Verdict])
    assert [answer.indicator for answer in check.remarkable] == ["warn", "fail"]
