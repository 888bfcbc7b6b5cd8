"""Power, minimal detectable effect and number of clusters for every design of the plan format.

`read_planned` reads what DESIGN.toml states, `solve` answers for whichever of effect, power and clusters is missing.
`effects.power.pre_period.from_pre_period` counts rejections in trials that are drawn from a pilot's own rows.
"""

from effects.power.planned import Planned, PowerError, read_planned
from effects.power.solving import PowerAnswer, Unattainable, solve

__all__ = ["Planned", "PowerAnswer", "PowerError", "Unattainable", "read_planned", "solve"]
