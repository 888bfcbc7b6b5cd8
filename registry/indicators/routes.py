"""Pages and JSON of a pilot's indicators and their rating round."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from litestar import Response, Router, get, post
from litestar.params import FromPath

from effects.errors import Finding
from effects.message import Message
from registry.indicators import actions, proposing, proposing_routes, queries
from registry.indicators.rules import (
    HOLD_ROUND,
    PROPOSE,
    RATE,
    VIEW,
    Outcome,
    RoundState,
    Stated,
    group_of,
    holes,
    must_not_be_rated,
    not_open,
)
from registry.indicators.schemas import IndicatorPage, Rating, RatingPage, RoundOutlook
from registry.kit.access import allow
from registry.kit.errors import Forbidden, Invalid
from registry.kit.forms import again, read
from registry.kit.pages import done, page
from registry.kit.request import Request, settings_of
from registry.people.rules import Person, allows, require
from registry.pilots.queries import visible_pilot
from registry.pilots.schemas import PilotView

OPENED = Message("The round is open. Tell the stakeholder groups that they can rate now.")
CLOSED = Message("The round is closed, and what it agreed on is locked with its wording.")
WITHDRAWN = Message("The indicator is withdrawn.")
RATED = Message("Your scores are kept. You can change them until the round is closed.")


@get("/pilots/{pilot_id:int}/indicators", opt=allow(VIEW))
async def indicators_page(request: Request, pilot_id: FromPath[int]) -> Response[Any]:
    """The indicators by domain and role with the holes of the set, the state of the round, and what it agreed on."""
    pilot = await visible_pilot(request.user, pilot_id)
    body, small_cell = await _overview(request, pilot_id), settings_of(request).small_cell
    rights = _rights(request.user, pilot)
    return page(request, "indicators/indicators.html", body, pilot=pilot, small_cell=small_cell, **rights)


@post("/pilots/{pilot_id:int}/indicators/{indicator_id:int}/withdraw", opt=allow(PROPOSE))
async def withdraw(request: Request, pilot_id: FromPath[int], indicator_id: FromPath[int]) -> Response[Any]:
    """Take a proposal back."""
    await proposing.withdraw(pilot_id, indicator_id, by=request.user)
    return done(request, f"/pilots/{pilot_id}/indicators", await _overview(request, pilot_id), WITHDRAWN)


@get("/pilots/{pilot_id:int}/round/open", opt=allow(HOLD_ROUND))
async def opening_page(request: Request, pilot_id: FromPath[int]) -> Response[Any]:
    """What opening the round makes final, and what the list lacks, before it is opened."""
    return await _outlook(request, pilot_id, RoundState.NOT_OPENED)


@post("/pilots/{pilot_id:int}/round/open", opt=allow(HOLD_ROUND))
async def open_round(request: Request, pilot_id: FromPath[int]) -> Response[Any]:
    """Let the stakeholder groups rate."""
    await actions.open_round(pilot_id, by=request.user)
    return done(request, f"/pilots/{pilot_id}/indicators", await _overview(request, pilot_id), OPENED)


@get("/pilots/{pilot_id:int}/round/close", opt=allow(HOLD_ROUND))
async def closing_page(request: Request, pilot_id: FromPath[int]) -> Response[Any]:
    """What closing the round makes final, and what the agreed set would lack, before it is closed."""
    return await _outlook(request, pilot_id, RoundState.OPEN)


@post("/pilots/{pilot_id:int}/round/close", opt=allow(HOLD_ROUND))
async def close_round(request: Request, pilot_id: FromPath[int]) -> Response[Any]:
    """End the rating."""
    await actions.close_round(pilot_id, by=request.user)
    return done(request, f"/pilots/{pilot_id}/indicators", await _overview(request, pilot_id), CLOSED)


@get("/pilots/{pilot_id:int}/rate", opt=allow(RATE))
async def rate_page(request: Request, pilot_id: FromPath[int]) -> Response[Any]:
    """All indicators on one page to score from 1 to 9, filled with what the person gave so far."""
    return await _rate_form(pilot_id, request, {}, ())


@post("/pilots/{pilot_id:int}/rate", opt=allow(RATE))
async def rate(request: Request, pilot_id: FromPath[int]) -> Response[Any]:
    """Keep the person's scores."""
    try:
        given = await actions.rate(pilot_id, await read(request, Rating), by=request.user)
    except Invalid as invalid:
        return await again(request, invalid, partial(_rate_form, pilot_id))
    return done(request, f"/pilots/{pilot_id}/rate", {"scores": given}, RATED)


async def _overview(request: Request, pilot_id: int) -> IndicatorPage:
    """Before the round is closed the set is what is proposed, afterwards what was agreed on."""
    indicators, results = await queries.indicators_of(pilot_id), await queries.results_of(pilot_id)
    current = await queries.round_of(pilot_id)
    stated = [one for one in results if one.outcome is Outcome.IN] if results else indicators
    return IndicatorPage(
        state=RoundState.NOT_OPENED if current is None else current.state,
        indicators=indicators,
        holes=holes([Stated(one.domain, one.role) for one in stated]),
        groups=await queries.groups_voted(pilot_id),
        round=current,
        results=tuple(one.told(settings_of(request).small_cell) for one in results),
    )


async def _outlook(request: Request, pilot_id: int, awaited: RoundState) -> Response[Any]:
    """Raises NotFound, Forbidden, and Conflict when the round stands elsewhere."""
    pilot = await visible_pilot(request.user, pilot_id)
    require(request.user, HOLD_ROUND, organisation=pilot.organisation, pilot=pilot.id)
    current = await queries.round_of(pilot_id)
    state = RoundState.NOT_OPENED if current is None else current.state
    if awaited is RoundState.NOT_OPENED:
        must_not_be_rated(state)
    elif state is not awaited:
        raise not_open(state)
    proposed = await queries.indicators_of(pilot_id)
    stated = proposed if current is None else await queries.would_agree(pilot_id, current.id)
    body = RoundOutlook(
        state=state,
        indicators=len(proposed),
        holes=holes([Stated(one.domain, one.role) for one in stated]),
        silent=tuple(group for group, voted in (await queries.groups_voted(pilot_id)).items() if not voted),
    )
    return page(request, "indicators/round.html", body, pilot=pilot)


def _rights(person: Person, pilot: PilotView) -> dict[str, Any]:
    """What this reader may do here."""
    about = {"organisation": pilot.organisation, "pilot": pilot.id}
    return {
        "may_propose": allows(person, PROPOSE, **about),
        "may_hold": allows(person, HOLD_ROUND, **about),
        "group": group_of(person, pilot.organisation, pilot.id),
        "reader": person.id,
    }


async def _rate_form(
    pilot_id: int, request: Request, values: Mapping[str, Any], findings: tuple[Finding, ...]
) -> Response[Any]:
    pilot = await visible_pilot(request.user, pilot_id)
    require(request.user, RATE, organisation=pilot.organisation, pilot=pilot.id)
    group = group_of(request.user, pilot.organisation, pilot.id)
    if group is None:
        raise Forbidden
    current = await queries.round_of(pilot_id)
    if current is None or current.state is not RoundState.OPEN:
        raise not_open(RoundState.NOT_OPENED if current is None else current.state)
    scores = await queries.own_scores(request.user, current.id)
    body = RatingPage(group, await queries.indicators_of(pilot_id), scores)
    kept = {f"scores.{key}": own.score for key, own in scores.items()}
    kept_words = {f"dissent.{key}": own.dissent for key, own in scores.items()}
    filled = {**kept, **kept_words, **values}
    return page(request, "indicators/rate.html", body, pilot=pilot, values=filled, findings=findings)


router = Router(
    "/",
    route_handlers=[
        indicators_page,
        withdraw,
        opening_page,
        closing_page,
        open_round,
        close_round,
        rate_page,
        rate,
        *proposing_routes.handlers,
    ],
)
