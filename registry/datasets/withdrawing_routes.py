"""Pages and JSON on withdrawing a version."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from effects.errors import Finding
from effects.message import Message
from registry.datasets import withdrawing
from registry.datasets.retention_routes import told
from registry.datasets.rules import WITHDRAW
from registry.datasets.schemas import Withdrawing
from registry.kit.access import allow
from registry.kit.errors import Invalid
from registry.kit.forms import again, read
from registry.kit.pages import done, page
from registry.kit.request import Request
from registry.pilots.queries import visible_pilot

WITHDRAWN = Message("The version is withdrawn. Everything that rests on it is marked as outdated and stays readable.")


@get("/datasets/{version_id:int}/withdraw", opt=allow(WITHDRAW))
async def withdraw_page(request: Request, version_id: FromPath[int]) -> Response[Any]:
    """What a withdrawal means, and the form that asks what is wrong."""
    return await _page(version_id, request, {}, ())


@post("/datasets/{version_id:int}/withdraw", opt=allow(WITHDRAW))
async def withdraw(request: Request, version_id: FromPath[int]) -> Response[Any]:
    """Withdraw an approved version, with the reason."""
    try:
        await withdrawing.withdraw(version_id, await read(request, Withdrawing), by=request.user)
    except Invalid as invalid:
        return await again(request, invalid, partial(_page, version_id))
    return done(request, f"/datasets/{version_id}", await told(version_id, request), WITHDRAWN)


async def _page(
    version_id: int, request: Request, values: Mapping[str, Any], findings: tuple[Finding, ...]
) -> Response[Any]:
    await withdrawing.theirs(version_id, request.user)
    found = await told(version_id, request)
    pilot = await visible_pilot(request.user, found.pilot)
    return page(request, "datasets/withdraw.html", found, pilot=pilot, values=values, findings=findings)
