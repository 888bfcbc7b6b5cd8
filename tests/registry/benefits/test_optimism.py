from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.benefits.optimism import by_kind
from registry.benefits.schemas import BenefitView
from registry.business_cases.rules import BenefitKind
from tests.registry.benefits.story import DUE, a_view, measured, realised, revised


def kept(*shares: float, kind: BenefitKind = BenefitKind.ECONOMY) -> list[BenefitView]:
    """Promises of which these shares came true."""
    return [a_view(realised(400 * share), kind=kind) for share in shares]


def test_the_factor_is_the_median_share_that_came_true() -> None:
    (found,) = by_kind(kept(0.5, 0.9, 0.6))
    assert (found.kind, found.counted, found.realised) == (BenefitKind.ECONOMY, 3, 3)
    assert (found.factor, found.lowest, found.highest) == (0.6, 0.5, 0.9)


@pytest.mark.parametrize("number", [1, 2])
def test_fewer_than_three_give_no_factor(number: int) -> None:
    (found,) = by_kind(kept(*[0.5] * number))
    assert (found.counted, found.factor, found.lowest, found.highest) == (number, None, None, None)


def test_kinds_are_told_apart_and_those_without_a_promise_are_not_shown() -> None:
    mixed = [*kept(0.5, 0.5, 0.5), *kept(0.9, kind=BenefitKind.SAFETY)]
    assert [(one.kind, one.factor) for one in by_kind(mixed)] == [
        (BenefitKind.ECONOMY, 0.5),
        (BenefitKind.SAFETY, None),
    ]
    assert by_kind([]) == ()


def test_what_was_measured_counts_until_something_is_realised_and_hopes_never_do() -> None:
    promises = [
        a_view(measured(300)),
        a_view(measured(100), realised(200)),
        a_view(revised(40)),
        *kept(1.0, kind=BenefitKind.WORKING_TIME),
    ]
    (found,) = by_kind(promises)
    assert (found.counted, found.realised, found.factor) == (3, 2, 0.75)


def test_promises_that_fell_due_without_a_figure_are_counted_apart() -> None:
    late = DUE.replace(year=2028)
    (found,) = by_kind([a_view(today=late), a_view(today=late), a_view(measured(1), today=late), a_view()])
    assert (found.unanswered, found.counted) == (2, 1)


def test_simulated_promises_are_counted_as_such() -> None:
    (found,) = by_kind([a_view(realised(400), simulated=True), a_view(simulated=True), *[a_view(realised(200))] * 2])
    assert (found.simulated, found.counted, found.factor) == (1, 3, 0.5)


SHARES = st.lists(st.floats(-2, 3, allow_nan=False), min_size=1, max_size=8)


@given(SHARES, st.randoms(use_true_random=False))
def test_the_order_of_the_promises_does_not_matter(shares: list[float], chance: Random) -> None:
    promises = kept(*shares)
    mixed = list(promises)
    chance.shuffle(mixed)
    assert by_kind(mixed) == by_kind(promises)


@given(SHARES)
def test_the_factor_lies_within_what_came_true(shares: list[float]) -> None:
    (found,) = by_kind(kept(*shares))
    if len(shares) < 3:
        assert found.factor is None
    else:
        assert found.factor is not None
        assert min(shares) - 1e-9 <= found.factor <= max(shares) + 1e-9


@given(SHARES, SHARES)
def test_promises_of_another_kind_change_nothing(shares: list[float], others: list[float]) -> None:
    alone = by_kind(kept(*shares))
    together = by_kind([*kept(*others, kind=BenefitKind.QUALITY), *kept(*shares)])
    assert together[0] == alone[0]


@given(SHARES)
def test_a_promise_that_was_kept_better_never_lowers_the_factor(shares: list[float]) -> None:
    before, after = (by_kind(kept(*three))[0].factor for three in ([0, 0, *shares], [0, 1, *shares]))
    assert before is not None
    assert after is not None
    assert after >= before
