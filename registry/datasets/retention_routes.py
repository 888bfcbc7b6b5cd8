"""Pages and JSON on how long the rows of a version are kept."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from effects.errors import Finding
from effects.message import Message
from registry.datasets import queries, retention
from registry.datasets.rules import UPLOAD
from registry.datasets.schemas import Deleting, Extending, VersionView
from registry.kit.access import allow
from registry.kit.errors import Invalid
from registry.kit.forms import again, read
from registry.kit.pages import done, page
from registry.kit.request import Request, settings_of
from registry.pilots.queries import visible_pilot

EXTENDED = Message("The rows are kept longer. The reason stands on this page.")
DELETED = Message("The rows are deleted. What is known about the version stays.")


@get("/datasets/{version_id:int}/extend", opt=allow(UPLOAD))
async def extend_page(request: Request, version_id: FromPath[int]) -> Response[Any]:
    """The form that asks until when the rows are needed, and why."""
    return await _page("datasets/extend.html", version_id, request, {}, ())


@post("/datasets/{version_id:int}/extend", opt=allow(UPLOAD))
async def extend(request: Request, version_id: FromPath[int]) -> Response[Any]:
    """Keep the rows longer, with the reason."""
    try:
        await retention.extend(version_id, await read(request, Extending), by=request.user)
    except Invalid as invalid:
        return await again(request, invalid, partial(_page, "datasets/extend.html", version_id))
    return done(request, f"/datasets/{version_id}", await told(version_id, request), EXTENDED)


@get("/datasets/{version_id:int}/delete", opt=allow(UPLOAD))
async def delete_page(request: Request, version_id: FromPath[int]) -> Response[Any]:
    """What is final about a deletion, and the form that asks why."""
    return await _page("datasets/delete.html", version_id, request, {}, ())


@post("/datasets/{version_id:int}/delete", opt=allow(UPLOAD))
async def delete(request: Request, version_id: FromPath[int]) -> Response[Any]:
    """Delete the rows at once, with the reason."""
    try:
        command = await read(request, Deleting)
        await retention.delete_rows(version_id, command, state=settings_of(request).state, by=request.user)
    except Invalid as invalid:
        return await again(request, invalid, partial(_page, "datasets/delete.html", version_id))
    return done(request, f"/datasets/{version_id}", await told(version_id, request), DELETED)


async def told(version_id: int, request: Request) -> VersionView:
    """A version as the person may see it, counts of few people withheld."""
    found = await queries.version(request.user, version_id)
    return found.told(settings_of(request).small_cell)


async def _page(
    template: str, version_id: int, request: Request, values: Mapping[str, Any], findings: tuple[Finding, ...]
) -> Response[Any]:
    await retention.theirs(version_id, request.user)
    found = await told(version_id, request)
    pilot = await visible_pilot(request.user, found.pilot)
    return page(request, template, found, pilot=pilot, values=values, findings=findings)
