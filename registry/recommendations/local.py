"""What a recommendation means for one municipality: what a new place may expect, and what that is worth there."""

from typing import Final

import msgspec

from effects.economics.facts import Place
from effects.message import Message
from registry.business_cases.queries import places
from registry.evidence.statements import statements
from registry.kit.errors import NotFound
from registry.people.queries import organisation
from registry.people.rules import OrganisationKind, Person
from registry.recommendations.queries import recommendation
from registry.recommendations.schemas import Each, Expected, LocalView, RecommendationView, Worth
from registry.recommendations.tables import Basis

NO_BUSINESS_CASE: Final = Message(
    "No business case is stated for the technology, so that nothing is known about money. "
    "A project lead or an evaluator of one of its pilots can state it."
)
NO_NUMBERS: Final = Message(
    "How many citizens here would use it is not known, and no business case is stated for the technology. The "
    "municipality knows the number; a project lead or an evaluator of one of its pilots can state the business case."
)
NOT_VALUED: Final = Message("The business case does not give a value for this municipality.")
NO_INHABITANTS: Final = Message(
    "The number of inhabitants is not known here. An administrator enters it with the organisation."
)
NO_LOOK: Final = Message("What a new place may expect was not worked out when this recommendation was issued.")
REACH: Final = 1.959964  # half an interval of 95 % in standard deviations
WITHHELD: Final = Message(
    "This rests on a pilot that is not open to you, whose figures could be worked out from those of all together. "
    "Verdicts and certainty are told in words."
)


async def in_municipality(person: Person, recommendation_id: int, code: str) -> LocalView:
    """What the recommendation means for the municipality of a code, the person's own by default.

    Raises NotFound for a recommendation the person may not see and for a code that no municipality has.
    """
    found = await recommendation(person, recommendation_id)
    known = {place.code: place for place in await places()}
    chosen = code or await _own(person)
    if code and code not in known:
        raise NotFound
    place = known.get(chosen)
    expected = await _expected(recommendation_id) if found.resting.whole else []
    return LocalView(
        recommendation=found.recommendation,
        places=list(known.values()),
        place=place,
        expected=expected,
        worth=_worth(found, place) if place else None,
        each=_each(found),
        lacking=_lacking(found, place, bool(expected)),
        business_case=found.resting.business_case,
    )


async def _own(person: Person) -> str:
    home = await organisation(person.organisation)
    return home.code if home.kind == OrganisationKind.MUNICIPALITY else ""


async def _expected(recommendation_id: int) -> list[Expected]:
    """What the look behind the recommendation says of a new place, indicator by indicator."""
    query = Basis.select(Basis.synthesis._.result.as_alias("result"))
    row = await query.where(Basis.recommendation == recommendation_id).first()
    if row is None or row["result"] is None:
        return []
    said = statements(msgspec.json.decode(row["result"]))
    return [Expected(name, told.place, told.probability) for name, told in said.items() if told.place]


def _worth(found: RecommendationView, place: Place) -> Worth | None:
    valuation = found.resting.valuation
    local = next((one for one in valuation["by_place"] if one["code"] == place.code), None) if valuation else None
    if valuation is None or local is None or local["mean"] is None:
        return None
    reach = REACH * (local["sd"] or 0.0)
    return Worth(
        mean=local["mean"],
        low=local["mean"] - reach,
        high=local["mean"] + reach,
        probability_positive=local["probability_positive"],
        currency=valuation["currency"],
        perspective=valuation["perspective"],
        horizon_years=valuation["horizon_years"],
    )


def _each(found: RecommendationView) -> Each | None:
    """The economy for each unit of a roll-out, where no business case says what it comes to in a place."""
    economy, valuation = found.advice["economy"], found.resting.valuation
    valued = valuation is not None and valuation["expected_net_value"] is not None
    if valued or economy["expected_net_value"] is None:
        return None
    return Each(
        net_value=economy["expected_net_value"],
        probability_positive=economy["probability_positive"],
        icer=economy.get("icer"),
        currency=economy["currency"] or "",
    )


def _lacking(found: RecommendationView, place: Place | None, expected: bool) -> list[Message]:
    if not found.resting.whole:
        return [WITHHELD]
    lacking = [] if expected else [NO_LOOK]
    valuation = found.resting.valuation
    if valuation is None:
        return [*lacking, NO_NUMBERS if _each(found) else NO_BUSINESS_CASE]
    if place is None:
        return lacking
    if place.population is None:
        lacking.append(NO_INHABITANTS)
    local = next((one for one in valuation["by_place"] if one["code"] == place.code), None)
    if local is None or local["mean"] is None:
        told = local["unknown"] if local else None
        lacking.append(Message(told["template"], told["params"]) if told else NOT_VALUED)
        lacking += [Message(one["template"], one["params"]) for one in valuation["unknown"]]
    return lacking
