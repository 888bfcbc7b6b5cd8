"""Pages and JSON of analyses."""

from typing import Any

from litestar import Response, Router, get, post
from litestar.params import FromPath

from effects.message import Message
from registry.analyses import actions, queries
from registry.analyses.reading import by_time, primary, second_opinions, subgroups, summary
from registry.analyses.retracting_routes import retract, retract_page
from registry.analyses.rules import DF_METHODS, ESTIMATORS, RETRACT, RUN, VIEW, WORDS
from registry.kit import jobs
from registry.kit.access import allow
from registry.kit.language import language_of
from registry.kit.pages import done, download, page
from registry.kit.request import JSON, Request
from registry.people.rules import Person, allows
from registry.pilots.queries import visible_pilot
from registry.pilots.schemas import PilotView

STARTED = Message("The analysis is started. Its result appears on this page.")


@get("/pilots/{pilot_id:int}/analyses", opt=allow(VIEW))
async def analyses(request: Request, pilot_id: FromPath[int]) -> Response[Any]:
    """The runs of a pilot, and what keeps the next one from starting."""
    found = await queries.analyses_of(request.user, pilot_id)
    pilot = await visible_pilot(request.user, pilot_id)
    alive = await jobs.worker_alive()
    may_run = _may_run(request.user, pilot)
    return page(request, "analyses/list.html", found, pilot=pilot, may_run=may_run, worker_alive=alive)


@post("/pilots/{pilot_id:int}/analyses", opt=allow(RUN))
async def run(request: Request, pilot_id: FromPath[int]) -> Response[Any]:
    """Run the locked plan on the newest approved version."""
    analysis_id = await actions.request(pilot_id, by=request.user)
    found = await queries.analysis(request.user, analysis_id)
    return done(request, f"/analyses/{analysis_id}", found, STARTED)


@get("/analyses/{analysis_id:int}", opt=allow(VIEW))
async def analysis(request: Request, analysis_id: FromPath[int]) -> Response[Any]:
    """One run: its progress, or its diagnostics, effects and forest plot."""
    found = await queries.analysis(request.user, analysis_id)
    pilot = await visible_pilot(request.user, found.analysis.pilot_id)
    main = primary(found.effects)
    return page(
        request,
        "analyses/analysis.html",
        found,
        pilot=pilot,
        main=main,
        by_time=by_time(found.effects),
        second_opinions=second_opinions(found.effects),
        subgroups=subgroups(found.effects),
        summary=summary(main),
        words=WORDS,
        estimators=ESTIMATORS,
        df_methods=DF_METHODS,
        chart=await queries.chart(analysis_id, language_of(request)),
        may_run=_may_run(request.user, pilot),
        may_retract=allows(request.user, RETRACT, organisation=pilot.organisation, pilot=pilot.id),
        worker_alive=await jobs.worker_alive(),
    )


@post("/analyses/{analysis_id:int}/rerun", opt=allow(RUN))
async def rerun(request: Request, analysis_id: FromPath[int]) -> Response[Any]:
    """Run a finished analysis again and compare the bytes."""
    await actions.rerun(analysis_id, by=request.user)
    return done(request, f"/analyses/{analysis_id}", await queries.analysis(request.user, analysis_id), STARTED)


@get("/analyses/{analysis_id:int}/result.json", opt=allow(VIEW))
async def result_file(request: Request, analysis_id: FromPath[int]) -> Response[bytes]:
    """The result file, to the byte."""
    content = await queries.result_file(request.user, analysis_id)
    return download(content, f"virkning-result-{analysis_id}.json", JSON)


def _may_run(person: Person, pilot: PilotView) -> bool:
    return allows(person, RUN, organisation=pilot.organisation, pilot=pilot.id)


router = Router("/", route_handlers=[analyses, run, analysis, rerun, result_file, retract_page, retract])
