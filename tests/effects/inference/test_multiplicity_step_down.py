import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from effects.inference.multiplicity_step_down import reached
from effects.inference.multiplicity_step_down import step_down as stepped
from effects.rows.columns import Numbers

STATISTICS = st.integers(1, 5).flatmap(
    lambda outcomes: st.tuples(
        arrays(np.float64, outcomes, elements=st.floats(0, 5)),
        arrays(np.float64, (30, outcomes), elements=st.floats(0, 5)),
    )
)


def step_down(observed: Numbers, resampled: Numbers, *, enumerated: bool) -> Numbers:
    """All draws at once."""
    return stepped(observed, reached(observed, resampled), len(resampled), enumerated=enumerated)


def by_definition(observed: Numbers, resampled: Numbers) -> list[float]:
    """Algorithm 2.8 of Westfall and Young written out, draw by draw."""
    order = sorted(range(len(observed)), key=lambda place: -observed[place])
    counts = [0] * len(observed)
    for draw in resampled.tolist():
        for rank in range(len(order)):
            left = max(draw[place] for place in order[rank:])
            counts[rank] += left >= observed[order[rank]] * (1 - 1e-9)
    adjusted, worst = [0.0] * len(observed), 0.0
    for rank, place in enumerate(order):
        worst = max(worst, (1 + counts[rank]) / (len(resampled) + 1))
        adjusted[place] = worst
    return adjusted


def test_a_small_example_by_hand() -> None:
    observed = np.array([1.0, 3.0])
    resampled = np.array([[0.5, 1.0], [2.0, 0.1], [0.2, 3.5], [1.0, 1.0]])
    assert step_down(observed, resampled, enumerated=True).tolist() == [0.5, 0.25]
    assert step_down(observed, resampled, enumerated=False).tolist() == pytest.approx([0.6, 0.4])


@given(STATISTICS)
def test_the_algorithm_is_that_of_the_book(statistics: tuple[Numbers, Numbers]) -> None:
    observed, resampled = statistics
    found = step_down(observed, resampled, enumerated=False)
    assert found.tolist() == pytest.approx(by_definition(observed, resampled))


@given(STATISTICS)
def test_a_correction_lies_between_the_single_p_value_and_bonferroni(statistics: tuple[Numbers, Numbers]) -> None:
    observed, resampled = statistics
    found = step_down(observed, resampled, enumerated=True)
    single = np.mean(resampled >= observed * (1 - 1e-9), axis=0)
    assert np.all(found >= single - 1e-12)
    largest = int(np.argmax(observed))
    assert (
        found[largest] <= min(1.0, float(np.sum(np.mean(resampled >= observed[largest] * (1 - 1e-9), axis=0)))) + 1e-12
    )


@given(STATISTICS)
def test_stronger_statistics_never_have_larger_p_values(statistics: tuple[Numbers, Numbers]) -> None:
    observed, resampled = statistics
    found = step_down(observed, resampled, enumerated=True)
    order = np.argsort(-observed, kind="stable")
    assert np.all(np.diff(found[order]) >= 0.0)


def test_outcomes_that_are_the_same_cost_nothing() -> None:
    random = np.random.Generator(np.random.PCG64(1))
    one = random.exponential(1.0, 500)
    single = step_down(np.array([2.0]), one[:, None], enumerated=False)
    triple = step_down(np.full(3, 2.0), np.column_stack([one] * 3), enumerated=False)
    assert triple.tolist() == [single[0]] * 3


def test_draws_without_a_statistic_count_as_reached() -> None:
    resampled = np.array([[np.inf, 0.0], [0.0, 0.0]])
    assert step_down(np.array([1.0, 5.0]), resampled, enumerated=True).tolist() == [0.5, 0.5]
