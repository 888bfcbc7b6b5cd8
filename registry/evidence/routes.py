"""Pages and JSON of evidence."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from litestar import Response, Router, get, post
from litestar.params import FromPath

from effects.errors import Finding
from effects.message import Message
from registry.evidence import actions, queries
from registry.evidence.rules import APPROVE, ASSESS, VIEW, is_own_work
from registry.evidence.schemas import Facts, Published
from registry.evidence.technology_routes import look, newest, pooled_case_file
from registry.evidence.words import names
from registry.kit import forms, jobs
from registry.kit.access import allow
from registry.kit.errors import Invalid
from registry.kit.pages import done, download, page
from registry.kit.request import Request
from registry.people.rules import allows, require
from registry.pilots.queries import visible_pilot

STATED = Message("The facts are kept. The grade follows in a moment.")
APPROVED = Message("The assessment is approved. The recommendation can be issued.")


@get("/pilots/{pilot_id:int}/evidence", opt=allow(VIEW))
async def assessments(request: Request, pilot_id: FromPath[int]) -> Response[Any]:
    """The assessments of a pilot and the results that wait for one."""
    found = await queries.assessments_of(request.user, pilot_id)
    pilot = await visible_pilot(request.user, pilot_id)
    may_assess = allows(request.user, ASSESS, organisation=pilot.organisation, pilot=pilot.id)
    return page(request, "evidence/list.html", found, pilot=pilot, may_assess=may_assess)


@get("/analyses/{analysis_id:int}/assess", opt=allow(ASSESS))
async def facts_form(request: Request, analysis_id: FromPath[int]) -> Response[Any]:
    """The questions of fact about a result."""
    return await _facts_page(analysis_id, request, {}, ())


@post("/analyses/{analysis_id:int}/assess", opt=allow(ASSESS))
async def assess(request: Request, analysis_id: FromPath[int]) -> Response[Any]:
    """Keep the facts and have the result graded."""
    try:
        assessment_id = await actions.assess(analysis_id, await forms.read(request, Facts), by=request.user)
    except Invalid as invalid:
        return await forms.again(request, invalid, partial(_facts_page, analysis_id))
    return await _made(request, assessment_id)


@get("/pilots/{pilot_id:int}/evidence/published", opt=allow(ASSESS))
async def published_form(request: Request, pilot_id: FromPath[int]) -> Response[Any]:
    """Where a published trial is entered."""
    return await _published_page(pilot_id, request, {}, ())


@post("/pilots/{pilot_id:int}/evidence/published", opt=allow(ASSESS))
async def enter_published(request: Request, pilot_id: FromPath[int]) -> Response[Any]:
    """Keep a published trial as a case and have it graded."""
    try:
        published = await forms.read(request, Published)
        assessment_id = await actions.assess_published(pilot_id, published, by=request.user)
    except Invalid as invalid:
        return await forms.again(request, invalid, partial(_published_page, pilot_id))
    return await _made(request, assessment_id)


@get("/assessments/{assessment_id:int}", opt=allow(VIEW))
async def assessment(request: Request, assessment_id: FromPath[int]) -> Response[Any]:
    """An assessment: its grade with the rules behind it, or how far the grading is."""
    found = await queries.assessment(request.user, assessment_id)
    pilot = await visible_pilot(request.user, found.assessment.pilot_id)
    about = found.assessment
    may_assess, may_approve = (
        allows(request.user, permission, organisation=pilot.organisation, pilot=pilot.id)
        for permission in (ASSESS, APPROVE)
    )
    return page(
        request,
        "evidence/assessment.html",
        found,
        pilot=pilot,
        names=names(),
        may_assess=may_assess,
        may_approve=may_approve and not is_own_work(request.user.id, about.assessed_by, about.analysed_by),
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


async def _made(request: Request, assessment_id: FromPath[int]) -> Response[Any]:
    found = await queries.assessment(request.user, assessment_id)
    return done(request, f"/assessments/{assessment_id}", found, STATED)


async def _facts_page(
    analysis_id: int, request: Request, values: Mapping[str, Any], findings: Sequence[Finding]
) -> Response[Any]:
    pilot = (await queries.grounds(request.user, analysis_id)).about.pilot
    require(request.user, ASSESS, organisation=pilot.organisation, pilot=pilot.id)
    body = {"analysis": analysis_id}
    return page(request, "evidence/facts.html", body, pilot=pilot, values=values, findings=findings)


async def _published_page(
    pilot_id: int, request: Request, values: Mapping[str, Any], findings: Sequence[Finding]
) -> Response[Any]:
    pilot = await visible_pilot(request.user, pilot_id)
    require(request.user, ASSESS, organisation=pilot.organisation, pilot=pilot.id)
    return page(request, "evidence/published.html", {"pilot": pilot_id}, pilot=pilot, values=values, findings=findings)


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
        newest,
        look,
        pooled_case_file,
    ],
)
