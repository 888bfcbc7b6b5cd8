import time
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from effects import analyse
from effects.codes import Design, StandardError
from effects.estimators import ANSWERING, BESIDE, LINEAR, is_linear
from effects.planning.settings import settle
from effects.results import NotEstimable
from tests.effects.designs import BUILT, PlanFor, all_finite, plan_of, rows, rows_for


def test_every_built_design_has_an_estimator() -> None:
    assert {Design(name) for name in BUILT} == LINEAR.keys() | ANSWERING.keys()


def test_a_linear_model_is_named_after_its_design() -> None:
    assert all(model.__name__ == design.value for design, model in LINEAR.items())


def test_only_linear_designs_have_something_beside_them() -> None:
    assert BESIDE.keys() <= LINEAR.keys()


def test_mixed_models_of_a_linear_design_are_not_linear(plan_for: PlanFor) -> None:
    linear = settle(plan_for("cluster_randomised"))[0]
    assert is_linear(linear)
    mixed = {"inference": {"standard_error": StandardError.MODEL_BASED.value}}
    assert not is_linear(settle(plan_for("cluster_randomised", **mixed))[0])
    assert not is_linear(settle(plan_for("stepped_wedge"))[0])


SPOILT: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "no rows": lambda own: own[:0],
    "one row": lambda own: own[:1],
    "two rows": lambda own: own.iloc[[5, 11]],
    "three rows": lambda own: own.iloc[[5, 6, 13]],
    "one site": lambda own: own[own["site"] == 1],
    "two sites": lambda own: own[own["site"] < 2],
    "nobody treated": lambda own: own.assign(treated=0, start=0, wave=0),
    "everybody treated": lambda own: own.assign(treated=1, start=1, wave=1),
    "one treated": lambda own: own.assign(treated=(own["site"] == 1) * 1, start=np.where(own["site"] == 1, 3, 0)),
    "constant outcome": lambda own: own.assign(y=1.0),
    "treatment is the outcome": lambda own: own.assign(y=1.0 * own["treated"]),
    "all outcomes missing": lambda own: own.assign(y=np.nan),
    "infinite outcome": lambda own: own.assign(y=[np.inf, *own["y"][1:]]),
    "huge outcomes": lambda own: own.assign(y=own["y"] * 1e300),
    "tiny outcomes": lambda own: own.assign(y=own["y"] * 1e-300),
    "a huge constant": lambda own: own.assign(y=own["y"] + 1e17),
    "weightless rows": lambda own: own.assign(w=0.0),
    "weights far apart": lambda own: own.assign(w=[1e308, *[1e-308] * (len(own) - 1)]),
    "a single period": lambda own: own[own["month"] == 3],
    "a period nobody is observed in": lambda own: own.assign(y=own["y"].where(own["month"] != 3)),
    "holes": lambda own: own[(own["site"] + own["month"]) % 5 != 0],
    "the covariate tells the arm": lambda own: own.assign(x=1.0 * own["treated"] + own["site"] * 0),
    "a constant covariate": lambda own: own.assign(x=1.0),
    "an infinite covariate": lambda own: own.assign(x=[np.inf, *own["x"][1:]]),
    "a missing covariate": lambda own: own.assign(x=np.nan),
    "rows twice": lambda own: pd.concat([own, own]),
}
"""One thing wrong with the rows at a time."""


@pytest.mark.parametrize("keys", [{}, {"covariates": ["x"]}], ids=["plain", "adjusted"])
@pytest.mark.parametrize("design", BUILT)
def test_whatever_is_wrong_with_the_rows_every_effect_is_finite_or_refused_with_a_reason(
    design: str, keys: dict[str, object]
) -> None:
    begun = time.process_time()
    for problem, spoil in SPOILT.items():
        result = analyse(spoil(rows_for(design)), plan_of(design, roles={"weight": "w"}, **keys))
        assert all_finite(result.to_dict()), problem
        assert result.estimates, problem
        for entry in result.estimates:
            if isinstance(entry, NotEstimable):
                assert str(entry.detail), problem
                assert str(entry.needs), problem
            else:
                assert entry.standard_error > 0, problem
    assert time.process_time() - begun < 30.0 * len(SPOILT)


@pytest.mark.parametrize("design", BUILT)
def test_a_thousand_periods_are_answered_or_refused_in_time(design: str) -> None:
    begun = time.process_time()
    result = analyse(rows_for(design, rows(sites=6, months=1000)), plan_of(design))
    assert all_finite(result.to_dict())
    assert time.process_time() - begun < 30.0


@pytest.mark.parametrize("design", BUILT)
def test_the_order_of_the_rows_changes_no_byte(design: str) -> None:
    frame, plan = rows_for(design), plan_of(design, covariates=["x"])
    assert analyse(frame, plan).to_json() == analyse(frame[::-1], plan).to_json()


@pytest.mark.parametrize("design", BUILT)
def test_periods_written_as_texts_are_the_same_periods(design: str) -> None:
    """As a registry stores them: the tenth month does not come before the second."""
    frame = rows_for(design, rows(sites=8, months=14))
    plan = plan_of(design)
    written = frame.assign(**{name: frame[name].astype(str) for name in ("month", "start")})
    numbered, texts = analyse(frame, plan), analyse(written, plan)
    told = [
        (one.aggregation, getattr(one, "estimate", None), getattr(one, "standard_error", None))
        for result in (numbered, texts)
        for one in result.estimates
    ]
    half = len(told) // 2
    assert told[:half] == told[half:]
    checks = [[(one.name, one.verdict) for one in result.diagnostics] for result in (numbered, texts)]
    assert checks[0] == checks[1]
