import numpy as np
import pytest

from effects.codes import BootstrapWeights
from effects.inference.least_squares import Fit, fit
from effects.inference.romano_wolf import Bootstrapped, romano_wolf
from effects.inference.wild_bootstrap import scores_from_fit, sign_vectors, wild_bootstrap
from effects.linear_model import LinearModel
from effects.rows.columns import Codes, Numbers

CLUSTERS, ROWS = 8, 6
RADEMACHER, WEBB = BootstrapWeights.RADEMACHER, BootstrapWeights.WEBB


def rows(seed: int = 2, effect: float = 0.8) -> tuple[Codes, Numbers, Numbers]:
    """Cluster and treatment of each row, three outcomes of which the first is affected."""
    random = np.random.Generator(np.random.PCG64(seed))
    cluster = np.repeat(np.arange(CLUSTERS), ROWS)
    treated = (cluster % 2 == 0).astype(np.float64)
    shared = random.normal(0, 0.4, (CLUSTERS, 3))[cluster]
    values = random.normal(0, 1, (len(cluster), 3)) + shared
    values[:, 0] += effect * treated
    return cluster, treated, values


def fitted(outcome: Numbers, treated: Numbers, cluster: Codes) -> Fit:
    found = fit(
        LinearModel(
            outcome=outcome,
            design=np.column_stack([np.ones(len(outcome)), treated]),
            names=("intercept", "treated"),
            effect=1,
            weights=np.ones(len(outcome)),
            clusters=cluster,
            absorbed=0,
            estimator="ols",
        )
    )
    assert isinstance(found, Fit)
    return found


def bootstrapped(cluster: Codes, treated: Numbers, values: Numbers) -> list[Bootstrapped]:
    return [
        Bootstrapped(scores_from_fit(fitted(column, treated, cluster), cluster), np.arange(CLUSTERS))
        for column in values.T
    ]


def t_statistic(outcome: Numbers, treated: Numbers, cluster: Codes) -> float:
    """The coefficient over its cluster-robust error without factor."""
    found = fitted(outcome, treated, cluster)
    scores = np.bincount(cluster, found.model.design @ found.influence * found.residuals)
    return abs(found.estimate) / float(np.sqrt(np.sum(scores**2)))


def by_definition(cluster: Codes, treated: Numbers, values: Numbers) -> list[float]:
    """Every sign vector in loops, each outcome refitted to its restricted residuals times the signs."""
    restricted = values - values.mean(axis=0)
    observed = np.array([t_statistic(column, treated, cluster) for column in values.T])
    drawn = np.array(
        [
            [t_statistic(column * signs[cluster], treated, cluster) for column in restricted.T]
            for signs in np.concatenate(list(sign_vectors(CLUSTERS)))
        ]
    )
    adjusted, worst, left = np.empty(len(observed)), 0.0, list(np.argsort(-observed))
    while left:
        worst = max(worst, float(np.mean(drawn[:, left].max(axis=1) >= observed[left[0]] * (1 - 1e-9))))
        adjusted[left.pop(0)] = worst
    return [float(value) for value in adjusted]


@pytest.mark.parametrize("seed", [2, 3])
def test_all_signs_written_out_in_loops_agree(seed: int) -> None:
    cluster, treated, values = rows(seed)
    found = romano_wolf(bootstrapped(cluster, treated, values), CLUSTERS, RADEMACHER, 999, 1)
    assert (found.draws, found.smallest) == (2**CLUSTERS, 2 / 2**CLUSTERS)
    assert found.p_values.tolist() == pytest.approx(by_definition(cluster, treated, values))


@pytest.mark.parametrize(("kind", "draws"), [(RADEMACHER, 999), (RADEMACHER, 99), (WEBB, 199)])
def test_one_outcome_has_the_p_value_of_its_own_bootstrap(kind: BootstrapWeights, draws: int) -> None:
    cluster, treated, values = rows()
    one = bootstrapped(cluster, treated, values)[:1]
    single = wild_bootstrap(one[0].scores, kind, draws, 7).p_values
    assert romano_wolf(one, CLUSTERS, kind, draws, 7).p_values.tolist() == pytest.approx(single.tolist())


def test_a_cluster_has_the_same_multiplier_in_every_outcome() -> None:
    cluster, treated, values = rows()
    same = bootstrapped(cluster, treated, values[:, [0, 0, 0]])
    found = romano_wolf(same, CLUSTERS, WEBB, 99, 3).p_values
    assert found.tolist() == romano_wolf(same[:1], CLUSTERS, WEBB, 99, 3).p_values.tolist() * 3


def test_an_outcome_may_lack_clusters() -> None:
    cluster, treated, values = rows()
    kept = cluster >= 2
    own = fitted(values[kept, 1], treated[kept], cluster[kept] - 2)
    lacking = Bootstrapped(scores_from_fit(own, cluster[kept] - 2), np.arange(2, CLUSTERS))
    full = bootstrapped(cluster, treated, values)
    found = romano_wolf([full[0], lacking], CLUSTERS, RADEMACHER, 999, 1)
    single = wild_bootstrap(lacking.scores, RADEMACHER, 999, 1).p_values[0]
    assert found.p_values[1] >= single - 1e-12


def test_an_outcome_without_an_error_has_no_p_value_and_no_part() -> None:
    cluster, treated, values = rows()
    full = bootstrapped(cluster, treated, values)[:2]
    nothing = full[1].scores
    empty = Bootstrapped(
        type(nothing)(nothing.scores * 0.0, nothing.leverage * 0.0, nothing.influence), full[1].clusters
    )
    found = romano_wolf([full[0], empty], CLUSTERS, RADEMACHER, 999, 1).p_values
    assert np.isnan(found).tolist() == [False, True]
    assert found[0] == romano_wolf(full[:1], CLUSTERS, RADEMACHER, 999, 1).p_values[0]


def test_correlated_outcomes_cost_less_than_holm() -> None:
    cluster, treated, values = rows()
    alike = values[:, [0, 0, 0]] + 0.01 * values
    found = bootstrapped(cluster, treated, alike)
    joint = romano_wolf(found, CLUSTERS, RADEMACHER, 999, 1).p_values
    single = np.array([wild_bootstrap(one.scores, RADEMACHER, 999, 1).p_values[0] for one in found])
    assert joint.max() < 3.0 * single.min()


def test_more_clusters_than_a_number_has_powers_of_two() -> None:
    """2^1,100 is no floating-point number; nobody goes through so many signs."""
    random = np.random.Generator(np.random.PCG64(9))
    cluster = np.repeat(np.arange(1_100), 2)
    treated = (cluster % 2).astype(np.float64)
    one = fitted(random.normal(size=2_200), treated, cluster)
    outcome = Bootstrapped(scores_from_fit(one, cluster), np.arange(1_100))
    found = romano_wolf([outcome], 1_100, RADEMACHER, 99, 1)
    assert (found.draws, found.smallest) == (99, 0.01)
    assert found.p_values[0] == wild_bootstrap(outcome.scores, RADEMACHER, 99, 1).p_values[0]


def test_clusters_in_another_order_are_found_by_their_places() -> None:
    cluster, treated, values = rows()
    first, second = bootstrapped(cluster, treated, values)[:2]
    turned = np.arange(CLUSTERS)[::-1]
    scores = type(second.scores)(
        second.scores.scores[:, turned], second.scores.leverage[turned], second.scores.influence
    )
    plain = romano_wolf([first, second], CLUSTERS, WEBB, 499, 1).p_values
    again = romano_wolf([first, Bootstrapped(scores, turned)], CLUSTERS, WEBB, 499, 1).p_values
    assert again.tolist() == pytest.approx(plain.tolist())
