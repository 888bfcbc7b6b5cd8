import numpy as np
import pandas as pd
import pytest

from effects.codes import Aggregation, AnalysisRole, Estimator, Reason, StandardError
from effects.design_answers import Effect, NoEffect, Place
from effects.estimators.staggered.averages import averages, found_among
from effects.estimators.staggered.cells import cell_effects
from effects.estimators.staggered.panel import Panel, with_baseline
from effects.estimators.staggered.precision import Errors, errors_of
from effects.estimators.staggered.reported import AVERAGED, average_effect, lone_compared, reported, simple
from effects.inference.uniform_bands import critical_value
from tests.effects.estimators.staggered.adoptions import NEVER, adoption, panel_from

Answers = tuple[Effect | NoEffect, ...]
LONE = "start != 3 or unit == 0"


def errors_for(panel: Panel, kind: StandardError = StandardError.INFLUENCE_SMALL) -> Errors:
    return errors_of(panel, kind, Estimator.CALLAWAY_SANTANNA)


def answers(frame: pd.DataFrame, kind: StandardError = StandardError.INFLUENCE_SMALL) -> Answers:
    panel = with_baseline(panel_from(frame), 0.0)
    assert isinstance(panel, Panel)
    return reported(cell_effects(panel, NEVER), errors_for(panel, kind), 0.95, 0)[0]


def of_kind(found: Answers, *kinds: Aggregation) -> list[Effect | NoEffect]:
    return [effect for effect in found if effect.place.aggregation in kinds]


def said(effect: Effect | NoEffect) -> list[str]:
    assert isinstance(effect, Effect), effect
    return [str(note) for note in effect.notes]


def test_the_average_over_all_comes_first_then_cells_and_times() -> None:
    found = answers(adoption())
    assert [effect.place.aggregation for effect in found[:4]] == list(AVERAGED)
    assert {effect.place.aggregation for effect in found[4:18]} == {Aggregation.GROUP_TIME}
    assert [effect.place.event_time for effect in found[18:]] == [-3, -2, -1, 0, 1, 2, 3, 4, 5]
    assert all(effect.place.analysis is AnalysisRole.PRIMARY for effect in found)


def test_cells_are_placed_by_the_data_s_own_names_of_cohort_and_period() -> None:
    cells = of_kind(answers(adoption()), Aggregation.GROUP_TIME)
    assert [(effect.place.cohort, effect.place.period) for effect in cells] == [
        (cohort, period) for cohort in (3.0, 5.0) for period in range(2, 9)
    ]


def test_a_cell_rests_on_the_units_compared() -> None:
    cell = of_kind(answers(adoption()), Aggregation.GROUP_TIME)[0]
    assert isinstance(cell, Effect)
    assert (cell.rows, cell.units, cell.clusters, cell.people) == (60, 30, 30, (20.0, 10.0))


def test_a_small_cell_has_welchs_error() -> None:
    frame = adoption(units=8)
    cell = of_kind(answers(frame), Aggregation.GROUP_TIME)[-1]
    wide = frame.pivot(index="unit", columns="period", values="y")
    change, start = (wide[8] - wide[4]).to_numpy(), frame.groupby("unit")["start"].first().to_numpy()
    variance = change[start == 5].var(ddof=1) / 2 + change[start == 0].var(ddof=1) / 4
    assert isinstance(cell, Effect)
    assert cell.standard_error == pytest.approx(np.sqrt(variance))


def test_every_time_since_treatment_carries_its_uniform_band() -> None:
    panel = panel_from(adoption())
    found, cells = reported(cell_effects(panel, NEVER), errors_for(panel), 0.9, 5)
    times = of_kind(found, Aggregation.EVENT_TIME)
    assert all(len(said(effect)) == 1 for effect in times)
    influence = _influences(panel, [effect.place for effect in times])
    critical = critical_value(np.column_stack(influence), 0.9, 5)
    first = times[0]
    assert isinstance(first, Effect)
    params = first.notes[0].params
    assert params["times"] == 9
    assert params["high"] == pytest.approx(first.estimate + critical * first.standard_error)
    assert params["low"] == pytest.approx(first.estimate - critical * first.standard_error)
    assert len(cells.effects) == 14


def _influences(panel: Panel, places: list[Place]) -> list[np.ndarray]:
    found = found_among(panel, cell_effects(panel, NEVER))
    sums = []
    for place in places:
        chosen = found.event_times == place.event_time
        sizes = np.array([float(np.sum(panel.first == cohort)) for cohort in found.cohorts[chosen]])
        mean = sizes @ found.estimates[chosen] / sizes.sum()
        total = (sizes / sizes.sum()) @ found.influence[chosen]
        for cohort, estimate in zip(found.cohorts[chosen], found.estimates[chosen], strict=True):
            total = total + (panel.first == cohort) * (estimate - mean) / sizes.sum()
        sums.append(total)
    return sums


def test_the_interval_of_a_time_stays_pointwise() -> None:
    assert all(
        isinstance(effect, Effect) and effect.interval is None
        for effect in of_kind(answers(adoption()), Aggregation.EVENT_TIME)
    )


def test_a_complete_panel_needs_no_notes() -> None:
    assert said(answers(adoption())[0]) == []


@pytest.mark.parametrize(
    ("frame", "note"),
    [
        (
            adoption(cohorts=(1, 3, 5, 0)),
            "10 units are left out: they are treated, or may anticipate it, from the first period on.",
        ),
        (
            adoption().iloc[1:],
            "1 units lack a period; each comparison takes those observed in both of its periods.",
        ),
        (
            adoption().assign(y=lambda own: own["y"].where(own["period"] != 2)),
            "Nobody is observed in 1 of the periods.",
        ),
        (
            adoption().query("not (start == 5 and period > 6)"),
            "2 effects (cohort / period) could not be estimated and are left out: 5 / 7, 5 / 8",
        ),
        (
            adoption().query("not (start == 3 and period in (1, 2))"),
            "6 effects (cohort / period) could not be estimated and are left out: 3 / 3, 3 / 4, 3 / 5, 3 / 6, 3 / 7, "
            "3 / 8",
        ),
        (
            adoption(periods=9).query("not (start == 3 and period in (1, 2))"),
            "7 effects (cohort / period) could not be estimated and are left out: 3 / 3, 3 / 4, 3 / 5, 3 / 6, 3 / 7, "
            "3 / 8, …",
        ),
    ],
    ids=["always", "hole", "period", "cells", "six", "more"],
)
def test_averages_say_whom_they_leave_out(frame: pd.DataFrame, note: str) -> None:
    assert all(note in said(effect) for effect in answers(frame)[:4])


@pytest.mark.parametrize(
    ("kind", "note"),
    [
        (
            StandardError.INFLUENCE,
            "The error is too small: cohorts of one cluster (3) bring no variance of their own.",
        ),
        (
            StandardError.INFLUENCE_SMALL,
            "Cohorts of one cluster (3) are taken to vary as one of those they are compared with.",
        ),
    ],
)
def test_a_cohort_of_one_cluster_counts_in_averages_and_that_is_said(kind: StandardError, note: str) -> None:
    found = answers(adoption().query(LONE), kind)
    assert note in said(found[0])
    cells = [effect for effect in of_kind(found, Aggregation.GROUP_TIME) if effect.place.cohort == 3.0]
    assert all(isinstance(cell, NoEffect) for cell in cells)
    assert {cell.obstacle.reason for cell in cells if isinstance(cell, NoEffect)} == {Reason.TOO_FEW_CLUSTERS}


def test_its_variance_is_that_of_one_of_those_it_is_compared_with() -> None:
    frame = adoption(cohorts=(3, 5, 0, 0)).query(LONE)
    panel = panel_from(frame)
    found = found_among(panel, cell_effects(panel, NEVER))
    average = averages(panel, found)[Aggregation.SIMPLE]
    (compared,) = lone_compared(average, found, errors_for(panel))
    assert np.all(compared[panel.first != np.inf] == 0.0)
    wide = panel.outcome[panel.first == np.inf]
    share = average.weights[(found.cohorts == 3.0) & (average.weights > 0.0)]
    path = (wide[:, 2:] - wide[:, 1:2]) @ share
    assert np.sum(compared**2) * 20**2 / 19 == pytest.approx(path.var(ddof=1))


def test_a_time_that_only_one_cluster_reaches_has_no_error() -> None:
    times = of_kind(answers(adoption().query(LONE)), Aggregation.EVENT_TIME)
    lone = [effect.place.event_time for effect in times if isinstance(effect, NoEffect)]
    assert lone == [4, 5]


def test_without_any_treated_cell_all_averages_say_why() -> None:
    found = answers(adoption().query("start > 0"))
    assert len(found) == 4 + 14
    assert {effect.obstacle.reason for effect in found if isinstance(effect, NoEffect)} == {Reason.NO_COMPARISON}


def test_the_average_alone_is_the_first_of_all() -> None:
    panel, place = panel_from(adoption()), Place(aggregation=Aggregation.SIMPLE)
    effects = cell_effects(panel, NEVER)
    assert simple(effects, errors_for(panel), place) == reported(effects, errors_for(panel), 0.95, 0)[0][0]


def test_the_average_alone_says_why_it_is_none() -> None:
    panel, place = panel_from(adoption().query("start > 0")), Place(aggregation=Aggregation.SIMPLE)
    assert isinstance(simple(cell_effects(panel, NEVER), errors_for(panel), place), NoEffect)


def test_people_behind_an_average_are_those_of_its_cohorts() -> None:
    panel = panel_from(adoption())
    found = found_among(panel, cell_effects(panel, NEVER))
    effect = average_effect(Place(), averages(panel, found)[Aggregation.GROUP], found, errors_for(panel))
    assert isinstance(effect, Effect)
    assert effect.people == (20.0, 20.0)
