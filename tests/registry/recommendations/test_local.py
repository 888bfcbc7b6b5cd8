"""What a recommendation means for a municipality."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from registry.evidence.queries import assessments_of
from registry.kit.errors import NotFound
from registry.people.rules import Role
from registry.recommendations.local import NO_BUSINESS_CASE, NO_LOOK, NO_NUMBERS, WITHHELD, in_municipality
from registry.recommendations.queries import recommendation
from registry.recommendations.schemas import Each
from registry.recommendations.tables import Basis, Recommendation
from tests.registry.analyses.story import work_off
from tests.registry.business_cases.story import a_stated_case
from tests.registry.evidence.story import an_approved_assessment, two_pilots
from tests.registry.people.story import an_account, an_organisation
from tests.registry.pilots.story import code_of
from tests.registry.plans.story import Cast
from tests.registry.recommendations.story import an_issued_recommendation, issued

pytestmark = pytest.mark.usefixtures("database")


async def a_valued_recommendation(state: Path, **about: Any) -> tuple[Cast, int]:
    """Advice on a technology whose business case holds."""
    cast, assessment_id = await an_approved_assessment(state, **about)
    await a_stated_case(cast)
    await work_off(state)
    return cast, await issued(state, cast, assessment_id)


async def test_the_readers_own_municipality_is_shown_with_what_it_is_worth_there(tmp_path: Path) -> None:
    cast, made = await a_valued_recommendation(tmp_path)
    found = await in_municipality(cast.lead, made, "")
    assert found.place is not None and found.place.code == await code_of(cast.lead.organisation)
    assert found.worth is not None
    assert found.worth.low < found.worth.mean < found.worth.high
    assert found.worth.probability_positive is not None and 0 <= found.worth.probability_positive <= 1
    assert (found.worth.currency, found.lacking) == ("DKK", [])
    (language,) = found.expected
    assert language.indicator == "Language known" and language.probability is not None


async def test_the_value_is_that_of_the_municipality_chosen(tmp_path: Path) -> None:
    cast, made = await a_valued_recommendation(tmp_path)
    own = await in_municipality(cast.lead, made, "")
    valuation = (await recommendation(cast.lead, made)).resting.valuation
    assert valuation is not None and own.worth is not None and own.place is not None
    local = {one["code"]: one["mean"] for one in valuation["by_place"]}
    assert own.worth.mean == local[own.place.code]
    other = await an_organisation(population=240_000)
    late = await in_municipality(cast.lead, made, await code_of(other))
    assert (late.worth, len(late.lacking)) == (None, 1), "it was registered after the recommendation was issued"


async def test_without_a_stated_case_it_says_what_is_lacking_and_who_can_supply_it(tmp_path: Path) -> None:
    cast, made = await an_issued_recommendation(tmp_path)
    found = await in_municipality(cast.lead, made, "")
    assert (found.worth, found.lacking) == (None, [NO_BUSINESS_CASE])
    assert found.expected, "what a new place may expect is known without money"


async def test_advice_that_was_issued_without_a_look_says_so(tmp_path: Path) -> None:
    cast, made = await an_issued_recommendation(tmp_path)
    await Basis.update({Basis.synthesis: None}).where(Basis.recommendation == made)
    found = await in_municipality(cast.lead, made, "")
    assert (found.expected, found.lacking) == ([], [NO_LOOK, NO_BUSINESS_CASE])


async def test_a_code_that_no_municipality_has_and_a_stranger_get_nothing(tmp_path: Path) -> None:
    cast, made = await an_issued_recommendation(tmp_path)
    stranger = await an_account(Role.DECISION_MAKER)
    for reading in (
        in_municipality(cast.lead, made, "0000"),
        in_municipality(cast.lead, 999, ""),
        in_municipality(stranger, made, ""),
    ):
        with pytest.raises(NotFound):
            await reading


async def an_economy_for_each(made: int, **figures: Any) -> None:
    """The advice as if the evidence had stated an economy for each citizen."""
    row = await Recommendation.select(Recommendation.advice).where(Recommendation.id == made).first()
    assert row is not None
    advice = msgspec.json.decode(row["advice"])
    advice["economy"] |= figures
    await Recommendation.update({Recommendation.advice: msgspec.json.encode(advice).decode()}).where(
        Recommendation.id == made
    )


async def test_without_a_business_case_the_value_for_each_citizen_is_shown(tmp_path: Path) -> None:
    cast, made = await an_issued_recommendation(tmp_path)
    await an_economy_for_each(made, expected_net_value=-449.9, probability_positive=0.168, icer=55152.0, currency="EUR")
    found = await in_municipality(cast.lead, made, "")
    assert found.each == Each(net_value=-449.9, probability_positive=0.168, icer=55152.0, currency="EUR")
    assert (found.worth, found.lacking, found.business_case) == (None, [NO_NUMBERS], None)


async def test_with_a_business_case_there_is_no_value_for_each_citizen(tmp_path: Path) -> None:
    cast, made = await a_valued_recommendation(tmp_path)
    found = await in_municipality(cast.lead, made, "")
    assert found.each is None and found.business_case is not None


async def test_who_may_not_see_every_pilot_is_told_that_the_figures_are_withheld_and_no_figure(tmp_path: Path) -> None:
    _, second, _ = await two_pilots(tmp_path)
    listed = await assessments_of(second.evaluator, second.pilot)
    made = await issued(tmp_path, second, listed.assessments[0].id)
    found = await in_municipality(second.lead, made, "")
    assert (found.expected, found.worth, found.each, found.lacking) == ([], None, None, [WITHHELD])
    everybody = await an_account(Role.DECISION_MAKER, everywhere=True)
    assert (await in_municipality(everybody, made, "")).expected
