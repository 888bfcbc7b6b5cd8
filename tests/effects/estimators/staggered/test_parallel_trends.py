import numpy as np
import pytest
from diff_diff import CallawaySantAnna, HonestDiD
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from effects.codes import BasePeriod, Control, Reason
from effects.estimators.staggered.averages import event_times, found_among
from effects.estimators.staggered.cells import Choices, cell_effects
from effects.estimators.staggered.parallel_trends import Breakdown, JointTest, breakdown, jointly_zero
from effects.linear_model import Obstacle
from tests.effects.estimators.staggered.adoptions import adoption, panel_from, quietly

Z = float(stats.norm.ppf(0.975))


def joint(estimates: np.ndarray, covariance: np.ndarray, df: float) -> JointTest:
    found = jointly_zero(estimates, covariance, df)
    assert isinstance(found, JointTest), found
    return found


def broken(pre: list[float], post: list[float], error: float = 0.1, critical: float = Z) -> Breakdown:
    size = len(pre) + len(post)
    found = breakdown(np.array(pre), np.array(post), error**2 * np.eye(size), critical)
    assert isinstance(found, Breakdown), found
    return found


def test_one_effect_is_tested_by_its_t() -> None:
    found = joint(np.array([2.0]), np.array([[1.0]]), 10.0)
    assert (found.statistic, found.rank, found.df) == (4.0, 1, 10.0)
    assert found.p_value == pytest.approx(2 * stats.t.sf(2.0, 10))


@pytest.mark.parametrize(("clusters", "effects"), [(12, 2), (20, 5), (60, 3)])
def test_it_is_hotellings_test_of_a_mean_vector(clusters: int, effects: int) -> None:
    rows = np.random.Generator(np.random.PCG64(clusters)).normal(0.2, 1.0, (clusters, effects))
    mean, spread = rows.mean(axis=0), np.cov(rows.T) / clusters
    found = joint(mean, spread, clusters - 1.0)
    squared = float(mean @ np.linalg.solve(spread, mean))
    expected = stats.f.sf((clusters - effects) / (effects * (clusters - 1)) * squared, effects, clusters - effects)
    assert found.statistic == pytest.approx(squared)
    assert found.p_value == pytest.approx(float(expected))


def test_with_many_degrees_of_freedom_it_is_chi_squared() -> None:
    found = joint(np.array([1.0, 2.0]), np.eye(2), 1e9)
    assert found.p_value == pytest.approx(stats.chi2.sf(5.0, 2), rel=1e-6)


def test_few_clusters_do_not_reject_too_often_under_the_null() -> None:
    random = np.random.Generator(np.random.PCG64(12))
    p_values = []
    for _ in range(400):
        rows = random.normal(size=(9, 4))
        p_values.append(joint(rows.mean(axis=0), np.cov(rows.T) / 9, 8.0).p_value)
    assert 0.02 < np.mean(np.array(p_values) < 0.05) < 0.09  # 400 draws: four Monte Carlo errors of 1.1 %


@given(scale=st.floats(1e-6, 1e6))
@settings(max_examples=8)
def test_the_unit_of_the_outcome_does_not_matter(scale: float) -> None:
    spread = np.array([[1.0, 0.3], [0.3, 2.0]])
    before = joint(np.array([1.0, -0.5]), spread, 20.0)
    after = joint(scale * np.array([1.0, -0.5]), scale**2 * spread, 20.0)
    assert after.p_value == pytest.approx(before.p_value, rel=1e-6)


@pytest.mark.parametrize(
    ("estimates", "spread", "df", "reason"),
    [
        (np.empty(0), np.empty((0, 0)), 10.0, Reason.NO_BASELINE),
        (np.ones(4), np.eye(4), 3.0, Reason.TOO_FEW_CLUSTERS),
        (np.ones(2), np.ones((2, 2)), 10.0, Reason.COLLINEAR),
        (np.ones(2), np.diag([1.0, 0.0]), 10.0, Reason.COLLINEAR),
        (np.ones(2), np.full((2, 2), np.nan), 10.0, Reason.COLLINEAR),
    ],
    ids=["none", "too many", "dependent", "without error", "not finite"],
)
def test_what_cannot_be_tested_says_why(estimates: np.ndarray, spread: np.ndarray, df: float, reason: Reason) -> None:
    found = jointly_zero(estimates, spread, df)
    assert isinstance(found, Obstacle)
    assert found.reason is reason


def test_the_breakdown_is_where_the_widened_interval_reaches_zero() -> None:
    found = broken([0.2, -0.1], [1.0, 1.4])
    largest, error, reach = 0.3, 0.1 / np.sqrt(2), 1.5
    assert found.largest == pytest.approx(largest)
    assert found.known == pytest.approx((1.2 - Z * error) / (reach * largest))


def test_the_sign_of_the_effect_does_not_matter() -> None:
    one, other = broken([0.2, -0.1], [1.0, 1.4]), broken([-0.2, 0.1], [-1.0, -1.4])
    assert (one.known, one.uncertain) == (pytest.approx(other.known), pytest.approx(other.uncertain))


def test_an_effect_in_doubt_already_breaks_down_at_once() -> None:
    found = broken([0.2], [0.1])
    assert (found.known, found.uncertain) == (0.0, 0.0)


@given(
    pre=st.lists(st.floats(-0.5, 0.5).filter(lambda own: abs(own) > 0.01), min_size=1, max_size=4),
    post=st.lists(st.floats(0.5, 3.0), min_size=1, max_size=4),
)
@settings(max_examples=25)
def test_counting_the_error_of_the_steps_never_makes_the_effect_stronger(pre: list[float], post: list[float]) -> None:
    found = broken(pre, post)
    assert 0.0 <= found.uncertain <= found.known


def test_steps_known_without_error_make_both_breakdowns_one() -> None:
    spread = np.diag([0.0, 0.0, 0.01])
    found = breakdown(np.array([0.3, 0.1]), np.array([1.0]), spread, Z)
    assert isinstance(found, Breakdown)
    assert found.uncertain == pytest.approx(found.known)


def test_a_larger_step_a_larger_error_and_a_later_effect_all_break_down_sooner() -> None:
    plain = broken([0.1, 0.2], [1.0]).known
    assert broken([0.1, 0.4], [1.0]).known < plain
    assert broken([0.1, 0.2], [1.0], error=0.3).known < plain
    assert broken([0.1, 0.2], [1.0, 1.0, 1.0]).known < plain
    assert broken([0.1, 0.2], [1.0], critical=3.0).known < plain


@pytest.mark.parametrize("seed", [1, 4])
def test_it_meets_other_software(seed: int) -> None:
    frame = adoption(units=80, periods=7, cohorts=(4, 5, 0, 0), seed=seed, effect=3.0)
    with quietly():
        theirs = CallawaySantAnna(base_period="universal").fit(
            frame, outcome="y", unit="unit", time="period", first_treat="start", aggregate="event_study"
        )
        judge = HonestDiD(method="relative_magnitude").breakdown_value(theirs, tol=1e-6)
    panel = panel_from(frame)
    found = found_among(panel, cell_effects(panel, Choices(Control.NEVER_TREATED, BasePeriod.UNIVERSAL, 0.0)))
    by_time = event_times(panel, found)
    influence = np.array([average.influence(found) for average in by_time.values()])
    pre, post = (
        np.array([average.estimate for time, average in by_time.items() if chosen(time)])
        for chosen in (lambda time: time < 0, lambda time: time >= 0)
    )
    ours = breakdown(pre, post, influence @ influence.T, Z)
    assert isinstance(ours, Breakdown)
    assert ours.known == pytest.approx(judge, abs=1e-4)  # it searches by halving


@pytest.mark.parametrize(("pre", "post"), [([], [1.0]), ([0.1], [])])
def test_no_step_or_no_effect_has_no_breakdown(pre: list[float], post: list[float]) -> None:
    size = len(pre) + len(post)
    found = breakdown(np.array(pre), np.array(post), np.eye(size), Z)
    assert isinstance(found, Obstacle)
    assert found.reason is Reason.NO_BASELINE


def test_steps_of_exactly_nothing_have_no_breakdown() -> None:
    found = breakdown(np.zeros(2), np.ones(1), 0.01 * np.eye(3), Z)
    assert isinstance(found, Obstacle)
