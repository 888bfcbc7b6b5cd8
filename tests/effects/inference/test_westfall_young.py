from itertools import combinations

import numpy as np
import pytest

from effects.inference.assignment import Assignment, two_arms
from effects.inference.permutation import permutation, sums_of_rows
from effects.inference.westfall_young import Redrawable, westfall_young
from effects.rows.columns import Codes, Numbers

CLUSTERS, ROWS = 8, 5


def rows(seed: int = 3, outcomes: int = 3, effect: float = 1.0) -> tuple[Codes, Codes, Numbers]:
    """Cluster of each row, arm of each cluster, outcomes (n, m) of which the first is affected."""
    random = np.random.Generator(np.random.PCG64(seed))
    cluster = np.repeat(np.arange(CLUSTERS), ROWS)
    arm = random.permutation(np.repeat([0, 1], CLUSTERS // 2))
    shared = random.normal(0, 0.5, (CLUSTERS, 1))[cluster]
    values = random.normal(0, 1, (CLUSTERS * ROWS, outcomes)) * [1.0, 10.0, 0.1][:outcomes] + shared
    values[:, 0] += effect * arm[cluster]
    return cluster, arm, values


def redrawable(outcome: Numbers, cluster: Codes, assignment: Assignment, units: Codes | None = None) -> Redrawable:
    ones = np.ones(len(outcome))
    sums = sums_of_rows(cluster, np.zeros(len(outcome), dtype=np.int64), ones[:, None], outcome, ones)
    return Redrawable(sums, assignment, np.arange(len(assignment.observed)) if units is None else units)


def by_definition(cluster: Codes, arm: Codes, values: Numbers) -> list[float]:
    """All assignments in loops: differences in means over their standard deviation, maxima of what is left."""
    table = []
    for chosen in combinations(range(CLUSTERS), CLUSTERS // 2):
        treated = np.isin(cluster, chosen)
        table.append(np.abs(values[treated].mean(axis=0) - values[~treated].mean(axis=0)))
    drawn = np.array(table)
    treated = arm[cluster] == 1
    observed = np.abs(values[treated].mean(axis=0) - values[~treated].mean(axis=0))
    scale = np.sqrt(np.mean(drawn**2, axis=0))
    drawn, observed = drawn / scale, observed / scale
    adjusted, worst, left = np.empty(len(observed)), 0.0, list(np.argsort(-observed))
    while left:
        reached = np.mean(drawn[:, left].max(axis=1) >= observed[left[0]] * (1 - 1e-9))
        worst = max(worst, float(reached))
        adjusted[left.pop(0)] = worst
    return [float(value) for value in adjusted]


@pytest.mark.parametrize("seed", range(4))
def test_all_assignments_written_out_in_loops_agree(seed: int) -> None:
    cluster, arm, values = rows(seed)
    assignment = two_arms(arm)
    found = westfall_young([redrawable(column, cluster, assignment) for column in values.T], assignment, 999, 1)
    assert (found.draws, found.smallest) == (70, 1 / 70)
    assert found.p_values.tolist() == pytest.approx(by_definition(cluster, arm, values))


def test_one_outcome_has_the_p_value_of_its_permutation_test() -> None:
    cluster, arm, values = rows()
    assignment = two_arms(arm)
    one = redrawable(values[:, 0], cluster, assignment)
    for draws in (999, 60):
        single = permutation(one.sums, assignment, draws, 5)
        assert westfall_young([one], assignment, draws, 5).p_values.tolist() == pytest.approx(single.p_values.tolist())


def test_the_unit_of_an_outcome_does_not_matter() -> None:
    cluster, arm, values = rows()
    assignment = two_arms(arm)
    plain, scaled = (
        westfall_young([redrawable(column, cluster, assignment) for column in both.T], assignment, 50, 1).p_values
        for both in (values, values * [1e6, 1e-6, 3.0])
    )
    assert plain.tolist() == pytest.approx(scaled.tolist())


def test_the_same_seed_gives_the_same_draws_to_every_outcome() -> None:
    cluster, arm, values = rows()
    assignment = two_arms(arm)
    same = [redrawable(values[:, 0], cluster, assignment) for _ in range(3)]
    p_values = westfall_young(same, assignment, 40, 9).p_values
    assert len(set(p_values.tolist())) == 1
    assert p_values.tolist() == westfall_young(same[:1], assignment, 40, 9).p_values.tolist() * 3


def test_an_outcome_without_some_units_sees_the_same_assignments() -> None:
    cluster, arm, values = rows()
    assignment, kept = two_arms(arm), cluster < 6
    own = redrawable(values[kept, 1], cluster[kept], two_arms(arm[:6]), np.arange(6))
    found = westfall_young([redrawable(values[:, 0], cluster, assignment), own], assignment, 999, 1)
    assert found.draws == 70
    assert np.all((found.p_values > 0.0) & (found.p_values <= 1.0))


def test_strata_are_kept() -> None:
    cluster, arm, values = rows(outcomes=2)
    arm = np.tile([0, 1], CLUSTERS // 2)
    assignment = two_arms(arm, np.repeat(np.arange(CLUSTERS // 2), 2))
    found = westfall_young([redrawable(column, cluster, assignment) for column in values.T], assignment, 999, 1)
    assert found.draws == 2 ** (CLUSTERS // 2)


def test_an_effect_that_the_observed_assignment_does_not_determine_has_no_p_value() -> None:
    cluster, arm, values = rows(outcomes=1)
    assignment = two_arms(arm)
    nuisance = np.column_stack([np.ones(len(cluster)), arm[cluster].astype(np.float64)])
    zeros = np.zeros(len(cluster), dtype=np.int64)
    sums = sums_of_rows(cluster, zeros, nuisance, values[:, 0], np.ones(len(cluster)))
    known = redrawable(values[:, 0], cluster, assignment)
    found = westfall_young([Redrawable(sums, assignment, np.arange(CLUSTERS)), known], assignment, 999, 1)
    assert np.isnan(found.p_values).tolist() == [True, False]
    alone = westfall_young([known], assignment, 999, 1)
    assert found.p_values[1] == alone.p_values[0]


def test_false_claims_are_as_rare_as_promised() -> None:
    """Three outcomes without effect, 300 trials: the exact level is at most 5 %, three standard errors are 3.8 %."""
    claimed = 0
    for seed in range(300):
        cluster, arm, values = rows(seed, effect=0.0)
        assignment = two_arms(arm)
        found = westfall_young([redrawable(column, cluster, assignment) for column in values.T], assignment, 99, seed)
        claimed += bool(np.any(found.p_values <= 0.05))
    assert claimed / 300 <= 0.05 + 0.038
