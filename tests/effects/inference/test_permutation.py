import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from effects.inference.assignment import Assignment, all_assignments, random_assignments, two_arms
from effects.inference.permutation import BlockSums, coefficients, permutation

Array = NDArray[np.float64]
Places = NDArray[np.int64]
STEPS = np.array([[0.0, 0.0, 0.0, 1.0], [0.0, 0.0, 1.0, 1.0], [0.0, 1.0, 1.0, 1.0]])


class Trial:
    """Rows of units over periods, with weights and nuisance columns; 3 outcomes, none affected."""

    def __init__(self, units: int, periods: int, columns: int, seed: int) -> None:
        random = np.random.Generator(np.random.PCG64(seed))
        size = random.integers(1, 4, units * periods)
        self.unit = np.repeat(np.repeat(np.arange(units), periods), size)
        self.period = np.repeat(np.tile(np.arange(periods), units), size)
        n = len(self.unit)
        self.weights = random.uniform(0.5, 2.0, n)
        self.nuisance = np.column_stack([np.ones(n), random.normal(size=(n, columns - 1))])
        self.outcome = random.normal(size=(units, 3))[self.unit] + random.normal(size=(n, 3))
        self.random = random

    def sums(self) -> BlockSums:
        """Each row is a block of its own."""
        weighted = self.nuisance * self.weights[:, None]
        bread = np.linalg.inv(self.nuisance.T @ weighted)
        residuals = self.outcome - self.nuisance @ (bread @ (weighted.T @ self.outcome))
        return BlockSums(self.unit, self.period, residuals * self.weights[:, None], self.weights, weighted, bread)

    def refitted(self, treated: Array) -> Array:
        """Coefficients (3,) of treatment (n,) by numpy."""
        root = np.sqrt(self.weights)[:, None]
        design = np.column_stack([treated, self.nuisance])
        found: Array = np.linalg.lstsq(design * root, self.outcome * root, rcond=None)[0][0]
        return found


@settings(max_examples=25)
@given(st.integers(0, 2**31), st.integers(6, 16), st.integers(1, 4), st.booleans())
def test_draws_are_those_of_refitting_the_model(seed: int, units: int, columns: int, stepped: bool) -> None:
    trial = Trial(units, 4 if stepped else 1, columns, seed)
    assignment = (
        Assignment(np.arange(units) % 3, STEPS, np.zeros(units, dtype=np.int64))
        if stepped
        else two_arms(np.arange(units) % 2)
    )
    drawn = np.concatenate(list(random_assignments(assignment, 8, seed)))
    size, spread = coefficients(trial.sums(), assignment, drawn)
    expected = [trial.refitted(assignment.paths[draw[trial.unit], trial.period]) for draw in drawn]
    np.testing.assert_allclose(size / spread, expected, rtol=1e-9, atol=1e-9)


def test_all_assignments_are_compared_where_they_are_few() -> None:
    trial, treated = Trial(8, 1, 2, 5), np.arange(8) % 2
    found = permutation(trial.sums(), two_arms(treated), 99, 1)
    judge = np.array(
        [trial.refitted(draw[trial.unit].astype(float)) for draw in next(all_assignments(two_arms(treated)))]
    )
    observed = trial.refitted(treated[trial.unit].astype(float))
    assert (found.draws, found.enumerated) == (70, True)
    np.testing.assert_allclose(found.p_values, np.mean(np.abs(judge) >= np.abs(observed) * (1 - 1e-9), axis=0))


def test_a_treatment_that_nuisance_determines_is_refused() -> None:
    trial, treated = Trial(8, 1, 2, 5), np.arange(8) % 2
    trial.nuisance = np.column_stack([np.ones(len(trial.unit)), treated[trial.unit]])
    with pytest.raises(ValueError, match="determine"):
        permutation(trial.sums(), two_arms(treated), 99, 1)
