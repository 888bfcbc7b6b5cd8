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


class LineKind(StrEnum):
    """Whether a line takes or gives."""

    COST = "cost"
    BENEFIT = "benefit"


class Payer(StrEnum):
    """Who pays a cost or has a benefit."""

    MUNICIPALITY = "municipality"
    REGION = "region"
    STATE = "state"
    CITIZEN = "citizen"
    OTHER = "other_payer"


class Timing(StrEnum):
    """When a line falls: once, where and when the technology is taken up, or in every year that it is in use."""

    ONCE = "once"
    YEARLY = "yearly"


class Scope(StrEnum):
    """What an amount is for."""

    NATIONAL = "national"
    PLACE = "per_municipality"
    UNIT = "per_unit"


class Status(StrEnum):
    """What a stated figure rests on; it is shown and never changes the figure."""

    MEASURED = "measured"
    AGREED = "agreed"
    GUESSED = "guessed"


class Input(StrEnum):
    """An input whose switching value is asked for."""

    AMOUNT = "amount_of_a_line"
    VOLUME = "volume_per_1000_inhabitants"
    COUNT = "share_of_the_counted_volume"
    EFFECT = "effect_on_an_indicator"
    HAIRCUT = "factor_for_optimism"
    RATE = "discount_rate"
