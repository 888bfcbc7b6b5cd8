import numpy as np
import pytest

from effects.codes import Design
from effects.rows.assigned import assigned
from effects.rows.column_reading import Levels
from effects.rows.timing import Timing

PERIOD = Levels(np.array([0, 1, 2, 0, 1, 2, -1]), ("0", "1", "2"))
GROUP = np.array([1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0])


def timing(start: float | None = None, first: list[float] | None = None) -> Timing:
    return Timing(np.arange(3.0), None if first is None else np.array(first), start)


def test_a_group_is_treated_from_the_start_on() -> None:
    found = assigned(Design.CONTROLLED_INTERRUPTED_TIME_SERIES, PERIOD, timing(1.0), GROUP, None)
    assert found is not None
    assert found[:6].tolist() == [0.0, 1.0, 1.0, 0.0, 0.0, 0.0]
    assert np.isnan(found[6])


def test_without_a_group_everybody_is_treated_from_the_start_on() -> None:
    found = assigned(Design.INTERRUPTED_TIME_SERIES, PERIOD, timing(2.0), None, None)
    assert found is not None
    assert found[:6].tolist() == [0.0, 0.0, 1.0, 0.0, 0.0, 1.0]


@pytest.mark.parametrize("design", [Design.TWO_PERIOD_DID, Design.BEFORE_AFTER])
def test_without_a_start_the_last_period_is_the_treated_one(design: Design) -> None:
    found = assigned(design, PERIOD, timing(), None, None)
    assert found is not None
    assert found[:3].tolist() == [0.0, 0.0, 1.0]


def test_in_staggered_adoption_each_unit_has_its_own_start() -> None:
    inf = float("inf")
    found = assigned(Design.STAGGERED_ADOPTION, PERIOD, timing(first=[1, 1, 1, inf, inf, inf, 1]), None, None)
    assert found is not None
    assert found[:6].tolist() == [0.0, 1.0, 1.0, 0.0, 0.0, 0.0]


def test_a_surveys_later_wave_is_the_treated_one() -> None:
    wave = np.array([0.0, 1.0])
    assert assigned(Design.SURVEY_BEFORE_AFTER, None, None, None, wave) is wave


def test_without_time_nothing_is_assigned() -> None:
    assert assigned(Design.BEFORE_AFTER, None, None, None, None) is None
    assert assigned(Design.STAGGERED_ADOPTION, PERIOD, timing(), None, None) is None
