"""A roll-out in stages as the next experiment: a randomised order and the plan that measures it."""

from effects.rollout.measurement import Columns, plan_file
from effects.rollout.order import Balance, Order, Placed, draw_order
from effects.rollout.places import Place, RolloutError

__all__ = ["Balance", "Columns", "Order", "Place", "Placed", "RolloutError", "draw_order", "plan_file"]
