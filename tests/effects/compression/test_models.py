from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from effects.codes import Reason
from effects.compression.models import model_of, prepared
from effects.inference.gram_fit import GramModel, fit_products
from effects.linear_model import Obstacle
from effects.moments import Grams
from effects.plan import AnalysisPlan
from tests.effects.compression.panels import Shape, by_cluster, dummies, moments, panel, plan, settings_of

FRAME = panel(Shape(seed=2, clusters=6, units=3, periods=4, lost=0.1, level=0.0, parts=1))


def grams(tmp_path: Path, stated: AnalysisPlan) -> Grams:
    frame = by_cluster(FRAME) if stated.design.value == "cluster_randomised" else FRAME
    return moments(frame, tmp_path, stated).outcomes[0].grams


@pytest.mark.parametrize(
    ("effects", "absorbed", "names"),
    [
        (["unit", "period"], 18, ("treated", "period:1", "period:2", "period:3")),
        (["cluster", "period"], 6, ("treated", "period:1", "period:2", "period:3")),
        (["period"], 0, ("treated", "constant", "period:1", "period:2", "period:3")),
    ],
)
def test_the_columns_are_those_that_the_plan_states(
    tmp_path: Path, effects: list[str], absorbed: int, names: tuple[str, ...]
) -> None:
    stated = plan("stepped_wedge", "cr1", model={"working_model": "fixed_effects", "fixed_effects": effects})
    settings = settings_of(stated)
    model = model_of(prepared(grams(tmp_path, stated), settings), stated, settings)
    assert isinstance(model, GramModel)
    assert (model.names, model.absorbed, model.effect) == (names, absorbed, 0)
    coefficient = np.linalg.lstsq(dummies(FRAME, effects, []), FRAME["y"].to_numpy(), rcond=None)[0][0]
    fitted = fit_products(model)
    assert not isinstance(fitted, Obstacle)
    assert fitted.estimate == pytest.approx(coefficient, rel=1e-10)


def test_estimators_go_by_the_names_they_have_on_rows(tmp_path: Path) -> None:
    stated = [
        plan("stepped_wedge", "cr1"),
        plan("cluster_randomised", "cr1"),
        plan("individual_randomised", "cr1"),
        plan("individual_randomised", "cr1", ["x"]),
    ]
    models = [model_of(grams(tmp_path, one), one, settings_of(one)) for one in stated]
    names = [model.estimator if isinstance(model, GramModel) else None for model in models]
    assert names == ["ols_fixed_effects", "ols", "difference_in_means", "lin"]


def test_empty_arms_and_few_clusters_are_named(tmp_path: Path) -> None:
    trial = plan("cluster_randomised", "cr1")
    whole = grams(tmp_path, trial)
    nobody = replace(whole, treated=np.zeros_like(whole.treated))
    lonely = replace(whole, treated=np.where(np.arange(6) == 0, whole.rows, 0))
    person = plan("individual_randomised", "cr1")
    single = replace(grams(tmp_path, person), treated=np.eye(6, dtype=np.int64)[0])
    found = [
        model_of(kept, stated, settings_of(stated))
        for kept, stated in ((nobody, trial), (lonely, trial), (single, person))
    ]
    reasons = [item.reason if isinstance(item, Obstacle) else None for item in found]
    assert reasons == [Reason.EMPTY_ARM, Reason.TOO_FEW_CLUSTERS, Reason.TOO_FEW_ROWS]
