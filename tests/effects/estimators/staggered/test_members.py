import numpy as np
import pytest

from effects.estimators.staggered.members import Label, Members, in_words
from effects.estimators.staggered.panel import Panel


def members(labels: tuple[Label, ...], times: list[float], first: list[float]) -> Members:
    number = len(first)
    return Panel(
        outcome=np.zeros((number, len(times))),
        covariates=np.zeros((number, len(times), 0)),
        covariate_names=(),
        times=np.array(times),
        labels=labels,
        first=np.array(first),
        cluster=np.arange(number),
        weights=np.ones(number),
        people=np.ones(number),
    )


NUMBERS = members((1.0, 2.0, 4.0), [1.0, 2.0, 4.0], [2.0, 4.0, 2.0, np.inf, 9.0])
WORDS = members(("2024Q1", "2024Q2"), [0.0, 1.0], [1.0, np.inf])


def test_cohorts_are_those_that_begin_within_the_periods() -> None:
    assert NUMBERS.cohorts.tolist() == [2.0, 4.0]
    assert NUMBERS.never(0.0).tolist() == [False, False, False, True, True]
    assert NUMBERS.never(5.0).tolist() == [False, False, False, True, False]
    assert NUMBERS.has_lone_cohort
    assert NUMBERS.entries == 5


def test_time_since_treatment_follows_the_numbers_or_counts_periods() -> None:
    assert NUMBERS.whole
    assert [NUMBERS.event_time(2.0, period) for period in range(3)] == [-1, 0, 2]
    halves = members((0.5, 1.0, 2.0), [0.5, 1.0, 2.0], [1.0])
    assert not halves.whole
    assert [halves.event_time(1.0, period) for period in range(3)] == [-1, 0, 1]


@pytest.mark.parametrize(("found", "cohort", "said"), [(NUMBERS, 4.0, "4"), (WORDS, 1.0, "2024Q2")])
def test_cohorts_are_named_as_the_rows_name_periods(found: Members, cohort: float, said: str) -> None:
    assert found.named(cohort) == said == in_words(found.label(cohort))
    assert found.times[found.place(cohort)] == cohort


def test_a_change_needs_both_periods() -> None:
    found = NUMBERS.change(1, 0)
    assert found.both.all()
    assert found.units.sum() == found.weights.sum() == found.people.sum() == 5.0
