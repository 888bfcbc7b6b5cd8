"""Who was observed before and not after, or the reverse."""

from typing import Final

import numpy as np

from effects.codes import Verdict
from effects.design_answers import Asked, DesignAnswer
from effects.estimators.waves import after_start, seen_twice
from effects.message import Message
from effects.results import Diagnostic

MUCH_LOST: Final = 0.05


def lost_between_waves(asked: Asked) -> DesignAnswer:
    """A check of the share of units with an outcome at one time only; answers no effect."""
    sample = asked.sample
    owner = sample.cluster if sample.unit is None else sample.unit
    both = np.empty(0, dtype=np.bool_) if owner is None else seen_twice(owner, after_start(sample))
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
