"""A business case small enough to be worked out by hand, and the places and effects it is valued with."""

from copy import deepcopy
from typing import Any

from effects.economics import BusinessCase, Effect, Place
from effects.economics.discounting import Schedule, flat
from effects.economics.sums import Sums, sums

HEAD: dict[str, Any] = {
    "technology": "Screens",
    "title": "Screens in home care",
    "currency": "DKK",
    "perspective": "The municipalities",
    "price_year": 2026,
    "start_year": 2027,
    "horizon_years": 3,
    "stated_on": "2026-11-01",
    "discount_rate": 0.1,
}
CITIZENS: dict[str, Any] = {"name": "citizens", "title": "Citizens", "amount": 10, "status": "measured"}
TENDER: dict[str, Any] = {
    "title": "Tender",
    "kind": "cost",
    "payer": "municipality",
    "timing": "once",
    "scope": "national",
    "low": 800,
    "likely": 1000,
    "high": 1200,
    "status": "agreed",
}
TRAINING: dict[str, Any] = {
    "title": "Training",
    "kind": "cost",
    "payer": "municipality",
    "timing": "once",
    "scope": "per_municipality",
    "low": 200,
    "likely": 300,
    "high": 700,
    "status": "guessed",
}
MINUTES: dict[str, Any] = {
    "title": "Minutes saved",
    "kind": "benefit",
    "payer": "municipality",
    "timing": "yearly",
    "scope": "per_unit",
    "volume": "citizens",
    "indicator": "minutes",
    "better": "lower",
    "multiplier": 0.5,
    "low": 15,
    "likely": 20,
    "high": 25,
    "status": "measured",
    "benefit_kind": "working_time",
}
STATED: dict[str, Any] = {
    "schema": "virkning-business-case/1",
    "business_case": HEAD,
    "volume": [CITIZENS],
    "line": [TENDER, TRAINING, MINUTES],
}
"""Tender 1000 (sd 66.667), training 350 (sd 83.333) a municipality, 20 (sd 1.6667) for half a minute saved a year."""

EFFECTS = {"minutes": Effect(mean=-4.0, sd=1.0, predictive_sd=2.0)}
PLACES = (
    Place("0101", "Large town", "1084", "large", 2000),
    Place("0151", "Middle", "1084", "medium", 600),
    Place("0825", "Island", "1081", "small", 400),
)
"""3,000 inhabitants: 30 citizens at 10 per 1,000."""


def stated(**changes: Any) -> dict[str, Any]:
    """The case as a mapping, with keys of its head changed (None: left out)."""
    table = deepcopy(STATED)
    table["business_case"] |= changes
    table["business_case"] = {key: value for key, value in table["business_case"].items() if value is not None}
    return table


def with_lines(*lines: dict[str, Any], **changes: Any) -> BusinessCase:
    """The case with other lines."""
    return BusinessCase.from_mapping(stated(**changes) | {"line": list(lines)})


def hand_case(**changes: Any) -> BusinessCase:
    return BusinessCase.from_mapping(stated(**changes))


def hand_sums(case: BusinessCase | None = None, schedule: Schedule | None = None) -> Sums:
    case = case or hand_case()
    return sums(case, case.lines, EFFECTS, PLACES, schedule or flat(0.1))
