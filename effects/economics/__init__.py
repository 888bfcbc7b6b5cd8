"""What a technology costs and gains: cost-effectiveness, the worth of knowing more, and a business case's net value.

What a page may need: none of it loads numpy. `effects.economics.valuing.value`, which does, is the worker's.
"""

from effects.economics.business_case import BusinessCase, BusinessCaseError
from effects.economics.cost_effectiveness import Acceptable, CostEffectiveness, Quadrants, cost_effectiveness
from effects.economics.estimate import Estimate
from effects.economics.facts import Effect, Place
from effects.economics.information import evpi_normal, evsi_normal
from effects.economics.valuation import Valuation

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
]
