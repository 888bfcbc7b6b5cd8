"""Whether the stakeholder groups agree on an indicator, from scores of 1 to 9. Pure.

In: at least 70 % of a group score 7-9 and fewer than 15 % score 1-3, in each group that scored it. Out: at most 50 %
score 7-9, in each group. Disagreement: the spread over everybody is larger than the RAND/UCLA Appropriateness Method
allows (Fitch and others, The RAND/UCLA Appropriateness Method User's Manual, RAND MR-1269, 2001): the range between the
30th and the 70th percentile exceeds 2.35 + 1.5 AI, where AI is the distance of the middle of that range from 5. It is
looked at before Out, because a panel split between 1 and 9 has not agreed to leave something out; it cannot meet In.
What falls between the rules is undecided.

After the first of two rounds the agreed set is what came in. What came out is dropped. What is disputed or undecided
stays open, with its tallies and dissent shown, for the second round; a plan made before that rests on the agreed set
alone. A group in which nobody scored an indicator neither helps nor hinders it here; it is named as missing, and gate
G5 asks that every group has voted.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from registry.indicators.rules import HIGHEST, LOWEST, Outcome
from registry.people.rules import StakeholderGroup

Counts = tuple[int, ...]
"""How many gave each score, from 1 to 9."""

SPREAD_ALLOWED: Final = 2.35
SPREAD_BY_ASYMMETRY: Final = 1.5
MIDDLE: Final = 5


def tally(scores: Sequence[int]) -> Counts:
    """How many gave each score from 1 to 9."""
    return tuple(scores.count(score) for score in range(LOWEST, HIGHEST + 1))


def by_group(scores: Iterable[tuple[StakeholderGroup, int]]) -> dict[StakeholderGroup, Counts]:
    """The tally of each group that scored, in the order of the groups."""
    given: dict[StakeholderGroup, list[int]] = {}
    for group, score in scores:
        given.setdefault(group, []).append(score)
    return {group: tally(given[group]) for group in StakeholderGroup if group in given}


def people(counts: Counts) -> int:
    """How many gave a score."""
    return sum(counts)


def high(counts: Counts) -> int:
    """How many scored 7 to 9."""
    return sum(counts[6:])


def low(counts: Counts) -> int:
    """How many scored 1 to 3."""
    return sum(counts[:3])


def outcome(groups: Mapping[StakeholderGroup, Counts]) -> Outcome:
    """What the scores by group amount to; undecided when nobody scored."""
    voted = [counts for counts in groups.values() if people(counts)]
    if not voted:
        return Outcome.UNDECIDED
    if all(10 * high(counts) >= 7 * people(counts) and 100 * low(counts) < 15 * people(counts) for counts in voted):
        return Outcome.IN
    if disagreement([sum(column) for column in zip(*voted, strict=True)]):
        return Outcome.DISAGREEMENT
    if all(2 * high(counts) <= people(counts) for counts in voted):
        return Outcome.OUT
    return Outcome.UNDECIDED


def disagreement(counts: Sequence[int]) -> bool:
    """Whether the scores spread more than RAND/UCLA allows."""
    lower, upper = percentile(counts, 0.3), percentile(counts, 0.7)
    asymmetry = abs(MIDDLE - (lower + upper) / 2)
    return upper - lower > SPREAD_ALLOWED + SPREAD_BY_ASYMMETRY * asymmetry


def percentile(counts: Sequence[int], share: float) -> float:
    """The score below which that share lies, interpolated between neighbours (type 7 of Hyndman and Fan, 1996).

    Raises ValueError when nobody scored.
    """
    ordered = [score for score, number in enumerate(counts, LOWEST) for _ in range(number)]
    if not ordered:
        raise ValueError("nobody scored")
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def median(counts: Sequence[int]) -> float:
    """The middle score. Raises ValueError when nobody scored."""
    return percentile(counts, 0.5)
