"""Reading the library, a pilot's indicators, its round and what came of it.

What belongs to a pilot is for readers who may see it: callers ask `registry.pilots.queries.visible_pilot` first.
"""

from collections.abc import Collection, Mapping

import msgspec
from piccolo.query.functions import Count

from registry.indicators.consensus import by_group, outcome
from registry.indicators.rules import Outcome, RoundState, group_of
from registry.indicators.schemas import (
    AgreedIndicator,
    IndicatorCounts,
    IndicatorView,
    LibraryView,
    OpenRating,
    OwnScore,
    RoundView,
)
from registry.indicators.tables import Agreement, Indicator, LibraryIndicator, Rating, Round
from registry.people.rules import Person, Role, StakeholderGroup, holds
from registry.pilots.queries import visible_to
from registry.pilots.tables import Pilot


async def library(language: str) -> tuple[LibraryView, ...]:
    """The seeded indicators in Danish or English, by perspective and name."""
    rows = await LibraryIndicator.select()
    spoken = "da" if language == "da" else "en"
    views = [
        msgspec.convert({**row, "name": row[f"name_{spoken}"], "wording": row[f"wording_{spoken}"]}, LibraryView)
        for row in rows
    ]
    return tuple(sorted(views, key=lambda one: (one.perspective, one.name)))


async def indicators_of(pilot_id: int) -> tuple[IndicatorView, ...]:
    """The indicators proposed and not withdrawn, the oldest first."""
    rows = (
        await Indicator.select()
        .where(Indicator.pilot == pilot_id, Indicator.withdrawn_at.is_null())
        .order_by(Indicator.id)
    )
    return tuple(msgspec.convert(row, IndicatorView) for row in rows)


async def round_of(pilot_id: int) -> RoundView | None:
    """The latest rating round, or None before the first is opened."""
    row = await Round.select().where(Round.pilot == pilot_id).order_by(Round.number, ascending=False).first()
    return None if row is None else msgspec.convert(row, RoundView)


async def state_of(pilot_id: int) -> RoundState:
    """How far the rating is."""
    latest = await round_of(pilot_id)
    return RoundState.NOT_OPENED if latest is None else latest.state


async def groups_voted(pilot_id: int) -> dict[StakeholderGroup, int]:
    """How many people of each stakeholder group have voted in the pilot; 0 is a group that is missing (gate G5)."""
    rows = (
        await Rating.select(Rating.stakeholder_group, Rating.account).where(Rating.round.pilot == pilot_id).distinct()
    )
    voted = [StakeholderGroup(row["stakeholder_group"]) for row in rows]
    return {group: voted.count(group) for group in StakeholderGroup}


async def results_of(pilot_id: int) -> tuple[AgreedIndicator, ...]:
    """Every indicator of the closed round with what came of it, the oldest first; empty before that."""
    its = Agreement.indicator
    rows = (
        await Agreement.select(
            Agreement.outcome,
            Agreement.wording,
            Agreement.tallies,
            Agreement.dissent,
            Agreement.agreed_at,
            *(getattr(its, name).as_alias(name) for name in _FROM_INDICATOR),
        )
        .where(Agreement.round.pilot == pilot_id)
        .order_by(Agreement.id)
    )
    return tuple(
        msgspec.convert(
            {**row, "tallies": msgspec.json.decode(row["tallies"]), "dissent": msgspec.json.decode(row["dissent"])},
            AgreedIndicator,
        )
        for row in rows
    )


_FROM_INDICATOR = ("id", "code", "name", "domain", "role", "better", "unit", "minimal_important", "margin")


async def agreed_set(pilot_id: int) -> tuple[AgreedIndicator, ...]:
    """The indicators that the closed round took in, with the wording that was rated; empty before that."""
    return tuple(one for one in await results_of(pilot_id) if one.outcome is Outcome.IN)


async def would_agree(pilot_id: int, round_id: int) -> tuple[IndicatorView, ...]:
    """The indicators that the scores given so far would take in."""
    given: dict[int, list[tuple[StakeholderGroup, int]]] = {}
    for row in await Rating.select().where(Rating.round == round_id):
        given.setdefault(row["indicator"], []).append((StakeholderGroup(row["stakeholder_group"]), row["score"]))
    proposed = await indicators_of(pilot_id)
    return tuple(one for one in proposed if outcome(by_group(given.get(one.id, ()))) is Outcome.IN)


async def own_scores(person: Person, round_id: int) -> dict[int, OwnScore]:
    """What this person gave in a round, by indicator. Nobody else's scores are ever read for a person."""
    rows = await Rating.select().where(Rating.round == round_id, Rating.account == person.id)
    return {row["indicator"]: OwnScore(row["score"], row["dissent"]) for row in rows}


async def counts_of(pilots: Collection[int]) -> Mapping[int, IndicatorCounts]:
    """How far each of the pilots is, in three statements whatever their number."""
    if not pilots:
        return {}
    ids = sorted(set(pilots))
    proposed = await (
        Indicator.select(Indicator.pilot, Count(alias="number"))
        .where(Indicator.pilot.is_in(ids), Indicator.withdrawn_at.is_null())
        .group_by(Indicator.pilot)
    )
    rounds = await Round.select(Round.pilot, Round.closed_at).where(Round.pilot.is_in(ids)).order_by(Round.number)
    agreed = await (
        Agreement.select(Agreement.indicator.pilot.as_alias("pilot"), Count(alias="number"))
        .where(Agreement.indicator.pilot.is_in(ids), Agreement.outcome == Outcome.IN)
        .group_by(Agreement.indicator.pilot)
    )
    indicators = {row["pilot"]: row["number"] for row in proposed}
    taken_in = {row["pilot"]: row["number"] for row in agreed}
    closed = {row["pilot"]: row["closed_at"] is not None for row in rounds}
    return {
        pilot: IndicatorCounts(
            indicators=indicators.get(pilot, 0),
            round_open=closed.get(pilot) is False,
            round_closed=closed.get(pilot) is True,
            agreed=taken_in.get(pilot, 0),
        )
        for pilot in ids
    }


async def open_ratings_for(person: Person) -> tuple[OpenRating, ...]:
    """The open rounds in which the person may rate, the oldest first."""
    if not holds(person, Role.STAKEHOLDER):
        return ()
    mine = Pilot.select(Pilot.id).where(visible_to(person))
    pilot = Round.pilot._
    rows = (
        await Round.select(Round.id, Round.pilot, pilot.title.as_alias("title"), pilot.organisation.as_alias("owner"))
        .where(Round.closed_at.is_null(), Round.pilot.is_in(mine))
        .order_by(Round.id)
    )
    rounds = [row for row in rows if group_of(person, row["owner"], row["pilot"])]
    indicators = await counts_of([row["pilot"] for row in rounds])
    rated = await _rated_by(person, [row["id"] for row in rounds])
    return tuple(
        OpenRating(row["pilot"], row["title"], indicators[row["pilot"]].indicators, rated.get(row["id"], 0))
        for row in rounds
    )


async def _rated_by(person: Person, rounds: list[int]) -> Mapping[int, int]:
    rows = await (
        Rating.select(Rating.round, Count(alias="number"))
        .where(Rating.account == person.id, Rating.round.is_in(rounds or [0]))
        .group_by(Rating.round)
    )
    return {row["round"]: row["number"] for row in rows}
