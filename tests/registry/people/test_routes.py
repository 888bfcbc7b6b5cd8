from datetime import date
from typing import Any

import pytest
from litestar.testing import AsyncTestClient

from registry.people.actions import create_region
from registry.people.rules import OrganisationKind, Role
from registry.people.schemas import NewRegion
from tests.registry.people.story import an_account, an_organisation, signed_in

Client = AsyncTestClient[Any]
HTML = {"accept": "text/html"}
JSON = {"accept": "application/json"}


async def test_organisations_are_there_for_everybody_as_page_and_as_json(client: Client) -> None:
    await an_organisation("0101", name="København", population=591_481)
    page = await client.get("/organisations", headers={**HTML, "cookie": "language=da"})
    assert "591.481" in page.text
    listed = (await client.get("/organisations", headers=JSON)).json()
    assert (listed["total"], listed["organisations"][0]["code"]) == (1, "0101")


async def test_organisations_are_chosen_by_kind(client: Client) -> None:
    await an_organisation("0101")
    await an_organisation("101001", kind=OrganisationKind.SCHOOL, population=None)
    listed = (await client.get("/organisations?kind=school", headers=JSON)).json()
    assert [one["code"] for one in listed["organisations"]] == ["101001"]


async def test_regions_are_those_of_the_day_asked_for(client: Client) -> None:
    await create_region(NewRegion("1084", "Region Hovedstaden", date(2007, 1, 1), date(2026, 12, 31)), by=None)
    await create_region(NewRegion("1086", "Region Østdanmark", date(2027, 1, 1)), by=None)
    for day, name in (("2026-12-31", "Region Hovedstaden"), ("2027-01-01", "Region Østdanmark")):
        seen = (await client.get(f"/organisations?on={day}", headers=JSON)).json()
        assert [region["name"] for region in seen["regions"]] == [name]


@pytest.mark.parametrize(
    "query", ["kind=hamlet", "on=tomorrow", "on=2027-02-30", "page=0", "page=x", "size=9999", "sort=name"]
)
async def test_an_odd_question_is_400(client: Client, query: str) -> None:
    assert (await client.get(f"/organisations?{query}", headers=JSON)).status_code == 400


async def test_an_empty_list_says_how_to_fill_it(client: Client) -> None:
    client.cookies.set("language", "en")
    assert "virkning seed" in (await client.get("/organisations", headers=HTML)).text


async def test_an_organisation_has_a_page_and_strangers_do_not(client: Client) -> None:
    organisation = await an_organisation("0751", name="Aarhus", population=None)
    client.cookies.set("language", "en")
    page = await client.get(f"/organisations/{organisation}", headers=HTML)
    assert "Aarhus" in page.text
    assert "Unknown" in page.text
    assert (await client.get(f"/organisations/{organisation}", headers=JSON)).json()["size_class"] is None
    assert (await client.get("/organisations/999", headers=JSON)).status_code == 404


async def test_an_administrator_is_led_from_an_organisation_to_a_new_account_there(client: Client) -> None:
    organisation = await an_organisation(name="Aarhus")
    await signed_in(client, await an_account(Role.ADMINISTRATOR, everywhere=True))
    assert (
        "/admin/accounts/new?organisation=" in (await client.get(f"/organisations/{organisation}", headers=HTML)).text
    )
    form = await client.get(f"/admin/accounts/new?organisation={organisation}", headers=HTML)
    assert f'<option value="{organisation}" selected>Aarhus' in form.text
