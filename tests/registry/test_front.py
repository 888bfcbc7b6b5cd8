"""Health, language, accessibility statement."""

import httpx
import pytest

Client = httpx.AsyncClient


@pytest.fixture
def slices() -> tuple[str, ...]:
    return ()


async def test_health_tells_of_database_and_worker(client: Client) -> None:
    answer = await client.get("/health")
    assert (answer.status_code, answer.json()) == (200, {"database": True, "worker": False})


async def test_the_language_is_kept_and_the_reader_stays(front: Client) -> None:
    answer = await front.post("/language", data={"language": "en", "back": "/was"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/was")
    assert "Accessibility statement" in (await front.get("/was")).text
    await front.post("/language", data={"language": "da"}, follow_redirects=False)
    assert "Tilgængelighedserklæring" in (await front.get("/was")).text


@pytest.mark.parametrize("back", ["https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example", "was"])
async def test_the_way_back_stays_on_this_site(front: Client, back: str) -> None:
    answer = await front.post("/language", data={"language": "en", "back": back}, follow_redirects=False)
    assert answer.headers["location"] == "/"


async def test_a_language_we_do_not_speak_is_told_so(front: Client) -> None:
    answer = await front.post("/language", json={"language": "fr"})
    assert [finding["where"] for finding in answer.json()["findings"]] == ["language"]


async def test_the_statement_is_there_without_signing_in(front: Client) -> None:
    assert (await front.get("/was")).status_code == 200
