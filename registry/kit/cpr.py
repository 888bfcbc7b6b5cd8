"""Danish civil registration numbers (CPR) are kept out of the registry by the check that the library has."""

from effects.civil_numbers import looks_like_cpr

__all__ = ["looks_like_cpr"]
