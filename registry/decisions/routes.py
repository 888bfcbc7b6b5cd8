"""Pages and JSON of decisions."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from effects.codes import Kind
from effects.errors import Finding
from effects.message import Message
from registry.decisions import actions, queries, rollout_routes
from registry.decisions.forms import condition_rows
from registry.decisions.rules import ADVISED, DECIDE, VIEW, Choice
from registry.decisions.schemas import Deciding
from registry.evidence.words import names
from registry.kit import forms
from registry.kit.access import allow
from registry.kit.errors import Invalid
from registry.kit.pages import done, page
from registry.kit.request import Request
from registry.people.rules import Role, allows, holds
from registry.pilots.queries import visible_pilot
from registry.recommendations.queries import recommendation

RECORDED = Message("The decision is recorded.")


@get("/decisions", opt=allow(VIEW))
async def decisions(request: Request) -> Response[Any]:
    """Every decision that the reader may see."""
    return page(request, "decisions/list.html", await queries.decisions(request.user))


@get("/decisions/{decision_id:int}", opt=allow(VIEW))
async def decision(request: Request, decision_id: FromPath[int]) -> Response[Any]:
    """One decision with its reason and conditions."""
    found = await queries.decision(request.user, decision_id)
    pilot = await visible_pilot(request.user, found.decision.pilot_id)
    return page(request, "decisions/decision.html", found, pilot=pilot)


@get("/recommendations/{recommendation_id:int}", opt=allow(VIEW))
async def advice(request: Request, recommendation_id: FromPath[int]) -> Response[Any]:
    """One recommendation: the sentence, what it rests on, what would change it, and what was decided."""
    found = await queries.advice(request.user, recommendation_id)
    decides = holds(request.user, Role.DECISION_MAKER)
    pilot = await visible_pilot(request.user, found.recommendation.pilot_id)
    return page(request, "recommendations/recommendation.html", found, pilot=pilot, names=names(), decides=decides)


@get("/recommendations/{recommendation_id:int}/decision", opt=allow(VIEW))
async def decision_form(request: Request, recommendation_id: FromPath[int]) -> Response[Any]:
    """Where the decision is recorded; sent on to it once it is."""
    await recommendation(request.user, recommendation_id)
    decided = await queries.decided(recommendation_id)
    if decided is not None:
        return Redirect(f"/decisions/{decided.id}")
    return await _form(recommendation_id, request, {}, ())


@post("/recommendations/{recommendation_id:int}/decision", opt=allow(DECIDE))
async def decide(request: Request, recommendation_id: FromPath[int]) -> Response[Any]:
    """Record the decision."""
    try:
        deciding = await forms.read(request, Deciding)
        decision_id = await actions.decide(recommendation_id, deciding, by=request.user)
    except Invalid as invalid:
        return await forms.again(request, invalid, partial(_form, recommendation_id))
    found = await queries.decision(request.user, decision_id)
    return done(request, f"/decisions/{decision_id}", found, RECORDED)


async def _form(
    recommendation_id: int, request: Request, values: Mapping[str, Any], findings: Sequence[Finding]
) -> Response[Any]:
    about = (await recommendation(request.user, recommendation_id)).recommendation
    pilot = await visible_pilot(request.user, about.pilot_id)
    return page(
        request,
        "decisions/form.html",
        about,
        pilot=pilot,
        choices=list(Choice),
        advised=ADVISED[Kind(about.kind)],
        may_decide=allows(request.user, DECIDE, organisation=pilot.organisation, pilot=pilot.id)
        and about.issued_by != request.user.id,
        conditions=condition_rows(values),
        values=values,
        findings=findings,
    )


router = Router("/", route_handlers=[decisions, decision, advice, decision_form, decide, *rollout_routes.HANDLERS])
