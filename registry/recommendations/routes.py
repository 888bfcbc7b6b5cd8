"""Pages and JSON of recommendations; the page of one stands in `registry.decisions.routes`, beside its decision."""

from typing import Any

from litestar import Response, Router, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from effects.message import Message
from registry.business_cases.actions import may_state as may_state_business_case
from registry.kit import jobs
from registry.kit.access import allow
from registry.kit.pages import done, page
from registry.kit.request import Request, wants_json
from registry.people.rules import allows
from registry.pilots.queries import visible_pilot
from registry.recommendations import actions, queries
from registry.recommendations.local import in_municipality
from registry.recommendations.rules import ISSUE, VIEW

STARTED = Message("The recommendation is being drawn up.")


@get("/recommendations", opt=allow(VIEW))
async def recommendations(request: Request) -> Response[Any]:
    """Every recommendation that the reader may see."""
    return page(request, "recommendations/list.html", await queries.recommendations(request.user))


@get("/assessments/{assessment_id:int}/recommendation", opt=allow(VIEW))
async def of_assessment(request: Request, assessment_id: FromPath[int]) -> Response[Any]:
    """The recommendation of an assessment: sent on to it once it is issued, else how far it is."""
    found = await queries.issuing(request.user, assessment_id)
    if found.recommendation_id and not wants_json(request):
        return Redirect(f"/recommendations/{found.recommendation_id}")
    pilot = await visible_pilot(request.user, found.pilot_id)
    return page(
        request,
        "recommendations/issuing.html",
        found,
        pilot=pilot,
        may_issue=allows(request.user, ISSUE, organisation=pilot.organisation, pilot=pilot.id),
        worker_alive=await jobs.worker_alive(),
    )


@post("/assessments/{assessment_id:int}/recommendation", opt=allow(ISSUE))
async def issue(request: Request, assessment_id: FromPath[int]) -> Response[Any]:
    """Have the recommendation of an approved assessment drawn up."""
    await actions.issue(assessment_id, by=request.user)
    found = await queries.issuing(request.user, assessment_id)
    return done(request, f"/assessments/{assessment_id}/recommendation", found, STARTED)


@get("/recommendations/{recommendation_id:int}/municipality", opt=allow(VIEW))
async def municipality(request: Request, recommendation_id: FromPath[int]) -> Response[Any]:
    """What a recommendation means for a municipality: the reader's own, or the one chosen by `place`."""
    code = request.query_params.get("place", "")
    found = await in_municipality(request.user, recommendation_id, code)
    may_state = await may_state_business_case(request.user, found.recommendation.technology_id)
    values = {"place": code}
    return page(request, "recommendations/municipality.html", found, values=values, may_state=may_state)


router = Router("/", route_handlers=[recommendations, of_assessment, issue, municipality])
