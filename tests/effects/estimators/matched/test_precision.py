import numpy as np
import pytest

from effects.estimators.matched.precision import summed
from effects.inference.cluster_robust import Precision
from effects.linear_model import Obstacle

SCORES = np.array([1.0, -2.0, 0.5, 1.5, -1.0, 0.0, 2.0, -2.0])
TREATED = np.array([1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0])


def test_rows_are_clusters_where_none_are_stated() -> None:
    found = summed(SCORES, TREATED, None)
    assert isinstance(found, Precision)
    assert found.standard_error == pytest.approx(np.sqrt(np.sum(SCORES**2)))
    parts = np.sum(SCORES[:4] ** 2), np.sum(SCORES[4:] ** 2)
    assert found.df == pytest.approx(sum(parts) ** 2 / (parts[0] ** 2 / 3 + parts[1] ** 2 / 3))


def test_scores_are_summed_over_clusters() -> None:
    found = summed(SCORES, TREATED, np.repeat(np.arange(4), 2))
    assert isinstance(found, Precision)
    assert found.standard_error == pytest.approx(np.sqrt(1.0 + 4.0 + 1.0 + 0.0))


def test_equal_arms_have_the_degrees_of_freedom_of_both() -> None:
    found = summed(np.tile([1.0, -1.0], 4), TREATED, None)
    assert isinstance(found, Precision)
    assert found.df == pytest.approx(6.0)


def test_clusters_with_rows_of_both_arms_count_once() -> None:
    found = summed(SCORES, TREATED, np.array([0, 1, 2, 3, 0, 1, 2, 3]))
    assert isinstance(found, Precision)
    assert found.df == 3.0


@pytest.mark.parametrize("clusters", [[0, 0, 0, 0, 1, 1, 2, 2], [0, 0, 0, 0, 0, 0, 0, 0]])
def test_one_cluster_in_an_arm_is_refused(clusters: list[int]) -> None:
    found = summed(SCORES, TREATED, np.array(clusters))
    assert isinstance(found, Obstacle)
    assert found.reason == "too_few_clusters"
    assert str(found.needs) == "at least 2 clusters in each arm"


def test_huge_scores_are_refused() -> None:
    with np.errstate(over="ignore"):
        found = summed(SCORES * 1e300, TREATED, None)
    assert isinstance(found, Obstacle)
    assert found.reason == "not_finite"


def test_no_influence_at_all_has_degrees_of_freedom_but_no_error() -> None:
    found = summed(np.zeros(8), TREATED, None)
    assert found == Precision(0.0, 6.0)
