"""The bundle of a recommendation: what it holds, and the file."""

from typing import Any

from litestar import Response, Router, get
from litestar.params import FromPath

from registry.kit.access import allow
from registry.kit.pages import download, page
from registry.kit.request import Request
from registry.publishing import actions, queries
from registry.publishing.rules import FILENAME, VIEW, ZIP


@get("/recommendations/{recommendation_id:int}/bundle", opt=allow(VIEW))
async def about(request: Request, recommendation_id: FromPath[int]) -> Response[Any]:
    """What the bundle holds, what it leaves out and how it is verified."""
    return page(request, "publishing/bundle.html", await queries.about(request.user, recommendation_id))


@get("/recommendations/{recommendation_id:int}/bundle.zip", opt=allow(VIEW))
async def bundle(request: Request, recommendation_id: FromPath[int]) -> Response[bytes]:
    """The ZIP file, to the byte the same each time; every taking is noted."""
    content = await actions.take(recommendation_id, by=request.user)
    return download(content, FILENAME.format(recommendation_id), ZIP)


router = Router("/", route_handlers=[about, bundle])
