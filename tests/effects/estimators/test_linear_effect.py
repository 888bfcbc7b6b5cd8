from dataclasses import replace

import numpy as np
import pytest

from effects.codes import AnalysisRole, Reason, StandardError
from effects.design_answers import Effect, NoEffect, Place
from effects.estimators.linear_effect import linear_effect
from effects.linear_model import LinearModel, Obstacle
from effects.message import Message
from effects.planning.settings import Settings, settle
from tests.effects.designs import plan_for

PLACE = Place(analysis=AnalysisRole.SENSITIVITY)


def model(outcome: list[float]) -> LinearModel:
    return LinearModel(
        outcome=np.array(outcome),
        design=np.column_stack([np.ones(6), np.arange(6) % 2]),
        names=("intercept", "treated"),
        effect=1,
        weights=np.ones(6),
        clusters=np.array([0, 0, 1, 1, 2, 2]),
        absorbed=0,
        estimator="ols",
        notes=(Message("a note"),),
    )


def settings() -> Settings:
    return settle(plan_for("cluster_randomised"))[0]


def test_the_coefficient_keeps_its_place_and_notes() -> None:
    found = linear_effect(model([1.0, 2.0, 0.0, 4.0, 3.0, 3.5]), settings(), PLACE)
    assert isinstance(found, Effect)
    assert found.estimate == pytest.approx((1.0 + 4.0 + 0.5) / 3)
    assert (found.place, found.kind, found.rows) == (PLACE, StandardError.CR2, 6)
    assert found.notes == (Message("a note"),)


def test_another_standard_error_may_be_asked_for() -> None:
    outcome = [1.0, 2.0, 0.0, 4.0, 3.0, 3.5]
    named = linear_effect(model(outcome), settings(), PLACE, StandardError.HC1)
    stated = linear_effect(model(outcome), replace(settings(), standard_error=StandardError.HC1), PLACE)
    assert named == stated
    assert isinstance(named, Effect)
    assert named.kind is StandardError.HC1


@pytest.mark.parametrize("outcome", [[1.0, 2.0] * 3, [np.inf, *[1.0] * 5]])
def test_a_model_that_cannot_be_fitted_is_no_effect(outcome: list[float]) -> None:
    found = linear_effect(model(outcome), settings(), PLACE)
    assert isinstance(found, NoEffect)
    assert found.place == PLACE


def test_an_obstacle_is_passed_on() -> None:
    obstacle = Obstacle(Reason.EMPTY_ARM, Message("nobody"), Message("somebody"))
    assert linear_effect(obstacle, settings(), PLACE) == NoEffect(place=PLACE, obstacle=obstacle)


def test_a_standard_error_that_needs_clusters_is_no_effect_without_them() -> None:
    found = linear_effect(replace(model([1.0, 2.0, 0.0, 4.0, 3.0, 3.5]), clusters=None), settings(), PLACE)
    assert isinstance(found, NoEffect)
    assert found.obstacle.reason is Reason.TOO_FEW_CLUSTERS
