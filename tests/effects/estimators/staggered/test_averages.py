from dataclasses import replace

import numpy as np
import pytest
from diff_diff import CallawaySantAnna
from hypothesis import given, settings
from hypothesis import strategies as st

from effects.codes import Aggregation
from effects.estimators.staggered.averages import Average, Found, averages, evenly, event_times, found_among, pooled
from effects.estimators.staggered.cells import Choices, cell_effects
from effects.estimators.staggered.panel import Panel
from tests.effects.estimators.staggered.adoptions import (
    LATER,
    NEVER,
    adoption,
    castle,
    numeric_gradient,
    panel_from,
    quietly,
)

KINDS = (Aggregation.SIMPLE, Aggregation.DYNAMIC, Aggregation.GROUP, Aggregation.CALENDAR)
THREE = (3, 5, 6, 0, 0)


def found_in(panel: Panel, choices: Choices = NEVER) -> Found:
    return found_among(panel, cell_effects(panel, choices))


def cells_of(found: Found, panel: Panel) -> dict[tuple[float, float], float]:
    """Estimates under treatment by cohort and period."""
    return {
        (effect.cell.cohort, float(panel.times[effect.cell.period])): value
        for effect, value in zip(found.effects, found.estimates.tolist(), strict=True)
        if effect.cell.post
    }


def obviously(kind: Aggregation, cells: dict[tuple[float, float], float], sizes: dict[float, float]) -> float:
    """Each average written out."""

    def mean(keys: list[tuple[float, float]]) -> float:
        return float(np.average([cells[key] for key in keys], weights=[sizes[cohort] for cohort, _ in keys]))

    cohorts, keys = sorted({cohort for cohort, _ in cells}), list(cells)
    if kind is Aggregation.SIMPLE:
        return mean(keys)
    if kind is Aggregation.GROUP:
        own = [float(np.mean([cells[key] for key in keys if key[0] == cohort])) for cohort in cohorts]
        return float(np.average(own, weights=[sizes[cohort] for cohort in cohorts]))
    part = (lambda key: key[1] - key[0]) if kind is Aggregation.DYNAMIC else (lambda key: key[1])
    levels = sorted({part(key) for key in keys})
    return float(np.mean([mean([key for key in keys if part(key) == level]) for level in levels]))


@given(seed=st.integers(0, 300), lost=st.integers(0, 25))
@settings(max_examples=8)
def test_averages_are_what_they_say_also_where_rows_are_missing(seed: int, lost: int) -> None:
    frame = adoption(units=35, periods=7, cohorts=THREE, seed=seed).sample(frac=1.0, random_state=seed)
    panel = panel_from(frame.iloc[lost:])
    found = found_in(panel, LATER)
    cells, sizes = cells_of(found, panel), {cohort: float(np.sum(panel.first == cohort)) for cohort in panel.cohorts}
    means = averages(panel, found)
    assert list(means) == list(KINDS)
    for kind in KINDS:
        assert means[kind].estimate == pytest.approx(obviously(kind, cells, sizes))


@pytest.mark.parametrize("kind", KINDS)
def test_weights_sum_to_one_and_reproduce_the_estimate(kind: Aggregation) -> None:
    found = found_in(panel := panel_from(adoption(cohorts=THREE)))
    average = averages(panel, found)[kind]
    assert average.weights.sum() == pytest.approx(1.0)
    assert average.weights @ found.estimates == pytest.approx(average.estimate)
    assert np.all(average.weights[[not effect.cell.post for effect in found.effects]] == 0.0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("choices", [NEVER, LATER])
def test_contributions_are_the_derivatives_by_each_units_weight(kind: Aggregation, choices: Choices) -> None:
    panel = panel_from(adoption(units=25, periods=6, cohorts=THREE), weight="w")

    def value(moved: np.ndarray) -> float:
        again = replace(panel, weights=moved)
        return averages(again, found_in(again, choices))[kind].estimate

    found = found_in(panel, choices)
    influence = averages(panel, found)[kind].influence(found)
    assert influence == pytest.approx(numeric_gradient(value, panel.weights) * panel.weights, abs=1e-7)


@pytest.mark.parametrize("kind", KINDS)
def test_errors_are_close_to_those_of_leaving_out_one_unit_after_another(kind: Aggregation) -> None:
    frame = adoption(units=60, periods=6, cohorts=THREE)
    panel = panel_from(frame)

    def left(unit: int) -> float:
        part = panel.part(np.arange(60) != unit)
        return averages(part, found_in(part))[kind].estimate

    found = found_in(panel)
    influence = averages(panel, found)[kind].influence(found)
    jackknife = np.array([left(unit) for unit in range(60)])
    spread = np.sqrt(59 / 60 * np.sum((jackknife - jackknife.mean()) ** 2))
    assert np.sqrt(np.sum(influence**2)) == pytest.approx(spread, rel=0.12)  # 12 units a cohort: n/(n-1) is 9 %


def test_errors_are_close_to_those_of_drawing_units_again() -> None:
    panel = panel_from(adoption(units=100, periods=5, cohorts=(3, 4, 0, 0)))
    random = np.random.Generator(np.random.PCG64(9))

    def drawn() -> float:
        again = replace(panel, weights=random.multinomial(100, np.full(100, 0.01)).astype(float))
        return averages(again, found_in(again))[Aggregation.SIMPLE].estimate

    found = found_in(panel)
    influence = averages(panel, found)[Aggregation.SIMPLE].influence(found)
    spread = float(np.std([drawn() for _ in range(120)]))
    assert np.sqrt(np.sum(influence**2)) == pytest.approx(
        spread, rel=0.26
    )  # 120 draws: an error of 6.5 %, four of them


@pytest.mark.parametrize(("control", "choices"), [("never_treated", NEVER), ("not_yet_treated", LATER)])
def test_castle_laws_meet_other_software_in_estimates_and_errors(control: str, choices: Choices) -> None:
    frame = castle()
    with quietly():
        judge = CallawaySantAnna(control_group=control).fit(
            frame, outcome="y", unit="unit", time="period", first_treat="start", aggregate="all"
        )
    found = found_in(panel := panel_from(frame), choices)
    simple = averages(panel, found)[Aggregation.SIMPLE]
    assert simple.estimate == pytest.approx(judge.overall_att, abs=1e-7)  # its own sums are in another order
    assert np.sqrt(np.sum(simple.influence(found) ** 2)) == pytest.approx(judge.overall_se, rel=1e-6)
    for time, average in event_times(panel, found).items():
        theirs = judge.event_study_effects[time]
        assert average.estimate == pytest.approx(theirs["effect"], abs=1e-7)
        assert np.sqrt(np.sum(average.influence(found) ** 2)) == pytest.approx(theirs["se"], rel=1e-5)


def test_castle_laws_by_cohort_meet_other_software() -> None:
    frame = castle()
    with quietly():
        judge = CallawaySantAnna().fit(
            frame, outcome="y", unit="unit", time="period", first_treat="start", aggregate="group"
        )
    found = found_in(panel := panel_from(frame))
    for cohort in panel.cohorts.tolist():
        own = found.post[found.cohorts[found.post] == cohort]
        mean = evenly(pooled(panel, found, own[place : place + 1]) for place in range(len(own)))
        assert mean.estimate == pytest.approx(judge.group_effects[cohort]["effect"], abs=1e-7)


def test_times_since_treatment_come_in_order_and_pool_the_cohorts() -> None:
    found = found_in(panel := panel_from(adoption(cohorts=(3, 5, 0))))
    by_time = event_times(panel, found)
    assert list(by_time) == [-3, -2, -1, 0, 1, 2, 3, 4, 5]
    zero = [value for value, time in zip(found.estimates, found.event_times, strict=True) if time == 0]
    assert by_time[0].estimate == pytest.approx(np.average(zero, weights=[14, 13]))


def test_one_cell_has_no_estimated_weight() -> None:
    found = found_in(panel := panel_from(adoption()))
    assert np.all(pooled(panel, found, found.post[:1]).drift == 0.0)


def test_the_even_mean_takes_all_alike() -> None:
    parts = [Average(value, np.array([value, 0.0]), np.array([0.0, value])) for value in (1.0, 3.0)]
    mean = evenly(parts)
    assert (mean.estimate, mean.weights.tolist(), mean.drift.tolist()) == (2.0, [2.0, 0.0], [0.0, 2.0])


def test_cells_without_an_effect_are_left_out() -> None:
    panel = panel_from(adoption().query("not (start == 3 and period == 6)"))
    effects = cell_effects(panel, NEVER)
    found = found_among(panel, effects)
    assert len(found.effects) == len(effects) - 1
    assert averages(panel, found)[Aggregation.SIMPLE].weights.shape == (len(found.effects),)
