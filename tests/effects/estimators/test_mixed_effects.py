"""Effects of fitted mixed models, with their notes and what is resampled beside them."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from effects.codes import AnalysisRole, DfMethod, FixedEffect, Reason, StandardError, WorkingModel
from effects.design_answers import Effect, NoEffect, Place
from effects.estimators import mixed_effects
from effects.estimators.mixed_designs import cluster_design, exposure_design, wedge_design
from effects.estimators.mixed_effects import (
    BESIDE,
    effects_by_exposure,
    least_squares_effect,
    mixed_effect,
    model_based,
    with_fixed_effects,
    with_resampling,
)
from effects.inference.kenward_roger import mixed_precision
from effects.inference.mixed_model import MixedFit, fit_mixed
from effects.linear_model import Obstacle
from effects.message import Message
from effects.second_opinions import UNSTRATIFIED, nobody
from tests.effects.estimators.test_mixed_designs import asked, built

OBSTACLE = Obstacle(Reason.TOO_FEW_ROWS, Message("too few"), Message("more"))
PLACE = Place()


def effect(found: Effect | NoEffect) -> Effect:
    assert isinstance(found, Effect), found
    return found


def fitted(found: MixedFit | Obstacle) -> MixedFit:
    assert isinstance(found, MixedFit), found
    return found


def texts(found: Effect | NoEffect) -> list[str]:
    return [note.template for note in effect(found).notes]


@pytest.fixture
def linear() -> Effect:
    return Effect(
        place=BESIDE,
        estimate=1.0,
        standard_error=0.5,
        kind=StandardError.CR2,
        df=7.0,
        estimator="ols",
        p_permutation=0.04,
        p_bootstrap=0.05,
        notes=(Message("from resampling"),),
    )


@pytest.mark.parametrize("method", list(DfMethod))
def test_the_effect_has_the_error_and_freedom_that_the_plan_asks_for(wedge: pd.DataFrame, method: DfMethod) -> None:
    inference = {"standard_error": "model_based", "df_method": method.value}
    own = asked(wedge, "stepped_wedge", inference=inference)
    design = built(wedge_design(own.sample))
    fit = fitted(fit_mixed(design.model))
    found = effect(mixed_effect(design, fit, own.settings, "reml", PLACE))
    judge = mixed_precision(fit, design.average, method)
    assert not isinstance(judge, Obstacle)
    assert (found.standard_error, found.df) == (judge.standard_error, judge.df)
    assert (found.kind, found.estimator) == (StandardError.MODEL_BASED, "reml")
    assert found.estimate == fit.estimates(design.average[None, :])[0]


def test_robust_errors_stand_around_a_mixed_model(wedge: pd.DataFrame) -> None:
    own = asked(wedge, "stepped_wedge", inference={"standard_error": "cr2"})
    design = built(wedge_design(own.sample))
    fit = fitted(fit_mixed(design.model))
    found = effect(mixed_effect(design, fit, own.settings, "reml", PLACE))
    careful = effect(mixed_effect(design, fit, model_based(own.settings), "reml", PLACE))
    assert found.kind is StandardError.CR2
    assert found.estimate == careful.estimate
    assert found.df is not None
    assert found.df < 9


def test_no_fit_and_no_error_are_named(wedge: pd.DataFrame) -> None:
    own = asked(wedge, "stepped_wedge", inference={"standard_error": "iid"})
    design = built(wedge_design(own.sample))
    assert mixed_effect(design, OBSTACLE, own.settings, "reml", BESIDE) == NoEffect(place=BESIDE, obstacle=OBSTACLE)
    found = mixed_effect(design, fit_mixed(design.model), own.settings, "reml", PLACE)
    assert isinstance(found, NoEffect)
    assert "iid" in str(found.obstacle.detail)


def test_each_exposure_time_is_an_entry_and_their_mean_the_effect(wedge: pd.DataFrame) -> None:
    own = asked(wedge, "stepped_wedge", model={"working_model": "exposure_time"})
    design = built(exposure_design(own))
    fit = fitted(fit_mixed(design.model, design.cells))
    overall = effect(mixed_effect(design, fit, own.settings, "reml", PLACE))
    each = [effect(found) for found in effects_by_exposure(design, fit, own.settings, "reml")]
    assert [found.place.event_time for found in each] == [0, 1, 2, 3, 4, 5]
    assert np.mean([found.estimate for found in each]) == pytest.approx(overall.estimate, rel=1e-10)
    assert {found.place.aggregation.value for found in each} == {"event_time"}


def test_a_variance_of_zero_is_noted(wedge: pd.DataFrame) -> None:
    own = asked(wedge, "stepped_wedge")
    design = built(wedge_design(own.sample))
    fit = fitted(fit_mixed(design.model))
    still = replace(fit, ratios=np.zeros(1))
    assert mixed_effects.NO_CLUSTERS.template not in texts(mixed_effect(design, fit, own.settings, "reml", PLACE))
    assert mixed_effects.NO_CLUSTERS.template in texts(mixed_effect(design, still, own.settings, "reml", PLACE))


def test_cells_that_cannot_be_told_from_rows_are_noted(wedge: pd.DataFrame) -> None:
    own = asked(wedge, "stepped_wedge")
    design = built(wedge_design(own.sample))
    fit = fitted(fit_mixed(design.model, design.cells))
    assert mixed_effects.MERGED.template in texts(mixed_effect(design, fit, own.settings, "reml", PLACE))
    alike = replace(fit, equalised=True)
    noted = texts(mixed_effect(design, alike, own.settings, "reml", PLACE))
    assert mixed_effects.EQUALISED.template in noted
    assert mixed_effects.MERGED.template not in noted


def test_people_seen_repeatedly_are_noted(wedge: pd.DataFrame) -> None:
    roles = {"treated": "treated", "unit": "person", "period": "month", "cluster": "site"}
    random = np.random.Generator(np.random.PCG64(4))
    people = [wedge.assign(person=3 * wedge["site"] + one, y=wedge["y"] + random.normal(size=72)) for one in range(3)]
    own = asked(pd.concat(people), "stepped_wedge", data=roles)
    design = built(wedge_design(own.sample))
    fit = fit_mixed(design.model, design.cells)
    assert mixed_effects.REPEATED.template in texts(mixed_effect(design, fit, own.settings, "reml", PLACE))


def test_second_opinions_take_kenward_and_roger_or_dummies_with_cr2(wedge: pd.DataFrame) -> None:
    own = asked(wedge, "stepped_wedge", inference={"standard_error": "cr1"})
    careful, dummies = model_based(own.settings), with_fixed_effects(own.settings)
    assert (careful.standard_error, careful.df_method) == (StandardError.MODEL_BASED, DfMethod.KENWARD_ROGER)
    assert dummies.working_model is WorkingModel.FIXED_EFFECTS
    assert dummies.fixed_effects == (FixedEffect.CLUSTER, FixedEffect.PERIOD)
    assert (dummies.standard_error, dummies.df_method) == (StandardError.CR2, None)


def test_least_squares_beside_is_what_it_is_as_a_primary(schools: pd.DataFrame) -> None:
    own = asked(schools, "cluster_randomised")
    design = built(cluster_design(own))
    found = effect(least_squares_effect(design.model, own, own.settings, "ols", BESIDE))
    means = schools.groupby("treated")["y"].mean()
    assert found.estimate == pytest.approx(means[1] - means[0])
    assert found.place.analysis is AnalysisRole.SENSITIVITY
    assert (found.p_permutation, found.p_bootstrap, found.notes) == (None, None, ())
    refused = least_squares_effect(OBSTACLE, own, own.settings, "ols", BESIDE)
    assert isinstance(refused, NoEffect)
    assert refused.obstacle == OBSTACLE


def test_small_arms_are_not_warned_of_twice(schools: pd.DataFrame) -> None:
    few = schools.groupby("school").head(1)[:4]
    permutation = {"permutation": {"draws": 99}}
    own = asked(pd.concat([few, few.assign(y=few["y"] + 1.0)]), "cluster_randomised", inference=permutation)
    design = built(cluster_design(own))
    found = least_squares_effect(design.model, own, own.settings, "ols", BESIDE)
    assert texts(found) == [
        "Permutation went through all {number} assignments.",
        nobody(1.0).template,
        UNSTRATIFIED.template,
    ]


def test_resampled_p_values_are_lent_with_their_notes(linear: Effect) -> None:
    own = replace(linear, p_permutation=None, p_bootstrap=None, notes=())
    found = effect(with_resampling(own, linear))
    assert (found.p_permutation, found.p_bootstrap) == (0.04, 0.05)
    assert texts(found) == ["from resampling", mixed_effects.RESAMPLED.template]
    silent = replace(linear, p_permutation=None, p_bootstrap=None)
    assert texts(with_resampling(own, silent)) == ["from resampling"]


def test_nothing_is_lent_where_there_is_nothing(linear: Effect) -> None:
    missing = NoEffect(place=BESIDE, obstacle=OBSTACLE)
    assert with_resampling(linear, missing) is linear
    assert with_resampling(missing, linear) is missing
