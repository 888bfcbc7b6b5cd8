import asyncio

import msgspec
import pytest

from registry.audit.queries import last
from registry.indicators.actions import close_round, open_round, rate
from registry.indicators.queries import groups_voted, own_scores, results_of, round_of, state_of
from registry.indicators.rules import Outcome, RoundState
from registry.indicators.schemas import Dissent, Rating
from registry.indicators.tables import Agreement, Round
from registry.indicators.tables import Rating as Rated
from registry.kit.errors import Conflict, Forbidden, Invalid, NotFound
from registry.people.rules import Grant, Role, StakeholderGroup
from tests.registry.indicators.story import a_stakeholder, rated_by, some_indicators
from tests.registry.people.story import an_account
from tests.registry.pilots.story import a_lead, a_pilot

pytestmark = pytest.mark.usefixtures("database")

CITIZENS, STAFF, IT = StakeholderGroup.CITIZENS, StakeholderGroup.STAFF, StakeholderGroup.IT


async def test_a_round_needs_an_indicator_and_is_opened_once() -> None:
    lead = await a_lead()
    pilot = await a_pilot(lead)
    with pytest.raises(Conflict, match="no indicator to rate"):
        await open_round(pilot, by=lead)
    await some_indicators(pilot, lead)
    round_id = await open_round(pilot, by=lead)
    assert await state_of(pilot) is RoundState.OPEN
    with pytest.raises(Conflict, match="being rated"):
        await open_round(pilot, by=lead)
    entry = await last()
    assert entry is not None
    assert (entry.action, entry.object_kind, entry.object_id) == ("indicators.open_round", "rating_round", round_id)


async def test_four_people_opening_at_once_open_one_round() -> None:
    lead = await a_lead()
    pilot = await a_pilot(lead)
    await some_indicators(pilot, lead)
    answers = await asyncio.gather(*(open_round(pilot, by=lead) for _ in range(4)), return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["Conflict", "Conflict", "Conflict", "int"]
    assert await Round.count() == 1


async def test_only_the_lead_or_an_evaluator_holds_the_round() -> None:
    lead = await a_lead()
    pilot = await a_pilot(lead)
    await some_indicators(pilot, lead)
    stakeholder = await a_stakeholder(pilot=pilot)
    with pytest.raises(Forbidden):
        await open_round(pilot, by=stakeholder)
    with pytest.raises(NotFound):
        await open_round(pilot, by=await a_lead())
    await open_round(pilot, by=await an_account(Role.EVALUATOR, everywhere=True))
    await rated_by(pilot, stakeholder)
    with pytest.raises(Forbidden):
        await close_round(pilot, by=stakeholder)
    with pytest.raises(NotFound):
        await close_round(pilot, by=await a_lead())


async def test_scores_are_kept_for_the_group_and_may_be_changed_until_the_round_is_closed() -> None:
    lead = await a_lead()
    pilot = await a_pilot(lead)
    first, second = await some_indicators(pilot, lead)
    round_id = await open_round(pilot, by=lead)
    person = await a_stakeholder(STAFF, pilot=pilot)
    assert await rate(pilot, Rating({str(first): 3, str(second): 9}, {str(first): "Too crude"}), by=person) == 2
    assert await rate(pilot, Rating({str(first): 8}), by=person) == 1
    scores = await own_scores(person, round_id)
    assert {key: (one.score, one.dissent) for key, one in scores.items()} == {first: (8, ""), second: (9, "")}
    assert (await groups_voted(pilot))[STAFF] == 1
    assert await rate(pilot, Rating({str(second): 0}), by=person) == 0
    assert set(await own_scores(person, round_id)) == {first}


async def test_only_the_pilots_stakeholders_rate() -> None:
    lead = await a_lead()
    pilot = await a_pilot(lead)
    (indicator,) = await some_indicators(pilot, lead, ["language"])
    await open_round(pilot, by=lead)
    scores = Rating({str(indicator): 9})
    with pytest.raises(Forbidden):
        await rate(pilot, scores, by=lead)
    with pytest.raises(NotFound):
        await rate(pilot, scores, by=await a_stakeholder(pilot=pilot + 1))
    with pytest.raises(Forbidden, match="no stakeholder group"):
        await rate(pilot, scores, by=msgspec.structs.replace(lead, grants=(Grant(Role.STAKEHOLDER),)))
    await rate(pilot, scores, by=await a_stakeholder())
    assert await Rated.count() == 1


async def test_nothing_is_rated_before_the_round_is_open_or_after_it_is_closed() -> None:
    lead = await a_lead()
    pilot = await a_pilot(lead)
    (indicator,) = await some_indicators(pilot, lead, ["language"])
    person = await a_stakeholder(pilot=pilot)
    scores = Rating({str(indicator): 9})
    with pytest.raises(Conflict, match="not open yet"):
        await rate(pilot, scores, by=person)
    with pytest.raises(Conflict, match="not open yet"):
        await close_round(pilot, by=lead)
    await open_round(pilot, by=lead)
    await rate(pilot, scores, by=person)
    await close_round(pilot, by=lead)
    with pytest.raises(Conflict, match="is closed"):
        await rate(pilot, Rating({str(indicator): 1}), by=person)
    with pytest.raises(Conflict, match="is closed"):
        await close_round(pilot, by=lead)
    with pytest.raises(Conflict, match="second round"):
        await open_round(pilot, by=lead)


async def test_wrong_scores_are_all_found_at_once() -> None:
    lead = await a_lead()
    pilot = await a_pilot(lead)
    (indicator,) = await some_indicators(pilot, lead, ["language"])
    await open_round(pilot, by=lead)
    person = await a_stakeholder(pilot=pilot)
    wrong = Rating({"999": 9, "abc": 1, str(indicator): 0}, {str(indicator): "No", "998": "Why"})
    with pytest.raises(Invalid) as refused:
        await rate(pilot, wrong, by=person)
    assert [(one.where, one.code) for one in refused.value.findings] == [
        ("scores.998", "unknown"),
        ("scores.999", "unknown"),
        ("scores.abc", "unknown"),
        (f"scores.{indicator}", "dissent_without_score"),
    ]
    with pytest.raises(Invalid) as refused:
        await rate(pilot, Rating(), by=person)
    assert [one.code for one in refused.value.findings] == ["missing"]
    assert await Rated.count() == 0


async def test_closing_keeps_outcome_wording_tallies_and_dissent_but_no_names() -> None:
    lead = await a_lead()
    pilot = await a_pilot(lead)
    agreed, dropped, disputed = await some_indicators(pilot, lead, ["agreed", "dropped", "disputed"])
    await open_round(pilot, by=lead)
    citizen, worker = await a_stakeholder(CITIZENS, pilot=pilot), await a_stakeholder(STAFF, pilot=pilot)
    second = await a_stakeholder(STAFF, pilot=pilot)
    await rated_by(pilot, citizen, {agreed: 9, dropped: 2, disputed: 9}, dissent={dropped: "Nobody can measure it"})
    await rated_by(pilot, worker, {agreed: 7, dropped: 5, disputed: 1}, dissent={disputed: "It measures speed only"})
    await rated_by(pilot, second, {agreed: 8, disputed: 1})
    await rated_by(pilot, await a_stakeholder(CITIZENS, pilot=pilot), {agreed: 8, disputed: 9})
    await close_round(pilot, by=lead)
    results = {one.id: one for one in await results_of(pilot)}
    assert {key: one.outcome for key, one in results.items()} == {
        agreed: Outcome.IN,
        dropped: Outcome.OUT,
        disputed: Outcome.DISAGREEMENT,
    }
    assert results[agreed].wording == "Share of cases in which agreed is stated."
    assert results[agreed].voted == {CITIZENS: 2, STAFF: 2}
    assert results[dropped].voted == {CITIZENS: 1, STAFF: 1}
    assert results[dropped].dissent == (Dissent(CITIZENS, "Nobody can measure it"),)
    assert results[disputed].dissent == (Dissent(STAFF, "It measures speed only"),)
    stored = " ".join(row["tallies"] + row["dissent"] for row in await Agreement.select())
    for person in (citizen, worker, second):
        assert person.name not in stored
        assert person.email not in stored


async def test_an_indicator_nobody_scored_stays_undecided() -> None:
    lead = await a_lead()
    pilot = await a_pilot(lead)
    first, second = await some_indicators(pilot, lead)
    await open_round(pilot, by=lead)
    await rated_by(pilot, await a_stakeholder(pilot=pilot), {first: 9})
    await close_round(pilot, by=lead)
    assert {one.id: (one.outcome, one.voted) for one in await results_of(pilot)} == {
        first: (Outcome.IN, {CITIZENS: 1}),
        second: (Outcome.UNDECIDED, {}),
    }


async def test_a_round_in_which_nobody_voted_cannot_be_closed() -> None:
    lead = await a_lead()
    pilot = await a_pilot(lead)
    await some_indicators(pilot, lead)
    await open_round(pilot, by=lead)
    with pytest.raises(Conflict, match="Nobody has rated"):
        await close_round(pilot, by=lead)
    found = await round_of(pilot)
    assert found is not None
    assert found.closed_at is None


async def test_a_score_that_comes_while_the_round_closes_is_either_counted_or_refused() -> None:
    lead = await a_lead()
    pilot = await a_pilot(lead)
    (indicator,) = await some_indicators(pilot, lead, ["language"])
    await open_round(pilot, by=lead)
    people = [await a_stakeholder(IT, pilot=pilot) for _ in range(6)]
    await rate(pilot, Rating({str(indicator): 9}), by=people[0])
    late = [rate(pilot, Rating({str(indicator): 9}), by=person) for person in people[1:]]
    answers = await asyncio.gather(*late[:2], close_round(pilot, by=lead), *late[2:], return_exceptions=True)
    refused = sum(isinstance(answer, Conflict) for answer in answers)
    (result,) = await results_of(pilot)
    assert result.voted == {IT: 6 - refused} == {IT: await Rated.count()}
