"""What a technology costs and gains: cost-effectiveness, the worth of knowing more, and a business case's net value.

Needs numpy, but neither pandas nor scipy.
"""

from effects.economics.business_case import BusinessCase, BusinessCaseError
from effects.economics.cost_effectiveness import Acceptable, CostEffectiveness, Quadrants, cost_effectiveness
from effects.economics.estimate import Estimate
from effects.economics.facts import Effect, Place
from effects.economics.information import evpi_normal, evsi_normal
from effects.economics.valuation import Valuation
from effects.economics.valuing import value

__all__ = [
    "Acceptable",
    "BusinessCase",
    "BusinessCaseError",
    "CostEffectiveness",
    "Effect",
    "Estimate",
    "Place",
    "Quadrants",
    "Valuation",
    "cost_effectiveness",
    "evpi_normal",
    "evsi_normal",
    "value",
]
