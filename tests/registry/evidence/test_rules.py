import pytest

from registry.evidence.rules import APPROVE, ASSESS, Known, is_own_work
from registry.people.rules import Role


@pytest.mark.parametrize(("answer", "flag"), [(Known.YES, True), (Known.NO, False), (Known.UNKNOWN, None)])
def test_what_is_not_known_is_never_taken_for_no(answer: Known, flag: bool | None) -> None:
    assert answer.flag is flag


def test_evaluators_assess_and_approve() -> None:
    assert ASSESS.roles == APPROVE.roles == {Role.EVALUATOR}


@pytest.mark.parametrize(
    ("assessed_by", "analysed_by", "own"),
    [(7, 8, True), (8, 7, True), (8, 9, False), (8, None, False), (7, None, True)],
)
def test_whoever_assessed_or_analysed_it_does_not_approve_it(
    assessed_by: int, analysed_by: int | None, own: bool
) -> None:
    assert is_own_work(7, assessed_by, analysed_by) is own
