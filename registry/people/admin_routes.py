"""The administrator's pages: accounts, who is let in, and which roles they hold."""

from collections.abc import Mapping
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from effects.errors import Finding
from effects.message import Message
from registry.kit.access import allow
from registry.kit.errors import Invalid
from registry.kit.forms import again, read
from registry.kit.pages import done, html, page
from registry.kit.paging import Paging
from registry.kit.request import Request
from registry.people import actions, queries
from registry.people.rules import ADMINISTER, Role, StakeholderGroup, reach
from registry.people.schemas import AccountDetail, Accounts, Activation, NewAccount, NewGrant, ResetPassword

ADMINISTRATOR = allow(ADMINISTER)


@get("/admin/accounts", opt=ADMINISTRATOR)
async def accounts_page(request: Request) -> Response[Any]:
    """The accounts that the administrator looks after."""
    paging = Paging.of(request)
    found, total = await queries.accounts(request.user, paging)
    return page(request, "people/accounts.html", Accounts(found, total), paging=paging)


@get("/admin/accounts/new", opt=ADMINISTRATOR)
async def new_account_page(request: Request) -> Response[Any]:
    """The form for a new account."""
    return await _new_account_form(request, {"organisation": request.query_params.get("organisation", "")}, ())


@post("/admin/accounts", opt=ADMINISTRATOR)
async def create_account(request: Request) -> Response[Any]:
    """Let a person in; the next thing is a role."""
    try:
        account_id = await actions.create_account(await read(request, NewAccount), by=request.user)
    except Invalid as invalid:
        return await again(request, invalid, _new_account_form)
    notice = Message("The account is made. It can do nothing yet: grant a role.")
    return done(request, f"/admin/accounts/{account_id}", {"id": account_id}, notice)


@get("/admin/accounts/{account_id:int}", opt=ADMINISTRATOR)
async def account_page(request: Request, account_id: FromPath[int]) -> Response[Any]:
    """An account with its roles."""
    account = await queries.account(request.user, account_id)
    detail = AccountDetail(account, await queries.grants_of(account_id))
    return page(request, "people/account_detail.html", detail, own=account_id == request.user.id)


@post("/admin/accounts/{account_id:int}/active", opt=ADMINISTRATOR)
async def set_active(request: Request, account_id: FromPath[int]) -> Response[Any]:
    """Shut the person out at once, or let them in again."""
    command = await read(request, Activation)
    await actions.set_active(account_id, command, by=request.user)
    opened, shut = Message("The account is enabled."), Message("The account is disabled and its sessions are ended.")
    return done(request, f"/admin/accounts/{account_id}", notice=opened if command.active else shut)


@get("/admin/accounts/{account_id:int}/password", opt=ADMINISTRATOR)
async def reset_password_page(request: Request) -> Response[Any]:
    """The form for a new password."""
    return await _reset_form(request, {}, ())


@post("/admin/accounts/{account_id:int}/password", opt=ADMINISTRATOR)
async def reset_password(request: Request, account_id: FromPath[int]) -> Response[Any]:
    """Give a person who forgot theirs a new password."""
    try:
        await actions.reset_password(account_id, await read(request, ResetPassword), by=request.user)
    except Invalid as invalid:
        return await again(request, invalid, _reset_form)
    return done(
        request, f"/admin/accounts/{account_id}", notice=Message("The password is set. Hand it over in person.")
    )


@get("/admin/accounts/{account_id:int}/roles/new", opt=ADMINISTRATOR)
async def new_grant_page(request: Request) -> Response[Any]:
    """The form to grant a role."""
    return await _grant_form(request, {}, ())


@post("/admin/accounts/{account_id:int}/roles", opt=ADMINISTRATOR)
async def grant_role(request: Request, account_id: FromPath[int]) -> Response[Any]:
    """Grant a role."""
    try:
        grant_id = await actions.grant_role(account_id, await read(request, NewGrant), by=request.user)
    except Invalid as invalid:
        return await again(request, invalid, _grant_form)
    notice = Message("The role is granted. The person signs in anew and has it.")
    return done(request, f"/admin/accounts/{account_id}", {"id": grant_id}, notice)


@post("/admin/grants/{grant_id:int}/revoke", opt=ADMINISTRATOR)
async def revoke_role(request: Request, grant_id: FromPath[int]) -> Response[Any]:
    """Take a role back."""
    account_id = await actions.revoke_role(grant_id, by=request.user)
    return done(request, f"/admin/accounts/{account_id}", notice=Message("The role is taken back."))


async def _new_account_form(
    request: Request, values: Mapping[str, Any], findings: tuple[Finding, ...]
) -> Response[Any]:
    organisations = await queries.organisations_for(request.user)
    context = {"organisations": organisations, "values": values, "findings": findings}
    return html(request, "people/account_new.html", context)


async def _grant_form(request: Request, values: Mapping[str, Any], findings: tuple[Finding, ...]) -> Response[Any]:
    account = await queries.account(request.user, request.path_params["account_id"])
    context = {
        "account": account,
        "organisations": await queries.organisations_for(request.user),
        "anywhere": reach(request.user, ADMINISTER) is None,
        "roles": list(Role),
        "groups": list(StakeholderGroup),
        "values": values,
        "findings": findings,
    }
    return html(request, "people/grant_new.html", context)


async def _reset_form(request: Request, _: Mapping[str, Any], findings: tuple[Finding, ...]) -> Response[Any]:
    account = await queries.account(request.user, request.path_params["account_id"])
    return html(request, "people/password_reset.html", {"account": account, "findings": findings})


handlers = [
    accounts_page,
    new_account_page,
    create_account,
    account_page,
    set_active,
    reset_password_page,
    reset_password,
    new_grant_page,
    grant_role,
    revoke_role,
]
