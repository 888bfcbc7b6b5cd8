import numpy as np
import pytest

from effects.estimators.survey.sampling import Sampling, one_stage, variance
from effects.linear_model import Obstacle

ONE = np.zeros(6, dtype=np.int64)
PAIRS = np.repeat(np.arange(3), 2)
SCORES = np.array([1.0, 2.0, -1.0, 0.5, -2.0, -0.5])
EVEN = np.ones(6)


def number(found: float | Obstacle) -> float:
    assert isinstance(found, float), found
    return found


def test_a_simple_random_sample_has_the_textbook_variance_of_a_total() -> None:
    sampling = one_stage(EVEN, np.arange(6), ONE, np.array([60.0]))
    expected = (1 - 6 / 60) * 6 * np.var(SCORES, ddof=1)
    assert number(variance(SCORES, sampling)) == pytest.approx(expected)
    assert sampling.df == 5


def test_clusters_are_summed_before_they_are_compared() -> None:
    sums = np.array([3.0, -0.5, -2.5])
    sampling = one_stage(EVEN, PAIRS, ONE, None)
    assert number(variance(SCORES, sampling)) == pytest.approx(3 * np.var(sums, ddof=1))
    assert sampling.df == 2


def test_strata_add_their_variances_each_with_its_own_correction() -> None:
    strata = np.repeat([0, 1], 3)
    population = np.array([5.0, 30.0])
    sampling = one_stage(EVEN, np.arange(6), strata, population)
    parts = [(1 - 3 / size) * 3 * np.var(SCORES[strata == place], ddof=1) for place, size in enumerate(population)]
    assert number(variance(SCORES, sampling)) == pytest.approx(sum(parts))
    assert sampling.df == 4


def test_a_census_in_which_everybody_answers_has_no_error() -> None:
    assert number(variance(SCORES, one_stage(EVEN, np.arange(6), ONE, np.array([6.0])))) == 0.0


def test_a_census_with_silent_clusters_keeps_the_error_of_those_who_answered() -> None:
    sampling = Sampling(
        weights=EVEN,
        clusters=np.arange(6),
        strata=ONE,
        population=np.array([9.0]),
        drawn=np.array([9.0]),
        silent=np.array([True]),
        incomplete=np.zeros(6, dtype=np.bool_),
    )
    assert number(variance(SCORES, sampling)) == pytest.approx(6 * np.var(SCORES, ddof=1))


def test_those_who_answer_within_a_drawn_cluster_are_a_phase_without_finite_population() -> None:
    part = np.array([True, True, False, False, False, False])
    sampling = Sampling(
        weights=EVEN,
        clusters=PAIRS,
        strata=ONE,
        population=np.array([12.0]),
        drawn=np.array([3.0]),
        silent=np.array([False]),
        incomplete=part,
    )
    between = 3 * np.var([3.0, -0.5, -2.5], ddof=1)
    assert number(variance(SCORES, sampling)) == pytest.approx(0.75 * between + 0.25 * (1.0 + 4.0))


@pytest.mark.parametrize(("population", "named"), [(None, "lonely_cluster"), (np.array([4.0, 4.0]), "lonely_cluster")])
def test_a_lonely_cluster_has_no_variance(population: np.ndarray | None, named: str) -> None:
    strata = np.array([0, 0, 0, 0, 1, 1])
    found = variance(SCORES, one_stage(EVEN, PAIRS, strata, population))
    assert isinstance(found, Obstacle)
    assert found.reason == named
    assert "1 strata" in str(found.detail)


def test_a_cluster_that_was_certain_to_come_adds_nothing() -> None:
    strata = np.array([0, 0, 0, 0, 1, 1])
    found = number(variance(SCORES, one_stage(EVEN, PAIRS, strata, np.array([4.0, 1.0]))))
    assert found == pytest.approx((1 - 2 / 4) * 2 * np.var([3.0, -0.5], ddof=1))


def test_each_stratum_keeps_the_phase_of_its_own_silent() -> None:
    """A census of two strata: in one a whole cluster is silent, in the other a cluster answered in part."""
    strata = np.repeat([0, 1], [4, 4])
    scores = np.array([1.0, -1.0, 2.0, -2.0, 0.5, 1.0, -1.5, 0.0])
    sampling = Sampling(
        weights=np.ones(8),
        clusters=np.repeat(np.arange(4), 2),
        strata=strata,
        population=np.array([3.0, 2.0]),
        drawn=np.array([3.0, 2.0]),
        silent=np.array([True, False]),
        incomplete=np.array([False] * 6 + [True] * 2),
    )
    between = 2 * np.var([0.0, 0.0], ddof=1)
    assert number(variance(scores, sampling)) == pytest.approx(between + 1.5**2)
    assert sampling.df == 2
    assert sampling.stratum_of_cluster.tolist() == [0, 0, 1, 1]
