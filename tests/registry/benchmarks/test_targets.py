"""Figures of a contest and what they must reach."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.benchmarks.readings import Absent, Reading
from registry.benchmarks.targets import (
    Found,
    Summary,
    Target,
    cpu,
    cpu_each,
    difference,
    judged,
    peak,
    summary,
    times,
)


def of(cpu_seconds: float, count: int = 1, peak_bytes: int = 100_000_000, **answer: float) -> Summary | Absent:
    return summary("rows", [Reading(cpu_seconds, cpu_seconds, peak_bytes, count, answer)])


FOUND: Found = {
    "ours": of(2.0, 1_000, estimate=1.0, error=0.5),
    "peer": of(3.0, 100, estimate=1.0 + 1e-9, error=0.5),
    "away": Absent("it is not installed"),
}


def test_a_summary_is_the_median_of_the_runs() -> None:
    readings = [Reading(seconds, 10 * seconds, int(seconds * 1_000_000), 5) for seconds in (3.0, 1.0, 2.0)]
    found = summary("rows", readings)
    assert isinstance(found, Summary)
    assert (found.cpu, found.wall, found.peak_mb, found.count, found.runs) == (2.0, 20.0, 2.0, 5, tuple(readings))


def test_one_run_without_a_reading_leaves_no_summary() -> None:
    assert summary("rows", [Reading(1.0, 1.0, 1), Absent("killed")]) == Absent("killed")
    assert summary("rows", []) == Absent("it was not run")


def test_figures_are_read_from_the_summaries() -> None:
    assert cpu("ours")(FOUND) == 2.0
    assert cpu_each("ours")(FOUND) == 2.0
    assert peak("ours")(FOUND) == 100.0
    assert times("peer", "ours")(FOUND) == pytest.approx(15.0)
    assert difference("ours", "peer")(FOUND) == pytest.approx(1e-9, rel=1e-6)


@pytest.mark.parametrize(
    "figure", [cpu("away"), cpu_each("away"), peak("away"), times("away", "ours"), difference("away", "ours")]
)
def test_a_figure_of_an_absent_subject_is_unknown(figure: object) -> None:
    assert callable(figure)
    assert figure(FOUND) is None
    verdict = judged(Target("it", figure, most=1.0), FOUND, full_size=True)
    assert (verdict.value, verdict.shown, verdict.verdict) == (None, "not measured", "unknown")


def test_figures_that_share_nothing_do_not_differ() -> None:
    assert difference("ours", "none")({**FOUND, "none": of(1.0)}) is None


@pytest.mark.parametrize(
    ("least", "most", "verdict"),
    [(10.0, None, "met"), (20.0, None, "missed"), (None, 15.1, "met"), (None, 14.9, "missed"), (None, None, "told")],
)
def test_a_target_is_met_missed_or_only_told(least: float | None, most: float | None, verdict: str) -> None:
    target = Target("times", times("peer", "ours"), least=least, most=most)
    assert judged(target, FOUND, full_size=False).verdict == verdict


def test_seconds_of_a_smaller_job_meet_no_target() -> None:
    target = Target("seconds", cpu("ours"), most=3.0, at_full_size=True)
    assert judged(target, FOUND, full_size=False).verdict == "not at this size"
    assert judged(target, FOUND, full_size=True).verdict == "met"


def test_a_limit_is_written_as_its_figure_is() -> None:
    target = Target("difference", difference("ours", "peer"), most=1e-10, form="{:.1e}")
    found = judged(target, FOUND, full_size=True)
    assert (found.shown, found.limit, found.verdict) == ("1.0e-09", "at most 1.0e-10", "missed")


@pytest.mark.parametrize(
    ("value", "verdict"), [(1.999, "met"), (2.0, "met"), (2.001, "missed"), (float("inf"), "missed")]
)
def test_the_most_is_still_met_where_it_is_just_reached(value: float, verdict: str) -> None:
    assert judged(Target("it", lambda _: value, most=2.0), {}, full_size=True).verdict == verdict


@pytest.mark.parametrize(("value", "verdict"), [(1.999, "missed"), (2.0, "met"), (float("inf"), "met")])
def test_the_least_is_met_where_it_is_just_reached(value: float, verdict: str) -> None:
    assert judged(Target("it", lambda _: value, least=2.0), {}, full_size=True).verdict == verdict


@pytest.mark.parametrize(("value", "verdict"), [(0.0, "met"), (1e-300, "missed")])
def test_nothing_at_all_can_be_the_most(value: float, verdict: str) -> None:
    found = judged(Target("leftovers", lambda _: value, most=0.0), {}, full_size=True)
    assert (found.limit, found.verdict) == ("at most 0.00", verdict)


def test_a_figure_is_not_rounded_into_its_limit() -> None:
    """What is shown is rounded, what is judged is not."""
    found = judged(Target("seconds", lambda _: 13.0004, most=13.0), {}, full_size=True)
    assert (found.shown, found.limit, found.verdict) == ("13.00", "at most 13.00", "missed")
    assert found.value == 13.0004


@pytest.mark.parametrize("full_size", [True, False])
def test_what_is_only_told_has_no_limit_at_any_size(full_size: bool) -> None:
    found = judged(Target("seconds", cpu("ours"), at_full_size=True), FOUND, full_size)
    assert (found.shown, found.limit, found.verdict) == ("2.00", "none", "told")


def test_of_an_even_number_of_runs_the_middle_two_are_averaged() -> None:
    found = summary("rows", [Reading(seconds, 1.0, 1) for seconds in (1.0, 2.0, 4.0, 100.0)])
    assert isinstance(found, Summary)
    assert found.cpu == 3.0


def test_cpu_wall_and_peak_are_medians_of_their_own() -> None:
    """The run that used the most memory need not be the one that took the longest."""
    found = summary(
        "rows", [Reading(1.0, 30.0, 2_000_000), Reading(2.0, 10.0, 3_000_000), Reading(3.0, 20.0, 1_000_000)]
    )
    assert isinstance(found, Summary)
    assert (found.cpu, found.wall, found.peak_mb) == (2.0, 20.0, 2.0)


def test_the_first_reason_is_the_one_that_is_told() -> None:
    assert summary("rows", [Absent("killed"), Reading(1.0, 1.0, 1), Absent("later")]) == Absent("killed")


def test_a_comparison_counts_what_each_has_done() -> None:
    """The peer did a tenth of the work in the same time: ten times the CPU of ours."""
    found: Found = {"ours": of(1.0, 50_000), "peer": of(1.0, 5_000)}
    assert times("peer", "ours")(found) == pytest.approx(10.0)
    assert times("ours", "peer")(found) == pytest.approx(0.1)


@given(st.floats(1e-3, 1e3), st.floats(1e-3, 1e3), st.integers(1, 10**6), st.integers(1, 10**6))
def test_either_side_of_a_comparison_is_the_inverse_of_the_other(
    one: float, other: float, mine: int, theirs: int
) -> None:
    found: Found = {"one": of(one, mine), "other": of(other, theirs)}
    there, back = times("one", "other")(found), times("other", "one")(found)
    assert there is not None and back is not None
    assert there * back == pytest.approx(1.0)


def test_a_clock_that_did_not_move_gives_no_comparison() -> None:
    found: Found = {"ours": of(0.0), "peer": of(1.0)}
    assert times("peer", "ours")(found) is None
    assert times("ours", "peer")(found) == 0.0


def test_the_difference_is_the_larger_of_the_figures_whichever_way_it_goes() -> None:
    found: Found = {
        "ours": of(1.0, estimate=0.99, standard_error=2.0, rows=7.0),
        "peer": of(1.0, estimate=1.0, standard_error=1.9),
    }
    assert difference("ours", "peer")(found) == pytest.approx(2.0 / 1.9 - 1.0)
    found = {"ours": of(1.0, estimate=-0.9), "peer": of(1.0, estimate=-1.0)}
    assert difference("ours", "peer")(found) == pytest.approx(0.1)


def test_equal_figures_do_not_differ_at_all() -> None:
    assert difference("ours", "ours")(FOUND) == 0.0


def test_a_subject_that_does_not_exist_is_a_mistake_and_no_absence() -> None:
    with pytest.raises(KeyError):
        cpu("nobody")(FOUND)
