import numpy as np
import pandas as pd
import pytest
from diff_diff import ImputationDiD

from effects.codes import Aggregation, Estimator, StandardError
from effects.design_answers import Effect, NoEffect, Place
from effects.estimators.staggered.imputation import Imputed, imputed
from effects.estimators.staggered.imputed_effects import imputed_reported, imputed_simple
from effects.estimators.staggered.panel import Panel
from effects.estimators.staggered.precision import Errors, errors_of
from tests.effects.estimators.staggered.adoptions import adoption, castle, panel_from, quietly


def ready(panel: Panel, kind: StandardError = StandardError.INFLUENCE) -> tuple[Imputed, Errors]:
    found = imputed(panel, 0.0)
    assert isinstance(found, Imputed)
    return found, errors_of(panel, kind, Estimator.IMPUTATION)


def by_place(frame: pd.DataFrame) -> dict[Place, Effect | NoEffect]:
    return {effect.place: effect for effect in imputed_reported(*ready(panel_from(frame)))}


def value(effect: Effect | NoEffect) -> float:
    assert isinstance(effect, Effect), effect
    return effect.estimate


def test_averages_come_first_then_cells_and_times_under_treatment() -> None:
    found = [place.aggregation for place in by_place(adoption())]
    assert found[:4] == [Aggregation.SIMPLE, Aggregation.DYNAMIC, Aggregation.GROUP, Aggregation.CALENDAR]
    assert found[4:] == [Aggregation.GROUP_TIME] * 10 + [Aggregation.EVENT_TIME] * 6


def test_cells_and_averages_are_means_of_the_same_effects() -> None:
    panel = panel_from(adoption(cohorts=(3, 5, 5, 0)))
    found, errors = ready(panel)
    answers = {effect.place: value(effect) for effect in imputed_reported(found, errors)}
    effects = np.where(found.known, found.effects, np.nan)
    for cohort in (3.0, 5.0):
        for period in range(int(cohort), 9):
            place = Place(aggregation=Aggregation.GROUP_TIME, cohort=cohort, period=float(period))
            assert answers[place] == pytest.approx(effects[panel.first == cohort, period - 1].mean())
    group = [np.nanmean(effects[panel.first == cohort]) for cohort in (3.0, 5.0)]
    assert answers[Place(aggregation=Aggregation.GROUP)] == pytest.approx(np.average(group, weights=[10, 20]))
    assert answers[Place(aggregation=Aggregation.SIMPLE)] == pytest.approx(np.nanmean(effects))
    by_period = [np.nanmean(effects[:, period]) for period in range(2, 8)]
    assert answers[Place(aggregation=Aggregation.CALENDAR)] == pytest.approx(np.mean(by_period))


def test_times_since_treatment_of_castle_laws_meet_other_software() -> None:
    frame = castle(2006, 2010)
    with quietly():
        judge = ImputationDiD().fit(
            frame, outcome="y", unit="unit", time="period", first_treat="start", aggregate="event_study"
        )
    answers = by_place(frame)
    for time in range(4):
        effect = answers[Place(aggregation=Aggregation.EVENT_TIME, event_time=time)]
        assert isinstance(effect, Effect)
        theirs = judge.event_study_effects[time]
        assert effect.estimate == pytest.approx(theirs["effect"], abs=1e-6)  # it demeans in turn until 1e-8
        assert effect.standard_error == pytest.approx(theirs["se"], rel=1e-5)


def test_the_dynamic_average_is_the_even_mean_of_times() -> None:
    answers = by_place(adoption())
    times = [value(effect) for place, effect in answers.items() if place.aggregation is Aggregation.EVENT_TIME]
    assert value(answers[Place(aggregation=Aggregation.DYNAMIC)]) == pytest.approx(np.mean(times))


def test_the_average_alone_is_the_first_of_all() -> None:
    found, errors = ready(panel_from(adoption()))
    place = Place(aggregation=Aggregation.SIMPLE)
    assert imputed_simple(found, errors, place) == imputed_reported(found, errors)[0]


def test_rows_that_cannot_be_imputed_are_said() -> None:
    found, errors = ready(panel_from(adoption(cohorts=(3, 5))))
    effect = imputed_simple(found, errors, Place())
    assert isinstance(effect, Effect)
    assert [str(note) for note in effect.notes] == [
        "160 treated rows are left out: their unit, or two clusters in their period, are never seen untreated."
    ]


def test_a_small_sample_has_a_larger_error_and_degrees_of_freedom() -> None:
    panel = panel_from(adoption(units=12))
    plain, small = (
        imputed_simple(*ready(panel, kind), Place())
        for kind in (StandardError.INFLUENCE, StandardError.INFLUENCE_SMALL)
    )
    assert isinstance(plain, Effect)
    assert isinstance(small, Effect)
    assert plain.standard_error < small.standard_error
    assert plain.df is None
    assert small.df is not None


def test_a_cohort_of_one_unit_has_no_cells() -> None:
    answers = by_place(adoption().query("start != 3 or unit == 0"))
    cells = [effect for place, effect in answers.items() if place.cohort == 3.0]
    assert len(cells) == 6
    assert all(isinstance(cell, NoEffect) for cell in cells)


def test_people_are_the_treated_and_those_seen_untreated_only() -> None:
    effect = imputed_simple(*ready(panel_from(adoption())), Place())
    assert isinstance(effect, Effect)
    assert effect.people == (20.0, 20.0)
