from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from effects.estimators.series.calendar import calendar_steps


def steps(*labels: str) -> list[float]:
    found = calendar_steps(labels)
    assert found is not None
    return (found - found[0]).tolist()


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (("2020-11", "2020-12", "2021-01"), [0, 1, 2]),
        (("2020-11", "2021-01", "2022-01"), [0, 2, 14]),
        (("2019-01-01", "2019-04-01", "2020-01-01"), [0, 3, 12]),
        (("2019-01-15 00:00:00", "2019-02-15 00:00:00"), [0, 1]),
        (("2019-01-15T00:00:00+00:00", "2019-02-15T00:00:00+00:00"), [0, 1]),
        (("2024-02-26", "2024-03-04", "2024-03-18"), [0, 1, 3]),
        (("2024-02-27", "2024-02-29", "2024-03-01"), [0, 2, 3]),
        (("2020-01-31", "2020-02-29", "2020-04-30"), [0, 1, 3]),
        (("9999-11-30", "9999-12-31"), [0, 1]),
        (("2020-05",), [0]),
    ],
)
def test_dates_lie_months_weeks_or_days_apart(labels: tuple[str, ...], expected: list[float]) -> None:
    assert steps(*labels) == expected


@pytest.mark.parametrize(
    "labels",
    [
        (),
        ("spring", "summer"),
        ("2020-01", "later"),
        ("2020-13",),
        ("2021-02-29",),
        ("2020-1",),
        ("2020",),
        ("2020-01-01 12:30:00",),
        ("202001",),
    ],
)
def test_other_texts_are_no_dates(labels: tuple[str, ...]) -> None:
    assert calendar_steps(labels) is None


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.lists(st.integers(1, 400), min_size=2, max_size=9))
def test_weeks_lie_whole_weeks_apart(first: date, gaps: list[int]) -> None:
    days = [first]
    for gap in gaps:
        days.append(days[-1] + timedelta(weeks=gap))
    if len({day.day for day in days}) > 1:
        expected = [(day - first).days / 7 for day in days]
        assert steps(*(day.isoformat() for day in days)) == pytest.approx(expected)
