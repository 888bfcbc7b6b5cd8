from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.indicators.consensus import (
    Counts,
    by_group,
    disagreement,
    high,
    low,
    median,
    outcome,
    people,
    percentile,
    tally,
)
from registry.indicators.rules import Outcome
from registry.people.rules import StakeholderGroup

CITIZENS, STAFF = StakeholderGroup.CITIZENS, StakeholderGroup.STAFF

some_scores = st.lists(st.integers(1, 9), min_size=1, max_size=40)
some_groups = st.dictionaries(st.sampled_from(StakeholderGroup), some_scores, min_size=1)


def judged(**groups: list[int]) -> Outcome:
    return outcome({StakeholderGroup(group): tally(scores) for group, scores in groups.items()})


def counted(groups: dict[StakeholderGroup, list[int]]) -> dict[StakeholderGroup, Counts]:
    return {group: tally(scores) for group, scores in groups.items()}


def test_a_tally_counts_each_score() -> None:
    assert tally([1, 9, 9, 5]) == (1, 0, 0, 0, 1, 0, 0, 0, 2)
    assert (people(tally([1, 2, 3, 4, 7, 8, 9])), low(tally([1, 2, 3, 4])), high(tally([6, 7, 8, 9]))) == (7, 3, 3)


def test_seventy_percent_high_and_few_low_in_each_group_is_in() -> None:
    assert judged(citizens=[7] * 7 + [4] * 3, staff=[9]) is Outcome.IN


def test_just_below_seventy_percent_in_one_group_is_not_in() -> None:
    assert judged(citizens=[9] * 69 + [4] * 31, staff=[9] * 10) is Outcome.UNDECIDED


def test_fifteen_percent_low_in_one_group_is_not_in() -> None:
    assert judged(citizens=[9] * 85 + [1] * 15) is Outcome.UNDECIDED
    assert judged(citizens=[9] * 86 + [1] * 14) is Outcome.IN


def test_at_most_half_high_in_each_group_is_out() -> None:
    assert judged(citizens=[5, 5, 7, 7], staff=[4, 5, 6]) is Outcome.OUT
    assert judged(citizens=[5, 5, 7, 7, 7], staff=[4, 5, 6]) is Outcome.UNDECIDED


def test_one_group_against_the_others_is_no_consensus_even_when_it_is_small() -> None:
    assert judged(citizens=[9] * 50, staff=[1]) is Outcome.UNDECIDED


def test_a_panel_split_between_the_ends_disagrees_rather_than_leaves_out() -> None:
    assert judged(citizens=[1, 9, 1, 9], staff=[1, 9]) is Outcome.DISAGREEMENT
    assert judged(citizens=[9] * 5, staff=[1] * 5) is Outcome.DISAGREEMENT


def test_nobody_scoring_decides_nothing() -> None:
    assert outcome({}) is Outcome.UNDECIDED
    assert outcome({CITIZENS: tally([])}) is Outcome.UNDECIDED


def test_a_group_without_a_vote_neither_helps_nor_hinders() -> None:
    assert outcome({CITIZENS: tally([9]), STAFF: tally([])}) is Outcome.IN


def test_percentiles_interpolate_between_neighbours() -> None:
    assert percentile(tally([1, 2, 3, 4, 5, 6, 7, 8, 9]), 0.3) == pytest.approx(3.4)
    assert percentile(tally([4, 8]), 0.7) == pytest.approx(6.8)
    assert percentile(tally([5]), 0.3) == 5
    assert median(tally([1, 9, 8])) == 8
    with pytest.raises(ValueError, match="nobody"):
        median(tally([]))


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ([1] * 3 + [5] * 3 + [9] * 3, True),  # 30th 2.6, 70th 7.4: 4.8 > 2.35
        ([4, 5, 5, 5, 5, 5, 6], False),
        ([7, 7, 8, 8, 9, 9, 9], False),
        ([6, 6, 9, 9], False),  # 30th 6, 70th 9: 3 <= 2.35 + 1.5 * 2.5
        ([3, 3, 3, 7, 7, 7], True),  # 30th 3, 70th 7: 4 > 2.35
    ],
)
def test_the_spread_allowed_grows_with_the_distance_from_the_middle(scores: list[int], expected: bool) -> None:
    assert disagreement(tally(scores)) is expected


@given(some_groups)
def test_what_came_in_is_never_disputed(groups: dict[StakeholderGroup, list[int]]) -> None:
    everybody = [score for scores in groups.values() for score in scores]
    if outcome(counted(groups)) is Outcome.IN:
        assert not disagreement(tally(everybody))
        assert median(tally(everybody)) >= 7


@given(some_groups)
def test_the_order_of_votes_and_of_groups_does_not_matter(groups: dict[StakeholderGroup, list[int]]) -> None:
    turned = {group: scores[::-1] for group, scores in reversed(groups.items())}
    assert outcome(counted(groups)) is outcome(counted(turned))


@given(some_groups, st.integers(2, 4))
def test_the_same_shares_with_more_people_keep_what_came_in(
    groups: dict[StakeholderGroup, list[int]], times: int
) -> None:
    if outcome(counted(groups)) is Outcome.IN:
        assert outcome(counted({group: scores * times for group, scores in groups.items()})) is Outcome.IN


@given(some_groups)
def test_a_group_of_sceptics_can_keep_anything_from_coming_in(groups: dict[StakeholderGroup, list[int]]) -> None:
    assert outcome(counted({**groups, STAFF: [1, 2, 3]})) is not Outcome.IN


@given(some_groups)
def test_raising_every_score_to_the_top_brings_it_in(groups: dict[StakeholderGroup, list[int]]) -> None:
    assert outcome(counted({group: [9] * len(scores) for group, scores in groups.items()})) is Outcome.IN


@given(some_groups)
def test_out_means_that_no_group_has_a_majority_for_it(groups: dict[StakeholderGroup, list[int]]) -> None:
    if outcome(counted(groups)) is Outcome.OUT:
        assert all(2 * high(tally(scores)) <= len(scores) for scores in groups.values())
        assert not disagreement(tally([score for scores in groups.values() for score in scores]))


@given(some_scores, st.sampled_from([0.0, 0.3, 0.5, 0.7, 1.0]))
def test_percentiles_are_those_of_numpy(scores: list[int], share: float) -> None:
    assert percentile(tally(scores), share) == pytest.approx(np.percentile(scores, 100 * share, method="linear"))


@given(some_groups)
def test_the_rule_is_the_one_written_down(groups: dict[StakeholderGroup, list[int]]) -> None:
    """The rule once more, from shares of a list instead of counts in whole numbers."""

    def share(scores: list[int], low: int, high: int) -> Fraction:
        return Fraction(sum(low <= score <= high for score in scores), len(scores))

    everybody = np.array([score for scores in groups.values() for score in scores])
    lower, upper = np.percentile(everybody, [30, 70], method="linear")
    expected = Outcome.UNDECIDED
    if all(share(one, 7, 9) <= Fraction(1, 2) for one in groups.values()):
        expected = Outcome.OUT
    if upper - lower > 2.35 + 1.5 * abs(5 - (lower + upper) / 2):
        expected = Outcome.DISAGREEMENT
    if all(share(one, 7, 9) >= Fraction(7, 10) and share(one, 1, 3) < Fraction(15, 100) for one in groups.values()):
        expected = Outcome.IN
    assert outcome(counted(groups)) is expected


@given(some_scores)
def test_disagreement_looks_the_same_from_both_ends(scores: list[int]) -> None:
    mirrored = [10 - score for score in scores]
    spread = percentile(tally(scores), 0.7) - percentile(tally(scores), 0.3)
    assert percentile(tally(mirrored), 0.7) - percentile(tally(mirrored), 0.3) == pytest.approx(spread)


def test_scores_are_tallied_by_group_in_the_order_of_the_groups() -> None:
    given = [(StakeholderGroup.STAFF, 9), (StakeholderGroup.CITIZENS, 1), (StakeholderGroup.STAFF, 9)]
    assert list(by_group(given).items()) == [
        (StakeholderGroup.CITIZENS, tally([1])),
        (StakeholderGroup.STAFF, tally([9, 9])),
    ]
