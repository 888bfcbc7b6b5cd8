from dataclasses import replace

import numpy as np
import pytest

from effects.case import Case
from effects.codes import Claim
from effects.decision_simulation.drawing import draw
from effects.decision_simulation.figures import read
from effects.decision_simulation.setting import Setting
from effects.rows.columns import Numbers
from effects.rules.indicator import Study
from effects.rules.pooled import pooled
from effects.rules.ruleset import load_ruleset
from tests.effects.decision_simulation.planned_setting import ALL_HELP, CONTROL, GUARDRAILS, PRIMARIES, setting

RULES = load_ruleset()
NOT_WORSE = replace(CONTROL, name="cost", claim=Claim.NOT_WORSE, margin=1.0)
MIXED = (*PRIMARIES, NOT_WORSE, replace(NOT_WORSE, name="delay", better=PRIMARIES[1].better), *GUARDRAILS)


def stated(planned: Setting, estimates: Numbers) -> Case:
    """The case with the estimates (pilots, indicators) as its studies, as measured."""
    template = planned.case
    indicators = []
    for place, item in enumerate(template.indicators):
        sign = 1.0 if item.better.value == "higher" else -1.0
        error = planned.indicators[place].standard_error
        found = [Study(f"pilot {n}", sign * float(one[place]), error) for n, one in enumerate(estimates)]
        indicators.append(replace(item, studies=tuple(found)))
    return replace(template, indicators=tuple(indicators))


def test_several_pilots_are_pooled_as_the_rules_pool_them() -> None:
    planned = setting(indicators=MIXED, tau=0.6)
    estimates = draw(planned, ALL_HELP, 4, 1)
    figures = read(planned, estimates, RULES)
    for row in range(4):
        expected = pooled(stated(planned, estimates[row]), RULES)
        for found, item in zip(figures.case(planned.case, row).indicators, expected.indicators, strict=True):
            assert found.intervals_barely_overlap is item.intervals_barely_overlap
            for name in ("estimate", "low", "high", "p_value", "standard_error", "predictive_low", "predictive_high"):
                assert getattr(found, name) == pytest.approx(getattr(item, name), rel=1e-7, abs=1e-12), name
            assert (found.margin_p_value is None) is (item.claim is Claim.BETTER)
            if item.margin_p_value is not None:
                assert found.margin_p_value == pytest.approx(item.margin_p_value, rel=1e-7, abs=1e-12)


def test_one_pilot_stands_for_itself() -> None:
    planned = setting(indicators=(CONTROL, NOT_WORSE), pilots=1)
    figures = read(planned, np.array([[[1.4, -0.3]]]), RULES)
    first, second = figures.case(planned.case, 0).indicators
    assert (first.low, first.high) == pytest.approx((1.4 - 1.959964 * 0.7, 1.4 + 1.959964 * 0.7))
    assert first.p_value == pytest.approx(0.0455003, abs=1e-6)
    assert second.margin_p_value == pytest.approx(0.3173105, abs=1e-6)
    assert first.predictive_low is None
    assert first.intervals_barely_overlap is None


def test_figures_stand_as_measured_where_less_is_better() -> None:
    lower = PRIMARIES[1]
    planned = setting(indicators=(lower,), pilots=1)
    found = read(planned, np.array([[[1.4]]]), RULES).case(planned.case, 0).indicators[0]
    assert found.estimate == -1.4
    assert found.low is not None
    assert found.high is not None
    assert found.low < -1.4 < found.high


def test_more_favourable_estimates_of_all_pilots_move_every_figure_along() -> None:
    planned = setting(indicators=(CONTROL,))
    estimates = draw(planned, ALL_HELP, 20, 3)
    low, high = read(planned, estimates, RULES), read(planned, estimates + 0.5, RULES)
    assert low.predictive_low is not None and high.predictive_low is not None
    for before, after in [
        (low.estimate, high.estimate),
        (low.low, high.low),
        (low.high, high.high),
        (low.predictive_low, high.predictive_low),
    ]:
        assert after - before == pytest.approx(np.full_like(before, 0.5), abs=1e-6)
    assert low.standard_error == pytest.approx(high.standard_error, rel=1e-6)


def test_the_unit_of_the_outcome_does_not_matter() -> None:
    planned = setting(indicators=(CONTROL,))
    fine = replace(CONTROL, minimal_important=200.0, standard_error=70.0)
    estimates = draw(planned, ALL_HELP, 20, 3)
    coarse = read(planned, estimates, RULES)
    scaled = read(setting(indicators=(fine,)), 100.0 * estimates, RULES)
    assert scaled.low == pytest.approx(100.0 * coarse.low, rel=1e-6)
    assert scaled.p_value == pytest.approx(coarse.p_value, rel=1e-6, abs=1e-12)


def test_pilots_that_agree_are_surer_than_one_and_pilots_that_do_not_are_not() -> None:
    alike, apart = np.array([[[1.0]] * 3]).reshape(1, 3, 1), np.array([-5.0, 1.0, 7.0]).reshape(1, 3, 1)
    planned = setting(indicators=(CONTROL,))
    alone = read(setting(indicators=(CONTROL,), pilots=1), alike[:, :1], RULES)
    assert read(planned, alike, RULES).standard_error[0, 0] < alone.standard_error[0, 0]
    assert read(planned, apart, RULES).standard_error[0, 0] > alone.standard_error[0, 0]


@pytest.mark.parametrize(("estimates", "apart"), [((0.0, 1.0, 2.0), False), ((0.0, 1.0, 3.0), True)])
def test_intervals_of_pilots_are_apart_where_no_effect_lies_in_all(estimates: tuple[float, ...], apart: bool) -> None:
    figures = read(setting(indicators=(CONTROL,)), np.array(estimates).reshape(1, 3, 1), RULES)
    assert figures.apart is not None
    assert bool(figures.apart[0, 0]) is apart


def test_a_new_place_is_less_sure_than_the_mean() -> None:
    planned = setting(tau=0.6)
    figures = read(planned, draw(planned, ALL_HELP, 50, 1), RULES)
    assert figures.predictive_low is not None and figures.predictive_high is not None
    assert (figures.predictive_low < figures.low).all()
    assert (figures.predictive_high > figures.high).all()
