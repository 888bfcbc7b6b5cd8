"""Synthetic difference-in-differences, synthetic control and two-way differences for units treated at one time."""

from effects.estimators.synthetic.answers import synthetic_control

__all__ = ["synthetic_control"]
