"""What a business case is worth. Pure; loads numpy, so only the worker imports it."""

from collections.abc import Mapping, Sequence
from typing import Any

from effects.economics.business_case import BusinessCase
from effects.economics.facts import Effect, Place
from effects.economics.valuing import value


def valuation_of(stated: str, effects: Mapping[str, Effect], places: Sequence[Place]) -> dict[str, Any]:
    """The valuation of a business-case file, ready for JSON.

    `effects` are by code of the indicator, in its unit, + as measured; a line whose effect is not among them is named
    in `unknown` and not valued. Raises BusinessCaseError for a file that cannot be read.
    """
    return value(BusinessCase.from_toml(stated), effects, places).to_mapping()
