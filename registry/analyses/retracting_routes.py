"""Pages and JSON on retracting a result."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from effects.errors import Finding
from effects.message import Message
from registry.analyses import queries, retracting
from registry.analyses.rules import RETRACT
from registry.analyses.schemas import Retracting
from registry.kit.access import allow
from registry.kit.errors import Invalid
from registry.kit.forms import again, read
from registry.kit.pages import done, page
from registry.kit.request import Request
from registry.pilots.queries import visible_pilot

RETRACTED = Message("The result is retracted. Everything that rests on it is marked as outdated and stays readable.")


@get("/analyses/{analysis_id:int}/retract", opt=allow(RETRACT))
async def retract_page(request: Request, analysis_id: FromPath[int]) -> Response[Any]:
    """What a retraction means, and the form that asks what is wrong."""
    return await _page(analysis_id, request, {}, ())


@post("/analyses/{analysis_id:int}/retract", opt=allow(RETRACT))
async def retract(request: Request, analysis_id: FromPath[int]) -> Response[Any]:
    """Retract a result, with the reason."""
    try:
        await retracting.retract(analysis_id, await read(request, Retracting), by=request.user)
    except Invalid as invalid:
        return await again(request, invalid, partial(_page, analysis_id))
    return done(request, f"/analyses/{analysis_id}", await queries.analysis(request.user, analysis_id), RETRACTED)


async def _page(
    analysis_id: int, request: Request, values: Mapping[str, Any], findings: tuple[Finding, ...]
) -> Response[Any]:
    found = await retracting.theirs(analysis_id, request.user)
    pilot = await visible_pilot(request.user, found.analysis.pilot_id)
    return page(request, "analyses/retract.html", found.analysis, pilot=pilot, values=values, findings=findings)
