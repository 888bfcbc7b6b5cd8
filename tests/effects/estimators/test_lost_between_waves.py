import pandas as pd
import pytest

from effects import analyse
from effects.results import Diagnostic
from tests.effects.designs import plan_for, rows_for


def check(frame: pd.DataFrame, **data: object) -> Diagnostic:
    stated = {"unit": "site", "period": "month", "treated": "treated", **data}
    result = analyse(frame, plan_for("two_period_did", data=stated))
    (found,) = (one for one in result.diagnostics if one.name == "lost_between_waves")
    return found


def test_everybody_seen_twice_passes() -> None:
    found = check(rows_for("two_period_did"))
    assert (found.statistic, found.verdict) == (0.0, "pass")


@pytest.mark.parametrize("wave", [lambda month: month >= 3, lambda month: month < 3])
def test_sites_that_lack_one_side_are_counted(wave: object) -> None:
    assert callable(wave)
    frame = rows_for("two_period_did")
    found = check(frame[~((frame["site"] == 2) & wave(frame["month"]))])
    assert found.statistic == pytest.approx(1 / 8)
    assert found.verdict == "warn"
    assert found.detail.params == {"lost": 1, "units": 8}


def test_an_outcome_that_is_missing_is_not_seen() -> None:
    frame = rows_for("two_period_did")
    gone = (frame["site"] == 4) & (frame["month"] >= 3)
    assert check(frame.assign(y=frame["y"].where(~gone))).detail.params["lost"] == 1
