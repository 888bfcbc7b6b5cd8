from dataclasses import replace

import numpy as np
import pytest
from causaldata import close_college
from statsmodels.sandbox.regression.gmm import IV2SLS

from effects.codes import Reason, StandardError, WorkingVariance
from effects.inference.cluster_robust import Precision
from effects.inference.covariance import precision
from effects.inference.two_stage import TwoStages, two_stages
from effects.linear_model import LinearModel, Obstacle


def trial(people: int = 400, seed: int = 23) -> tuple[LinearModel, np.ndarray]:
    """A trial in which about 60 % take up what they were assigned; the effect on compliers is 2."""
    random = np.random.Generator(np.random.PCG64(seed))
    assigned, x = random.integers(0, 2, people).astype(float), random.normal(size=people)
    willing = random.random(people) < 0.6
    received = np.where(willing, assigned, (random.random(people) < 0.2)).astype(float)
    outcome = 2.0 * received + 0.5 * x + 0.7 * willing + random.normal(size=people)
    model = LinearModel(
        outcome=outcome,
        design=np.column_stack([np.ones(people), assigned, x]),
        names=("intercept", "treated", "x"),
        effect=1,
        weights=np.ones(people),
        clusters=np.sort(random.integers(0, 25, people)),
        absorbed=0,
        estimator="ols",
    )
    return model, received


def stages(model: LinearModel, received: np.ndarray) -> TwoStages:
    found = two_stages(model, received)
    assert isinstance(found, TwoStages)
    return found


def test_statsmodels_gives_the_same_two_stages() -> None:
    model, received = trial()
    actual = np.column_stack([np.ones(400), received, model.design[:, 2]])
    judge = IV2SLS(model.outcome, actual, model.design).fit()
    found = stages(model, received)
    assert found.second.coefficients == pytest.approx(judge.params, rel=1e-9)
    error = precision(found.second, StandardError.IID, WorkingVariance.IDENTITY)
    assert isinstance(error, Precision)
    assert error.standard_error == pytest.approx(judge.bse[1], rel=1e-9)


def test_the_returns_to_schooling_are_those_of_the_literature() -> None:
    """Card 1995 as in Cunningham, Causal Inference: 0.124 (0.050), least squares 0.071; three digits are printed."""
    columns = ["exper", "black", "south", "married", "smsa"]
    frame = close_college.load_pandas().data.dropna(subset=["lwage", "educ", "nearc4", *columns])
    model = LinearModel(
        outcome=frame["lwage"].to_numpy(float),
        design=np.column_stack([np.ones(len(frame)), frame["nearc4"], frame[columns]]).astype(float),
        names=("intercept", "nearc4", *columns),
        effect=1,
        weights=np.ones(len(frame)),
        clusters=None,
        absorbed=0,
        estimator="ols",
    )
    found = stages(model, frame["educ"].to_numpy(float))
    error = precision(found.second, StandardError.IID, WorkingVariance.IDENTITY)
    assert isinstance(error, Precision)
    assert found.second.estimate == pytest.approx(0.124, abs=5e-4)
    assert error.standard_error == pytest.approx(0.050, abs=5e-4)


def test_without_covariates_it_is_the_ratio_of_two_differences() -> None:
    model, received = trial()
    plain = replace(model, design=model.design[:, :2], names=model.names[:2])
    arms = [model.design[:, 1] == arm for arm in (1.0, 0.0)]
    outcomes, doses = ([values[arm].mean() for arm in arms] for values in (model.outcome, received))
    expected = (outcomes[0] - outcomes[1]) / (doses[0] - doses[1])
    assert stages(plain, received).second.estimate == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("kind", [StandardError.HC1, StandardError.HC2, StandardError.CR0, StandardError.CR2])
def test_robust_errors_use_the_residuals_of_what_was_received(kind: StandardError) -> None:
    model, received = trial()
    found = stages(model, received)
    actual = np.column_stack([np.ones(400), received, model.design[:, 2]])
    assert found.second.residuals == pytest.approx(model.outcome - actual @ found.second.coefficients)
    error = precision(found.second, kind, WorkingVariance.IDENTITY)
    assert isinstance(error, Precision)
    naive = precision(replace(found.second, residuals=found.first.residuals), kind, WorkingVariance.IDENTITY)
    assert isinstance(naive, Precision)
    assert error.standard_error > 0
    assert error.standard_error != naive.standard_error


def test_full_compliance_is_the_effect_of_assignment() -> None:
    model, _ = trial()
    found = stages(model, model.design[:, 1].copy())
    assert found.second.estimate == pytest.approx(np.linalg.lstsq(model.design, model.outcome, rcond=None)[0][1])


@pytest.mark.parametrize("received", [np.zeros(400), np.full(400, 0.3)])
def test_what_nobody_received_differently_has_no_effect(received: np.ndarray) -> None:
    found = two_stages(trial()[0], received)
    assert isinstance(found, Obstacle)
    assert found.reason is Reason.NO_FIRST_STAGE


def test_an_assignment_that_moves_nothing_is_no_instrument() -> None:
    model, _ = trial()
    orthogonal = np.tile([0.0, 0.0, 1.0, 1.0], 100)
    found = two_stages(replace(model, design=np.column_stack([np.ones(400), np.tile([0.0, 1.0], 200)])), orthogonal)
    assert isinstance(found, Obstacle)
    assert found.reason is Reason.NO_FIRST_STAGE
