"""Pages and JSON of evidence."""

from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Response, Router, get, post
from litestar.params import FromPath

from effects.errors import Finding
from effects.message import Message
from registry.evidence import actions, queries
from registry.evidence.rules import APPROVE, ASSESS, VIEW
from registry.evidence.schemas import Facts, Published
from registry.kit import forms, jobs
from registry.kit.access import allow
from registry.kit.errors import Invalid
from registry.kit.pages import done, download, page
from registry.kit.request import Request
from registry.people.rules import Person, allows
from registry.pilots.queries import visible_pilot
from registry.pilots.schemas import PilotView

STATED = Message("The facts are kept. The grade follows in a moment.")
APPROVED = Message("The assessment is approved. The recommendation can be issued.")


@get("/pilots/{pilot_id:int}/evidence", opt=allow(VIEW))
async def assessments(request: Request, pilot_id: FromPath[int]) -> Response[Any]:
    """The assessments of a pilot and the results that wait for one."""
    found = await queries.assessments_of(request.user, pilot_id)
    pilot = await visible_pilot(request.user, pilot_id)
    return page(request, "evidence/list.html", found, pilot=pilot, may_assess=_may_assess(request.user, pilot))


@get("/analyses/{analysis_id:int}/assess", opt=allow(ASSESS))
async def facts_form(request: Request, analysis_id: FromPath[int]) -> Response[Any]:
    """The questions of fact about a result."""
    return await _facts_page(request, analysis_id, {}, ())


@post("/analyses/{analysis_id:int}/assess", opt=allow(ASSESS))
async def assess(request: Request, analysis_id: FromPath[int]) -> Response[Any]:
    """Keep the facts and have the result graded."""

    async def form(again: Request, values: Mapping[str, Any], findings: Sequence[Finding]) -> Response[Any]:
        return await _facts_page(again, analysis_id, values, findings)

    try:
        assessment_id = await actions.assess(analysis_id, await forms.read(request, Facts), by=request.user)
    except Invalid as invalid:
        return await forms.again(request, invalid, form)
    return await _made(request, assessment_id)


@get("/pilots/{pilot_id:int}/evidence/published", opt=allow(ASSESS))
async def published_form(request: Request, pilot_id: FromPath[int]) -> Response[Any]:
    """Where a published trial is entered."""
    return await _published_page(request, pilot_id, {}, ())


@post("/pilots/{pilot_id:int}/evidence/published", opt=allow(ASSESS))
async def enter_published(request: Request, pilot_id: FromPath[int]) -> Response[Any]:
    """Keep a published trial as a case and have it graded."""

    async def form(again: Request, values: Mapping[str, Any], findings: Sequence[Finding]) -> Response[Any]:
        return await _published_page(again, pilot_id, values, findings)

    try:
        published = await forms.read(request, Published)
        assessment_id = await actions.assess_published(pilot_id, published, by=request.user)
    except Invalid as invalid:
        return await forms.again(request, invalid, form)
    return await _made(request, assessment_id)


@get("/assessments/{assessment_id:int}", opt=allow(VIEW))
async def assessment(request: Request, assessment_id: FromPath[int]) -> Response[Any]:
    """An assessment: its grade with the rules behind it, or how far the grading is."""
    found = await queries.assessment(request.user, assessment_id)
    pilot = await visible_pilot(request.user, found.assessment.pilot_id)
    person: Person = request.user
    allowed = allows(person, APPROVE, organisation=pilot.organisation, pilot=pilot.id)
    return page(
        request,
        "evidence/assessment.html",
        found,
        pilot=pilot,
        may_approve=allowed and found.assessment.assessed_by != person.id,
        may_issue=allowed,
        worker_alive=await jobs.worker_alive(),
    )


@post("/assessments/{assessment_id:int}/approve", opt=allow(APPROVE))
async def approve(request: Request, assessment_id: FromPath[int]) -> Response[Any]:
    """Approve somebody else's assessment."""
    await actions.approve(assessment_id, by=request.user)
    found = await queries.assessment(request.user, assessment_id)
    return done(request, f"/assessments/{assessment_id}", found, APPROVED)


@get("/assessments/{assessment_id:int}/case.toml", opt=allow(VIEW))
async def case_file(request: Request, assessment_id: FromPath[int]) -> Response[bytes]:
    """The case file, which `virkning grade` reads."""
    found = await queries.assessment(request.user, assessment_id)
    return download(found.case.encode(), f"case-{assessment_id}.toml", "application/toml")


async def _made(request: Request, assessment_id: int) -> Response[Any]:
    found = await queries.assessment(request.user, assessment_id)
    return done(request, f"/assessments/{assessment_id}", found, STATED)


async def _facts_page(
    request: Request, analysis_id: int, values: Mapping[str, Any], findings: Sequence[Finding]
) -> Response[Any]:
    run = await queries.result_to_assess(request.user, analysis_id)
    pilot = await visible_pilot(request.user, run["pilot_id"])
    body = {"analysis": analysis_id}
    return page(request, "evidence/facts.html", body, pilot=pilot, values=values, findings=findings)


async def _published_page(
    request: Request, pilot_id: int, values: Mapping[str, Any], findings: Sequence[Finding]
) -> Response[Any]:
    pilot = await visible_pilot(request.user, pilot_id)
    return page(request, "evidence/published.html", {"pilot": pilot_id}, pilot=pilot, values=values, findings=findings)


def _may_assess(person: Person, pilot: PilotView) -> bool:
    return allows(person, ASSESS, organisation=pilot.organisation, pilot=pilot.id)


router = Router(
    "/",
    route_handlers=[
        assessments,
        facts_form,
        assess,
        published_form,
        enter_published,
        assessment,
        approve,
        case_file,
    ],
)
