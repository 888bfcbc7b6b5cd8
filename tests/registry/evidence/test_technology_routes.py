"""The page of the evidence on a technology as a browser and a program see it."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from registry.evidence.actions import approve, assess
from registry.evidence.looks import ask
from registry.evidence.rules import LOOK
from registry.kit.database import transaction
from registry.kit.jobs import JobState
from registry.kit.tables import Job
from registry.people.rules import Role
from registry.pilots.rules import Visibility
from tests.registry.analyses.story import a_written_analysis, work_off
from tests.registry.evidence.story import (
    a_second_evaluator,
    an_approved_assessment,
    facts,
    technology_of,
    two_pilots,
)
from tests.registry.people.story import an_account, signed_in
from tests.registry.plans.story import a_cast

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
        assert "A pilot that is not open to you" in shown and "Figures are withheld" in shown
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


async def test_every_method_stands_beside_the_rules_own(client: httpx.AsyncClient, tmp_path: Path) -> None:
    _, _, technology = await two_pilots(tmp_path)
    await signed_in(client, await an_account(Role.EVALUATOR, everywhere=True))
    shown = (await client.get(f"/technologies/{technology}/evidence", headers=PAGE)).text
    section = shown[shown.index("<h2>How much it hangs on the method") : shown.index("<h2>What is silent")]
    for said in (
        "The rules&#39; own: prior on the spread between places",
        "The same with half the assumed spread",
        "The same with double the assumed spread",
        "Average of these pilots alone (fixed effects)",
        "Hartung and Knapp",
        "A new place by the normal distribution:",
        "Differences between pilots: Q",
        "Language known with one pilot left out",
    ):
        assert said in section, said
    assert "silent pilots were left out" not in section, "none is silent"


async def test_who_does_not_see_every_pilot_reads_words_and_no_figure_that_tells_of_the_hidden_one(
    client: httpx.AsyncClient, tmp_path: Path
) -> None:
    first, _, technology = await two_pilots(tmp_path)
    await signed_in(client, first.evaluator)
    shown = (await client.get(f"/technologies/{technology}/evidence", headers=PAGE)).text
    assert "Average of these pilots alone (fixed effects)" not in shown
    assert "Figures are withheld" in shown
    body = (await client.get(f"/technologies/{technology}/evidence", headers=JSON)).json()
    item = body["result"]["indicators"][0]
    assert (item["beside"], item["pooled"]) == (None, None)


async def test_silent_pilots_are_counted_and_bounded(client: httpx.AsyncClient, tmp_path: Path) -> None:
    first, _ = await an_approved_assessment(tmp_path, visibility=Visibility.PROGRAMME)
    technology = await technology_of(first)
    long_ago: Any = {"starts": date(2020, 1, 1), "ends": date(2021, 1, 1), "milestones": ()}
    await a_cast(technology=technology, title="Never reported", **long_ago)
    beside, analysis_id = await a_written_analysis(technology=technology, title="Night watch")
    assessment_id = await assess(analysis_id, facts(), by=beside.evaluator)
    await work_off(tmp_path)
    await approve(assessment_id, by=await a_second_evaluator(beside))
    await work_off(tmp_path)
    await signed_in(client, beside.lead)
    shown = (await client.get(f"/technologies/{technology}/evidence", headers=PAGE)).text
    assert "1 of 3 completed pilots have no approved evidence (33%)" in shown
    assert "If the 1 silent pilots were left out because of what they found" in shown
    assert "Never reported" not in shown, "a silent pilot is counted, and named only where it is open"


async def test_an_older_look_says_that_it_is_outdated_and_leads_to_the_newest(
    client: httpx.AsyncClient, tmp_path: Path
) -> None:
    _, second, technology = await two_pilots(tmp_path)
    await signed_in(client, second.evaluator)
    async with transaction():
        await ask(technology)
    await work_off(tmp_path)
    shown = (await client.get(f"/technologies/{technology}/evidence/1", headers=PAGE)).text
    assert "This look is outdated" in shown and "Look 2 is newer" in shown
    assert f'href="/technologies/{technology}/evidence"' in shown
    newest = (await client.get(f"/technologies/{technology}/evidence", headers=PAGE)).text
    assert "This look is outdated" not in newest


async def test_a_look_that_is_being_made_shows_how_far_it_is(client: httpx.AsyncClient, tmp_path: Path) -> None:
    _, second, technology = await two_pilots(tmp_path)
    await signed_in(client, second.evaluator)
    async with transaction():
        await ask(technology)
    assert "being looked at together" in (await client.get(f"/technologies/{technology}/evidence", headers=PAGE)).text
    await Job.update({Job.state: JobState.FAILED}).where(Job.kind == LOOK)
    shown = (await client.get(f"/technologies/{technology}/evidence", headers=PAGE)).text
    assert "The look at all pilots could not be made" in shown


async def test_made_up_figures_are_labelled(client: httpx.AsyncClient, tmp_path: Path) -> None:
    _, second, technology = await two_pilots(tmp_path, simulated=True)
    await signed_in(client, second.evaluator)
    assert "The figures are made up" in (await client.get(f"/technologies/{technology}/evidence", headers=PAGE)).text
    body = (await client.get(f"/technologies/{technology}/evidence", headers=JSON)).json()
    assert body["simulated"] is True
