"""Who was observed before and not after, or the reverse."""

from typing import Final

import numpy as np

from effects.codes import Verdict
from effects.design_answers import Asked, DesignAnswer
from effects.message import Message
from effects.results import Diagnostic
from effects.rows.columns import Codes, Flags
from effects.rows.samples import Sample, count

MUCH_LOST: Final = 0.05


def lost_between_waves(asked: Asked) -> DesignAnswer:
    """A check of the share of units with an outcome at one time only; answers no effect."""
    sample = asked.sample
    owner = sample.cluster if sample.unit is None else sample.unit
    both = np.empty(0, dtype=np.bool_) if owner is None else seen_twice(owner, _after(sample))
    share = float(1.0 - np.mean(both)) if len(both) else None
    lost = int(np.sum(~both))
    check = Diagnostic(
        name="lost_between_waves",
        question=Message("Were the same units observed before and after?"),
        null=Message("At most {share:.0%} of the units have an outcome at one time only.", {"share": MUCH_LOST}),
        statistic=share,
        p_value=None,
        verdict=Verdict.INAPPLICABLE if share is None else Verdict.WARN if share > MUCH_LOST else Verdict.PASS,
        detail=Message("{lost} of {units} units", {"lost": lost, "units": len(both)}),
        outcome=asked.outcome.stated.column,
    )
    return DesignAnswer((), (check,))


def _after(sample: Sample) -> Flags:
    """Which rows (n,) are of the periods in which somebody is treated."""
    if sample.period is None:
        untimed: Flags = sample.treated == 1.0
        return untimed
    later: Flags = np.isin(sample.period, np.unique(sample.period[sample.treated == 1.0]))
    return later


def seen_twice(owner: Codes, after: Flags) -> Flags:
    """Which units (U,) have rows both before and after."""
    late = np.bincount(owner[after], minlength=count(owner)) > 0
    early = np.bincount(owner[~after], minlength=count(owner)) > 0
    both: Flags = late & early
    return both
