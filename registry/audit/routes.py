"""The page on which the administrator reads the chain."""

from typing import Any

from litestar import Response, Router, get

from registry.audit import queries
from registry.audit.rules import FILTER, READ
from registry.audit.schemas import Chain
from registry.audit.words import ACTIONS
from registry.kit.access import allow
from registry.kit.errors import BadRequest, Forbidden
from registry.kit.pages import page
from registry.kit.paging import Paging
from registry.kit.request import Request


@get("/audit", opt=allow(READ))
async def chain_page(request: Request) -> Response[Any]:
    """What was done, the newest first (`kind`, `action`); with `verify` also whether the whole chain stands.

    Raises Forbidden for an administrator of one organisation: the chain tells of all of them.
    """
    if not READ.roles & request.user.everywhere:
        raise Forbidden("The log covers every organisation, so it takes an administrator of all of them.")
    kind, action, paging = _filter(request, "kind"), _filter(request, "action"), Paging.of(request)
    entries, total = await queries.page(paging, kind=kind, action=action)
    newest = await queries.last()
    verified = request.query_params.get("verify") == "1"
    body = Chain(
        page=entries,
        total=total,
        entries=await queries.count(),
        verified=verified,
        broken_at=await queries.verify_chain() if verified else None,
        seal=newest.hash if newest else "",
    )
    return page(
        request,
        "audit/chain.html",
        body,
        paging=paging,
        kind=kind,
        action=action,
        kinds=await queries.kinds(),
        actions=ACTIONS,
    )


def _filter(request: Request, name: str) -> str:
    written = request.query_params.get(name, "")
    if not FILTER.fullmatch(written):
        raise BadRequest("The filter takes small letters, full stops and low lines only.")
    return written


router = Router("/", route_handlers=[chain_page])
