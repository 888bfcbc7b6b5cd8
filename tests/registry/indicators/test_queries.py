import pytest

from registry.indicators.actions import open_round
from registry.indicators.proposing import withdraw
from registry.indicators.queries import (
    agreed_set,
    counts_of,
    groups_voted,
    indicators_of,
    library,
    open_ratings_for,
    own_scores,
    results_of,
    round_of,
    state_of,
    would_agree,
)
from registry.indicators.rules import Outcome, Perspective, RoundState
from registry.indicators.schemas import IndicatorCounts, OpenRating
from registry.people.rules import Role, StakeholderGroup
from tests.registry.indicators.story import (
    EVERY_GROUP,
    a_library,
    a_stakeholder,
    an_agreed_set,
    rated_by,
    some_indicators,
)
from tests.registry.people.story import an_account
from tests.registry.pilots.story import a_lead, a_pilot

pytestmark = pytest.mark.usefixtures("database")

CITIZENS, STAFF = StakeholderGroup.CITIZENS, StakeholderGroup.STAFF


async def test_the_library_speaks_both_languages() -> None:
    await a_library("wellbeing", "falls")
    assert [(one.code, one.name, one.wording) for one in await library("da")] == [
        ("falls", "Dansk falls", "Andel med falls."),
        ("wellbeing", "Dansk wellbeing", "Andel med wellbeing."),
    ]
    assert [one.name for one in await library("en")] == ["English falls", "English wellbeing"]
    assert (await library("en"))[0].perspective is Perspective.CITIZEN


async def test_before_anything_is_proposed_there_is_nothing() -> None:
    pilot = await a_pilot()
    assert await indicators_of(pilot) == ()
    assert await round_of(pilot) is None
    assert await state_of(pilot) is RoundState.NOT_OPENED
    assert await results_of(pilot) == await agreed_set(pilot) == ()
    assert await groups_voted(pilot) == dict.fromkeys(StakeholderGroup, 0)


async def test_the_agreed_set_is_what_came_in_with_the_wording_rated() -> None:
    lead = await a_lead()
    pilot = await a_pilot(lead)
    ids = await an_agreed_set(pilot, lead, ["language", "employer"])
    agreed = await agreed_set(pilot)
    assert [one.id for one in agreed] == ids
    assert [one.code for one in agreed] == ["language", "employer"]
    assert agreed[0].wording == "Share of cases in which language is stated."
    assert agreed[0].voted == dict.fromkeys(EVERY_GROUP, 1)
    assert agreed[0].minimal_important == 0.05
    assert agreed[0].agreed_at.tzinfo is not None
    assert agreed[0].tallies[CITIZENS] == (0, 0, 0, 0, 0, 0, 0, 0, 1)


async def test_what_is_not_in_stays_out_of_the_agreed_set_but_is_told() -> None:
    lead = await a_lead()
    pilot = await a_pilot(lead)
    await an_agreed_set(pilot, lead, ["language"])
    other = await a_pilot(lead)
    first, second = await some_indicators(other, lead)
    await open_round(other, by=lead)
    await rated_by(other, await a_stakeholder(pilot=other), {first: 9, second: 6})
    assert await agreed_set(other) == ()
    from_first = [one.code for one in await agreed_set(pilot)]
    assert from_first == ["language"]


async def test_groups_are_counted_by_people_and_a_missing_one_is_zero() -> None:
    lead = await a_lead()
    pilot = await a_pilot(lead)
    await some_indicators(pilot, lead)
    await open_round(pilot, by=lead)
    for group in (CITIZENS, CITIZENS, STAFF):
        await rated_by(pilot, await a_stakeholder(group, pilot=pilot))
    voted = await groups_voted(pilot)
    assert (voted[CITIZENS], voted[STAFF]) == (2, 1)
    assert [group for group, people in voted.items() if people == 0] == ["managers", "it", "economy", "researchers"]


async def test_a_person_reads_their_own_scores_only() -> None:
    lead = await a_lead()
    pilot = await a_pilot(lead)
    await some_indicators(pilot, lead)
    round_id = await open_round(pilot, by=lead)
    first, second = await a_stakeholder(pilot=pilot), await a_stakeholder(pilot=pilot)
    await rated_by(pilot, first, 2)
    assert {one.score for one in (await own_scores(first, round_id)).values()} == {2}
    assert await own_scores(second, round_id) == {}


async def test_how_far_many_pilots_are_is_told_at_once() -> None:
    lead = await a_lead()
    registered, proposed, rating, agreed = [await a_pilot(lead) for _ in range(4)]
    ids = await some_indicators(proposed, lead, ["a1", "a2", "a3"])
    await withdraw(proposed, ids[0], by=lead)
    await some_indicators(rating, lead)
    await open_round(rating, by=lead)
    await an_agreed_set(agreed, lead)
    assert await counts_of([registered, proposed, rating, agreed]) == {
        registered: IndicatorCounts(),
        proposed: IndicatorCounts(indicators=2),
        rating: IndicatorCounts(indicators=2, round_open=True),
        agreed: IndicatorCounts(indicators=2, round_closed=True, agreed=2),
    }
    assert await counts_of([]) == {}


async def test_open_ratings_are_those_the_person_may_still_score() -> None:
    lead = await a_lead()
    first, second, third = [await a_pilot(lead, title=title) for title in ("First", "Second", "Third")]
    for pilot in (first, second):
        await some_indicators(pilot, lead)
        await open_round(pilot, by=lead)
    await some_indicators(third, lead)
    person, everywhere = await a_stakeholder(pilot=second), await a_stakeholder()
    score = (await indicators_of(second))[0].id
    await rated_by(second, person, {score: 7})
    assert await open_ratings_for(person) == (OpenRating(second, "Second", 2, 1),)
    assert [(one.title, one.rated) for one in await open_ratings_for(everywhere)] == [("First", 0), ("Second", 0)]
    assert await open_ratings_for(lead) == ()
    assert await open_ratings_for(await an_account(Role.STAKEHOLDER, group=STAFF)) == ()
    assert [one.outcome for one in await results_of(second)] == list[Outcome]()


async def test_what_the_scores_so_far_would_take_in() -> None:
    lead = await a_lead()
    pilot = await a_pilot(lead)
    first, second = await some_indicators(pilot, lead)
    round_id = await open_round(pilot, by=lead)
    assert await would_agree(pilot, round_id) == ()
    await rated_by(pilot, await a_stakeholder(pilot=pilot), {first: 9, second: 2})
    assert [one.id for one in await would_agree(pilot, round_id)] == [first]
