"""True distances between periods that are written as dates."""

import re
from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from typing import Final

import numpy as np

from effects.rows.columns import Numbers

_DATE: Final = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2})(?:[ T]00:00:00.*)?)?")
_WEEK: Final = 7


def calendar_steps(labels: Sequence[str]) -> Numbers | None:
    """Where periods written as ISO dates or months lie, (P,), in weeks, days, or months; None for other texts.

    Months where all are the same day of the month, or its last; else weeks where all are whole weeks apart, else days.
    """
    found = [_DATE.fullmatch(label) for label in labels]
    try:
        dates = [date(int(match[1]), int(match[2]), int(match[3] or 1)) for match in found if match is not None]
    except ValueError:
        return None
    if len(dates) < max(len(labels), 1):
        return None
    ends = all(day.day == monthrange(day.year, day.month)[1] for day in dates)
    if ends or len({day.day for day in dates}) == 1:
        return np.array([12.0 * day.year + day.month for day in dates])
    days = np.array([float(day.toordinal()) for day in dates])
    return days / _WEEK if np.all((days - days[0]) % _WEEK == 0.0) else days
