"""Pages and JSON of business cases."""

import tomllib
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from litestar import Response, Router, get, post
from litestar.params import FromPath

from effects.codes import Better
from effects.economics.business_case import BusinessCase
from effects.economics.codes import LineKind, Scope, Status, Timing
from effects.errors import Finding
from effects.message import Message
from registry.business_cases import actions, forms, queries, words
from registry.business_cases.rules import STATE, VIEW, BenefitKind
from registry.business_cases.schemas import BusinessCaseView, Stating
from registry.kit import jobs
from registry.kit.access import allow
from registry.kit.clock import today
from registry.kit.csrf import FORMS
from registry.kit.errors import Invalid
from registry.kit.forms import again, read, values
from registry.kit.jobs import JobState
from registry.kit.language import language_of
from registry.kit.pages import done, download, html, page
from registry.kit.request import Request
from registry.pilots.queries import technology

STATED: Final = Message("The version is kept. What it is worth is worked out in a moment.")
ANEW: Final = Message("It is being valued anew.")
NO_EVIDENCE: Final[Mapping[str, Any]] = {"pilots": [], "names": {}, "simulated": False}
CHOICES: Final = {
    "kinds": list(LineKind),
    "timings": list(Timing),
    "scopes": list(Scope),
    "statuses": list(Status),
    "betters": list(Better),
    "benefit_kinds": list(BenefitKind),
}


@get("/technologies/{technology_id:int}/business-case", opt=allow(VIEW))
async def current(request: Request, technology_id: FromPath[int]) -> Response[Any]:
    """The version that holds, or how to state the first."""
    await technology(request.user, technology_id)
    return await _case_page(request, technology_id, await queries.current(technology_id))


@get("/business-cases/{case_id:int}", opt=allow(VIEW))
async def version(request: Request, case_id: FromPath[int]) -> Response[Any]:
    """A version of whatever age."""
    found = await queries.business_case(case_id)
    return await _case_page(request, found.technology_id, found)


@get("/business-cases/{case_id:int}/business-case.toml", opt=allow(VIEW))
async def file(case_id: FromPath[int]) -> Response[bytes]:
    """The file of a version."""
    found = await queries.business_case(case_id)
    name = f"business-case-{found.technology_id}-{found.number}.toml"
    return download(found.stated.encode(), name, "application/toml")


@get("/technologies/{technology_id:int}/business-case/new", opt=allow(STATE))
async def new_form(request: Request, technology_id: FromPath[int]) -> Response[Any]:
    """The form, filled with the version that holds; with `?by=file` the field for a file.

    `optimism.KIND` in the address fills in the factor of a kind of benefit.
    """
    return await _form(technology_id, request, {}, ())


@post("/technologies/{technology_id:int}/business-case", opt=allow(STATE))
async def state(request: Request, technology_id: FromPath[int]) -> Response[Any]:
    """Keep a version, or show the form with more empty rows."""
    if request.content_type[0] in FORMS:
        typed = await values(request)
        if typed.get("more"):
            return await _form(technology_id, request, typed, ())
    try:
        case_id = await actions.state(technology_id, await read(request, Stating), by=request.user)
    except Invalid as invalid:
        return await again(request, invalid, partial(_form, technology_id))
    return done(request, f"/technologies/{technology_id}/business-case", await queries.business_case(case_id), STATED)


@post("/business-cases/{case_id:int}/value", opt=allow(STATE))
async def value_anew(request: Request, case_id: FromPath[int]) -> Response[Any]:
    """Have a version valued whose valuation failed."""
    await actions.value_anew(case_id, by=request.user)
    return done(request, f"/business-cases/{case_id}", await queries.business_case(case_id), ANEW)


async def _case_page(request: Request, technology_id: int, found: BusinessCaseView | None) -> Response[Any]:
    about = await technology(request.user, technology_id)
    body = await queries.page_of(request.user, technology_id, found)
    valuation = None if body.case is None else body.case.valuation
    evidence = (valuation or {}).get("evidence", NO_EVIDENCE)
    names = await queries.indicator_names(request.user, technology_id, language_of(request))
    stated = {} if found is None else tomllib.loads(found.stated)
    heard = ((None if found is None else found.valuation) or {}).get("evidence", NO_EVIDENCE)
    known = await queries.measured(technology_id) | set(heard["names"])
    context: dict[str, Any] = {
        "technology": about,
        "evidence": evidence,
        "names": {**evidence["names"], **names},
        "unmeasured": words.unmeasured(stated, known),
        "may_state": await actions.may_state(request.user, technology_id),
        "stated": stated,
        "valuation": valuation,
        "words": words,
        "wanted": request.query_params.get("place", ""),
        "worker_alive": body.case is None or body.case.state is JobState.DONE or await jobs.worker_alive(),
    }
    return page(request, "business_cases/case.html", body, **context)


async def _form(
    technology_id: int, request: Request, typed: Mapping[str, Any], findings: Sequence[Finding]
) -> Response[Any]:
    """The form or the file field, with what was typed, else with the version that holds."""
    about = await actions.require_may_state(request.user, technology_id)
    found = await queries.current(technology_id)
    before = None if found is None else BusinessCase.from_toml(found.stated)
    shown = before is None or forms.shows(before)
    by_file = "toml" in typed if typed else request.query_params.get("by") == "file" or not shown
    filled = dict(typed) or _filled(request, before, found)
    context = {
        "technology": about,
        "found": found,
        "by_file": by_file,
        "form_shows": shown,
        "values": filled,
        "findings": findings,
        "rows": forms.rows(filled, more=bool(typed.get("more"))),
        **CHOICES,
    }
    return html(request, "business_cases/form.html", context)


def _filled(request: Request, before: BusinessCase | None, found: BusinessCaseView | None) -> dict[str, Any]:
    """A form that nobody has typed in: the version that holds, the day, and the factors of the address."""
    language = language_of(request)
    year = today().year
    fresh: dict[str, Any] = {
        "form.currency": "DKK",
        "form.price_year": year,
        "form.start_year": year + 1,
        "form.horizon_years": 5,
    }
    held = fresh if before is None else forms.typed(before, language)
    asked = {f"form.optimism.{kind}": request.query_params.get(f"optimism.{kind}", "") for kind in BenefitKind}
    given = {name: forms.factor(text, language) for name, text in asked.items() if text}
    text = "" if found is None else found.stated
    held["form.stated_on"] = today()
    return {**held, **{name: text for name, text in given.items() if text}, "toml": text}


router = Router("/", route_handlers=[current, version, file, new_form, state, value_anew])
