"""What the worker's processes work out for a recommendation: the case, its economy, the advice."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from effects.case import Case, Economy, case_from_mapping
from effects.economics.facts import Place
from effects.recommendation import recommend
from registry.business_cases.valuing import valuation_of
from registry.evidence.compute import alone, effects_of, look_at, together
from registry.evidence.grounds import Ground
from registry.evidence.pooling import Pooled
from registry.evidence.schemas import Look


@dataclass(frozen=True, slots=True)
class Business:
    """The business case that holds (its file's text) and the municipalities that it is valued in."""

    stated: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Drawn:
    """The advice as JSON, the look that it follows from, and what the business case is worth with these effects."""

    advice: Mapping[str, Any]
    look: Look
    valuation: Mapping[str, Any] | None = None


def advice_on(case: str) -> dict[str, Any]:
    """The advice on a case file, ready for JSON. Raises CaseError for one that cannot be read."""
    return recommend(case_from_mapping(tomllib.loads(case))).to_mapping()


def drawn_up(case: str, ground: Ground, business: Business | None) -> Drawn:
    """The advice on a technology, from the case of its only pilot or from all pilots that are heard together.

    Where a business case holds and can be valued, its economy takes the place of any that the evidence states. Raises
    CaseError and BusinessCaseError for what cannot be read.
    """
    found = together(ground) if ground.together else alone(case_from_mapping(tomllib.loads(case)), ground)
    valuation = None
    if business is not None:
        valuation = valuation_of(business.stated, effects_of(found, ground), business.places)
        found = Pooled(_valued(found.case, valuation), found.studies, found.apart, found.differing)
    return Drawn(recommend(found.case).to_mapping(), look_at(found, ground), valuation)


def _valued(case: Case, valuation: Mapping[str, Any]) -> Case:
    if valuation["expected_net_value"] is None:
        return case
    return replace(case, economy=Economy(**valuation["economy"]))
