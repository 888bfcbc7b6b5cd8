from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from effects.codes import Aggregation, AnalysisRole, Estimand, Reason, StandardError
from effects.design_answers import Asked, Effect, NoEffect, Place
from effects.effect_entries import Question, answered, degenerate, entry_of, small_arms, unanswered
from effects.linear_model import LinearModel, Obstacle
from effects.message import Message
from effects.plan import AnalysisPlan
from effects.planning.settings import Settings, settle
from effects.results import EffectEstimate, Interval, NotEstimable
from effects.rows.roles import read_roles
from effects.rows.samples import Sample
from effects.sources import open_source
from tests.effects.designs import plan_for

QUESTION = Question("y", Estimand.ITT, Aggregation.OVERALL)


def sample(rows: int = 20) -> Sample:
    random = np.random.Generator(np.random.PCG64(2))
    return Sample(
        outcome=random.normal(size=rows),
        treated=(np.arange(rows) % 2).astype(float),
        weights=np.ones(rows),
        persons=None,
        unit=None,
        period=None,
        cluster=None,
        strata=None,
        covariates=np.empty((rows, 0)),
        covariate_names=(),
        rows=np.arange(rows),
    )


def model(drawn: Sample) -> LinearModel:
    return LinearModel(
        outcome=drawn.outcome,
        design=np.column_stack([np.ones(drawn.size), drawn.treated]),
        names=("intercept", "treated"),
        effect=1,
        weights=drawn.weights,
        clusters=None,
        absorbed=0,
        estimator="difference_in_means",
    )


@pytest.fixture
def chosen(plan_for: Callable[..., AnalysisPlan]) -> Settings:
    return settle(plan_for(inference={"level": 0.9}))[0]


def test_interval_and_p_value_are_those_of_the_t_distribution(chosen: Settings) -> None:
    drawn = sample()
    found = answered(QUESTION, drawn, model(drawn), chosen)
    assert isinstance(found, EffectEstimate)
    low, high = stats.t.interval(0.9, 18, found.estimate, found.standard_error)
    assert (found.interval.low, found.interval.high) == pytest.approx((low, high), rel=1e-12)
    assert found.p_value == pytest.approx(2 * stats.t.sf(abs(found.estimate / found.standard_error), 18), rel=1e-12)
    assert (found.interval.level, found.interval.method) == (0.9, "t")


def test_an_obstacle_becomes_an_entry_that_says_what_is_needed(chosen: Settings) -> None:
    obstacle = Obstacle(Reason.EMPTY_ARM, Message("0 of 9 rows"), Message("rows in both arms"))
    found = answered(QUESTION, sample(), obstacle, chosen)
    assert found == unanswered(QUESTION, obstacle)
    assert isinstance(found, NotEstimable)
    assert (found.reason, str(found.detail)) == (Reason.EMPTY_ARM, "0 of 9 rows")
    assert str(found.needs) == "rows in both arms"


def test_a_model_that_cannot_be_fitted_is_no_estimate(chosen: Settings) -> None:
    drawn = sample()
    doubled = model(drawn).with_columns(drawn.treated[:, None], ("again",), 0)
    found = answered(QUESTION, drawn, doubled, chosen)
    assert isinstance(found, NotEstimable)
    assert found.reason is Reason.COLLINEAR


def test_an_error_that_is_not_built_yet_is_no_estimate(chosen: Settings) -> None:
    drawn = sample()
    other = replace(chosen, standard_error=StandardError.NEWEY_WEST)
    found = answered(QUESTION, drawn, model(drawn), other)
    assert isinstance(found, NotEstimable)
    assert found.reason is Reason.NOT_IMPLEMENTED


@pytest.mark.parametrize(
    ("drawn", "reason"),
    [
        (replace(sample(), outcome=np.full(20, 3.0)), Reason.CONSTANT_OUTCOME),
        (replace(sample(), outcome=np.array([np.inf] + [1.0] * 19)), Reason.NOT_FINITE),
        (replace(sample(), covariates=np.full((20, 1), -np.inf)), Reason.NOT_FINITE),
        (replace(sample(), treated=np.zeros(20)), Reason.EMPTY_ARM),
        (replace(sample(), treated=np.ones(20)), Reason.EMPTY_ARM),
        (replace(sample(), outcome=np.empty(0)), Reason.NO_ROWS),
    ],
)
def test_a_sample_that_carries_no_model_says_why(drawn: Sample, reason: Reason) -> None:
    obstacle = degenerate(drawn)
    assert obstacle is not None
    assert obstacle.reason is reason
    assert obstacle.detail
    assert obstacle.needs


def test_an_ordinary_sample_is_not_degenerate() -> None:
    assert degenerate(sample()) is None


@pytest.mark.parametrize(
    ("rows", "persons", "noted"),
    [(20, None, False), (8, None, True), (8, 2.0, False), (20, 0.4, True), (20, 0.0, True)],
)
def test_an_arm_of_fewer_than_five_people_is_noted(
    rows: int, persons: float | None, noted: bool, chosen: Settings
) -> None:
    drawn = replace(sample(rows), persons=None if persons is None else np.full(rows, persons))
    found = answered(QUESTION, drawn, model(drawn), chosen)
    assert isinstance(found, EffectEstimate)
    assert (found.note is not None) is noted
    assert found.note is None or "Fewer than 5 people" in str(found.note[0])


@pytest.mark.parametrize(("people", "arm"), [((100.0, 4.0), " treated arm"), ((0.0, 100.0), " untreated arm")])
def test_the_note_names_the_small_arm(people: tuple[float, float], arm: str) -> None:
    (note,) = small_arms(*people) or ()
    assert arm in str(note)


@settings(max_examples=25)
@given(st.lists(st.floats(0.5, 0.999), min_size=2, max_size=2, unique=True).map(sorted))
def test_a_higher_level_gives_a_wider_interval_round_the_same_estimate(levels: list[float]) -> None:
    drawn = sample()
    inner, outer = (
        answered(QUESTION, drawn, model(drawn), settle(plan_for(inference={"level": level}))[0]) for level in levels
    )
    assert isinstance(inner, EffectEstimate)
    assert isinstance(outer, EffectEstimate)
    assert outer.interval.low < inner.interval.low < inner.estimate < inner.interval.high < outer.interval.high
    assert (inner.p_value, inner.standard_error) == (outer.p_value, outer.standard_error)
    middle = (outer.interval.low + outer.interval.high) / 2
    assert middle == pytest.approx(outer.estimate, abs=1e-12)


@settings(max_examples=25)
@given(st.floats(-3, 3))
def test_the_p_value_is_that_of_the_interval_that_just_touches_zero(effect: float) -> None:
    drawn = sample()
    moved = replace(drawn, outcome=drawn.outcome + effect * drawn.treated)
    found = answered(QUESTION, moved, model(moved), settle(plan_for())[0])
    assert isinstance(found, EffectEstimate)
    if not 0.002 < found.p_value < 0.5:
        return
    touching = settle(plan_for(inference={"level": 1.0 - found.p_value}))[0]
    again = answered(QUESTION, moved, model(moved), touching)
    assert isinstance(again, EffectEstimate)
    assert min(abs(again.interval.low), abs(again.interval.high)) == pytest.approx(0.0, abs=1e-9)


def asked(drawn: Sample) -> Asked:
    plan = plan_for()
    roles = read_roles(open_source(pd.DataFrame({"treated": drawn.treated, "y": drawn.outcome})), plan)
    return Asked(outcome=roles.outcomes[0], roles=roles, plan=plan, settings=settle(plan)[0], sample=drawn)


def effect(**changed: object) -> Effect:
    plain = Effect(estimate=2.0, standard_error=1.0, kind=StandardError.INFLUENCE, df=None, estimator="aipw")
    return replace(plain, **changed)


@pytest.mark.parametrize(("df", "method"), [(None, "normal"), (7.0, "t")])
def test_an_effects_interval_and_p_value_follow_from_its_distribution(df: float | None, method: str) -> None:
    entry = entry_of(effect(df=df), asked(sample()), QUESTION)
    assert isinstance(entry, EffectEstimate)
    spread = stats.norm() if df is None else stats.t(df)
    assert entry.p_value == pytest.approx(2 * spread.sf(2.0))
    assert entry.interval.high == pytest.approx(2.0 + spread.ppf(0.975))
    assert entry.interval.method == method
    assert (entry.rows, entry.units, entry.clusters, entry.df) == (20, 20, None, df)


def test_what_an_effect_states_itself_is_taken_as_it_stands() -> None:
    own = effect(p_value=0.04, interval=Interval(0.95, 1.0, 3.0), rows=9, units=3, clusters=2, people=(50.0, 60.0))
    place = Place(aggregation=Aggregation.EVENT_TIME, event_time=2, period=2004.0, cohort=2002.0)
    entry = entry_of(replace(own, place=place, notes=(Message("a note"),)), asked(sample()), QUESTION)
    assert isinstance(entry, EffectEstimate)
    assert (entry.p_value, entry.interval.low, entry.rows, entry.units, entry.clusters) == (0.04, 1.0, 9, 3, 2)
    assert (entry.aggregation, entry.event_time, entry.period, entry.cohort) == ("event_time", 2, 2004.0, 2002.0)
    assert entry.note == (Message("a note"),)


@pytest.mark.parametrize("spoiled", [{"standard_error": 0.0}, {"standard_error": np.nan}, {"estimate": np.inf}])
def test_an_effect_that_is_not_finite_is_no_answer(spoiled: dict[str, float]) -> None:
    entry = entry_of(effect(**spoiled), asked(sample()), QUESTION)
    assert isinstance(entry, NotEstimable)
    assert entry.reason is Reason.NO_RESIDUAL_VARIATION


def test_an_effect_that_was_refused_keeps_its_place_and_reason() -> None:
    obstacle = Obstacle(Reason.EMPTY_ARM, Message("nobody"), Message("somebody"))
    place = Place(aggregation=Aggregation.GROUP_TIME, cohort=2004.0, period=2006.0)
    entry = entry_of(NoEffect(place=place, obstacle=obstacle), asked(sample()), QUESTION)
    assert isinstance(entry, NotEstimable)
    assert (entry.reason, entry.cohort, entry.period) == (Reason.EMPTY_ARM, 2004.0, 2006.0)


def test_a_subgroups_effect_stays_exploratory() -> None:
    question = replace(QUESTION, analysis=AnalysisRole.EXPLORATORY)
    assert question.at(Place()).analysis is AnalysisRole.EXPLORATORY
    assert QUESTION.at(Place(analysis=AnalysisRole.SENSITIVITY)).analysis is AnalysisRole.SENSITIVITY
