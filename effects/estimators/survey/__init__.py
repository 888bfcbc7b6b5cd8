"""Surveys before and after: sampling, calibration, linearised means, and the design that puts them together."""
