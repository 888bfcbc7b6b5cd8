import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from effects.codes import Reason
from effects.estimators.staggered.members import in_words
from effects.estimators.staggered.panel import Panel, panel_of, with_baseline
from effects.linear_model import Obstacle
from tests.effects.estimators.staggered.adoptions import adoption, asked_about, panel_from, plan_about

FRAME = adoption(units=12, periods=6)


def read(frame: pd.DataFrame, *covariates: str, **roles: str) -> Panel | Obstacle:
    return panel_of(asked_about(frame, plan_about(*covariates, roles=roles)))


def made(frame: pd.DataFrame, *covariates: str, **roles: str) -> Panel:
    found = read(frame, *covariates, **roles)
    assert isinstance(found, Panel), found
    return found


def refusal(frame: pd.DataFrame, **roles: str) -> Obstacle:
    found = read(frame, **roles)
    assert isinstance(found, Obstacle)
    return found


@pytest.mark.parametrize("lost", [0, 9])
def test_rows_stand_where_their_unit_and_period_are(lost: int) -> None:
    frame = FRAME.drop(index=FRAME.index[3 : 3 + 5 * lost : 5])
    found, expected = made(frame, "x"), panel_from(frame, "x")
    np.testing.assert_array_equal(found.outcome, expected.outcome)
    np.testing.assert_array_equal(found.covariates, expected.covariates)
    assert found.first.tolist() == expected.first.tolist()
    assert found.labels == (1.0, 2.0, 3.0, 4.0, 5.0, 6.0)
    assert found.observed.sum() == len(frame)


@given(order=st.permutations(range(len(FRAME))))
@settings(max_examples=5)
def test_the_order_of_rows_does_not_matter(order: list[int]) -> None:
    np.testing.assert_array_equal(made(FRAME.iloc[order]).outcome, made(FRAME).outcome)


def test_clusters_are_those_of_the_units_or_the_stated_ones() -> None:
    assert made(FRAME).cluster.tolist() == list(range(12))
    assert made(FRAME, cluster="region").cluster.tolist() == [place // 2 for place in range(12)]


def test_who_starts_after_the_last_period_is_never_treated() -> None:
    found = made(FRAME.assign(start=FRAME["start"].replace(5, 9)))
    assert found.cohorts.tolist() == [3.0]
    assert found.never(0.0).sum() == 9
    assert found.never(4.0).sum() == 6
    assert found.treated.sum() == 3 * 4


def test_dates_and_texts_are_counted_and_keep_their_names() -> None:
    frame = FRAME.assign(
        period="2024-0" + FRAME["period"].astype(str),
        start=np.where(FRAME["start"] > 0, "2024-0" + FRAME["start"].astype(str), ""),
    )
    found = made(frame)
    assert found.times.tolist() == [0, 1, 2, 3, 4, 5]
    assert [found.label(cohort) for cohort in found.cohorts.tolist()] == ["2024-03", "2024-05"]
    assert found.named(2.0) == "2024-03"
    np.testing.assert_array_equal(found.outcome, made(FRAME).outcome)


def test_time_since_treatment_counts_on_the_axis_of_time_where_it_is_whole() -> None:
    yearly = panel_from(
        FRAME.assign(period=2000 + 2 * FRAME["period"], start=FRAME["start"].replace({3: 2006, 5: 2010}))
    )
    assert [yearly.event_time(2006.0, place) for place in range(4)] == [-4, -2, 0, 2]
    assert yearly.named(2006.0) == "2006"


def test_time_since_treatment_counts_periods_where_the_axis_is_not_whole() -> None:
    quarters = panel_from(FRAME.assign(period=FRAME["period"] / 4, start=FRAME["start"] / 4))
    assert not quarters.whole
    assert [quarters.event_time(0.75, place) for place in range(4)] == [-2, -1, 0, 1]


def test_a_start_between_two_periods_is_treated_from_the_later_one_on() -> None:
    between = panel_from(FRAME.assign(start=FRAME["start"].replace(3, 2.5).astype(float)))
    assert between.place(2.5) == 2
    assert between.treated[0].tolist() == [False, False, True, True, True, True]


def test_a_cohort_in_one_cluster_is_lone_however_many_its_units() -> None:
    assert not panel_from(FRAME).has_lone_cohort
    assert panel_from(FRAME.query("start != 3 or unit == 0")).has_lone_cohort
    together = FRAME.assign(region=np.where(FRAME["start"] == 3, 99, FRAME["unit"]))
    assert panel_from(together, cluster="region").has_lone_cohort


def test_weights_of_a_unit_are_averaged_and_that_is_said() -> None:
    frame = FRAME.assign(w=1.0 + FRAME["period"])
    assert made(FRAME.assign(w=2.0), weight="w").averaged is False
    found = made(frame, weight="w")
    assert found.averaged is True
    assert np.ptp(found.weights) == 0.0


def test_people_are_those_of_a_mean_period() -> None:
    frame = FRAME.assign(pupils=10.0 + FRAME["period"])
    assert made(frame, persons="pupils").people == pytest.approx(13.5)
    assert made(FRAME).people.tolist() == [1.0] * 12


def test_covariates_that_do_not_change_within_units_are_told_apart() -> None:
    found = made(FRAME, "x", "z").within
    assert found.covariate_names == ("x",)
    np.testing.assert_array_equal(found.covariates, made(FRAME, "x").covariates)


def test_units_without_a_period_before_treatment_are_left_out_and_counted() -> None:
    panel = panel_from(FRAME.assign(start=FRAME["start"].replace(3, 1)))
    found = with_baseline(panel, 0.0)
    assert isinstance(found, Panel)
    assert (found.units, found.lost, found.cohorts.tolist()) == (9, 3, [5.0])


@pytest.mark.parametrize(("anticipation", "lost"), [(0.0, 0), (1.0, 0), (2.0, 3), (3.0, 3)])
def test_anticipation_asks_for_an_earlier_period(anticipation: float, lost: int) -> None:
    found = with_baseline(panel_from(FRAME), anticipation)
    assert isinstance(found, Panel)
    assert found.lost == lost


def test_nobody_with_a_period_before_treatment_is_refused() -> None:
    found = with_baseline(panel_from(FRAME), 4.0)
    assert isinstance(found, Obstacle)
    assert (found.reason, str(found.detail)) == (
        Reason.NO_BASELINE,
        "all 6 treated units are treated from their first period on",
    )


@pytest.mark.parametrize(
    ("frame", "roles", "reason", "detail"),
    [
        (FRAME.assign(start=0), {}, Reason.EMPTY_ARM, "no unit is treated within the periods"),
        (FRAME.assign(start=99), {}, Reason.EMPTY_ARM, "no unit is treated within the periods"),
        (
            FRAME.assign(w=np.where(FRAME["unit"] == 0, 1e20, 1.0)),
            {"weight": "w"},
            Reason.NOT_FINITE,
            "weights are too far apart to compute with",
        ),
        (FRAME.assign(y=1e200), {}, Reason.NOT_FINITE, "values are infinite or too large to compute with"),
        (
            pd.concat([FRAME, FRAME[:2]]),
            {},
            Reason.NOT_A_PANEL,
            "2 rows are the second of their unit in a period",
        ),
        (
            FRAME.assign(region=FRAME["period"]),
            {"cluster": "region"},
            Reason.NOT_A_PANEL,
            "60 units change their cluster",
        ),
    ],
    ids=["nobody", "later", "weights", "huge", "twice", "moving"],
)
def test_what_is_no_panel_is_refused_by_name(
    frame: pd.DataFrame, roles: dict[str, str], reason: Reason, detail: str
) -> None:
    found = refusal(frame, **roles)
    assert (found.reason, str(found.detail)) == (reason, detail)


def test_more_units_and_periods_than_memory_should_hold_are_refused() -> None:
    size = 6000
    frame = pd.DataFrame({"unit": range(size), "period": range(size), "start": 5, "y": np.arange(size) % 7})
    assert refusal(frame).reason is Reason.NOT_IMPLEMENTED


@pytest.mark.parametrize(("label", "said"), [(2004.0, "2004"), (2004.25, "2004.25"), ("2024-03", "2024-03")])
def test_periods_are_written_as_people_do(label: float | str, said: str) -> None:
    assert in_words(label) == said
