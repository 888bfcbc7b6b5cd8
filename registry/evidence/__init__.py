"""Graded statements: what a pilot's result is worth, indicator by indicator."""
