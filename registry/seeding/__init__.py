"""Fills an empty database: reference data, the catalogue and, in demo mode, a programme under way."""

from registry.seeding.loading import run

__all__ = ["run"]
