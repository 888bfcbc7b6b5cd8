import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from diff_diff import SunAbraham
from hypothesis import given, settings
from hypothesis import strategies as st

from effects.codes import Aggregation, BasePeriod, Control, Reason
from effects.estimators.staggered.averages import averages, found_among
from effects.estimators.staggered.cells import CellEffect, Choices, cell_effects
from effects.estimators.staggered.panel import Panel
from effects.estimators.staggered.sun_abraham import sun_abraham
from effects.estimators.staggered.two_groups import Contrast
from effects.linear_model import Obstacle
from tests.effects.estimators.staggered.adoptions import NEVER, adoption, castle, panel_from, quietly

UNIVERSAL = Choices(Control.NEVER_TREATED, BasePeriod.UNIVERSAL, 0.0)


def effects(panel: Panel, anticipation: float = 0.0) -> tuple[CellEffect, ...]:
    found = sun_abraham(panel, anticipation)
    assert not isinstance(found, Obstacle), found
    return found


def by_cell(panel: Panel, found: tuple[CellEffect, ...]) -> dict[tuple[float, float], Contrast]:
    return {
        (effect.cell.cohort, float(panel.times[effect.cell.period])): effect.found
        for effect in found
        if isinstance(effect.found, Contrast)
    }


def saturated(frame: pd.DataFrame, base: dict[int, int]) -> dict[tuple[float, float], float]:
    """Coefficients of all cohorts by period but the base, beside explicit dummies of units and periods."""
    rows = frame.copy()
    names = {}
    for cohort, reference in base.items():
        for period in sorted(rows["period"].unique()):
            if period != reference:
                name = f"d_{cohort}_{period}"
                rows[name] = ((rows["start"] == cohort) & (rows["period"] == period)).astype(float)
                names[name] = (float(cohort), float(period))
    fitted = smf.ols("y ~ C(unit) + C(period) + " + " + ".join(names), rows).fit()
    return {place: float(fitted.params[name]) for name, place in names.items()}


@pytest.mark.parametrize("weight", [None, "w"])
def test_in_a_balanced_panel_it_is_the_cells_with_never_treated_controls_and_a_universal_base(
    weight: str | None,
) -> None:
    panel = panel_from(adoption(), weight=weight)
    ours, theirs = by_cell(panel, effects(panel)), by_cell(panel, cell_effects(panel, UNIVERSAL))
    assert ours.keys() == theirs.keys()
    for place, contrast in ours.items():
        assert contrast.estimate == pytest.approx(theirs[place].estimate)
        assert contrast.influence == pytest.approx(theirs[place].influence, abs=1e-12)


@given(seed=st.integers(0, 200))
@settings(max_examples=5)
def test_in_an_unbalanced_panel_it_is_the_saturated_regression(seed: int) -> None:
    frame = adoption(units=24, periods=6, seed=seed)
    kept = np.random.Generator(np.random.PCG64(seed)).random(len(frame)) > 0.12
    panel = panel_from(frame[kept])
    found = by_cell(panel, effects(panel))
    for place, value in saturated(frame[kept], {3: 2, 5: 4}).items():
        assert found[place].estimate == pytest.approx(value, abs=1e-8)


def test_castle_laws_meet_other_software() -> None:
    frame = castle()
    with quietly():
        judge = SunAbraham().fit(frame, outcome="y", unit="unit", time="period", first_treat="start")
    panel = panel_from(frame)
    found = found_among(panel, effects(panel))
    simple = averages(panel, found)[Aggregation.SIMPLE]
    assert simple.estimate == pytest.approx(judge.overall_att, abs=1e-9)
    varying = found_among(panel, cell_effects(panel, NEVER))
    assert simple.estimate == pytest.approx(averages(panel, varying)[Aggregation.SIMPLE].estimate)


def test_where_all_are_treated_the_last_cohort_stands_for_the_untreated_until_it_starts() -> None:
    panel = panel_from(adoption(cohorts=(3, 5, 7)))
    found = effects(panel)
    assert {effect.cell.cohort for effect in found} == {3.0, 5.0}
    assert max(effect.cell.period for effect in found) == 5
    later = Choices(Control.NEVER_TREATED, BasePeriod.UNIVERSAL, 0.0)
    as_never = panel_from(adoption(cohorts=(3, 5, 7)).query("period < 7"))
    expected = by_cell(as_never, cell_effects(as_never, later))
    for place, contrast in by_cell(panel, found).items():
        assert contrast.estimate == pytest.approx(expected[place].estimate)


def test_anticipation_moves_the_reference_back() -> None:
    panel = panel_from(adoption())
    assert {effect.cell.base for effect in effects(panel, 1.0) if effect.cell.cohort == 5.0} == {2}


def test_a_period_in_which_a_cohort_is_not_seen_is_said() -> None:
    panel = panel_from(adoption().query("not (start == 3 and period == 6)"))
    missing = [effect for effect in effects(panel) if isinstance(effect.found, Obstacle)]
    assert [(effect.cell.cohort, effect.cell.period) for effect in missing] == [(3.0, 5)]
    assert isinstance(missing[0].found, Obstacle)
    assert missing[0].found.reason is Reason.EMPTY_ARM


def test_a_cohort_whose_periods_share_no_unit_has_no_effects() -> None:
    frame = adoption()
    apart = (frame["start"] == 3) & ((frame["unit"] < 20) == (frame["period"] > 4))
    found = [effect for effect in effects(panel_from(frame[~apart])) if effect.cell.cohort == 3.0]
    assert {effect.found.reason for effect in found if isinstance(effect.found, Obstacle)} == {Reason.COLLINEAR}
    assert len(found) == 7


@pytest.mark.parametrize(
    ("panel", "reason"),
    [
        (panel_from(adoption(cohorts=(4,))), Reason.NO_COMPARISON),
        (panel_from(adoption().query("start > 0 or unit == 2")), Reason.NO_COMPARISON),
        (panel_from(adoption(), "x"), Reason.NOT_IMPLEMENTED),
    ],
    ids=["all at once", "one to compare", "covariates"],
)
def test_what_it_cannot_do_is_refused_by_name(panel: Panel, reason: Reason) -> None:
    found = sun_abraham(panel, 0.0)
    assert isinstance(found, Obstacle)
    assert found.reason is reason
