import numpy as np
import pandas as pd
import pytest

from effects.estimators.series.points import Points, differenced, read_points
from effects.linear_model import Obstacle
from effects.plan import AnalysisPlan
from tests.effects.estimators.series.made import ALONE, CONTROLLED, asked, counts, monthly, paired, plan_of

WEIGHTED: dict[str, object] = {"weight": "w"}


def points(frame: pd.DataFrame, plan: AnalysisPlan | None = None) -> Points:
    found = read(frame, plan)
    assert isinstance(found, Points), found
    return found


def obstacle(frame: pd.DataFrame, plan: AnalysisPlan | None = None) -> Obstacle:
    found = read(frame, plan)
    assert isinstance(found, Obstacle)
    assert str(found.needs)
    return found


def read(frame: pd.DataFrame, plan: AnalysisPlan | None) -> Points | Obstacle:
    plan = plan or plan_of()
    return read_points(asked(frame, plan), controlled=plan.design == CONTROLLED)


def test_time_is_nought_at_the_first_period_under_treatment() -> None:
    frame = monthly()
    found = points(frame)
    assert found.times.tolist() == frame["t"].tolist()
    assert found.steps.tolist() == list(range(48))
    assert found.after.tolist() == (frame["after"] == 1.0).tolist()
    assert found.outcome.tolist() == frame["y"].tolist()
    assert (found.start, found.notes) == ("25", ())


def test_a_start_between_two_periods_means_the_next_one() -> None:
    found = points(monthly(), plan_of(roles={"start": 24.5}))
    assert (found.start, found.times.tolist()) == ("25", monthly()["t"].tolist())


def test_a_start_whose_own_outcome_is_missing_keeps_its_place() -> None:
    frame = monthly()
    found = points(frame.assign(y=frame["y"].where(frame["month"] != 25)))
    assert found.start == "25"
    assert 0.0 not in found.times
    assert np.diff(found.steps).max() == 2


def test_the_order_of_the_rows_does_not_matter() -> None:
    frame = monthly()
    shuffled = points(frame.sample(frac=1.0, random_state=1))
    assert shuffled.outcome.tolist() == points(frame).outcome.tolist()


def test_periods_may_be_texts_and_say_that_they_are_counted() -> None:
    named = monthly(months=24, start=13).assign(month=[f"period {place:02d}" for place in range(24)])
    found = points(named.drop(index=5), plan_of(roles={"start": "period 12"}))
    assert found.steps.tolist() == list(range(23))
    assert ["no numbers" in str(note) for note in found.notes] == [True]


def test_dates_keep_their_distance_where_a_month_is_missing() -> None:
    dated = monthly(months=24, start=13).assign(
        month=[f"{2020 + place // 12}-{place % 12 + 1:02d}" for place in range(24)]
    )
    found = points(dated, plan_of(roles={"start": "2021-01"}))
    assert found.times.tolist() == [place - 12.0 for place in range(24)]
    assert (found.start, found.notes) == ("2021-01", ())
    holes = points(dated.drop(index=[5, 6]), plan_of(roles={"start": "2021-01"}))
    assert holes.times.tolist() == [place - 12.0 for place in range(24) if place not in (5, 6)]
    assert ["2 periods in between" in str(note) for note in holes.notes] == [True]


def test_quarters_written_as_dates_are_one_period_apart() -> None:
    quarters = [f"{2010 + place // 4}-{1 + 3 * (place % 4):02d}-01" for place in range(24)]
    found = points(monthly(months=24, start=13).assign(month=quarters), plan_of(roles={"start": "2013-01-01"}))
    assert found.times.tolist() == [place - 12.0 for place in range(24)]


def test_periods_that_are_years_apart_are_steps_of_their_own_size() -> None:
    frame = monthly().assign(month=lambda own: 1900 + 2 * own["month"])
    found = points(frame, plan_of(roles={"start": 1950}))
    assert found.steps.tolist() == list(range(48))
    assert np.diff(found.times).tolist() == [2.0] * 47


def test_missing_periods_are_counted_and_kept_at_their_distance() -> None:
    found = points(monthly().drop(index=[7, 8, 30]))
    assert found.steps.max() == 47
    assert len(found.steps) == 45
    assert ["3 periods in between" in str(note) for note in found.notes] == [True]


def test_several_rows_of_a_period_are_averaged_and_count_by_their_weights() -> None:
    frame = monthly()
    rows = pd.concat([frame.assign(w=1.0), frame.assign(w=3.0, y=frame["y"] + 4.0), frame[:5].assign(w=4.0)])
    found = points(rows, plan_of(roles=WEIGHTED))
    assert found.outcome[5:] == pytest.approx(frame["y"][5:].to_numpy() + 3.0)
    assert found.outcome[:5] == pytest.approx(frame["y"][:5].to_numpy() + 1.5)
    assert found.weights[:5] / found.weights[-1] == pytest.approx([2.0] * 5)
    assert [str(note) for note in found.notes] == [
        "Each point is the mean of 2 to 3 rows, by weight where stated.",
        "Points count by the summed weights of their rows.",
    ]


def test_covariates_are_averaged_too() -> None:
    frame = monthly().assign(x=lambda own: own["month"] % 5)
    rows = pd.concat([frame, frame.assign(x=frame["x"] + 2)])
    found = points(rows, plan_of(keys={"covariates": ["x", "x^2"]}))
    assert found.names == ("x", "x^2")
    assert found.covariates[:, 0] == pytest.approx(frame["x"].to_numpy() + 1.0)


def test_exposures_add_on_the_scale_of_people() -> None:
    frame = counts()
    plan = plan_of(roles={"start": 37}, keys={"family": "poisson", "offset": "lp"})
    rows = pd.concat([frame, frame.assign(lp=frame["lp"] + np.log(3.0))])
    assert points(frame, plan).offset.tolist() == frame["lp"].tolist()
    assert points(rows, plan).offset == pytest.approx(frame["lp"].to_numpy() + np.log(2.0))


def test_an_offset_of_a_gaussian_outcome_is_averaged_as_it_stands() -> None:
    frame = counts()
    rows = pd.concat([frame, frame.assign(lp=frame["lp"] + 4.0)])
    found = points(rows, plan_of(roles={"start": 37}, keys={"offset": "lp"}))
    assert found.offset == pytest.approx(frame["lp"].to_numpy() + 2.0)


def test_a_control_has_points_of_its_own() -> None:
    found = points(paired(), plan_of(CONTROLLED))
    assert found.group.tolist() == [0] * 48 + [1] * 48
    assert found.steps.tolist() == [*range(48), *range(48)]


def test_a_part_may_be_seen_as_if_treatment_had_begun_later() -> None:
    found = points(monthly())
    moved = found.part(found.steps < 20, 5.0)
    assert moved.times.tolist() == (found.times[:20] - 5.0).tolist()
    assert len(moved.outcome) == len(moved.weights) == len(moved.covariates) == 20


REFUSED: dict[str, tuple[pd.DataFrame, str, str]] = {
    "two points before": (monthly()[22:], "too_few_periods", "2 periods before"),
    "two points after": (monthly()[:26], "too_few_periods", "2 periods from the start on"),
    "nothing after": (monthly()[:20], "too_few_periods", "0 periods from the start on"),
    "a single period": (monthly()[30:31], "too_few_periods", "1 periods in all"),
    "years and months in one number": (
        monthly().assign(month=lambda own: 100 * ((own["month"] - 1) // 12) + (own["month"] - 1) % 12 - 180),
        "uneven_periods",
        "48 periods",
    ),
    "uneven steps": (
        monthly().assign(month=lambda own: own["month"] + 0.4 * (own["month"] == 7)),
        "uneven_periods",
        "",
    ),
    "far apart": (monthly().assign(month=lambda own: own["month"] ** 3), "uneven_periods", "48 periods"),
}


@pytest.mark.parametrize("problem", REFUSED)
def test_what_is_no_series_is_refused_by_name(problem: str) -> None:
    frame, reason, words = REFUSED[problem]
    start = -80 if "years" in problem else 25
    found = obstacle(frame, plan_of(roles={"start": start}))
    assert found.reason == reason
    assert words in str(found.detail)


@pytest.mark.parametrize(
    ("family", "value", "reason"),
    [
        ("poisson", -1.0, "out_of_range"),
        ("binomial", -0.1, "out_of_range"),
        ("binomial", 1.1, "out_of_range"),
    ],
)
def test_an_outcome_that_its_family_cannot_take_is_refused(family: str, value: float, reason: str) -> None:
    frame = monthly().assign(y=lambda own: np.where(own["month"] == 9, value, 0.5 + 0.001 * own["month"]))
    assert obstacle(frame, plan_of(keys={"family": family})).reason == reason


def test_an_infinite_exposure_is_refused() -> None:
    frame = counts()
    endless = frame.assign(lp=frame["lp"].where(frame["month"] != 4, np.inf))
    plan = plan_of(roles={"start": 37}, keys={"family": "poisson", "offset": "lp"})
    assert obstacle(endless, plan).reason == "not_finite"


def pair(frame: pd.DataFrame, **sections: object) -> Points | Obstacle:
    return differenced(points(frame, plan_of(CONTROLLED, **sections)))


def test_the_difference_of_two_series_is_one_series() -> None:
    frame = paired()
    found = pair(frame)
    assert isinstance(found, Points)
    ours, theirs = (frame[frame["arm"] == arm]["y"].to_numpy() for arm in (1, 0))
    assert found.outcome == pytest.approx(ours - theirs)
    assert found.group.tolist() == [1] * 48
    assert "taken from the intervention's" in str(found.notes[0])


def test_points_without_a_counterpart_are_left_out_and_counted() -> None:
    found = pair(paired().drop(index=[3, 4, 60]))
    assert isinstance(found, Points)
    assert len(found.outcome) == 45
    assert found.steps.tolist() == sorted(set(range(48)) - {3, 4, 12})
    assert any("3 points without" in str(note) for note in found.notes)


def test_what_both_series_share_cancels_and_what_differs_is_differenced() -> None:
    frame = paired().assign(heat=lambda own: own["month"] % 7, staff=lambda own: own["arm"] * (own["month"] % 3))
    found = pair(frame, keys={"covariates": ["heat", "staff"]})
    assert isinstance(found, Points)
    assert found.names == ("staff",)
    assert found.covariates[:, 0].tolist() == [month % 3 for month in range(1, 49)]


def test_a_difference_weighs_as_little_as_its_lighter_side() -> None:
    frame = paired().assign(w=lambda own: np.where(own["arm"] == 1, 3.0, 1.0) * np.where(own["month"] > 40, 2.0, 1.0))
    found = pair(frame, roles=WEIGHTED)
    assert isinstance(found, Points)
    assert found.weights / found.weights[0] == pytest.approx([1.0] * 40 + [2.0] * 8)


@pytest.mark.parametrize("arm", [0, 1])
def test_a_series_without_its_counterpart_is_no_comparison(arm: int) -> None:
    frame = paired()
    found = pair(frame[frame["arm"] == arm])
    assert isinstance(found, Obstacle)
    assert found.reason == "empty_arm"


def test_series_that_hardly_overlap_are_too_short() -> None:
    frame = paired()
    apart = frame[(frame["arm"] == 0) | (frame["month"] >= 23)]
    assert obstacle(apart, plan_of(CONTROLLED)).reason == "too_few_periods"
    odd = frame[(frame["month"] + frame["arm"]) % 2 == 0]
    found = pair(odd)
    assert isinstance(found, Obstacle)
    assert found.reason == "too_few_periods"


def test_a_series_alone_takes_every_row() -> None:
    assert points(paired(), plan_of(ALONE)).group.tolist() == [0] * 48
