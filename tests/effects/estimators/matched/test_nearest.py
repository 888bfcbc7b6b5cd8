import numpy as np
import pytest
from causaldata import nsw_mixtape

from effects.codes import Estimand
from effects.estimators.matched.nearest import Matched, matched
from effects.rows.columns import Numbers
from tests.effects.estimators.matched.people import BOTH, arrays, model_of, people


def slowly(outcome: Numbers, treated: Numbers, covariates: Numbers, estimand: Estimand) -> Matched:
    """Row by row, as Abadie and Imbens write it (2006, theorem 7), without bias adjustment."""
    inverse = np.linalg.inv(np.atleast_2d(np.cov(covariates, rowvar=False)))
    rows = len(outcome)

    def nearest(row: int, among: list[int]) -> list[int]:
        gaps = [covariates[row] - covariates[other] for other in among]
        distances = [float(gap @ inverse @ gap) for gap in gaps]
        return [other for other, far in zip(among, distances, strict=True) if far <= min(distances) + 1e-12]

    used, squared, gains, noise = (np.zeros(rows) for _ in range(4))
    for row in range(rows):
        same = [other for other in range(rows) if treated[other] == treated[row] and other != row]
        close = nearest(row, same)
        noise[row] = len(close) / (len(close) + 1) * (outcome[row] - outcome[close].mean()) ** 2
        if estimand is Estimand.ATT and treated[row] == 0.0:
            continue
        matches = nearest(row, [other for other in range(rows) if treated[other] != treated[row]])
        gains[row] = (2 * treated[row] - 1) * (outcome[row] - outcome[matches].mean())
        used[matches] += 1 / len(matches)
        squared[matches] += 1 / len(matches) ** 2
    about = treated == 1.0 if estimand is Estimand.ATT else np.ones(rows, dtype=np.bool_)
    estimate = gains[about].mean()
    factor = used**2 - squared if estimand is Estimand.ATT else used**2 + 2 * used - squared
    total = np.sum((gains[about] - estimate) ** 2) + np.sum(factor * noise)
    return Matched(float(estimate), float(np.sqrt(total) / about.sum()), used)


@pytest.mark.parametrize("estimand", BOTH)
@pytest.mark.parametrize("ties", [False, True])
def test_it_is_the_slow_and_obvious_version(estimand: Estimand, ties: bool) -> None:
    outcome, treated, covariates, _ = arrays(people(rows=90))
    covariates = np.round(covariates) if ties else covariates
    one = matched(outcome, treated, covariates, estimand, adjusted=False)
    other = slowly(outcome, treated, covariates, estimand)
    assert one.estimate == pytest.approx(other.estimate)
    assert one.standard_error == pytest.approx(other.standard_error)
    assert one.reused == pytest.approx(other.reused)


def trained() -> tuple[Numbers, Numbers, Numbers]:
    """Earnings, training and propensity of the experiment of LaLonde, as in the examples of the R package Matching."""
    table = nsw_mixtape.load_pandas().data.astype({"re74": float, "re75": float}).drop(columns="data_id").astype(float)
    squared = np.column_stack([table[name] ** 2 for name in ("age", "educ", "re74", "re75")])
    nothing = np.column_stack([table["re74"] == 0.0, table["re75"] == 0.0])
    plain = table[["age", "educ", "black", "hisp", "marr", "nodegree", "re74", "re75"]]
    covariates = np.column_stack([plain, squared, nothing]).astype(np.float64)
    treated = table["treat"].to_numpy()
    model = model_of(treated, covariates, np.ones(len(treated)))
    return table["re78"].to_numpy(), treated, model.probabilities[:, None]


def test_propensity_matching_of_the_training_experiment_meets_the_published_estimate() -> None:
    """Sekhon 2011, Journal of Statistical Software 42(7): 2153.3, ties within 1e-5 of the squared distance."""
    outcome, treated, propensity = trained()
    found = matched(outcome, treated, propensity, Estimand.ATT, adjusted=False, tie=1e-5)
    assert found.estimate == pytest.approx(2153.3, abs=0.05)
    assert found.reused.sum() == 185


def test_exact_matches_need_no_adjustment() -> None:
    outcome, treated, covariates, _ = arrays(people())
    covariates = covariates[:, 1:]
    plain, adjusted = (matched(outcome, treated, covariates, Estimand.ATE, adjusted=one) for one in (False, True))
    assert adjusted.estimate == pytest.approx(plain.estimate)
    means = [[outcome[(treated == arm) & (covariates[:, 0] == kind)].mean() for arm in (1, 0)] for kind in (0, 1)]
    shares = [float(np.mean(covariates[:, 0] == kind)) for kind in (0, 1)]
    by_hand = sum(share * (one - other) for share, (one, other) in zip(shares, means, strict=True))
    assert plain.estimate == pytest.approx(by_hand)


@pytest.mark.parametrize("estimand", BOTH)
def test_adjustment_makes_a_linear_outcome_exact(estimand: Estimand) -> None:
    _, treated, covariates, _ = arrays(people())
    outcome = 2.0 * treated + covariates @ np.array([3.0, -1.0])
    found = matched(outcome, treated, covariates, estimand)
    assert found.estimate == pytest.approx(2.0)
    assert matched(outcome, treated, covariates, estimand, adjusted=False).estimate != pytest.approx(2.0)


@pytest.mark.parametrize("estimand", BOTH)
def test_units_of_measurement_do_not_matter(estimand: Estimand) -> None:
    outcome, treated, covariates, _ = arrays(people())
    mixed = covariates @ np.array([[1000.0, 1.0], [0.0, 0.01]])
    one, other = (matched(outcome, treated, columns, estimand) for columns in (covariates, mixed))
    assert one.estimate == pytest.approx(other.estimate)
    assert one.standard_error == pytest.approx(other.standard_error)


def test_the_order_of_the_rows_does_not_matter() -> None:
    outcome, treated, covariates, _ = arrays(people())
    order = np.random.Generator(np.random.PCG64(1)).permutation(len(outcome))
    one = matched(outcome, treated, np.round(covariates, 1), Estimand.ATE)
    other = matched(outcome[order], treated[order], np.round(covariates, 1)[order], Estimand.ATE)
    assert one.estimate == pytest.approx(other.estimate)
    assert one.standard_error == pytest.approx(other.standard_error)


def test_an_arm_of_people_all_alike_is_matched() -> None:
    outcome = np.array([3.0, 5.0, 1.0, 2.0, 4.0])
    treated = np.array([1.0, 1.0, 0.0, 0.0, 0.0])
    covariates = np.array([[1.0], [1.0], [1.0], [1.0], [9.0]])
    found = matched(outcome, treated, covariates, Estimand.ATT, adjusted=False)
    assert found.estimate == pytest.approx(4.0 - 1.5)
    assert found.reused.tolist() == [0.0, 0.0, 1.0, 1.0, 0.0]


@pytest.mark.parametrize("ties", [False, True])
def test_every_row_asks_for_one_row_in_all(ties: bool) -> None:
    outcome, treated, covariates, _ = arrays(people())
    covariates = np.round(covariates) if ties else covariates
    treated_only = matched(outcome, treated, covariates, Estimand.ATT).reused
    everybody = matched(outcome, treated, covariates, Estimand.ATE).reused
    assert treated_only.sum() == pytest.approx(treated.sum())
    assert everybody.sum() == pytest.approx(len(treated))
    assert not treated_only[treated == 1.0].any()


def test_the_error_has_the_spread_of_repeated_samples() -> None:
    """150 samples: the standard deviation of the estimates is known to about 6 %."""
    found = []
    for seed in range(150):
        outcome, treated, covariates, _ = arrays(people(rows=150, seed=seed))
        found.append(matched(outcome, treated, covariates, Estimand.ATE))
    spread = np.std([one.estimate for one in found], ddof=1)
    errors = np.sqrt(np.mean([one.standard_error**2 for one in found]))
    assert errors == pytest.approx(spread, rel=0.18)
