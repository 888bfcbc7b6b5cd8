"""Answers: one page that is also the JSON of the same thing, a redirect after something was done, a file."""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Container, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined, nodes
from jinja2.visitor import NodeTransformer
from litestar import Response
from litestar.datastructures import Cookie
from markupsafe import Markup
from typing_extensions import override

from effects.message import Message
from registry.kit import csrf, language
from registry.kit.request import JSON, Request, settings_of, visitor_of, wants_json
from registry.kit.resources import folder, static

HTML = "text/html"
NOTICE = "notice"
NOTICE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Link:
    """A place to go; `current` marks where the reader is."""

    href: str
    label: Message
    current: bool = False


@cache
def environment(speaks: language.Language) -> Environment:
    """The templates with the words, numbers and dates of one language."""
    made = _Called(
        loader=FileSystemLoader(folder("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    spoken: dict[str, Any] = {
        "_": language.text,
        "say": language.translate,
        "term": language.term,
        "number": language.number,
        "share": language.share,
        "date": language.day,
        "when": language.when,
        "p_value": language.p_value,
        "interval": language.interval,
    }
    made.called = {name: _bound(function, speaks) for name, function in spoken.items()} | {"asset": asset}
    made.filters |= made.called
    made.globals |= {**made.called, "sprite": sprite, "language": speaks}
    return made


class _Called(Environment):
    """Reads a call `number(x)` of a filter of ours as `x | number`, and of `_("…")` keeps the words in the language."""

    called: Mapping[str, Any] = MappingProxyType({})

    @override
    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        parsed: nodes.Template = _Filters(self.called).visit(super()._parse(source, name, filename))
        return parsed


class _Filters(NodeTransformer):
    """Replaces calls by filters, which cost less; one whose arguments are all known is done while compiling."""

    def __init__(self, called: Container[str]) -> None:
        self.called = called

    @override
    def visit(self, node: nodes.Node, *args: Any, **kwargs: Any) -> Any:
        """The filter in the place of the call."""
        match node:
            case nodes.Call(node=nodes.Name(name=name), args=[first, *rest]) if name in self.called:
                given = (first, name, rest, node.kwargs, node.dyn_args, node.dyn_kwargs)
                node = nodes.Filter(*given, lineno=node.lineno, environment=node.environment)
        return super().visit(node, *args, **kwargs)


def _bound(function: Any, speaks: language.Language) -> Any:
    def bound(value: Any, *arguments: Any, **named: Any) -> Any:
        return function(value, speaks, *arguments, **named)

    return bound


@cache
def asset(name: str) -> str:
    """The address of a built asset, which changes with its content so that a browser may keep it for a year."""
    path = static() / name
    version = hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.is_file() else "missing"
    return f"/static/{name}?v={version}"


@cache
def sprite() -> Markup:
    """The icons of the design system, to stand once in a page."""
    path = static() / "icons.svg"
    return Markup(path.read_text("utf-8") if path.is_file() else "")


def render(request: Request, template: str, context: Mapping[str, Any]) -> str:
    """The HTML of a template in the reader's language, with what every page needs beside `context`."""
    speaks = language.language_of(request)
    visitor = visitor_of(request)
    given: dict[str, Any] = {
        "visitor": visitor,
        "csrf_token": csrf.token_of(request),
        "path": request.url.path,
        "navigation": request.app.state.navigation(visitor, request.url.path),
        "notice": _notice(request),
        "demo": settings_of(request).demo,
        "worker_alive": True,
        "values": {},
        "findings": (),
        "labels": {},
    }
    return environment(speaks).get_template(template).render({**given, **context})


def html(request: Request, template: str, context: Mapping[str, Any], status: int = 200) -> Response[Any]:
    """An HTML answer that no cache keeps; shows a waiting notice once."""
    response: Response[Any] = Response(
        render(request, template, context), status_code=status, media_type=HTML, headers={"cache-control": "no-store"}
    )
    if cookie := csrf.new_cookie(request):
        response.set_cookie(cookie)
    if NOTICE in request.cookies:
        response.set_cookie(_notice_cookie(request, "", 0))
    return response


def page(request: Request, template: str, body: object, status: int = 200, **context: Any) -> Response[Any]:
    """The template with `body` and `context`, or the body as JSON for a caller that asks for JSON.

    `worker_alive=await jobs.worker_alive()` makes the page say so when background work stands still.
    """
    if wants_json(request):
        return json(body, status)
    return html(request, template, {"body": body, **context}, status)


def json(body: object, status: int = 200) -> Response[Any]:
    """A JSON answer that no cache keeps."""
    content = msgspec.json.encode(body)
    return Response(content, status_code=status, media_type=JSON, headers={"cache-control": "no-store"})


def done(request: Request, location: str, body: object = None, notice: Message | None = None) -> Response[Any]:
    """Something was done: a form is sent on to `location`, where the notice shows once; an API call gets the body, 201.

    `location` is an address of this site; raises ValueError for any other.
    """
    if not location.startswith("/") or location.startswith(("//", "/\\")):
        raise ValueError(f"not an address of this site: {location!r}")
    target = quote(location, safe="/?&=#%:@!$'()*+,;~-._")
    if wants_json(request):
        response = json(body, 201)
        response.headers["location"] = target
        return response
    response = Response(b"", status_code=303, headers={"location": target, "cache-control": "no-store"})
    if notice is not None:
        said = msgspec.json.encode([notice.template, dict(notice.params)])
        response.set_cookie(_notice_cookie(request, _sealed(request, said), NOTICE_SECONDS))
    return response


def download(content: bytes, filename: str, media_type: str) -> Response[bytes]:
    """A file to save; the name is made harmless for the header and for any file system."""
    safe = re.sub(r"[^\w. -]", "-", filename).strip(". ")[:120] or "file"
    plain = safe.encode("ascii", "ignore").decode().replace('"', "") or "file"
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(safe)}"
    headers = {"content-disposition": disposition, "cache-control": "no-store"}
    return Response(content, media_type=media_type, headers=headers)


def _notice_cookie(request: Request, value: str, seconds: int) -> Cookie:
    secure = settings_of(request).secure_cookies
    return Cookie(NOTICE, value=value, max_age=seconds, httponly=True, samesite="lax", secure=secure)


def _sealed(request: Request, said: bytes) -> str:
    seal = hmac.new(settings_of(request).secret.encode(), b"notice\n" + said, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(seal + said).decode()


def _notice(request: Request) -> Message | None:
    """The notice that `done` left, when it is ours."""
    sealed = request.cookies.get(NOTICE, "")
    try:
        said = base64.urlsafe_b64decode(sealed.encode("ascii"))[32:]
    except (ValueError, binascii.Error):
        return None
    if not said or not hmac.compare_digest(_sealed(request, said).encode(), sealed.encode()):
        return None
    template, params = msgspec.json.decode(said, type=tuple[str, dict[str, str | int | float]])
    return Message(template, params)
