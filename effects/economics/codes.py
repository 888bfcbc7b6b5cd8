"""The words that economic answers and business cases are made of."""

from enum import StrEnum


class Ratio(StrEnum):
    """What a ratio of extra cost to units gained says, if anything."""

    PRICE = "price_of_a_unit"
    SAVING = "saved_by_a_unit_lost"
    UNCERTAIN = "ratio_uncertain"
    DOMINANT = "saves_and_gains"
    DOMINATED = "costs_and_loses"
    UNDEFINED = "nothing_gained_or_lost"
