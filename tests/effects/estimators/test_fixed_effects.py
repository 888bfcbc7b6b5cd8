from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm

from effects.codes import FixedEffect, Reason
from effects.estimators.fixed_effects import fixed_effects_model
from effects.linear_model import LinearModel, Obstacle
from effects.rows.roles import read_roles
from effects.rows.samples import KEPT, Sample, draw, why_dropped
from effects.sources import open_source
from tests.effects.designs import plan_of, rows_for


@pytest.fixture
def sample() -> Sample:
    plan = plan_of("stepped_wedge", covariates=["x"])
    roles = read_roles(open_source(rows_for("stepped_wedge")), plan)
    return draw(roles, roles.outcomes[0], why_dropped(roles, roles.outcomes[0]) == KEPT)


def model(sample: Sample, *effects: FixedEffect) -> LinearModel:
    sets = {FixedEffect.UNIT: sample.unit, FixedEffect.PERIOD: sample.period}
    found = fixed_effects_model(sample, {one: codes for one in effects if (codes := sets[one]) is not None})
    assert isinstance(found, LinearModel)
    return found


def test_each_set_has_a_dummy_for_every_code_but_its_first(sample: Sample) -> None:
    found = model(sample, FixedEffect.UNIT, FixedEffect.PERIOD)
    assert found.design.shape == (48, 3 + 7 + 5)
    assert found.names[:5] == ("treated", "intercept", "x", "unit[1]", "unit[2]")
    assert found.absorbed == 7


def test_periods_are_never_counted_as_absorbed(sample: Sample) -> None:
    assert model(sample, FixedEffect.PERIOD).absorbed == 0


def test_the_coefficient_is_that_of_statsmodels(sample: Sample) -> None:
    found = model(sample, FixedEffect.UNIT, FixedEffect.PERIOD)
    judge = sm.OLS(found.outcome, found.design).fit()
    direct = np.linalg.lstsq(found.design, found.outcome, rcond=None)[0]
    assert judge.params[found.effect] == pytest.approx(direct[0], rel=1e-9)


def test_weights_name_the_estimator(sample: Sample) -> None:
    assert model(sample, FixedEffect.UNIT).estimator == "ols_fixed_effects"
    weighted = replace(sample, weights=np.linspace(0.5, 1.0, sample.size))
    assert model(weighted, FixedEffect.UNIT).estimator == "wls_fixed_effects"


def test_more_cells_than_memory_should_hold_are_refused(sample: Sample) -> None:
    many = 60_000
    large = replace(
        sample,
        outcome=np.zeros(many),
        treated=np.zeros(many),
        weights=np.ones(many),
        covariates=np.zeros((many, 1)),
        rows=np.arange(many),
    )
    found = fixed_effects_model(large, {FixedEffect.UNIT: np.arange(many)})
    assert isinstance(found, Obstacle)
    assert found.reason is Reason.NOT_IMPLEMENTED
