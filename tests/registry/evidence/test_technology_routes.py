"""The page of the evidence on a technology as a browser and a program see it."""

from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest

from registry.people.rules import Role
from tests.registry.evidence.story import an_approved_assessment, technology_of, two_pilots
from tests.registry.people.story import an_account, signed_in

PAGE = {"accept": "text/html"}
JSON = {"accept": "application/json"}


@pytest.fixture
def slices() -> Sequence[str]:
    return ("people", "pilots", "evidence")


async def test_the_page_says_what_the_pilots_say_together_and_one_by_one(
    client: httpx.AsyncClient, tmp_path: Path
) -> None:
    _, _, technology = await two_pilots(tmp_path)
    await signed_in(client, await an_account(Role.DECISION_MAKER, everywhere=True))
    shown = (await client.get(f"/technologies/{technology}/evidence", headers=PAGE)).text
    for said in (
        "2 pilots looked at together.",
        "In a new place",
        "of 100 new places",
        "Night watch",
        "All pilots together",
        "0 of 2 completed pilots have no approved evidence",
        "2 pilots are registered.",
        "Facts that the pilots state differently",
        "Why the certainty is what it is",
        "Look 1",
        "<svg",
        "evidence/1/case.toml",
    ):
        assert said in shown, said
    assert "is not open to you" not in shown


async def test_a_pilot_that_is_not_open_is_said_to_be_so(client: httpx.AsyncClient, tmp_path: Path) -> None:
    first, _, technology = await two_pilots(tmp_path)
    await signed_in(client, first.evaluator)
    for path in (f"/technologies/{technology}/evidence", f"/technologies/{technology}/evidence/1"):
        shown = (await client.get(path, headers=PAGE)).text
        assert "A pilot that is not open to you" in shown and "Single pilots are left out" in shown
        assert "Night watch" not in shown and "case.toml" not in shown
        body = (await client.get(path, headers=JSON)).text
        assert "Night watch" not in body and "0.3," not in body
    assert (await client.get(f"/technologies/{technology}/evidence/1/case.toml")).status_code == 404


async def test_the_case_file_is_what_the_command_line_reads(client: httpx.AsyncClient, tmp_path: Path) -> None:
    _, _, technology = await two_pilots(tmp_path)
    await signed_in(client, await an_account(Role.EVALUATOR, everywhere=True))
    answer = await client.get(f"/technologies/{technology}/evidence/1/case.toml")
    assert answer.headers["content-type"].startswith("application/toml")
    assert answer.text.startswith('schema = "virkning-case/1"')


async def test_without_evidence_the_page_says_how_it_comes(client: httpx.AsyncClient, tmp_path: Path) -> None:
    cast, assessment_id = await an_approved_assessment(tmp_path)
    path = f"/technologies/{await technology_of(cast)}/evidence"
    await signed_in(client, cast.lead)
    shown = (await client.get(path, headers=PAGE)).text
    assert "begins with a second pilot" in shown and f"/assessments/{assessment_id}" in shown
    await signed_in(client, await an_account(Role.EVALUATOR))
    assert "No evidence that is open to you yet" in (await client.get(path, headers=PAGE)).text
    assert (await client.get(f"{path}/1", headers=PAGE)).status_code == 404
    assert (await client.get("/technologies/999/evidence", headers=PAGE)).status_code == 404


async def test_the_page_is_in_the_readers_language(client: httpx.AsyncClient, tmp_path: Path) -> None:
    _, second, technology = await two_pilots(tmp_path)
    await signed_in(client, second.lead)
    client.cookies.set("language", "da")
    shown = (await client.get(f"/technologies/{technology}/evidence", headers=PAGE)).text
    assert "2 afprøvninger set under ét." in shown
    assert "En afprøvning, som ikke er åben for dig" in shown
