"""What a year's money is worth in the first year: the rate in force, and net present value."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from itertools import accumulate


@dataclass(frozen=True, slots=True)
class Schedule:
    """Real rates by the year they begin after, in force from a day (ISO); a flat rate has one step and no day."""

    steps: tuple[tuple[int, float], ...]
    from_day: str | None
    source: str

    @property
    def first_rate(self) -> float:
        """The rate of the first years."""
        return self.steps[0][1]

    def rate(self, year: int) -> float:
        """The rate from year - 1 to `year`, years counted from 0."""
        return max((after, rate) for after, rate in self.steps if after < year)[1]

    def factors(self, years: int) -> tuple[float, ...]:
        """What a unit of money in year 0, 1, ... is worth in year 0; the product of the steps passed on the way."""
        later = (1 / (1 + self.rate(year)) for year in range(1, years))
        return tuple(accumulate(later, lambda worth, step: worth * step, initial=1.0))[:years]


def flat(rate: float) -> Schedule:
    """One stated rate for all years."""
    return Schedule(((0, rate),), None, "")


def in_force(day: str) -> Schedule | None:
    """The Danish schedule in force on a day (ISO); None before the first one that is known here."""
    known = [schedule for schedule in _schedules() if schedule.from_day is not None and schedule.from_day <= day]
    return known[-1] if known else None


def net_present_value(amounts: Sequence[float], schedule: Schedule) -> float:
    """Sum of the amounts of year 0, 1, ..., each at its worth in year 0; year 0 is not discounted."""
    return sum(amount * factor for amount, factor in zip(amounts, schedule.factors(len(amounts)), strict=True))


@cache
def _schedules() -> tuple[Schedule, ...]:
    text = files("effects").joinpath("economics", "discount_rates.toml").read_text("utf-8")
    return tuple(sorted(map(_schedule, tomllib.loads(text)["schedule"]), key=lambda schedule: schedule.from_day or ""))


def _schedule(entry: Mapping[str, object]) -> Schedule:
    steps, day = entry["steps"], entry["from_day"]
    if not isinstance(steps, list) or not isinstance(day, date):
        raise TypeError("a schedule has steps and a day")
    return Schedule(
        tuple((int(step["after_year"]), float(step["rate"])) for step in steps), day.isoformat(), str(entry["source"])
    )
