"""Who may state a business case, and the words of one."""

from enum import StrEnum
from typing import Final

from effects.message import Message
from registry.kit.access import SIGNED_IN, Permission
from registry.people.rules import Role

STATE: Final = Permission("business_cases.state", frozenset({Role.PROJECT_LEAD, Role.EVALUATOR}))
"""Held for a pilot of the technology: a technology belongs to no organisation."""

VIEW: Final = SIGNED_IN
"""Technologies and their business cases are common to the programme."""

JOB: Final = "business_cases.value"
SUBJECT: Final = "business_case:{}"
LARGEST_FILE: Final = 200_000  # bytes

NOT_OF_A_PILOT: Final = Message("A project lead or an evaluator of one of its pilots states the business case.")
VALUED_ALREADY: Final = Message("This business case is valued, or is being valued just now.")


class BenefitKind(StrEnum):
    """What is gained: money in a budget, hours, or what is worth having without being either."""

    ECONOMY = "economy"
    WORKING_TIME = "working_time"
    QUALITY = "quality"
    WORKING_ENVIRONMENT = "working_environment"
    SAFETY = "safety"
    CLIMATE = "climate_and_environment"
