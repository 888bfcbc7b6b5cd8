"""What simpler rules would do with the first pilot alone."""

from typing import Final

import numpy as np
from scipy.special import ndtri

from effects.codes import Role
from effects.decision_simulation.setting import Setting
from effects.rows.columns import Flags, Numbers

DO_NO_HARM: Final = "do_no_harm"
ALL_GOALS_WIN: Final = "all_goals_win"


def rolled_out(setting: Setting, estimates: Numbers, level: float) -> dict[str, Flags]:
    """Which replications each peer rolls out, from estimates (replications, pilots, indicators), + for an improvement.

    "Do no harm": unless a primary indicator or guardrail is significantly worse. "All goals win": every primary
    indicator significantly better and no guardrail significantly worse. Neither corrects for asking several questions.
    """
    statistics = estimates[:, 0] / [item.standard_error for item in setting.indicators]
    bound = float(ndtri((1.0 + level) / 2.0))
    primary = np.array([item.role is Role.PRIMARY for item in setting.indicators])
    guardrail = np.array([item.role is Role.GUARDRAIL for item in setting.indicators])
    worse, better = statistics < -bound, statistics > bound
    unharmed: Flags = (worse & (primary | guardrail)).sum(axis=1) == 0
    wins: Flags = (better & primary).sum(axis=1) == max(1, int(primary.sum()))
    return {DO_NO_HARM: unharmed, ALL_GOALS_WIN: wins & unharmed}
