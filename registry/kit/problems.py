"""The one place that turns what went wrong into an answer: problem+json (RFC 9457) or a page for the reader."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import msgspec
from litestar import Response
from litestar.exceptions import HTTPException

from effects.errors import EffectsError, Finding
from effects.message import Message
from registry.kit.database import saved
from registry.kit.errors import (
    BadRequest,
    Forbidden,
    Invalid,
    NotFound,
    RegistryError,
    TooLarge,
    TooMany,
    Unauthorised,
    Unavailable,
    Unsure,
    WrongMediaType,
)
from registry.kit.language import Language, language_of, translate
from registry.kit.logs import bug
from registry.kit.pages import html
from registry.kit.request import Request, reference_of, wants_json

SIGN_IN = "/login"

TITLES: Mapping[int, Message] = {
    400: Message("The request could not be read"),
    401: Message("Sign in to go on"),
    403: Message("You may not do this"),
    404: Message("Not found"),
    405: Message("This cannot be done here"),
    409: Message("This cannot be done now"),
    410: Message("No longer here"),
    413: Message("Too large"),
    415: Message("Unknown kind of content"),
    422: Message("Please correct this"),
    429: Message("Too many attempts"),
    500: Message("Something went wrong with us"),
    503: Message("Try again in a moment"),
}


class Wrong(msgspec.Struct, frozen=True, omit_defaults=True):
    """A finding as it goes over the wire, in the reader's language."""

    where: str
    code: str
    message: str
    remedy: str = ""
    row: int | None = None
    column: str | None = None
    severity: str = "error"


class Problem(msgspec.Struct, frozen=True):
    """The body of an error answer, RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    reference: str
    findings: tuple[Wrong, ...] = ()


def wrong(finding: Finding, language: Language) -> Wrong:
    """The finding in words."""
    return Wrong(
        where=finding.where,
        code=finding.code,
        message=translate(Message(finding.message, finding.params), language),
        remedy=translate(Message(finding.remedy, finding.params), language) if finding.remedy else "",
        row=finding.row,
        column=finding.column,
        severity=finding.severity,
    )


def answer(request: Request, error: RegistryError) -> Response[Any]:
    """The error as problem+json or as a page; a browser that is not signed in is sent to sign in first.

    A database that goes away after something was saved leaves nobody sure.
    """
    language = language_of(request)
    if isinstance(error, Unavailable) and saved():
        error = Unsure()
    headers = {}
    if isinstance(error, TooMany | Unavailable):
        headers["retry-after"] = str(error.retry_after)
    if isinstance(error, Unauthorised) and not wants_json(request) and request.method in ("GET", "HEAD"):
        return Response(b"", status_code=303, headers={"location": _sign_in(request), "cache-control": "no-store"})
    problem = Problem(
        type=f"/problems/{error.code}",
        title=translate(TITLES.get(error.status, TITLES[500]), language),
        status=error.status,
        detail=translate(error.message, language),
        reference=reference_of(request.scope),
        findings=tuple(wrong(finding, language) for finding in error.findings),
    )
    if wants_json(request):
        headers |= {"cache-control": "no-store", "content-language": language}
        body = msgspec.json.encode(problem)
        return Response(body, status_code=error.status, media_type="application/problem+json", headers=headers)
    context = {"problem": problem, "findings": error.findings}
    response = html(request, "problem.html", context, error.status)
    response.headers.update(headers)
    return response


def _sign_in(request: Request) -> str:
    query = request.scope["query_string"].decode("latin-1")
    return f"{SIGN_IN}?next={quote(request.url.path + ('?' + query if query else ''), safe='')}"


def _of_effects(request: Request, error: EffectsError) -> Response[Any]:
    return answer(request, Invalid(error.findings))


def _of_framework(request: Request, error: HTTPException) -> Response[Any]:
    """The framework's own refusals in our words; its details may repeat what was sent, so they are dropped."""
    if error.status_code >= 500:
        return _of_bug(request, error)
    kinds: dict[int, Callable[[], RegistryError]] = {
        401: Unauthorised,
        403: Forbidden,
        404: NotFound,
        413: TooLarge,
        415: WrongMediaType,
    }
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        response = answer(request, RegistryError(405, "method_not_allowed", "This address does not take that method."))
        response.headers.update(error.headers or {})
        return response
    return answer(request, kinds.get(error.status_code, BadRequest)())


def _of_encoding(request: Request, _: Exception) -> Response[Any]:
    return answer(request, BadRequest("The request is nested too deeply or is not valid UTF-8."))


def _of_bug(request: Request, error: Exception) -> Response[Any]:
    reference = reference_of(request.scope)
    bug(error, reference, route=request.scope.get("path_template") or "unknown")
    said = Message("The fault is ours and has been noted. Reference: {reference}.", {"reference": reference})
    return answer(request, RegistryError(500, "internal_error", said))


HANDLERS: dict[int | type[Exception], Callable[[Any, Any], Response[Any]]] = {
    RegistryError: answer,
    EffectsError: _of_effects,
    HTTPException: _of_framework,
    RecursionError: _of_encoding,
    UnicodeDecodeError: _of_encoding,
    Exception: _of_bug,
}
