"""Fills an empty database: reference data, the catalogue and, in demo mode, a programme under way."""
