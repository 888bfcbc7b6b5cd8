"""The rating round: opening it, rating, and closing it into the agreed set."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from effects.errors import Finding
from registry.audit.actions import record
from registry.indicators.consensus import by_group, outcome
from registry.indicators.proposing import changeable, take_turn
from registry.indicators.queries import indicators_of, round_of
from registry.indicators.rules import HOLD_ROUND, NO_OPINION, RATE, RoundState, group_of, not_open
from registry.indicators.schemas import Dissent, IndicatorView, Rating, RoundView
from registry.indicators.tables import Agreement, Round
from registry.indicators.tables import Rating as Rated
from registry.kit.clock import now
from registry.kit.database import transaction
from registry.kit.errors import Conflict, Forbidden, Invalid
from registry.people.rules import Person, StakeholderGroup, require
from registry.pilots.queries import visible_pilot


async def open_round(pilot_id: int, *, by: Person) -> int:
    """Let the stakeholder groups rate; from here on list and wording stand still. The answer is the round.

    Raises NotFound, Forbidden, and Conflict without any indicator or when a round was opened before.
    """
    async with transaction():
        pilot = await changeable(pilot_id, HOLD_ROUND, by=by)
        indicators = await indicators_of(pilot.id)
        if not indicators:
            raise Conflict("There is no indicator to rate. Propose at least one first, then open the round.")
        row = Round(pilot=pilot.id, number=1, opened_by=by.id, opened_at=now())
        round_id: int = (await Round.insert(row))[0]["id"]
        content = {"pilot": pilot.id, "indicators": [one.id for one in indicators]}
        await _record("indicators.open_round", round_id, content, by)
    return round_id


async def rate(pilot_id: int, command: Rating, *, by: Person) -> int:
    """Keep a person's scores, in place of earlier ones for the same indicators; the answer is how many they are.

    Raises NotFound, Forbidden for who is in no stakeholder group of the pilot, Conflict when no round is open, Invalid.
    """
    async with transaction():
        pilot = await visible_pilot(by, pilot_id)
        require(by, RATE, organisation=pilot.organisation, pilot=pilot.id)
        group = group_of(by, pilot.organisation, pilot.id)
        if group is None:
            raise Forbidden("You are in no stakeholder group of this pilot. Ask the administrator for one.")
        current = await _open_round(pilot_id)
        indicators = await indicators_of(pilot_id)
        if found := _refused(command, indicators):
            raise Invalid(found)
        scores = {int(key): score for key, score in command.scores.items()}
        await Rated.delete().where(Rated.round == current.id, Rated.account == by.id, Rated.indicator.is_in([*scores]))
        rows = [
            Rated(
                round=current.id,
                indicator=indicator,
                account=by.id,
                stakeholder_group=group,
                score=score,
                dissent=command.dissent.get(str(indicator), ""),
                rated_at=now(),
            )
            for indicator, score in sorted(scores.items())
            if score != NO_OPINION
        ]
        if rows:
            await Rated.insert(*rows)
        await _record("indicators.rate", current.id, {"indicators": sorted(scores)}, by)
    return len(rows)


async def close_round(pilot_id: int, *, by: Person) -> int:
    """End the rating and keep what it made of each indicator, with the wording that was rated; the answer is the round.

    Raises NotFound, Forbidden, and Conflict when no round is open or nobody has rated.
    """
    async with transaction():
        pilot = await visible_pilot(by, pilot_id)
        require(by, HOLD_ROUND, organisation=pilot.organisation, pilot=pilot.id)
        current = await _open_round(pilot_id)
        ratings = await Rated.select().where(Rated.round == current.id).order_by(Rated.id)
        if not ratings:
            raise Conflict("Nobody has rated yet. Wait until the stakeholder groups have, then close the round.")
        rows = [_agreement(current.id, one, ratings) for one in await indicators_of(pilot_id)]
        await Agreement.insert(*rows)
        await Round.update({Round.closed_at: now()}).where(Round.id == current.id)
        outcomes = {str(row.indicator): row.outcome for row in rows}
        await _record("indicators.close_round", current.id, {"pilot": pilot.id, "outcomes": outcomes}, by)
    return current.id


async def _open_round(pilot_id: int) -> RoundView:
    await take_turn(pilot_id)
    current = await round_of(pilot_id)
    if current is None or current.state is not RoundState.OPEN:
        raise not_open(RoundState.NOT_OPENED if current is None else current.state)
    return current


def _refused(command: Rating, indicators: Sequence[IndicatorView]) -> list[Finding]:
    known = {str(one.id) for one in indicators}
    found = [
        Finding(f"scores.{key}", "unknown", "There is no such indicator to rate.", "Reload the page.")
        for key in sorted({*command.scores, *command.dissent} - known)
    ]
    found += [
        Finding(
            f"scores.{key}", "dissent_without_score", "A remark needs a score.", "Give a score from 1 to 9 as well."
        )
        for key, text in sorted(command.dissent.items())
        if key in known and text and not command.scores.get(key)
    ]
    if not found and not command.scores:
        found.append(Finding("scores", "missing", "No score is given.", "Score at least one indicator."))
    return found


def _agreement(round_id: int, indicator: IndicatorView, ratings: Sequence[Mapping[str, Any]]) -> Agreement:
    """What the ratings make of one indicator; who gave them is left behind here."""
    of_it = [row for row in ratings if row["indicator"] == indicator.id]
    groups = by_group((StakeholderGroup(row["stakeholder_group"]), row["score"]) for row in of_it)
    dissent = sorted((row["stakeholder_group"], row["dissent"]) for row in of_it if row["dissent"])
    return Agreement(
        round=round_id,
        indicator=indicator.id,
        outcome=outcome(groups),
        wording=indicator.wording,
        tallies=msgspec.json.encode(groups).decode(),
        dissent=msgspec.json.encode([Dissent(StakeholderGroup(group), text) for group, text in dissent]).decode(),
        agreed_at=now(),
    )


async def _record(action: str, round_id: int, content: Mapping[str, object], by: Person) -> None:
    await record(action=action, object_kind="rating_round", object_id=round_id, content=content, by=by.id)
