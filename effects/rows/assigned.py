"""Treatment that no column states and that follows from group, wave or time."""

import numpy as np

from effects.codes import Design
from effects.rows.column_reading import Levels
from effects.rows.columns import Numbers
from effects.rows.timing import Timing


def assigned(
    design: Design, period: Levels | None, timing: Timing | None, group: Numbers | None, wave: Numbers | None
) -> Numbers | None:
    """For each row (n,) 1 where and when treatment is assigned, 0 elsewhere, NaN where that is unknown.

    Surveys: the later wave. Staggered adoption: from the unit's first treated period on. Else from the start on, which
    is the last period where none is stated, in the group that is treated where one is stated.
    """
    if design is Design.SURVEY_BEFORE_AFTER:
        return wave
    if period is None or timing is None or not len(timing.times):
        return None
    time = timing.of_rows(period)
    if design is Design.STAGGERED_ADOPTION:
        return None if timing.first is None else _begun(time, timing.first)
    start = timing.times[-1] if timing.start is None else timing.start
    begun = _begun(time, np.full(len(time), start))
    return begun if group is None else begun * group


def _begun(time: Numbers, start: Numbers) -> Numbers:
    return np.where(np.isnan(time), np.nan, (time >= start).astype(np.float64))
