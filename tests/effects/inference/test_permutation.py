from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import permutation_test

from effects.inference.assignment import Assignment, all_assignments, random_assignments, two_arms
from effects.inference.permutation import (
    BlockSums,
    coefficients,
    permutation,
    put_on_paths,
    sums_of_products,
    sums_of_rows,
)

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
    size, spread = coefficients(put_on_paths(trial.sums(), assignment), drawn)
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


def test_a_treatment_that_nuisance_determines_has_no_p_value() -> None:
    trial, treated = Trial(8, 1, 2, 5), np.arange(8) % 2
    trial.nuisance = np.column_stack([np.ones(len(trial.unit)), treated[trial.unit]])
    assert np.isnan(permutation(trial.sums(), two_arms(treated), 99, 1).p_values).all()


@pytest.mark.parametrize("periods", [1, 4])
def test_sums_are_those_of_the_rows_in_any_order(periods: int) -> None:
    trial = Trial(9, periods, 3, 2)
    order = trial.random.permutation(len(trial.unit))
    arms = Assignment(np.arange(9) % 3, STEPS[:, :periods], np.zeros(9, dtype=np.int64))
    drawn = next(random_assignments(arms, 20, 1))
    rows = (trial.unit, trial.period, trial.nuisance, trial.outcome[:, 0], trial.weights)
    shuffled = sums_of_rows(*(column[order] for column in rows))
    size, spread = coefficients(put_on_paths(shuffled, arms), drawn)
    expected_size, expected_spread = coefficients(put_on_paths(trial.sums(), arms), drawn)
    np.testing.assert_allclose(size[:, 0], expected_size[:, 0], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(spread, expected_spread, rtol=1e-9, atol=1e-12)


def products(columns: Array, outcome: Array, weights: Array, unit: Places) -> tuple[Array, Array]:
    """Cross-products of each unit."""
    member = np.eye(unit.max() + 1)[unit] * weights[:, None]
    return np.einsum("nu,nc,nd->ucd", member, columns, columns), np.einsum("nu,nc,nm->ucm", member, columns, outcome)


@settings(max_examples=25)
@given(st.integers(0, 2**31), st.integers(6, 12), st.booleans())
def test_cross_products_of_the_units_are_enough(seed: int, units: int, within: bool) -> None:
    """Stepped starts, a covariate, period effects and, absorbed by demeaning, unit effects."""
    trial, arms = Trial(units, 4, 2, seed), Assignment(np.arange(units) % 3, STEPS, np.zeros(units, dtype=np.int64))
    member, months = np.eye(units)[trial.unit], np.eye(4)[trial.period]
    columns, outcome = np.column_stack([trial.nuisance[:, 1], months]), trial.outcome
    trial.nuisance = columns
    if within:
        trial.nuisance = np.column_stack([columns[:, :-1], member])
        shares = member * trial.weights[:, None]
        columns, outcome = (
            values - member @ ((shares.T @ values) / shares.sum(axis=0)[:, None]) for values in (columns, outcome)
        )
    paths = np.column_stack([np.zeros(3), STEPS])
    nuisance = np.arange(4 if within else 5)
    found = sums_of_products(*products(columns, outcome, trial.weights, trial.unit), nuisance, paths)
    drawn = next(random_assignments(arms, 8, seed))
    size, spread = coefficients(put_on_paths(found, arms), drawn)
    expected = [trial.refitted(STEPS[draw[trial.unit], trial.period]) for draw in drawn]
    np.testing.assert_allclose(size / spread, expected, rtol=1e-8, atol=1e-8)


def means(values: Array, treated: Places, strata: Places | None = None, draws: int = 9999) -> float:
    """P-value of a difference of plain means, each value a unit of its own."""
    n = len(values)
    sums = BlockSums(
        unit=np.arange(n),
        period=np.zeros(n, dtype=np.int64),
        residuals=(values - values.mean())[:, None],
        rows=np.ones(n),
        nuisance=np.ones((n, 1)),
        bread=np.array([[1.0 / n]]),
    )
    return float(permutation(sums, two_arms(treated, strata), draws, 1).p_values[0])


def test_darwins_maize() -> None:
    """Fisher, The Design of Experiments (1935), section 21: 1,726 of 32,768 arrangements of 15 pairs reach 314."""
    differences = np.array([49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48])
    values = np.stack([differences, np.zeros(15)], axis=1).ravel().astype(float)
    assert means(values, np.tile([1, 0], 15), np.repeat(np.arange(15), 2), 40_000) == 1726 / 32_768


def test_the_lady_tasting_tea() -> None:
    """The same book, section 5: all eight cups right is 1 of 70, and all wrong is as far from chance."""
    milk_first = np.array([1, 0, 0, 1, 1, 0, 1, 0])
    assert means(milk_first.astype(float), milk_first) == 2 / 70


@pytest.mark.parametrize("seed", range(5))
def test_few_people_get_the_p_value_of_scipy(seed: int) -> None:
    random = np.random.Generator(np.random.PCG64(seed))
    values, treated = random.normal(size=11), random.permutation(np.repeat([0, 1], [6, 5]))

    def distance(one: Array, other: Array) -> float:
        return abs(float(np.mean(one) - np.mean(other)))

    judge = permutation_test(
        (values[treated == 1], values[treated == 0]), distance, alternative="greater", n_resamples=np.inf
    )
    assert means(values, treated) == pytest.approx(judge.pvalue, rel=1e-12)


def test_drawn_p_values_come_near_the_enumerated_one() -> None:
    """462 assignments, drawn 400 times: four standard errors of a share of 400."""
    random = np.random.Generator(np.random.PCG64(3))
    values, treated = random.normal(size=11), np.repeat([0, 1], [6, 5])
    exact, drawn = means(values, treated), means(values, treated, draws=400)
    assert drawn == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / 400))
    assert drawn == means(values, treated, draws=400)
    assert (drawn * 401) % 1 == pytest.approx(0.0, abs=1e-9)


def test_outcomes_asked_together_get_what_each_gets_alone() -> None:
    trial, arms = Trial(20, 1, 3, 9), two_arms(np.arange(20) % 2)
    sums = trial.sums()
    alone = [
        permutation(replace(sums, residuals=sums.residuals[:, [place]]), arms, 499, 4).p_values[0] for place in range(3)
    ]
    assert permutation(sums, arms, 499, 4).p_values.tolist() == alone


def test_blocks_may_be_rows_or_their_sums() -> None:
    trial, arms = Trial(20, 4, 3, 9), Assignment(np.arange(20) % 3, STEPS, np.arange(20) // 10)
    rows = trial.sums()
    block = trial.unit * 4 + trial.period
    starts = np.flatnonzero(np.diff(block, prepend=-1))
    sums = BlockSums(
        rows.unit[starts],
        rows.period[starts],
        np.add.reduceat(rows.residuals, starts),
        np.add.reduceat(rows.rows, starts),
        np.add.reduceat(rows.nuisance, starts),
        rows.bread,
    )
    assert permutation(sums, arms, 499, 4).p_values.tolist() == permutation(rows, arms, 499, 4).p_values.tolist()


def test_an_assignment_that_leaves_the_coefficient_undetermined_counts_as_reached() -> None:
    """Of the six ways to treat two of four, two are the nuisance column or its opposite."""
    values, nuisance = np.array([3.0, 1.0, 2.0, 5.0]), np.column_stack([np.ones(4), [1.0, 1.0, 0.0, 0.0]])
    bread = np.linalg.inv(nuisance.T @ nuisance)
    residuals = values - nuisance @ (bread @ (nuisance.T @ values))
    sums = BlockSums(np.arange(4), np.zeros(4, dtype=np.int64), residuals[:, None], np.ones(4), nuisance, bread)
    on_paths = put_on_paths(sums, two_arms(np.array([1, 0, 1, 0])))
    size, spread = coefficients(on_paths, np.array([[1, 1, 0, 0], [0, 1, 0, 1]]))
    assert spread[:, 0].tolist() == [0.0, pytest.approx(1.0)]
    assert size[1, 0] == pytest.approx(0.5)
    assert permutation(sums, two_arms(np.array([1, 0, 1, 0])), 99, 1).p_values[0] == 1.0
