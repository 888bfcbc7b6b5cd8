"""What a technology costs and gains: cost-effectiveness, the worth of knowing more, and a business case's net value.

Needs neither pandas nor scipy, so that a page may read a business case.
"""

from effects.economics.cost_effectiveness import Acceptable, CostEffectiveness, Quadrants, cost_effectiveness
from effects.economics.estimate import Estimate
from effects.economics.information import evpi_normal, evsi_normal

__all__ = [
    "Acceptable",
    "CostEffectiveness",
    "Estimate",
    "Quadrants",
    "cost_effectiveness",
    "evpi_normal",
    "evsi_normal",
]
