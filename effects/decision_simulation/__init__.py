"""The decision simulator: what a plan would probably lead to, before it is locked."""

from effects.decision_simulation.assumptions import Assumptions, Expectation, SettingError
from effects.decision_simulation.forecasting import Forecast, Outlook, Share, forecast, forecasts
from effects.decision_simulation.plan_setting import setting_of
from effects.decision_simulation.setting import Expected, Facts, Setting, economy_at
from effects.decision_simulation.truths import Truth, offered

__all__ = [
    "Assumptions",
    "Expectation",
    "Expected",
    "Facts",
    "Forecast",
    "Outlook",
    "Setting",
    "SettingError",
    "Share",
    "Truth",
    "economy_at",
    "forecast",
    "forecasts",
    "offered",
    "setting_of",
]
