"""What a roll-out is measured by where the advice rests on published figures: the indicators of the case. Pure."""

import re
from collections.abc import Mapping
from typing import Any, Final

from effects.codes import Design, Estimand
from effects.plan import AnalysisPlan
from effects.planning.sections import SCHEMA

KEPT: Final = ("name", "role", "domain", "better", "claim", "minimal_important", "margin")
NOT_A_LETTER: Final = re.compile(r"\W+")


def measured_by(case: Mapping[str, Any]) -> AnalysisPlan:
    """A plan whose outcomes are the indicators of a case file, each under a column made of its name."""
    outcomes = [
        {"column": column(one["name"], place), **{key: one[key] for key in KEPT if key in one}}
        for place, one in enumerate(case["indicator"], start=1)
    ]
    return AnalysisPlan.from_mapping(
        {
            "schema": SCHEMA,
            "title": case["case"]["technology"],
            "design": Design.INDIVIDUAL_RANDOMISED,
            "estimand": Estimand.ITT,
            "data": {"treated": "treated"},
            "outcome": outcomes,
        }
    )


def column(name: str, place: int) -> str:
    """A column name: small letters, digits and underscores, told apart by the place in the case."""
    return f"{NOT_A_LETTER.sub('_', name.lower()).strip('_')[:50] or 'outcome'}_{place}"
