from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from effects.estimators.synthetic.frank_wolfe import MOST_STEPS, Problems, descend, solve, sparse

Array = NDArray[np.float64]


def problem(matrix: Array, target: Array, count: int = 1) -> Problems:
    """The same problem as often as asked for."""
    size = matrix.shape[1]
    return Problems(
        matrix.T @ matrix,
        np.empty((count, size, 0)),
        np.tile(matrix.T @ target, (count, 1)),
        np.full(count, float(len(matrix))),
        np.ones((count, size), dtype=np.bool_),
    )


def uniform(size: int, count: int = 1) -> Array:
    return np.full((count, size), 1.0 / size)


def drawn(seed: int, rows: int = 12, size: int = 5) -> tuple[Array, Array]:
    random = np.random.Generator(np.random.PCG64(seed))
    return random.normal(size=(rows, size)), random.normal(size=rows)


def loss(weights: Array, matrix: Array, target: Array, ridge: float) -> float:
    return float(np.mean((matrix @ weights - target) ** 2) + ridge**2 * weights @ weights)


def best(matrix: Array, target: Array, ridge: float) -> Array:
    """The optimum by trying every set of positive weights and solving its equations: slow and exact."""
    size, answers = matrix.shape[1], []
    gram = matrix.T @ matrix / len(matrix) + ridge**2 * np.eye(size)
    cross = matrix.T @ target / len(matrix)
    for chosen in product([False, True], repeat=size):
        kept = np.flatnonzero(chosen)
        if not len(kept):
            continue
        bordered = np.block([[gram[np.ix_(kept, kept)], np.ones((len(kept), 1))], [np.ones((1, len(kept))), 0.0]])
        weights = np.zeros(size)
        weights[kept] = np.linalg.lstsq(bordered, np.append(cross[kept], 1.0), rcond=None)[0][:-1]
        if weights.min() >= -1e-12:
            answers.append(weights)
    return min(answers, key=lambda weights: loss(weights, matrix, target, ridge))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("ridge", [0.0, 0.3])
def test_the_optimum_is_the_one_found_by_trying_every_support(seed: int, ridge: float) -> None:
    matrix, target = drawn(seed)
    found = solve(problem(matrix, target), uniform(5), ridge, 1e-7)[0]
    exact = best(matrix, target, ridge)
    # The search ends once a step gains less than 1e-14; it nears the optimum at a rate of one over the steps.
    assert loss(found, matrix, target, ridge) == pytest.approx(loss(exact, matrix, target, ridge), rel=1e-5)


@given(st.integers(0, 1000), st.floats(0.0, 2.0))
def test_weights_lie_on_the_simplex(seed: int, ridge: float) -> None:
    matrix, target = drawn(seed)
    found = descend(problem(matrix, target), uniform(5), ridge, 1e-4, 200)[0]
    assert found.min() >= 0.0
    assert found.sum() == pytest.approx(1.0, rel=1e-12)


def test_a_column_that_is_the_target_takes_all_the_weight() -> None:
    matrix, _ = drawn(3)
    found = solve(problem(matrix, matrix[:, 2]), uniform(5), 0.0, 1e-9)[0]
    assert found == pytest.approx([0.0, 0.0, 1.0, 0.0, 0.0], abs=1e-6)


def test_much_ridge_makes_weights_equal() -> None:
    matrix, target = drawn(4)
    assert solve(problem(matrix, target), uniform(5), 1e4, 1e-9)[0] == pytest.approx(np.full(5, 0.2), abs=1e-4)


def test_each_step_lowers_the_loss() -> None:
    matrix, target = drawn(5)
    stated = problem(matrix, target)
    losses = [loss(descend(stated, uniform(5), 0.1, 0.0, steps)[0], matrix, target, 0.1) for steps in range(1, 30)]
    assert all(later <= earlier + 1e-15 for earlier, later in pairwise(losses))


def test_forbidden_weights_stay_zero() -> None:
    matrix, target = drawn(6)
    stated = problem(matrix, target)
    allowed = np.array([[True, False, True, True, False]])
    barred = Problems(stated.gram, stated.downdate, stated.cross, stated.rows, allowed)
    found = solve(barred, allowed / 3.0, 0.2, 1e-8)[0]
    assert found[~allowed[0]].tolist() == [0.0, 0.0]
    own = solve(problem(matrix[:, allowed[0]], target), uniform(3), 0.2, 1e-8)[0]
    assert found[allowed[0]] == pytest.approx(own, abs=1e-12)


def test_problems_that_are_solved_together_are_solved_as_if_alone() -> None:
    matrix, first = drawn(7)
    targets = [first, 2.0 * first, -first, matrix[:, 0]]
    together = problem(matrix, first, len(targets))
    crosses = np.array([matrix.T @ target for target in targets])
    together = Problems(together.gram, together.downdate, crosses, together.rows, together.allowed)
    found = solve(together, uniform(5, len(targets)), 0.1, 1e-5)
    for own, target in zip(found, targets, strict=True):
        assert own == pytest.approx(solve(problem(matrix, target), uniform(5), 0.1, 1e-5)[0], abs=1e-12)


def test_a_downdate_takes_rows_out_of_the_cross_products() -> None:
    matrix, target = drawn(8)
    whole = problem(matrix, target)
    taken = Problems(
        whole.gram,
        matrix[:2].T[None, :, :],
        whole.cross - (matrix[:2].T @ target[:2])[None, :],
        np.array([10.0]),
        whole.allowed,
    )
    rest = problem(matrix[2:], target[2:])
    assert taken.product(uniform(5)) == pytest.approx(rest.product(uniform(5)))
    assert taken.column(np.array([3])) == pytest.approx(rest.column(np.array([3])))
    assert solve(taken, uniform(5), 0.1, 1e-6) == pytest.approx(solve(rest, uniform(5), 0.1, 1e-6), abs=1e-10)


def test_a_part_of_the_problems_is_the_same_problems() -> None:
    matrix, target = drawn(9)
    several = problem(matrix, target, 3)
    few = several.part(np.array([True, False, True]))
    assert (len(few.cross), len(few.allowed), len(few.rows), len(few.downdate)) == (2, 2, 2, 2)
    assert few.gram is several.gram


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        ([0.6, 0.3, 0.1], [2 / 3, 1 / 3, 0.0]),
        ([0.8, 0.2, 0.0], [1.0, 0.0, 0.0]),
        ([0.25, 0.25, 0.5], [0.25, 0.25, 0.5]),
        ([1 / 3, 1 / 3, 1 / 3], [1 / 3, 1 / 3, 1 / 3]),
    ],
)
def test_weights_up_to_a_quarter_of_the_largest_are_dropped(weights: list[float], expected: list[float]) -> None:
    assert sparse(np.array([weights]))[0] == pytest.approx(expected)


def test_a_search_that_starts_in_its_corner_stays_there() -> None:
    matrix, _ = drawn(10)
    corner = np.array([[0.0, 1.0, 0.0, 0.0, 0.0]])
    assert descend(problem(matrix, matrix[:, 1]), corner, 0.0, 1e-9, MOST_STEPS).tolist() == corner.tolist()


def test_no_step_is_the_start_itself() -> None:
    matrix, target = drawn(11)
    assert descend(problem(matrix, target), uniform(5), 0.1, 1e-9, 0).tolist() == uniform(5).tolist()
