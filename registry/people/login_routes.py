"""Signing in and out, and one's own account."""

from collections.abc import Mapping
from typing import Any

from litestar import Response, get, post

from effects.errors import Finding
from effects.message import Message
from registry.kit import sessions
from registry.kit.access import PUBLIC, SIGNED_IN, allow
from registry.kit.errors import Invalid
from registry.kit.forms import again, read
from registry.kit.language import COOKIE
from registry.kit.pages import done, html, page
from registry.kit.request import Request, settings_of
from registry.people import signing_in
from registry.people.queries import grants_of
from registry.people.rules import Person, safe_next
from registry.people.schemas import ChangeLanguage, ChangePassword, LogIn, Profile


@get("/login", opt=allow(PUBLIC))
async def login_page(request: Request) -> Response[Any]:
    """The form to sign in; who is signed in already goes on to where they wanted."""
    wanted = safe_next(request.query_params.get("next", ""))
    if request.user is not None:
        return done(request, wanted)
    return await _login_form(request, {"next": wanted}, ())


@post("/login", opt=allow(PUBLIC))
async def log_in(request: Request) -> Response[Any]:
    """Sign in and go on to where the person wanted."""
    settings = settings_of(request)
    try:
        command = await read(request, LogIn)
        before = request.cookies.get(sessions.session_cookie(settings))
        token = await signing_in.log_in(command, client=_client(request), before=before, settings=settings)
    except Invalid as invalid:
        return await again(request, invalid, _login_form)
    response = done(request, safe_next(command.next))
    response.set_cookie(sessions.carry(token, settings))
    return response


@post("/logout", opt=allow(PUBLIC))
async def log_out(request: Request) -> Response[Any]:
    """Sign out; harmless when the session ended before."""
    if request.user is not None:
        await signing_in.log_out(request.auth, by=request.user)
    response = done(request, "/login", notice=Message("You are signed out."))
    response.set_cookie(sessions.drop(settings_of(request)))
    return response


@get("/account", opt=allow(SIGNED_IN))
async def account_page(request: Request) -> Response[Any]:
    """One's own account: who one is here, with which roles, in which language."""
    return page(request, "people/account.html", await _profile(request.user))


@post("/account/language", opt=allow(SIGNED_IN))
async def change_language(request: Request) -> Response[Any]:
    """Choose the language one reads in, from any machine."""
    command = await read(request, ChangeLanguage)
    await signing_in.change_language(command, by=request.user)
    response = done(request, "/account", command, Message("The language is changed."))
    response.delete_cookie(COOKIE)  # the choice made on this machine would hide it
    return response


@post("/account/password", opt=allow(SIGNED_IN))
async def change_password(request: Request) -> Response[Any]:
    """Choose a new password; all other sessions of the person end."""
    settings = settings_of(request)
    try:
        command = await read(request, ChangePassword)
        token = await signing_in.change_password(command, by=request.user, client=_client(request), settings=settings)
    except Invalid as invalid:
        return await again(request, invalid, _account_form)
    response = done(request, "/account", notice=Message("The password is changed, and your other sessions are ended."))
    response.set_cookie(sessions.carry(token, settings))
    return response


async def _login_form(request: Request, values: Mapping[str, Any], findings: tuple[Finding, ...]) -> Response[Any]:
    kept = {"email": values.get("email", ""), "next": safe_next(str(values.get("next", "")))}
    return html(request, "people/login.html", {"values": kept, "findings": findings})


async def _account_form(request: Request, _: Mapping[str, Any], findings: tuple[Finding, ...]) -> Response[Any]:
    return html(request, "people/account.html", {"body": await _profile(request.user), "findings": findings})


async def _profile(person: Person) -> Profile:
    return Profile(
        id=person.id,
        name=person.name,
        email=person.email,
        organisation=person.organisation,
        organisation_name=person.organisation_name,
        language=person.language,
        grants=await grants_of(person.id),
    )


def _client(request: Request) -> str:
    """The address of the connection itself; forwarding headers decide nothing."""
    return request.client.host if request.client else ""


handlers = [login_page, log_in, log_out, account_page, change_language, change_password]
