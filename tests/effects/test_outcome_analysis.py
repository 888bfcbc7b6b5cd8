import time
from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from effects import analyse
from effects.codes import Aggregation
from effects.errors import DataError
from effects.outcome_analysis import answer, asked_aggregations, not_implemented
from effects.planning.settings import settle
from effects.results import EffectEstimate, NotEstimable
from effects.rows.roles import read_roles
from effects.rows.samples import KEPT
from effects.sources import open_source
from tests.effects.designs import (
    LINEAR,
    Indicator,
    estimated,
    first,
    outcome,
    plan_for,
    plan_of,
    rows,
    rows_for,
)

Spoil = Callable[[pd.DataFrame], pd.DataFrame]
WEIGHTED = {"weight": "w"}


@pytest.fixture
def within_half_a_minute() -> Iterator[None]:
    """The time of the process, so that a busy machine is not a failure."""
    begun = time.process_time()
    yield
    assert time.process_time() - begun < 30.0


@pytest.mark.parametrize(
    ("design", "model", "expected"),
    [
        ("individual_randomised", {}, ["overall"]),
        ("stepped_wedge", {}, ["overall"]),
        ("staggered_adoption", {}, ["simple", "dynamic", "group", "calendar"]),
        ("interrupted_time_series", {}, ["level_change", "slope_change"]),
        ("interrupted_time_series", {"change": ["slope"]}, ["slope_change"]),
    ],
)
def test_each_design_asks_for_its_aggregations(design: str, model: dict[str, object], expected: list[str]) -> None:
    assert [item.value for item in asked_aggregations(plan_for(design, model=model))] == expected


@pytest.mark.parametrize(
    ("sections", "keys", "named"),
    [
        ({}, {"family": "poisson"}, "poisson"),
        ({}, {"family": "poisson", "offset": "age"}, "poisson"),
        ({}, {"offset": "age"}, "an offset"),
    ],
)
def test_what_is_not_built_yet_is_named(
    trial: pd.DataFrame,
    indicator: Indicator,
    sections: dict[str, object],
    keys: dict[str, object],
    named: str,
) -> None:
    plan = plan_for(outcome=[indicator("y", **keys)], **sections)
    roles = read_roles(open_source(trial), plan)
    obstacle = not_implemented(roles.outcomes[0], plan, settle(plan)[0])
    assert obstacle is not None
    assert named in str(obstacle.detail)


def test_the_answer_holds_entry_checks_and_the_fate_of_each_row(trial: pd.DataFrame) -> None:
    plan = plan_for()
    trial.loc[:4, "y"] = None
    roles = read_roles(open_source(trial), plan)
    found = answer(roles.outcomes[0], roles, plan, settle(plan)[0])
    assert [entry.aggregation for entry in found.entries] == [Aggregation.OVERALL]
    assert int((found.reasons == KEPT).sum()) == 75
    assert found.entries[0].dropped[0].rows == 5
    assert {check.name for check in found.diagnostics} == {"missing_by_arm", "balance", "lee_bounds"}


# One thing wrong with the data at a time, and the reasons that the answer may state.
DEGENERATE: dict[str, tuple[Spoil, set[str]]] = {
    "no rows": (lambda own: own[:0], {"no_rows"}),
    "one row": (lambda own: own[:1], {"empty_arm"}),
    "two rows": (lambda own: own.iloc[[5, 11]], {"too_few_rows", "too_few_clusters", "empty_arm"}),
    "two rows alike": (lambda own: own.iloc[[5, 5]], {"empty_arm"}),
    "three rows": (lambda own: own.iloc[[5, 6, 13]], {"too_few_rows", "too_few_clusters", "empty_arm"}),
    "nobody treated": (lambda own: own.assign(treated=0), {"empty_arm"}),
    "everybody treated": (lambda own: own.assign(treated=1), {"empty_arm"}),
    "nobody's arm known": (lambda own: own.assign(treated=np.nan), {"no_rows"}),
    "constant outcome": (lambda own: own.assign(y=1.0), {"constant_outcome"}),
    "constant at zero": (lambda own: own.assign(y=0.0), {"constant_outcome"}),
    "all outcomes missing": (lambda own: own.assign(y=np.nan), {"no_rows"}),
    "one outcome known": (lambda own: own.assign(y=own["y"].where(own.index == 9)), {"empty_arm"}),
    "all clusters missing": (lambda own: own.assign(school=np.nan, site=np.nan), {"no_rows", "estimate"}),
    "all periods missing": (lambda own: own.assign(month=np.nan), {"no_rows", "estimate"}),
    "treatment is the outcome": (lambda own: own.assign(y=own["treated"]), {"no_residual_variation"}),
    "infinite outcome": (lambda own: own.assign(y=[np.inf, *own["y"][1:]]), {"not_finite"}),
    "infinite both ways": (lambda own: own.assign(y=[np.inf, -np.inf, *own["y"][2:]]), {"not_finite"}),
    "huge outcomes": (lambda own: own.assign(y=own["y"] * 1e308), {"not_finite"}),
    "tiny outcomes": (lambda own: own.assign(y=own["y"] * 1e-308), {"estimate", "not_finite", "no_residual_variation"}),
    "a huge constant": (lambda own: own.assign(y=own["y"] + 1e17), {"estimate", "no_residual_variation"}),
    "weightless rows": (lambda own: own.assign(w=0.0), {"no_rows"}),
    "weights all missing": (lambda own: own.assign(w=np.nan), {"no_rows"}),
    "huge weights": (lambda own: own.assign(w=1e308), {"estimate"}),
    "tiny weights": (lambda own: own.assign(w=5e-324), {"estimate"}),
    "weights far apart": (lambda own: own.assign(w=[1e308, *[1e-308] * 47]), {"estimate", "collinear", "not_finite"}),
    "weight on one arm": (lambda own: own.assign(w=1.0 * own["treated"]), {"empty_arm"}),
    "a single period": (
        lambda own: own[own["month"] == 3],
        {"estimate", "collinear", "too_few_rows", "empty_arm"},
    ),
}


@pytest.mark.usefixtures("within_half_a_minute")
@pytest.mark.parametrize("design", LINEAR)
@pytest.mark.parametrize("problem", DEGENERATE)
def test_degenerate_data_give_a_stated_reason_and_never_a_number(design: str, problem: str) -> None:
    spoil, reasons = DEGENERATE[problem]
    entry = first(analyse(spoil(rows_for(design)), plan_of(design, roles=WEIGHTED)))
    if isinstance(entry, NotEstimable):
        assert entry.reason.value in reasons
        assert str(entry.detail)
        assert str(entry.needs)
    else:
        assert "estimate" in reasons
        assert entry.standard_error > 0


@pytest.mark.parametrize("design", LINEAR)
@pytest.mark.parametrize("covariates", [["x", "x2"], ["x", "factor(twin)", "twin"], ["one"], ["factor(arm)"]])
def test_collinear_covariates_are_named(design: str, covariates: list[str]) -> None:
    frame = rows_for(design).assign(x2=lambda own: 2 * own["x"], twin=np.arange(48) % 2, one=1.0)
    frame = frame.assign(arm=frame["treated"].map({0: "old", 1: "new"}))
    entry = first(analyse(frame, plan_of(design, covariates=covariates)))
    assert isinstance(entry, NotEstimable)
    assert entry.reason == "collinear"
    assert covariates[0] in str(entry.detail) or covariates[-1] in str(entry.detail)


@pytest.mark.parametrize("design", LINEAR)
@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_an_infinite_covariate_is_no_number(design: str, value: float) -> None:
    frame = rows_for(design)
    entry = first(analyse(frame.assign(x=[value, *frame["x"][1:]]), plan_of(design, covariates=["x"])))
    assert isinstance(entry, NotEstimable)
    assert entry.reason == "not_finite"


@pytest.mark.parametrize("design", LINEAR)
def test_a_covariate_nobody_has_leaves_no_rows(design: str) -> None:
    entry = first(analyse(rows_for(design).assign(x=np.nan), plan_of(design, covariates=["x"])))
    assert isinstance(entry, NotEstimable)
    assert entry.reason == "no_rows"
    assert [(drop.reason.value, drop.rows) for drop in entry.dropped] == [("missing_covariate", 48)]


@pytest.mark.parametrize(
    ("design", "sites"),
    [
        ("cluster_randomised", [0, 1]),
        ("cluster_randomised", [0, 1, 2]),
        ("stepped_wedge", [1]),
    ],
)
def test_too_few_clusters_are_said_with_what_would_be_enough(design: str, sites: list[int]) -> None:
    frame = rows_for(design)
    entry = first(analyse(frame[frame["site"].isin(sites)], plan_of(design)))
    assert isinstance(entry, NotEstimable)
    assert entry.reason == "too_few_clusters"
    assert "at least 2" in str(entry.needs)


def test_two_clusters_of_a_stepped_wedge_give_few_degrees_of_freedom_and_a_warning() -> None:
    frame = rows_for("stepped_wedge")
    result = analyse(frame[frame["site"] < 2], plan_of("stepped_wedge"))
    entry = first(result)
    if isinstance(entry, EffectEstimate):
        assert entry.df is not None
        assert entry.df < 2
        warned = {check.name for check in result.diagnostics if check.verdict == "warn"}
        assert {"degrees_of_freedom", "clusters_per_arm"} <= warned
    else:
        assert str(entry.needs)


@pytest.mark.parametrize("design", LINEAR)
@pytest.mark.parametrize("value", [-1.0, np.inf])
def test_a_negative_or_infinite_weight_is_the_datas_fault(design: str, value: float) -> None:
    frame = rows_for(design)
    with pytest.raises(DataError) as raised:
        analyse(frame.assign(w=[value, *frame["w"][1:]]), plan_of(design, roles=WEIGHTED))
    assert [(finding.code, finding.row) for finding in raised.value.findings] == [("negative_or_infinite", 1)]


def test_a_period_in_which_nobody_is_observed_changes_nothing() -> None:
    frame, plan = rows_for("stepped_wedge"), plan_of("stepped_wedge")
    silent = frame.assign(y=frame["y"].where(frame["month"] != 3))
    with_gap, without = analyse(silent, plan), analyse(frame[frame["month"] != 3], plan)
    ours, theirs = first(with_gap), first(without)
    assert isinstance(ours, EffectEstimate)
    assert isinstance(theirs, EffectEstimate)
    assert (ours.estimate, ours.standard_error, ours.df) == (theirs.estimate, theirs.standard_error, theirs.df)
    assert (ours.rows, ours.dropped[0].rows) == (40, 8)


@pytest.mark.usefixtures("within_half_a_minute")
@pytest.mark.parametrize("design", LINEAR)
def test_a_thousand_periods_are_answered(design: str) -> None:
    found = estimated(rows_for(design, rows(sites=4, months=1000)), plan_of(design))
    assert found.rows == 4000
    assert found.standard_error > 0


@pytest.mark.usefixtures("within_half_a_minute")
@pytest.mark.parametrize("design", LINEAR)
def test_two_hundred_outcomes_are_answered_one_by_one(design: str) -> None:
    random = np.random.Generator(np.random.PCG64(29))
    frame, names = rows_for(design), [f"y{place}" for place in range(200)]
    frame = pd.concat([frame, pd.DataFrame(random.normal(size=(48, 200)), columns=names)], axis=1)
    plan = plan_for(design, outcome=[outcome(name) for name in names], **LINEAR[design])
    found = [entry for entry in analyse(frame, plan).estimates if entry.analysis == "primary"]
    found = [entry for entry in found if isinstance(entry, EffectEstimate)]
    assert [entry.outcome for entry in found] == names
    smallest = min(found, key=lambda entry: entry.p_value)
    assert smallest.p_adjusted == pytest.approx(min(1.0, 200 * smallest.p_value))


def test_one_outcome_cannot_sink_another(indicator: Indicator) -> None:
    frame = rows().assign(bad=np.inf, empty=np.nan)
    result = analyse(frame, plan_for(outcome=[indicator(name) for name in ("bad", "y", "empty", "z")]))
    assert [entry.kind for entry in result.estimates] == ["not_estimable", "estimate", "not_estimable", "estimate"]


ANYTHING = st.floats(allow_nan=False, allow_infinity=True) | st.none()


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.sampled_from([0.0, 1.0, None]), st.integers(0, 3), ANYTHING), max_size=12),
    st.lists(ANYTHING, min_size=12, max_size=12),
)
@pytest.mark.parametrize("design", ["individual_randomised", "stepped_wedge"])
def test_whatever_the_rows_hold_there_is_an_answer(
    design: str, drawn: list[tuple[float | None, int, float | None]], covariate: list[float | None]
) -> None:
    columns = {
        "treated": pd.Series([row[0] for row in drawn], dtype=float),
        "site": pd.Series([row[1] for row in drawn], dtype=float),
        "month": pd.Series([place % 3 for place in range(len(drawn))], dtype=float),
        "y": pd.Series([row[2] for row in drawn], dtype=float),
        "x": pd.Series(covariate[: len(drawn)], dtype=float),
    }
    entry = first(analyse(pd.DataFrame(columns), plan_of(design, covariates=["x"])))
    assert entry.kind in ("estimate", "not_estimable")
    assert sum(drop.rows for drop in entry.dropped) <= len(drawn)
