"""Interrupted time series, alone or with a control: segmented regression."""

from effects.estimators.series.answers import controlled_interrupted_time_series, interrupted_time_series

__all__ = ["controlled_interrupted_time_series", "interrupted_time_series"]
