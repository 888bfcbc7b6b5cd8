import numpy as np
import pandas as pd
import pytest

from effects.errors import Finding
from effects.planning.sections import DataRoles
from effects.rows.column_reading import ColumnReader
from effects.rows.timing import NEVER, Timing, read_timing
from effects.sources import open_source


def read(frame: pd.DataFrame, **roles: object) -> tuple[Timing | None, list[Finding], np.ndarray]:
    """The timing, the findings, and the order in which the rows stand."""
    source = open_source(frame)
    reader = ColumnReader(source)
    stated = DataRoles(**{"unit": "site", "period": "month", **roles})
    period, unit = reader.levels(stated.period, "data.period"), reader.levels(stated.unit, "data.unit")
    return read_timing(stated, period, unit, reader), reader.findings, source.given - 1


PANEL = pd.DataFrame({"site": [1, 1, 2, 2], "month": [2019, 2021, 2019, 2021], "y": [1.0, 2.0, 3.0, 4.0]})


def test_numbered_periods_keep_their_distances() -> None:
    timing, findings, _ = read(PANEL, start=2021)
    assert timing is not None
    assert timing.times.tolist() == [2019.0, 2021.0]
    assert timing.start == 2021.0
    assert timing.first is None
    assert findings == []


def test_dates_are_counted() -> None:
    dated = PANEL.assign(month=["2019-01", "2019-03", "2019-01", "2019-03"])
    timing, findings, _ = read(dated, start="2019-02")
    assert timing is not None
    assert timing.times.tolist() == [0.0, 1.0]
    assert timing.start == 1.0
    assert findings == []


@pytest.mark.parametrize("never", [0, None])
def test_zero_and_empty_are_never_treated(never: float | None) -> None:
    timing, findings, order = read(PANEL.assign(start=[2021, 2021, never, never]), first_treated="start")
    assert timing is not None
    assert timing.first is not None
    assert timing.first[np.argsort(order)].tolist() == [2021.0, 2021.0, NEVER, NEVER]
    assert findings == []


def test_first_treated_dates_are_places_among_the_periods() -> None:
    dated = PANEL.assign(month=["2019-01", "2019-03"] * 2, start=["2019-03", "2019-03", None, None])
    timing, _, order = read(dated, first_treated="start")
    assert timing is not None
    assert timing.first is not None
    assert timing.first[np.argsort(order)].tolist() == [1.0, 1.0, NEVER, NEVER]


def test_dates_of_units_none_of_which_is_ever_treated() -> None:
    dated = PANEL.assign(month=["2019-01", "2019-03"] * 2, start=0)
    timing, findings, _ = read(dated, first_treated="start")
    assert timing is not None
    assert timing.first is not None
    assert np.isinf(timing.first).all()
    assert findings == []


def test_a_unit_that_is_first_treated_twice_is_a_finding() -> None:
    _, findings, _ = read(PANEL.assign(start=[2021, 2019, 0, 0]), first_treated="start")
    assert [(finding.code, finding.params["unit"]) for finding in findings] == [("first_treated_varies", "1")]


def test_a_unit_treated_in_some_rows_and_never_in_others_is_a_finding() -> None:
    _, findings, _ = read(PANEL.assign(start=[2021, 0, 0, 0]), first_treated="start")
    assert [finding.code for finding in findings] == ["first_treated_varies"]


def test_a_start_that_is_no_period_is_a_finding() -> None:
    timing, findings, _ = read(PANEL, start="March")
    assert timing is not None
    assert timing.start is None
    assert [(finding.where, finding.code) for finding in findings] == [("data.start", "start_not_a_period")]


def test_without_periods_there_is_no_time() -> None:
    assert read(PANEL, period=None)[0] is None


def test_rows_without_a_period_have_no_time() -> None:
    reader = ColumnReader(open_source(PANEL.assign(month=[2019, None, 2019, 2021])))
    period = reader.levels("month", "data.period")
    timing = read_timing(DataRoles(period="month"), period, None, reader)
    assert timing is not None
    assert period is not None
    assert int(np.isnan(timing.of_rows(period)).sum()) == 1
