"""Who may promise, measure and realise, what kinds of benefits there are, and how far off one may be."""

from enum import StrEnum
from typing import Final

from registry.kit.access import SIGNED_IN, Permission
from registry.people.rules import Role

PROMISE: Final = Permission("benefits.promise", frozenset({Role.PROJECT_LEAD}))
REVISE: Final = Permission("benefits.revise", frozenset({Role.PROJECT_LEAD}))
MEASURE: Final = Permission("benefits.measure", frozenset({Role.PROJECT_LEAD, Role.EVALUATOR}))
REALISE: Final = Permission("benefits.realise", frozenset({Role.PROJECT_LEAD}))
VIEW: Final = SIGNED_IN
"""Anyone signed in may ask; what they see follows from the pilot."""

RED_SHORTFALL: Final = 0.10
"""More than this share short of the first promise is red, as a cost more than 10 % over its frozen baseline is."""

YELLOW_DAYS: Final = 31
RED_DAYS: Final = 92
"""Later than one month is yellow, later than three months red, against the first day promised."""

SOON_DAYS: Final = 90
"""A promise that falls due within so many days and has no measurement yet asks for attention."""

FEWEST: Final = 3
"""Fewer promises of a kind than this give no factor: a single one could be read out of it."""

FEW: Final = 10
"""From 3 up to so many the factor is given and said to rest on few."""


class Light(StrEnum):
    """The traffic light of a promise, best first."""

    ON_TRACK = "on_track"
    UNKNOWN = "not_known_yet"
    WATCH = "needs_attention"
    OFF_TRACK = "off_track"
