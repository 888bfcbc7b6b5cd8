import numpy as np
import pytest

from effects.codes import Calibration
from effects.estimators.survey.calibration import Calibrated, Margin, calibrate
from effects.estimators.survey.means import Estimate, Part, contrast, weighted_mean
from effects.estimators.survey.sampling import Sampling, one_stage
from effects.linear_model import Obstacle
from effects.rows.columns import Flags, Numbers

ALL: Flags = np.ones(8, dtype=np.bool_)
ONE = np.zeros(8, dtype=np.int64)
VALUES = np.array([3.0, 5.0, 4.0, 8.0, 6.0, 7.0, 2.0, 5.0])
WEIGHTS = np.array([1.0, 2.0, 1.0, 2.0, 3.0, 1.0, 2.0, 1.0])


def plain(weights: Numbers, rows: Flags = ALL, about: Flags | None = None) -> Part:
    kept = calibrate(Calibration.NONE, weights[rows], [])
    assert isinstance(kept, Calibrated)
    return Part(rows, kept, np.ones(int(rows.sum()), dtype=np.bool_) if about is None else about)


def srs(weights: Numbers = WEIGHTS) -> Sampling:
    return one_stage(weights, np.arange(8), ONE, None)


def stated(found: Estimate | Obstacle) -> Estimate:
    assert isinstance(found, Estimate), found
    return found


def test_an_unweighted_mean_has_the_standard_error_of_a_mean() -> None:
    even = np.ones(8)
    found = stated(contrast(VALUES, [(1.0, plain(even))], srs(even)))
    assert found.estimate == pytest.approx(VALUES.mean())
    assert found.standard_error == pytest.approx(VALUES.std(ddof=1) / np.sqrt(8))
    assert found.df == 7


def test_a_weighted_mean_is_a_ratio_and_its_scores_sum_to_nothing() -> None:
    mean, scores = weighted_mean(VALUES, plain(WEIGHTS))
    assert mean == pytest.approx(np.average(VALUES, weights=WEIGHTS))
    assert scores.sum() == pytest.approx(0.0, abs=1e-12)
    assert scores == pytest.approx(WEIGHTS * (VALUES - mean) / WEIGHTS.sum())


def test_a_domain_keeps_all_clusters_but_only_its_own_values() -> None:
    about = np.arange(8) < 5
    mean, scores = weighted_mean(VALUES, plain(WEIGHTS, about=about))
    assert mean == pytest.approx(np.average(VALUES[:5], weights=WEIGHTS[:5]))
    assert not scores[5:].any()


def test_values_outside_the_domain_may_be_unknown() -> None:
    about = np.arange(8) < 5
    values = np.where(about, VALUES, np.nan)
    assert stated(contrast(values, [(1.0, plain(WEIGHTS, about=about))], srs())).standard_error > 0.0


def test_shared_clusters_bring_their_covariance_and_separate_ones_do_not() -> None:
    early = np.arange(8) < 4
    parts = [(-1.0, plain(WEIGHTS, early)), (1.0, plain(WEIGHTS, ~early))]
    shared = one_stage(WEIGHTS, np.tile(np.arange(4), 2), ONE, None)
    apart = one_stage(WEIGHTS, np.arange(8), (~early).astype(np.int64), None)
    together, separate = (stated(contrast(VALUES, parts, sampling)) for sampling in (shared, apart))
    assert together.estimate == separate.estimate
    scores = [weighted_mean(VALUES[rows], part)[1] for rows, (_, part) in zip((early, ~early), parts, strict=True)]
    sizes = [4 * np.var(own, ddof=1) for own in scores]
    covariance = 4 * np.cov(scores[0], scores[1])[0, 1]
    assert separate.standard_error**2 == pytest.approx(sum(sizes))
    assert together.standard_error**2 == pytest.approx(sum(sizes) - 2 * covariance)
    assert (together.df, separate.df) == (3, 6)


def test_calibration_to_what_explains_the_outcome_leaves_no_error() -> None:
    codes = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    tied = calibrate(Calibration.POSTSTRATIFICATION, WEIGHTS, [Margin("a", codes, np.array([5.0, 9.0]), ("0", "1"))])
    assert isinstance(tied, Calibrated)
    part = Part(ALL, tied, ALL)
    found = stated(contrast(codes.astype(float), [(1.0, part)], srs()))
    assert found.estimate == pytest.approx(9 / 14)
    assert found.standard_error == pytest.approx(0.0, abs=1e-12)


def test_one_cluster_carries_no_error() -> None:
    found = contrast(VALUES, [(1.0, plain(WEIGHTS))], one_stage(WEIGHTS, ONE, ONE, None))
    assert isinstance(found, Obstacle)
    assert found.reason == "too_few_clusters"


def test_values_too_large_to_square_are_refused() -> None:
    with np.errstate(over="ignore"):
        found = contrast(VALUES * 1e300, [(1.0, plain(WEIGHTS))], srs())
    assert isinstance(found, Obstacle)
    assert found.reason == "not_finite"
