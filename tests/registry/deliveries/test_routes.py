"""Pages and JSON of moments instead of rows."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from registry.deliveries.retention import sweep
from registry.deliveries.rules import LARGEST_FILE
from registry.deliveries.tables import Delivery, Sending
from registry.kit.clock import today
from registry.kit.jobs import cancel
from registry.settings import Settings
from tests.registry.datasets.story import left_behind
from tests.registry.deliveries.story import (
    a_file,
    a_sending,
    a_shared_cast,
    a_written_delivery,
    codes_of,
    files_of,
    gathered,
    work_off,
)
from tests.registry.people.story import signed_in
from tests.registry.pilots.story import a_lead
from tests.registry.plans.story import Cast, a_cast, a_voice

PAGE = {"accept": "text/html"}
JSON = {"accept": "application/json"}


@pytest.fixture
def slices() -> Sequence[str]:
    return ("people", "pilots", "indicators", "plans", "datasets", "deliveries")


@pytest.fixture
async def cast(client: httpx.AsyncClient) -> Cast:
    made = await a_shared_cast()
    await signed_in(client, made.lead)
    return made


async def sent(client: httpx.AsyncClient, cast: Cast, files: dict[str, bytes], **changes: Any) -> httpx.Response:
    """What a browser sends from the page."""
    typed = {
        "purpose": "Evaluation of the digital service",
        "legal_basis": "Databeskyttelsesloven § 10",
        "retain_until": (today() + timedelta(days=365)).isoformat(),
        **changes,
    }
    parts = [("files", (name, content, "application/octet-stream")) for name, content in files.items()]
    return await client.post(f"/pilots/{cast.pilot}/deliveries", data=typed, files=parts, headers=PAGE)


async def test_moments_go_from_the_page_to_an_approved_version(
    client: httpx.AsyncClient, cast: Cast, settings: Settings
) -> None:
    home = f"/pilots/{cast.pilot}/deliveries"
    before = (await client.get(home, headers=PAGE)).text
    assert before.count("Missing") == 3 and "virkning moments plan-" in before and 'action="' + home in before
    answer = await sent(client, cast, await files_of(cast, (0, 1)))
    assert answer.status_code == 303
    assert "hx-get" in (await client.get(answer.headers["location"], headers=PAGE)).text
    await work_off(settings.state)
    assert "The moments are stored" in (await client.get(answer.headers["location"], headers=PAGE)).text
    page = (await client.get(home, headers=PAGE)).text
    assert "2 of 3 authorities have delivered" in page and "Gather what is here" in page
    delivery = (await client.get(home, headers=JSON)).json()["expected"][0]["delivery"]
    sheet = (await client.get(f"/deliveries/{delivery['id']}", headers=PAGE)).text
    assert "What left the house" in sheet and "144 of 144" in sheet
    gathering = await client.post(f"{home}/gather", headers=PAGE)
    assert gathering.status_code == 303
    assert "The moments are being added up" in (await client.get(gathering.headers["location"], headers=PAGE)).text
    await work_off(settings.state)
    assert "The moments are stored" in (await client.get(gathering.headers["location"], headers=PAGE)).text
    version = f"/datasets/{(await client.get(gathering.headers['location'], headers=JSON)).json()['version']}"
    own = (await client.get(version, headers=PAGE)).text
    assert "You gathered these moments yourself" in own and "Not all authorities are in it" in own
    file = await client.get(f"{version}/file")
    assert file.json()["schema"] == "virkning-moments/1"
    assert file.headers["content-disposition"].endswith('version-1.moments"')
    await signed_in(client, cast.second)
    assert (await client.post(f"{version}/approve", headers=PAGE)).status_code == 303
    assert "Download the moments" in (await client.get(version, headers=PAGE)).text
    await a_sending(cast, settings.state, {"newer.moments": a_file(0, (await codes_of(cast))[0], pupils=10)})
    await work_off(settings.state)
    page = (await client.get(version, headers=PAGE)).text
    assert "Download the moments" not in page and "The file is no longer handed out" in page
    assert (await client.get(f"{version}/file", headers=JSON)).status_code == 410


async def test_every_fault_is_told_by_file_name(client: httpx.AsyncClient, cast: Cast, settings: Settings) -> None:
    codes = await codes_of(cast)
    files = {"good.moments": a_file(0, codes[0]), "cut.moments": a_file(1, codes[1])[:-9], "rows.csv": b"a,b\n"}
    answer = await sent(client, cast, files)
    await work_off(settings.state)
    page = (await client.get(answer.headers["location"], headers=PAGE)).text
    assert "The files were refused and deleted" in page
    assert "cut.moments is no moments file" in page and "rows.csv is no moments file" in page
    found = (await client.get(answer.headers["location"], headers=JSON)).json()
    assert [one["where"] for one in found["findings"]] == ["cut.moments", "rows.csv"]


async def test_a_refused_form_keeps_what_was_typed_and_no_file(
    client: httpx.AsyncClient, cast: Cast, settings: Settings
) -> None:
    answer = await sent(client, cast, {"large.moments": b"x" * (LARGEST_FILE + 1)}, purpose="My own purpose")
    assert answer.status_code == 422
    assert "large.moments is larger than 16 MB" in answer.text and "My own purpose" in answer.text
    nothing = await client.post(f"/pilots/{cast.pilot}/deliveries", data={"purpose": "My own purpose"}, headers=JSON)
    assert {one["where"] for one in nothing.json()["findings"]} == {"files", "legal_basis", "retain_until"}
    assert left_behind(settings.state) == []


async def test_only_who_may_inspect_sees_it_and_only_a_lead_sends(
    client: httpx.AsyncClient, cast: Cast, settings: Settings
) -> None:
    sending = await a_sending(cast, settings.state, {"0101.moments": b"{}"})
    addresses = (f"/pilots/{cast.pilot}/deliveries", f"/sendings/{sending}")
    for person, status in ((cast.evaluator, 200), (await a_voice(cast), 403), (await a_lead(), 404)):
        await signed_in(client, person)
        assert [(await client.get(address, headers=PAGE)).status_code for address in addresses] == [status] * 2
    await signed_in(client, cast.evaluator)
    assert "Send moments files" not in (await client.get(addresses[0], headers=PAGE)).text
    assert (await client.post(f"{addresses[0]}/gather", headers=JSON)).status_code == 403


async def test_pages_say_what_to_do_where_nothing_can_be_sent(client: httpx.AsyncClient) -> None:
    cast = await a_cast()
    await signed_in(client, cast.lead)
    assert "No plan is locked yet" in (await client.get(f"/pilots/{cast.pilot}/deliveries", headers=PAGE)).text
    for address in ("/deliveries/999", "/sendings/999"):
        assert (await client.get(address, headers=PAGE)).status_code == 404


async def test_a_replaced_delivery_leads_to_the_one_that_counts(client: httpx.AsyncClient, cast: Cast) -> None:
    plan = (await client.get(f"/pilots/{cast.pilot}/deliveries", headers=JSON)).json()["plan"]["id"]
    old, new = [(await a_written_delivery(cast, plan))["delivery_id"] for _ in range(2)]
    page = (await client.get(f"/deliveries/{old}", headers=PAGE)).text
    assert f'href="/deliveries/{new}"' in page and "which counts instead" in page


async def test_the_desk_and_the_plan_say_whether_moments_are_enough(client: httpx.AsyncClient, cast: Cast) -> None:
    desk = (await client.get(f"/pilots/{cast.pilot}/datasets", headers=PAGE)).text
    assert f"/pilots/{cast.pilot}/deliveries" in desk and "--authority" in desk
    plan = (await client.get(f"/pilots/{cast.pilot}/deliveries", headers=JSON)).json()["plan"]["id"]
    assert "Moments are enough" in (await client.get(f"/plans/{plan}", headers=PAGE)).text
    told = (await client.get(f"/plans/{plan}", headers=JSON)).json()["moments"]
    assert told["on_moments"] and {one["on_moments"] for one in told["answers"] if one["outcome"]} == {True}


async def test_when_all_have_delivered_the_next_step_is_to_gather(
    client: httpx.AsyncClient, cast: Cast, settings: Settings
) -> None:
    await a_sending(cast, settings.state, await files_of(cast))
    await work_off(settings.state)
    home = f"/pilots/{cast.pilot}/deliveries"
    page = (await client.get(home, headers=PAGE)).text
    assert "All authorities have delivered. Gather their moments" in page and "Gather what is here" not in page
    assert page.count(f'action="{home}/gather"') == 1
    await signed_in(client, cast.evaluator)
    page = (await client.get(home, headers=PAGE)).text
    assert "The project lead gathers their moments" in page and "/gather" not in page


async def test_gathering_with_nothing_delivered_or_twice_is_a_conflict(
    client: httpx.AsyncClient, cast: Cast, settings: Settings
) -> None:
    home = f"/pilots/{cast.pilot}/deliveries"
    nothing = await client.post(f"{home}/gather", headers=JSON)
    assert (nothing.status_code, "nothing to gather" in nothing.text) == (409, True)
    await a_sending(cast, settings.state, await files_of(cast, (0,)))
    await work_off(settings.state)
    first = await client.post(f"{home}/gather", headers=JSON)
    assert (first.status_code, first.json()["filename"]) == (201, f"pilot-{cast.pilot}.moments")
    assert (await client.post(f"{home}/gather", headers=JSON)).status_code == 409


async def test_a_check_that_broke_off_says_so(client: httpx.AsyncClient, cast: Cast, settings: Settings) -> None:
    sending = await a_sending(cast, settings.state, {"0101.moments": b"{}"})
    found = (await client.get(f"/sendings/{sending}", headers=JSON)).json()
    assert await cancel(found["job"]["id"])
    page = (await client.get(f"/sendings/{sending}", headers=PAGE)).text
    assert "The check broke off" in page and "hx-get" not in page


async def test_deleted_moments_say_when_they_went(client: httpx.AsyncClient, cast: Cast) -> None:
    plan = (await client.get(f"/pilots/{cast.pilot}/deliveries", headers=JSON)).json()["plan"]["id"]
    ids = await a_written_delivery(cast, plan)
    await Sending.update({Sending.retain_until: today()}).where(Sending.id == ids["sending_id"])
    await sweep(Path("nowhere"))
    page = (await client.get(f"/deliveries/{ids['delivery_id']}", headers=PAGE)).text
    assert "The moments were deleted on" in page and "What left the house" in page


async def test_pages_speak_danish(client: httpx.AsyncClient, cast: Cast, settings: Settings) -> None:
    sending = await a_sending(cast, settings.state, {"0101.moments": b"{}"})
    await work_off(settings.state)
    client.cookies.set("language", "da")
    page = (await client.get(f"/pilots/{cast.pilot}/deliveries", headers=PAGE)).text
    for said in ("Momenter i stedet for rækker", "Hvad en myndighed gør", "Mangler", "Send momentfiler"):
        assert said in page
    assert "er ikke en momentfil" in (await client.get(f"/sendings/{sending}", headers=PAGE)).text


async def test_a_deleted_version_of_moments_still_tells_whose_they_were(
    client: httpx.AsyncClient, cast: Cast, settings: Settings
) -> None:
    upload = (await client.get(f"/uploads/{await gathered(cast, settings.state)}", headers=JSON)).json()
    version = f"/datasets/{upload['version']}"
    gone = await client.post(f"{version}/delete", json={"reason": "The consent was withdrawn"})
    assert gone.status_code == 201 and left_behind(settings.state) == []
    page = (await client.get(version, headers=PAGE)).text
    assert "Whose moments it holds" in page and "Download the moments" not in page
    assert (await client.get(f"{version}/file")).status_code == 410


async def test_what_was_not_gathered_is_kept_and_says_why(
    client: httpx.AsyncClient, cast: Cast, settings: Settings
) -> None:
    await a_sending(cast, settings.state, await files_of(cast, (0,)))
    await work_off(settings.state)
    asked = await client.post(f"/pilots/{cast.pilot}/deliveries/gather", headers=PAGE)
    await Delivery.update({Delivery.content: None}).where(Delivery.id > 0)
    await work_off(settings.state)
    page = (await client.get(asked.headers["location"], headers=PAGE)).text
    assert "The moments were not gathered" in page and "What was delivered is kept" in page
    assert "were deleted before they could be gathered" in page


async def test_who_may_not_inspect_sees_that_a_version_is_there_and_not_whose(
    client: httpx.AsyncClient, cast: Cast, settings: Settings
) -> None:
    upload = (await client.get(f"/uploads/{await gathered(cast, settings.state)}", headers=JSON)).json()
    await signed_in(client, await a_voice(cast))
    version = f"/datasets/{upload['version']}"
    shown = (await client.get(version, headers=JSON)).json()
    assert (shown["rows"], shown["gathered"]) == (432, None)
    page = (await client.get(version, headers=PAGE)).text
    assert "Moments that authorities delivered" in page and "Whose moments it holds" not in page
    assert (await client.get(f"{version}/file")).status_code == 404


async def test_the_lead_deletes_a_delivery_on_its_page_and_says_why(
    client: httpx.AsyncClient, cast: Cast, settings: Settings
) -> None:
    upload_id = await gathered(cast, settings.state, (0, 1))
    version = (await client.get(f"/uploads/{upload_id}", headers=JSON)).json()["version"]
    home = f"/pilots/{cast.pilot}/deliveries"
    it = (await client.get(home, headers=JSON)).json()["expected"][0]["delivery"]
    here = f"/deliveries/{it['id']}"
    assert f"{here}/delete" in (await client.get(here, headers=PAGE)).text
    assert "What becomes final" in (await client.get(f"{here}/delete", headers=PAGE)).text
    assert (await client.post(f"{here}/delete", data={"reason": "short"}, headers=PAGE)).status_code == 422
    answer = await client.post(f"{here}/delete", data={"reason": "The authority asked for it"}, headers=PAGE)
    assert (answer.status_code, answer.headers["location"]) == (303, here)
    page = (await client.get(here, headers=PAGE)).text
    assert "The authority asked for it" in page and f"{here}/delete" not in page
    assert "The authority asked for it" in (await client.get(home, headers=PAGE)).text
    assert (await client.post(f"{here}/delete", json={"reason": "The authority asked again"})).status_code == 410
    await signed_in(client, cast.evaluator)
    waiting = (await client.get(f"/datasets/{version}", headers=PAGE)).text
    assert "were replaced or deleted since they were gathered" in waiting and f"{version}/approve" not in waiting
    assert f"{version}/reject" in waiting
    assert (await client.post(f"/datasets/{version}/approve", headers=JSON)).status_code == 409
    assert (await client.get(f"{here}/delete", headers=PAGE)).status_code == 403


async def test_the_page_says_who_has_a_hand_in_a_version(
    client: httpx.AsyncClient, cast: Cast, settings: Settings
) -> None:
    await a_sending(cast, settings.state, await files_of(cast, (0,)), by=cast.second)
    await work_off(settings.state)
    gathering = await client.post(f"/pilots/{cast.pilot}/deliveries/gather", headers=PAGE)
    await work_off(settings.state)
    version = (await client.get(gathering.headers["location"], headers=JSON)).json()["version"]
    await signed_in(client, cast.second)
    shown = (await client.get(f"/datasets/{version}", headers=PAGE)).text
    assert "You sent moments that are in this version" in shown and f"{version}/approve" not in shown
    assert (
        "The deliveries that were added up are deleted"
        in (await client.get(f"/datasets/{version}/delete", headers=PAGE)).text
    )
