"""Pages and JSON of the evidence on a technology."""

from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from registry.evidence.rules import VIEW
from registry.evidence.statements import statements, summary
from registry.evidence.technology import case_of_look, evidence_on
from registry.evidence.words import names
from registry.kit import jobs
from registry.kit.access import allow
from registry.kit.language import language_of
from registry.kit.pages import download, page
from registry.kit.request import Request
from registry.pilots.queries import technology


@get("/technologies/{technology_id:int}/evidence", opt=allow(VIEW))
async def newest(request: Request, technology_id: FromPath[int]) -> Response[Any]:
    """The evidence on a technology as it stands: what its pilots say together and one by one."""
    return await _look(request, technology_id, None)


@get("/technologies/{technology_id:int}/evidence/{number:int}", opt=allow(VIEW))
async def look(request: Request, technology_id: FromPath[int], number: FromPath[int]) -> Response[Any]:
    """An older look, as it was."""
    return await _look(request, technology_id, number)


@get("/technologies/{technology_id:int}/evidence/{number:int}/case.toml", opt=allow(VIEW))
async def pooled_case_file(request: Request, technology_id: FromPath[int], number: FromPath[int]) -> Response[bytes]:
    """The pooled case file of a look, which `virkning grade` reads; for those who may see all of its pilots."""
    content = await case_of_look(request.user, technology_id, number)
    return download(content.encode(), f"case-technology-{technology_id}-{number}.toml", "application/toml")


async def _look(request: Request, technology_id: int, number: int | None) -> Response[Any]:
    found = await evidence_on(request.user, technology_id, language_of(request), number)
    return page(
        request,
        "evidence/technology.html",
        found,
        technology=await technology(request.user, technology_id),
        names=names(),
        statements=statements(found.result) if found.result else {},
        summary=summary(found.result) if found.result else None,
        worker_alive=await jobs.worker_alive(),
    )
