import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from effects.treatment_starts import TreatmentStarts, ordered

ONE = TreatmentStarts(("9", "10", "11"), True, ("a", "b"), ("early", "late"), ("10", None))
OTHER = TreatmentStarts(("10", "11", "12"), True, ("b", "c"), ("late", "late"), (None, "12"))


def test_periods_and_clusters_of_both_parts_are_known_and_the_earlier_start_counts() -> None:
    together = ONE.joined(OTHER)
    assert together == TreatmentStarts(
        ("9", "10", "11", "12"), True, ("a", "b", "c"), ("early", "late", "late"), ("10", None, "12")
    )
    assert OTHER.joined(ONE) == together
    again = TreatmentStarts(("9",), True, ("a",), ("early",), ("9",)).joined(ONE)
    assert again is not None
    assert again.first[0] == "9"


def test_exposure_counts_periods_of_all_parts_from_the_start_of_the_sequence() -> None:
    together = ONE.joined(OTHER)
    assert together is not None
    assert [together.exposure(cluster, "12") for cluster in ("a", "b", "c")] == [2, 0, 0]
    assert together.exposure("a", "9") == -1
    assert ONE.exposure("b", "9") is None


def test_a_cluster_of_two_sequences_has_no_start() -> None:
    assert ONE.joined(TreatmentStarts(("9",), True, ("a",), ("late",), (None,))) is None


@pytest.mark.parametrize(
    ("periods", "numeric", "expected"),
    [
        (("10", "9"), True, ("9", "10")),
        (("10", "9"), False, ("10", "9")),
        (("2025-02", "2024-12"), False, ("2024-12", "2025-02")),
    ],
)
def test_periods_stand_in_the_order_of_time(periods: tuple[str, ...], numeric: bool, expected: tuple[str, ...]) -> None:
    assert ordered(periods, numeric=numeric) == expected


PERIODS = [str(period) for period in range(7, 12)]
"""Their order as numbers is not that as words."""

SEQUENCE = {"a": "early", "b": "early", "c": "late", "d": "d"}


@st.composite
def parts(draw: st.DrawFn) -> TreatmentStarts:
    """The starts of some clusters, each of its own sequence in whatever part, over some of the periods."""
    clusters = sorted(draw(st.sets(st.sampled_from("abcd"), min_size=1)))
    periods = ordered(draw(st.sets(st.sampled_from(PERIODS), min_size=1)), numeric=True)
    first = draw(st.tuples(*[st.none() | st.sampled_from(periods)] * len(clusters)))
    return TreatmentStarts(periods, True, tuple(clusters), tuple(SEQUENCE[one] for one in clusters), first)


@settings(max_examples=60)
@given(parts(), parts(), parts())
def test_parts_may_be_joined_in_any_order(one: TreatmentStarts, other: TreatmentStarts, third: TreatmentStarts) -> None:
    together = one.joined(other)
    assert together is not None and together == other.joined(one)
    turned = other.joined(third)
    assert turned is not None
    assert together.joined(third) == one.joined(turned)


@settings(max_examples=30)
@given(parts())
def test_a_part_joined_with_itself_is_that_part(one: TreatmentStarts) -> None:
    assert one.joined(one) == one


@settings(max_examples=60)
@given(parts(), parts())
def test_joining_forgets_no_period_no_cluster_and_no_start(one: TreatmentStarts, other: TreatmentStarts) -> None:
    together = one.joined(other)
    assert together is not None
    assert set(together.periods) == {*one.periods, *other.periods}
    assert list(together.periods) == sorted(together.periods, key=int)
    assert set(together.clusters) == {*one.clusters, *other.clusters}
    starts = dict(zip(together.clusters, together.first, strict=True))
    for part in (one, other):
        for cluster, start in zip(part.clusters, part.first, strict=True):
            joined = starts[cluster]
            assert start is None or (joined is not None and int(joined) <= int(start))


@settings(max_examples=30)
@given(parts())
def test_exposure_rises_by_one_each_period_and_is_nought_at_the_start_of_the_sequence(one: TreatmentStarts) -> None:
    for cluster, owner in zip(one.clusters, one.owners, strict=True):
        times = [one.exposure(cluster, period) for period in one.periods]
        own = [start for start, of in zip(one.first, one.owners, strict=True) if of == owner and start is not None]
        if not own:
            assert times == [None] * len(times)
            continue
        begun = one.periods.index(min(own, key=int))
        assert times == [place - begun for place in range(len(times))]


def test_periods_that_are_words_in_one_part_are_words_in_the_whole() -> None:
    words = TreatmentStarts(("autumn", "spring"), False, ("x",), ("x",), ("spring",))
    together = ONE.joined(words)
    assert together is not None
    assert (together.numeric, together.periods) == (False, ("10", "11", "9", "autumn", "spring"))


def test_a_period_that_nobody_observed_has_no_exposure() -> None:
    with pytest.raises(ValueError, match="tuple"):
        ONE.exposure("a", "99")
