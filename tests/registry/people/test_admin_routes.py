import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from litestar.testing import AsyncTestClient
from playwright.sync_api import Page

from registry.kit.database import connected
from registry.people import queries
from registry.people.rules import Role, StakeholderGroup
from registry.people.tables import Account
from registry.settings import Settings
from tests.registry.people.story import PASSWORD, an_account, an_organisation, known, signed_in

Client = AsyncTestClient[Any]
HTML = {"accept": "text/html"}
JSON = {"accept": "application/json"}


async def as_administrator(client: Client, organisation: int | None = None) -> None:
    somebody = await an_account(Role.ADMINISTRATOR, organisation=organisation, everywhere=organisation is None)
    await signed_in(client, somebody)


async def test_an_administrator_makes_an_account_and_grants_it_a_role(client: Client) -> None:
    await as_administrator(client)
    home = await an_organisation()
    form = {"email": "anna@example.dk", "name": "Anna Holm", "organisation": str(home), "password": PASSWORD}
    made = await client.post("/admin/accounts", data={**form, "language": "da"}, headers=HTML, follow_redirects=False)
    assert made.status_code == 303
    page = await client.get(made.headers["location"], headers=HTML)
    assert "The person holds no role and can do nothing yet." in page.text
    grant = {"role": "stakeholder", "group": "staff", "organisation": str(home), "pilot": ""}
    roles = f"{made.headers['location']}/roles"
    assert (await client.post(roles, data=grant, headers=HTML, follow_redirects=False)).status_code == 303
    seen = (await client.get(made.headers["location"], headers=JSON)).json()
    assert [(one["role"], one["group"], one["organisation"]) for one in seen["grants"]] == [
        ("stakeholder", "staff", home)
    ]
    assert "password" not in str(seen)


async def test_the_same_works_with_json(client: Client) -> None:
    await as_administrator(client)
    home = await an_organisation()
    body = {"email": "anna@example.dk", "name": "Anna Holm", "organisation": home, "password": PASSWORD}
    made = await client.post("/admin/accounts", json=body, headers=JSON)
    assert made.status_code == 201
    granted = await client.post(f"{made.headers['location']}/roles", json={"role": "evaluator"}, headers=JSON)
    assert granted.status_code == 201
    assert (await known(made.json()["id"])).roles == {"evaluator"}


async def test_a_wrong_form_comes_back_with_what_was_typed_and_every_finding(client: Client) -> None:
    await as_administrator(client)
    form = {"email": "no address", "name": "Anna Holm", "organisation": "999", "password": "zzzz", "language": "en"}
    answer = await client.post("/admin/accounts", data=form, headers=HTML)
    assert answer.status_code == 422
    for field in ("email", "password", "organisation"):
        assert f'href="#f-{field}"' in answer.text
    assert 'value="no address"' in answer.text
    assert 'value="Anna Holm"' in answer.text
    assert "zzzz" not in answer.text


async def test_a_civil_registration_number_is_refused_and_not_shown_again(client: Client) -> None:
    await as_administrator(client)
    form = {"email": "anna@example.dk", "name": "Anna 010101-1234", "organisation": "1", "password": PASSWORD}
    answer = await client.post("/admin/accounts", data={**form, "language": "en"}, headers=HTML)
    assert answer.status_code == 422
    assert "civil registration number" in answer.text
    assert "010101" not in answer.text
    assert not await Account.exists().where(Account.email == "anna@example.dk")


async def test_a_grant_that_makes_no_sense_comes_back_with_its_findings(client: Client) -> None:
    await as_administrator(client)
    anna = await an_account()
    form = {"role": "stakeholder", "group": "", "organisation": "", "pilot": "many"}
    answer = await client.post(f"/admin/accounts/{anna.id}/roles", data=form, headers=HTML)
    assert answer.status_code == 422
    assert 'href="#f-pilot"' in answer.text
    answer = await client.post(f"/admin/accounts/{anna.id}/roles", data={**form, "pilot": ""}, headers=HTML)
    assert 'href="#f-group"' in answer.text


async def test_an_account_is_disabled_and_enabled_with_the_version_on_the_page(client: Client) -> None:
    await as_administrator(client)
    anna = await an_account()
    path = f"/admin/accounts/{anna.id}/active"
    assert (await client.post(path, data={"active": "false", "version": "1"}, headers=HTML)).status_code == 303
    assert await queries.person(anna.id) is None
    again = await client.post(path, data={"active": "true", "version": "1"}, headers=HTML)
    assert again.status_code == 409
    assert (await client.post(path, data={"active": "true", "version": "2"}, headers=HTML)).status_code == 303
    assert await queries.person(anna.id) is not None


async def test_a_role_is_taken_back_once(client: Client) -> None:
    await as_administrator(client)
    anna = await an_account(Role.EVALUATOR)
    path = f"/admin/grants/{(await queries.grants_of(anna.id))[0].id}/revoke"
    assert (await client.post(path, headers=HTML, follow_redirects=False)).status_code == 303
    assert (await client.post(path, headers=JSON)).status_code == 409
    assert (await known(anna.id)).grants == ()


async def test_a_forgotten_password_is_replaced(client: Client) -> None:
    await as_administrator(client)
    anna = await an_account()
    path = f"/admin/accounts/{anna.id}/password"
    assert anna.name in (await client.get(path, headers=HTML)).text
    weak = await client.post(path, data={"password": "zzzz"}, headers=HTML)
    assert weak.status_code == 422
    assert "zzzz" not in weak.text
    good = await client.post(path, data={"password": "four words in a row"}, headers=HTML, follow_redirects=False)
    assert good.status_code == 303


async def test_ones_own_account_offers_no_change_and_takes_none(client: Client) -> None:
    me = await an_account(Role.ADMINISTRATOR, everywhere=True)
    await signed_in(client, me)
    page = await client.get(f"/admin/accounts/{me.id}", headers=HTML)
    assert "Another administrator has to change" in page.text
    assert "Disable the account" not in page.text
    answer = await client.post(f"/admin/accounts/{me.id}/roles", json={"role": "evaluator"}, headers=JSON)
    assert answer.status_code == 403


@pytest.mark.parametrize("rest", ["", "/password", "/roles/new"])
async def test_another_organisations_account_looks_like_none(client: Client, rest: str) -> None:
    stranger = await an_account(Role.EVALUATOR)
    await as_administrator(client, await an_organisation())
    theirs = await client.get(f"/admin/accounts/{stranger.id}{rest}", headers=JSON)
    nobodys = await client.get(f"/admin/accounts/{stranger.id + 1000}{rest}", headers=JSON)
    assert theirs.status_code == nobodys.status_code == 404
    assert theirs.json() | {"reference": ""} == nobodys.json() | {"reference": ""}


async def test_another_organisations_accounts_are_neither_listed_nor_counted_nor_changed(client: Client) -> None:
    stranger = await an_account(Role.EVALUATOR)
    await as_administrator(client, await an_organisation())
    listed = (await client.get("/admin/accounts", headers=JSON)).json()
    assert (listed["total"], len(listed["accounts"])) == (1, 1)
    changes = {
        "active": {"active": False, "version": 1},
        "password": {"password": PASSWORD},
        "roles": {"role": "evaluator"},
    }
    for change, body in changes.items():
        answer = await client.post(f"/admin/accounts/{stranger.id}/{change}", json=body, headers=JSON)
        assert answer.status_code == 404
    assert await known(stranger.id) == stranger


@pytest.mark.parametrize("address", ["99999999999999999999", "2147483648", "-1", "0", "x", "1.5", "%00"])
async def test_odd_numbers_of_accounts_are_not_found(client: Client, address: str) -> None:
    await as_administrator(client)
    assert (await client.get(f"/admin/accounts/{address}", headers=JSON)).status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/admin/accounts"),
        ("GET", "/admin/accounts/new"),
        ("POST", "/admin/accounts"),
        ("GET", "/admin/accounts/1"),
        ("POST", "/admin/accounts/1/active"),
        ("GET", "/admin/accounts/1/password"),
        ("POST", "/admin/accounts/1/password"),
        ("GET", "/admin/accounts/1/roles/new"),
        ("POST", "/admin/accounts/1/roles"),
        ("POST", "/admin/grants/1/revoke"),
    ],
)
async def test_administration_is_closed_to_everybody_else(client: Client, method: str, path: str) -> None:
    assert (await client.request(method, path, headers=JSON)).status_code == 401
    await signed_in(client, await an_account(Role.PROJECT_LEAD, everywhere=True))
    assert (await client.request(method, path, headers=JSON)).status_code == 403


async def test_the_list_goes_on_by_pages_and_names_who_has_no_role_yet(client: Client) -> None:
    await as_administrator(client)
    for number in range(3):
        await an_account(name=f"Person {number}")
    text = (await client.get("/admin/accounts?size=2", headers=HTML)).text
    assert "page=2" in text
    assert "Person 0 has an account but no role" in (await client.get("/admin/accounts", headers=HTML)).text


async def test_names_are_text_on_the_page(client: Client) -> None:
    await as_administrator(client)
    anna = await an_account(name="<script>alert(1)</script>")
    for path in ("/admin/accounts", f"/admin/accounts/{anna.id}"):
        text = (await client.get(path, headers=HTML)).text
        assert "&lt;script&gt;alert(1)" in text
        assert "<script>alert" not in text


async def _people(settings: Settings) -> tuple[str, int]:
    """Two accounts in the database of the running site: an administrator's address and the other's number."""
    async with connected(settings.database_url):
        home = await an_organisation(name="Aarhus")
        administrator = await an_account(Role.ADMINISTRATOR, organisation=home, everywhere=True)
        other = await an_account(Role.STAKEHOLDER, organisation=home, group=StakeholderGroup.STAFF)
        return administrator.email, other.id


@pytest.mark.browser
@pytest.mark.parametrize("language", ["da", "en"])
def test_every_page_of_the_slice_is_accessible(
    visit: Page, site: str, settings: Settings, axe: Callable[[Page], list[str]], language: str
) -> None:
    with ThreadPoolExecutor(1) as elsewhere:  # the driver of the browser occupies the event loop of this thread
        email, other = elsewhere.submit(asyncio.run, _people(settings)).result()
    visit.context.add_cookies([{"name": "language", "value": language, "url": site}])
    visit.set_viewport_size({"width": 320, "height": 900})
    visit.goto("/login")
    assert axe(visit) == []
    visit.fill("[name=email]", email)
    visit.fill("[name=password]", PASSWORD)
    visit.click("main button")
    for path in (
        "/account",
        "/admin/accounts",
        "/admin/accounts/new",
        f"/admin/accounts/{other}",
        f"/admin/accounts/{other}/roles/new",
        f"/admin/accounts/{other}/password",
        "/organisations",
        "/organisations/1",
        "/audit",
    ):
        visit.goto(path)
        assert visit.locator("h1").count() == 1
        assert visit.locator(".next-step").count() == 1
        assert visit.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert axe(visit) == []


@pytest.mark.browser
def test_a_refused_form_leads_to_each_field_by_keyboard(visit: Page, settings: Settings) -> None:
    with ThreadPoolExecutor(1) as elsewhere:
        email, _ = elsewhere.submit(asyncio.run, _people(settings)).result()
    visit.goto("/login?next=/admin/accounts/new")
    visit.fill("[name=email]", email)
    visit.fill("[name=password]", PASSWORD)
    visit.keyboard.press("Enter")
    visit.wait_for_url("**/admin/accounts/new")
    visit.fill("[name=name]", "Anna Holm")
    visit.keyboard.press("Enter")
    visit.get_by_role("link", name="E-mail address").press("Enter")
    assert visit.evaluate("document.activeElement.name") == "email"
    assert visit.locator("[name=name]").input_value() == "Anna Holm"
