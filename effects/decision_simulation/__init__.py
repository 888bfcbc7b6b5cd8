"""The decision simulator: what a plan would probably lead to, before it is locked."""

from effects.decision_simulation.forecasting import Forecast, Outlook, Share, forecast
from effects.decision_simulation.setting import Expected, Facts, Setting, economy_at
from effects.decision_simulation.truths import Truth, offered

__all__ = ["Expected", "Facts", "Forecast", "Outlook", "Setting", "Share", "Truth", "economy_at", "forecast", "offered"]
