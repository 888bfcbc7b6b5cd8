"""Comparisons matched on covariates: weighting, doubly robust estimation, nearest neighbours and their diagnostics."""
