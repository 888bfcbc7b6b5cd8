"""Uncertainty of a coefficient, and correction for asking several questions."""
