"""Pages and JSON of uploads and versions."""

import asyncio
import socket
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import msgspec
import pytest

from registry.datasets import queries
from registry.datasets.differences import Counts, Differences, Obstacle, Place
from registry.datasets.tables import Comparison, DatasetVersion, Upload
from registry.kit import csrf, sessions
from registry.kit.clock import today
from registry.kit.database import connected
from registry.kit.jobs import cancel
from registry.kit.sessions import session_cookie
from registry.settings import Settings
from tests.registry.clusters import until
from tests.registry.datasets.story import (
    a_csv,
    a_version,
    a_wide_csv,
    an_approved_version,
    an_upload,
    left_behind,
    work_off,
)
from tests.registry.people.story import signed_in
from tests.registry.pilots.story import a_lead
from tests.registry.plans.story import Cast, a_cast, a_locked_plan, a_voice, agree

PAGE = {"accept": "text/html"}
JSON = {"accept": "application/json"}


@pytest.fixture
def slices() -> Sequence[str]:
    return ("people", "pilots", "indicators", "plans", "datasets")


@pytest.fixture
async def cast(client: httpx.AsyncClient) -> Cast:
    made = await a_cast()
    await agree(made.pilot)
    await a_locked_plan(made)
    await signed_in(client, made.lead)
    return made


async def sent(client: httpx.AsyncClient, cast: Cast, content: str = a_csv(), **changes: Any) -> httpx.Response:
    """What a browser sends from the desk."""
    typed = {
        "purpose": "Evaluation of the digital service",
        "legal_basis": "Databeskyttelsesloven § 10",
        "retain_until": (today() + timedelta(days=365)).isoformat(),
        **changes,
    }
    files = {"file": ("rows.csv", content.encode(), "text/csv")}
    accept = PAGE if "json" not in changes else JSON
    typed.pop("json", None)
    return await client.post(f"/pilots/{cast.pilot}/datasets", data=typed, files=files, headers=accept)


async def test_a_desk_without_a_plan_sends_its_reader_to_the_plan(client: httpx.AsyncClient) -> None:
    cast = await a_cast()
    await signed_in(client, cast.lead)
    page = await client.get(f"/pilots/{cast.pilot}/datasets", headers=PAGE)
    assert page.status_code == 200
    assert "Nothing can be sent yet" in page.text
    assert (await client.get(f"/pilots/{cast.pilot}/datasets/template.csv")).status_code == 404


async def test_a_desk_shows_what_the_plan_asks_for_and_that_no_worker_answers(
    client: httpx.AsyncClient, cast: Cast
) -> None:
    page = await client.get(f"/pilots/{cast.pilot}/datasets", headers=PAGE)
    for said in ("Send a file", "<code>language</code>", "Background work stands still", "template.xlsx"):
        assert said in page.text


@pytest.mark.parametrize(("name", "kind"), [("template.csv", "text/csv"), ("template.xlsx", "spreadsheetml")])
async def test_templates_are_files_to_save(client: httpx.AsyncClient, cast: Cast, name: str, kind: str) -> None:
    file = await client.get(f"/pilots/{cast.pilot}/datasets/{name}")
    assert file.status_code == 200 and kind in file.headers["content-type"]
    assert "attachment" in file.headers["content-disposition"]


async def test_the_schema_is_a_table_schema(client: httpx.AsyncClient, cast: Cast) -> None:
    schema = (await client.get(f"/pilots/{cast.pilot}/datasets/schema.json")).json()
    assert [field["name"] for field in schema["schema"]["fields"]][:2] == ["area", "week"]


async def test_a_file_goes_from_the_desk_to_an_approved_version(
    client: httpx.AsyncClient, cast: Cast, settings: Settings
) -> None:
    answer = await sent(client, cast)
    assert answer.status_code == 303
    upload_page = answer.headers["location"]
    assert "hx-get" in (await client.get(upload_page, headers=PAGE)).text
    await work_off(settings.state)
    done = await client.get(upload_page, headers=PAGE)
    assert "The rows are stored" in done.text
    assert "No row has a value in this column." in done.text
    version_id = (await queries.desk(cast.lead, cast.pilot)).versions[0].id
    own = await client.get(f"/datasets/{version_id}", headers=PAGE)
    assert "You sent these rows yourself" in own.text and "/approve" not in own.text
    assert (await client.post(f"/datasets/{version_id}/approve", headers=PAGE)).status_code == 403
    await signed_in(client, cast.second)
    assert "0001" in (await client.get(f"/datasets/{version_id}", headers=PAGE)).text
    assert (await client.post(f"/datasets/{version_id}/approve", headers=PAGE)).status_code == 303
    desk = (await client.get(f"/pilots/{cast.pilot}/datasets", headers=JSON)).json()
    assert (desk["approved"], desk["versions"][0]["state"]) == (version_id, "approved")


async def test_a_refused_form_keeps_what_was_typed_and_nothing_else(
    client: httpx.AsyncClient, cast: Cast, settings: Settings
) -> None:
    answer = await sent(client, cast, purpose="", retain_until="2020-01-01", **{"reading.decimal": "comma"})
    assert answer.status_code == 422
    assert 'href="#f-purpose"' in answer.text
    assert '<option value="comma" selected>' in answer.text
    assert (await Upload.count(), left_behind(settings.state)) == (0, [])


async def test_findings_are_listed_by_row_and_column(client: httpx.AsyncClient, cast: Cast, settings: Settings) -> None:
    upload_id = await an_upload(cast, settings.state, a_csv(n="12 kg"))
    await work_off(settings.state)
    page = await client.get(f"/uploads/{upload_id}", headers=PAGE)
    assert "refused and deleted" in page.text
    assert "“12 kg” is not a number." in page.text
    body = (await client.get(f"/uploads/{upload_id}", headers=JSON)).json()
    assert body["findings"][0] == {
        "where": "n",
        "code": "not_number",
        "message": "“{value}” is not a number.",
        "remedy": "Write it like {example}, or leave the cell empty.",
        "params": {"longest": 500, "example": "1234.5", "minimum": 0.0, "value": "12 kg"},
        "row": 2,
        "column": "n",
        "severity": "error",
    }


async def test_a_file_that_looks_different_is_confirmed_or_deleted(
    client: httpx.AsyncClient, cast: Cast, settings: Settings
) -> None:
    semicolons = a_csv().replace(",", ";")
    for _ in range(2):
        assert (await sent(client, cast, semicolons)).status_code == 303
    desk = await client.get(f"/pilots/{cast.pilot}/datasets", headers=PAGE)
    assert "does not look as you said" in desk.text
    page = await client.get("/uploads/1", headers=PAGE)
    assert '<option value="semicolon" selected>' in page.text
    wrong = {"reading.decimal": "comma", "reading.group": "comma"}
    refused = await client.post("/uploads/1", data=wrong, headers=PAGE)
    assert refused.status_code == 422 and 'href="#f-reading-group"' in refused.text
    answer = await client.post("/uploads/1", data={"reading.delimiter": "semicolon"}, headers=PAGE)
    assert answer.status_code == 303
    await work_off(settings.state)
    assert (await client.get("/uploads/1", headers=JSON)).json()["state"] == "stored"
    assert (await client.post("/uploads/2/discard", headers=PAGE)).status_code == 303
    assert (await client.get("/uploads/2", headers=JSON)).json()["state"] == "refused"


async def test_a_wide_file_is_proposed_confirmed_and_the_same_rows_as_the_long_one(
    client: httpx.AsyncClient, cast: Cast, settings: Settings
) -> None:
    assert "A wide file, with one row for each unit" in (await client.get(f"/pilots/{cast.pilot}/datasets")).text
    for content in (a_csv(), a_wide_csv(), a_wide_csv()):
        assert (await sent(client, cast, content)).status_code == 303
    await work_off(settings.state)
    page = await client.get("/uploads/2", headers=PAGE)
    assert "The file seems wide" in page.text and 'value="2026-W01, 2026-W02, 2026-W03"' in page.text
    for upload, periods in ((2, "2026-W01, 2026-W02, 2026-W03"), (3, "")):
        answer = await client.post(f"/uploads/{upload}", data={"reading.periods": periods}, headers=PAGE)
        assert answer.status_code == 303
        await work_off(settings.state)
    confirmed, denied = [(await client.get(f"/uploads/{upload}", headers=JSON)).json() for upload in (2, 3)]
    assert (confirmed["state"], confirmed["findings"][0]["code"]) == ("stored", "same_rows")
    assert (denied["state"], denied["findings"][0]["code"]) == ("refused", "looks_wide")


async def test_a_version_is_rejected_with_a_reason(client: httpx.AsyncClient, cast: Cast, settings: Settings) -> None:
    version_id = await a_version(cast, settings.state)
    await signed_in(client, cast.evaluator)
    short = await client.post(f"/datasets/{version_id}/reject", data={"reason": "no"}, headers=PAGE)
    assert short.status_code == 422 and 'href="#f-reason"' in short.text
    answer = await client.post(
        f"/datasets/{version_id}/reject", data={"reason": "The weeks are shifted by one."}, headers=PAGE
    )
    assert answer.status_code == 303
    assert "The weeks are shifted by one." in (await client.get(f"/datasets/{version_id}", headers=PAGE)).text


async def test_the_rows_are_for_leads_and_evaluators_and_nothing_to_others(
    client: httpx.AsyncClient, cast: Cast, settings: Settings
) -> None:
    version_id = await an_approved_version(cast, settings.state)
    file = await client.get(f"/datasets/{version_id}/file")
    assert file.status_code == 200 and file.content.startswith(b"PAR1")
    assert "attachment" in file.headers["content-disposition"]
    upload_id = (await queries.version(cast.lead, version_id)).upload
    await signed_in(client, await a_voice(cast))
    assert (await client.get(f"/datasets/{version_id}/file")).status_code == 404
    assert (await client.get(f"/uploads/{upload_id}", headers=PAGE)).status_code == 403
    page = await client.get(f"/datasets/{version_id}", headers=PAGE)
    assert page.status_code == 200 and "0001" not in page.text
    body = (await client.get(f"/datasets/{version_id}", headers=JSON)).json()
    assert body["completeness"] is None
    await signed_in(client, await a_lead())
    for address in (f"/datasets/{version_id}", f"/datasets/{version_id}/file", f"/uploads/{upload_id}"):
        for accept in (PAGE, JSON):
            assert (await client.get(address, headers=accept)).status_code == 404
    assert (await client.get(f"/pilots/{cast.pilot}/datasets", headers=JSON)).status_code == 404


async def test_an_upload_without_a_token_is_refused_and_kept_nowhere(
    client: httpx.AsyncClient, cast: Cast, settings: Settings
) -> None:
    client.event_hooks = {"request": []}
    assert (await sent(client, cast)).status_code == 403
    assert (await Upload.count(), left_behind(settings.state)) == (0, [])


async def test_json_answers_say_what_became_of_the_file(
    client: httpx.AsyncClient, cast: Cast, settings: Settings
) -> None:
    made = await sent(client, cast, json=True)
    assert (made.status_code, made.json()["state"]) == (201, "checking")
    await work_off(settings.state)
    assert (await client.get(made.headers["location"], headers=JSON)).json()["version"] is not None
    unknown = await sent(client, cast, json=True, secret="x")
    assert unknown.status_code == 400
    assert await DatasetVersion.count() == 1


async def test_the_token_may_stand_in_the_form_before_the_file(
    client: httpx.AsyncClient, cast: Cast, settings: Settings
) -> None:
    """Without scripts nobody sends a header."""
    client.event_hooks = {"request": []}
    session, visit = client.cookies[session_cookie(settings)], client.cookies[csrf.cookie_name(settings)]
    answer = await sent(client, cast, csrf_token=csrf.token_for(settings, visit, session))
    assert answer.status_code == 303
    assert await Upload.count() == 1


async def test_names_that_people_choose_are_text_on_the_page(client: httpx.AsyncClient, cast: Cast) -> None:
    files = {"file": ('"><script>alert(1)</script>.csv', a_csv().encode(), "text/csv")}
    typed = {
        "purpose": "<b>Evaluation</b>",
        "legal_basis": "Databeskyttelsesloven § 10",
        "retain_until": (today() + timedelta(days=365)).isoformat(),
    }
    answer = await client.post(f"/pilots/{cast.pilot}/datasets", data=typed, files=files, headers=PAGE)
    assert answer.status_code == 303
    for address in (answer.headers["location"], f"/pilots/{cast.pilot}/datasets"):
        page = await client.get(address, headers=PAGE)
        assert "<script>alert" not in page.text and "<b>Evaluation" not in page.text


async def test_a_path_in_the_file_name_is_no_path_here(
    client: httpx.AsyncClient, cast: Cast, settings: Settings
) -> None:
    files = {"file": ("../../etc/passwd.csv", a_csv().encode(), "text/csv")}
    typed = {"purpose": "Evaluation", "legal_basis": "§ 10", "retain_until": "2030-01-01"}
    answer = await client.post(f"/pilots/{cast.pilot}/datasets", data=typed, files=files, headers=JSON)
    assert answer.json()["filename"] == "passwd.csv"
    assert left_behind(settings.state) == ["1.upload"]


async def test_without_a_file_the_form_says_so(client: httpx.AsyncClient, cast: Cast) -> None:
    typed = {"purpose": "Evaluation", "legal_basis": "§ 10", "retain_until": "2030-01-01"}
    answer = await client.post(f"/pilots/{cast.pilot}/datasets", data=typed, files={"x": b""}, headers=JSON)
    assert answer.status_code == 400
    empty = {"file": ("", b"", "application/octet-stream")}
    answer = await client.post(f"/pilots/{cast.pilot}/datasets", data=typed, files=empty, headers=PAGE)
    assert answer.status_code == 422 and 'href="#f-file"' in answer.text


async def test_a_check_that_broke_off_says_what_to_do(
    client: httpx.AsyncClient, cast: Cast, settings: Settings
) -> None:
    upload_id = await an_upload(cast, settings.state)
    upload = await queries.upload(cast.lead, upload_id)
    assert upload.job is not None and await cancel(upload.job.id)
    page = await client.get(f"/uploads/{upload_id}", headers=PAGE)
    assert "The check broke off" in page.text and f"/uploads/{upload_id}/discard" in page.text
    assert (await client.post(f"/uploads/{upload_id}/discard", headers=PAGE)).status_code == 303
    assert left_behind(settings.state) == []


async def test_evaluators_look_but_do_not_send(client: httpx.AsyncClient, cast: Cast, settings: Settings) -> None:
    held = await an_upload(cast, settings.state, a_csv().replace(",", ";"))
    await signed_in(client, cast.evaluator)
    page = await client.get(f"/uploads/{held}", headers=PAGE)
    assert page.status_code == 200 and "The project lead says how the file is to be read." in page.text
    assert "Send a file" not in (await client.get(f"/pilots/{cast.pilot}/datasets", headers=PAGE)).text
    assert (await sent(client, cast)).status_code == 403
    for action in ("", "/discard"):
        assert (await client.post(f"/uploads/{held}{action}", headers=PAGE)).status_code == 403


@pytest.mark.parametrize("language", ["da", "en"])
async def test_every_page_speaks_both_languages(
    client: httpx.AsyncClient, cast: Cast, settings: Settings, language: str
) -> None:
    version_id = await a_version(cast, settings.state, a_csv(strain="3"))
    refused = await an_upload(cast, settings.state, a_csv(n="12 kg", digital="2"))
    await work_off(settings.state)
    client.cookies.set("language", language)
    for address in (f"/pilots/{cast.pilot}/datasets", f"/uploads/{refused}", f"/datasets/{version_id}"):
        page = await client.get(address, headers=PAGE)
        assert page.status_code == 200
        assert f'<html lang="{language}">' in page.text


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # the framework's own nameless file
def test_a_cut_off_upload_leaves_nothing(site: str, settings: Settings) -> None:
    """Half a request over a real connection, then silence."""

    async def prepared() -> tuple[int, str]:
        async with connected(settings.database_url):
            cast = await a_cast()
            await agree(cast.pilot)
            await a_locked_plan(cast)
            return cast.pilot, await sessions.start(cast.lead.id, settings)

    pilot_id, session = asyncio.run(prepared())
    token = csrf.token_for(settings, "visit-of-a-test", session)
    head = (
        f"POST /pilots/{pilot_id}/datasets HTTP/1.1\r\nhost: x\r\ncontent-length: 5000000\r\n"
        f"cookie: {session_cookie(settings)}={session}; {csrf.cookie_name(settings)}=visit-of-a-test\r\n"
        f"{csrf.HEADER}: {token}\r\ncontent-type: multipart/form-data; boundary=b\r\n\r\n"
        '--b\r\ncontent-disposition: form-data; name="file"; filename="rows.csv"\r\n\r\n'
    )
    address = urlsplit(site)
    with socket.create_connection((address.hostname, address.port)) as connection:
        connection.sendall(head.encode() + b"0101;" * 400_000)
        time.sleep(0.5)
    time.sleep(0.5)
    until(lambda: not left_behind(settings.state))
    assert httpx.get(f"{site}/pilots").status_code == 303

    async def uploads() -> int:
        async with connected(settings.database_url):
            return int(await Upload.count())

    assert asyncio.run(uploads()) == 0


async def test_what_differs_stands_on_the_page_and_in_the_json(
    client: httpx.AsyncClient, cast: Cast, settings: Settings
) -> None:
    await an_approved_version(cast, settings.state)
    version_id = await a_version(
        cast, settings.state, a_csv(areas=5).replace("0003,2026-W02,0,12,", "0003,2026-W02,0,9,")
    )
    page = await client.get(f"/datasets/{version_id}", headers=PAGE)
    assert "What differs from version 1" in page.text and "Show where (4)" in page.text
    body = (await client.get(f"/datasets/{version_id}", headers=JSON)).json()
    assert body["differences"]["total"] == {"added": 3, "removed": 0, "changed": 1}
    await signed_in(client, await a_voice(cast))
    page = await client.get(f"/datasets/{version_id}", headers=PAGE)
    assert page.status_code == 200 and "What differs" not in page.text
    assert (await client.get(f"/datasets/{version_id}", headers=JSON)).json()["differences"] is None


async def test_small_groups_of_people_are_withheld_on_the_page_and_in_the_json(
    client: httpx.AsyncClient, cast: Cast, settings: Settings
) -> None:
    await an_approved_version(cast, settings.state)
    version_id = await a_version(cast, settings.state, a_csv(areas=5))
    row = await Comparison.objects().get(Comparison.version == version_id)
    assert row is not None
    kept = msgspec.json.decode(row.differences, type=Differences)
    row.differences = msgspec.json.encode(msgspec.structs.replace(kept, people=True)).decode()
    await row.save()
    page = await client.get(f"/datasets/{version_id}", headers=PAGE)
    assert "Counts below 5 are withheld" in page.text and "withheld</td>" in page.text
    for answer in (
        await client.get(f"/datasets/{version_id}", headers=JSON),
        await judged_by(client, cast, version_id),
    ):
        assert {place["counts"]["added"] for place in answer.json()["differences"]["places"]} == {None}


async def judged_by(client: httpx.AsyncClient, cast: Cast, version_id: int) -> httpx.Response:
    await signed_in(client, cast.second)
    return await client.post(f"/datasets/{version_id}/approve", headers=JSON)


@pytest.mark.parametrize(
    ("differences", "said"),
    [
        (Differences(earlier=1), "The rows are the same"),
        (Differences(earlier=1, obstacle=Obstacle.OTHER_KEY), "they share no columns"),
        (Differences(earlier=1, obstacle=Obstacle.TOO_COSTLY), "too large to be compared"),
        (Differences(earlier=1, obstacle=Obstacle.UNREADABLE), "could not be read"),
        (Differences(earlier=1, new=("shoe",), gone=("age",), retyped=("n",)), "<code>shoe</code>"),
        (Differences(earlier=1, by_key=False, total=Counts(9, 0, 0), people=False), "no columns name a row"),
        (Differences(earlier=1, total=Counts(9, 0, 0), places=(Place(None, "1", Counts(9, 0, 0)),), unlisted=2), "9"),
    ],
)
async def test_every_outcome_of_a_comparison_is_said_in_words(
    client: httpx.AsyncClient, cast: Cast, settings: Settings, differences: Differences, said: str
) -> None:
    version_id = await a_version(cast, settings.state)
    await Comparison.insert(Comparison(version=version_id, differences=msgspec.json.encode(differences).decode()))
    page = await client.get(f"/datasets/{version_id}", headers=PAGE)
    assert page.status_code == 200 and said in page.text
