import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from effects.codes import BasePeriod, Control, Reason
from effects.estimators.staggered.cells import Cell, CellEffect, Choices, cell_effects, cells, few_compared, too_many
from effects.estimators.staggered.panel import Panel
from effects.estimators.staggered.two_groups import Contrast, doubly_robust
from effects.linear_model import Obstacle
from tests.effects.estimators.staggered.adoptions import LATER, NEVER, adoption, panel_from

UNIVERSAL = Choices(Control.NEVER_TREATED, BasePeriod.UNIVERSAL, 0.0)


def bases(panel: Panel, choices: Choices, cohort: float) -> dict[float, float]:
    """Base period by period of a cohort."""
    times = panel.times
    return {times[cell.period]: times[cell.base] for cell in cells(panel, choices) if cell.cohort == cohort}


def found_in(panel: Panel, choices: Choices, cohort: float, period: float) -> CellEffect:
    return next(
        effect
        for effect in cell_effects(panel, choices)
        if effect.cell.cohort == cohort and panel.times[effect.cell.period] == period
    )


def estimate(effect: CellEffect) -> float:
    assert isinstance(effect.found, Contrast), effect.found
    return effect.found.estimate


def obviously(frame: pd.DataFrame, cohort: int, period: int, base: int, *, later: bool) -> float:
    """The definition, row by row: mean change of the cohort less that of those who are not treated."""
    changes: dict[bool, list[float]] = {True: [], False: []}
    for _, rows in frame.groupby("unit"):
        start, by_period = rows["start"].iloc[0], dict(zip(rows["period"], rows["y"], strict=True))
        if period not in by_period or base not in by_period:
            continue
        if start == cohort:
            changes[True].append(by_period[period] - by_period[base])
        elif start == 0 or (later and start > max(period, base)):
            changes[False].append(by_period[period] - by_period[base])
    return float(np.mean(changes[True]) - np.mean(changes[False]))


def test_before_treatment_the_base_is_the_period_before_and_then_the_last_one_before_treatment() -> None:
    found = bases(panel_from(adoption()), NEVER, 5.0)
    assert found == {2: 1, 3: 2, 4: 3, 5: 4, 6: 4, 7: 4, 8: 4}


def test_a_universal_base_is_the_last_period_before_treatment_for_all() -> None:
    assert bases(panel_from(adoption()), UNIVERSAL, 5.0) == {1: 4, 2: 4, 3: 4, 5: 4, 6: 4, 7: 4, 8: 4}


@pytest.mark.parametrize("base", BasePeriod)
def test_anticipation_moves_the_base_of_treated_periods_back(base: BasePeriod) -> None:
    found = bases(panel_from(adoption()), Choices(Control.NEVER_TREATED, base, 1.0), 5.0)
    assert {period: found[period] for period in (5.0, 6.0, 7.0, 8.0)} == {5: 3, 6: 3, 7: 3, 8: 3}
    assert found[4.0] == 3


def test_a_period_nobody_is_observed_in_is_no_base() -> None:
    frame = adoption()
    panel = panel_from(frame.assign(y=frame["y"].where(frame["period"] != 4)))
    assert bases(panel, NEVER, 5.0) == {2: 1, 3: 2, 4: 3, 5: 3, 6: 3, 7: 3, 8: 3}
    assert isinstance(found_in(panel, NEVER, 5.0, 4.0).found, Obstacle)


@given(seed=st.integers(0, 300), lost=st.integers(0, 60), later=st.booleans())
@settings(max_examples=8)
def test_every_cell_is_its_definition_also_where_rows_are_missing(seed: int, lost: int, later: bool) -> None:
    frame = adoption(units=24, periods=6, seed=seed).sample(frac=1.0, random_state=seed).iloc[lost:]
    panel = panel_from(frame)
    for effect in cell_effects(panel, LATER if later else NEVER):
        if isinstance(effect.found, Contrast):
            period, base = panel.times[effect.cell.period], panel.times[effect.cell.base]
            expected = obviously(frame, int(effect.cell.cohort), int(period), int(base), later=later)
            assert effect.found.estimate == pytest.approx(expected)


def test_not_yet_treated_units_join_the_comparison_until_they_are_treated() -> None:
    panel = panel_from(adoption())
    counts = {period: found_in(panel, LATER, 3.0, period).people[0] for period in (3.0, 4.0, 5.0)}
    assert counts == {3.0: 30.0, 4.0: 30.0, 5.0: 20.0}
    assert found_in(panel, NEVER, 3.0, 3.0).people == (20.0, 10.0)


def test_not_yet_treated_units_that_anticipate_do_not_join() -> None:
    choices = Choices(Control.NOT_YET_TREATED, BasePeriod.VARYING, 1.0)
    assert found_in(panel_from(adoption()), choices, 3.0, 4.0).people[0] == 20.0


def test_covariates_are_those_of_the_base_period() -> None:
    frame = adoption(units=80)
    panel = panel_from(frame, "x")
    found = found_in(panel, NEVER, 3.0, 6.0)
    wide, then = frame.pivot(index="unit", columns="period", values="y"), frame[frame["period"] == 2]
    taken = ~np.isin(then["start"], [5])
    change = (wide[6] - wide[2]).to_numpy()[taken]
    treated = (then["start"] == 3).to_numpy()[taken]
    expected = doubly_robust(change, treated, then[["x"]].to_numpy()[taken], np.ones(len(change)))
    assert isinstance(expected, Contrast)
    assert estimate(found) == pytest.approx(expected.estimate)


def test_contributions_belong_to_those_compared_and_to_nobody_else() -> None:
    panel = panel_from(adoption())
    found = found_in(panel, NEVER, 3.0, 6.0).found
    assert isinstance(found, Contrast)
    assert np.all(found.influence[panel.first == 5.0] == 0.0)
    assert np.all(found.influence[panel.first != 5.0] != 0.0)


def test_weights_of_units_weigh_both_means() -> None:
    frame = adoption()
    doubled = pd.concat([frame, frame[frame["unit"] < 20].assign(unit=frame["unit"] + 100)])
    weighted = panel_from(frame.assign(w=np.where(frame["unit"] < 20, 2.0, 1.0)), weight="w")
    for one, other in zip(cell_effects(weighted, NEVER), cell_effects(panel_from(doubled), NEVER), strict=True):
        assert estimate(one) == pytest.approx(estimate(other))


@pytest.mark.parametrize(
    ("frame", "cohort", "period", "reason"),
    [
        (adoption().query("not (start == 3 and period == 6)"), 3.0, 6.0, Reason.EMPTY_ARM),
        (adoption().query("not (start == 3 and unit > 0 and period == 6)"), 3.0, 6.0, Reason.TOO_FEW_CLUSTERS),
        (adoption().query("start > 0 or unit == 2"), 3.0, 6.0, Reason.NO_COMPARISON),
        (adoption().query("start > 0"), 3.0, 6.0, Reason.NO_COMPARISON),
    ],
    ids=["nobody", "one of several", "one to compare", "none to compare"],
)
def test_a_cell_that_cannot_be_estimated_says_why(
    frame: pd.DataFrame, cohort: float, period: float, reason: Reason
) -> None:
    found = found_in(panel_from(frame), NEVER, cohort, period).found
    assert isinstance(found, Obstacle)
    assert found.reason is reason


def test_a_cohort_of_one_unit_is_still_computed() -> None:
    frame = adoption().query("start != 3 or unit == 0")
    found = found_in(panel_from(frame), NEVER, 3.0, 6.0)
    assert found.treated_clusters == 1
    assert estimate(found) == pytest.approx(obviously(frame, 3, 6, 2, later=False))


def test_two_units_of_one_cluster_are_one_to_compare_with() -> None:
    panel = panel_from(adoption(), cluster="region")
    together = panel.cluster == panel.cluster[0]
    found = few_compared(panel, together)
    assert found is not None
    assert str(found.detail) == "1 untreated clusters to compare with"
    assert few_compared(panel, panel.first == np.inf) is None


def test_cells_beyond_what_a_person_reads_are_refused_with_their_number() -> None:
    few, many = adoption(units=8, periods=20), adoption(units=8, periods=900, cohorts=(300, 500, 0, 0))
    assert too_many(panel_from(few), NEVER) is None
    found = too_many(panel_from(many), NEVER)
    assert found is not None
    assert str(found.detail) == "1798 effects by cohort and period of 8 units are too many"


def test_cells_are_listed_by_cohort_and_period() -> None:
    listed = cells(panel_from(adoption(units=8, periods=4, cohorts=(3, 0))), NEVER)
    assert listed == (Cell(3.0, 1, 0, False), Cell(3.0, 2, 1, True), Cell(3.0, 3, 1, True))
