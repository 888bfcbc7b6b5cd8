"""Pages and JSON of evidence as a browser and a program see them."""

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from effects.case import case_from_mapping
from effects.message import Message
from registry.evidence.actions import approve
from registry.evidence.rules import REPLACED, SUBJECT
from registry.evidence.tables import Assessment
from registry.kit.jobs import JobState, written
from registry.kit.tables import Job
from registry.people.rules import Role
from registry.pilots.rules import Visibility
from tests.registry.analyses.story import a_written_analysis, work_off
from tests.registry.evidence.story import (
    SOURCE,
    a_graded_assessment,
    a_published_assessment,
    a_second_evaluator,
    an_approved_assessment,
    an_assessment,
    facts,
    published,
)
from tests.registry.people.story import an_account, signed_in
from tests.registry.plans.story import a_cast

PAGE = {"accept": "text/html"}
JSON = {"accept": "application/json"}
FORM = {
    "self_report": "no",
    "blinded": "unknown",
    "instruments_differ": "no",
    "diagnostics_passed": "yes",
    "changed_after_data": "no",
    "analysed_by_supplier_or_owner": "no",
    "attrition_treated": "0.05",
    "attrition_control": "",
    "dose": "0.9",
    "contamination": "",
    "confounders_unmeasured": "0",
    "remark": "",
}


@pytest.fixture
def slices() -> Sequence[str]:
    return ("people", "evidence")


async def test_the_evaluator_states_facts_and_reads_the_grade_and_a_second_one_approves(
    client: httpx.AsyncClient, tmp_path: Path
) -> None:
    cast, analysis_id = await a_written_analysis()
    await signed_in(client, cast.evaluator)
    listed = (await client.get(f"/pilots/{cast.pilot}/evidence", headers=PAGE)).text
    assert f"/analyses/{analysis_id}/assess" in listed
    assert "Not known" in (await client.get(f"/analyses/{analysis_id}/assess", headers=PAGE)).text
    stated = await client.post(f"/analyses/{analysis_id}/assess", data=FORM, headers=PAGE)
    assert stated.status_code == 303
    waiting = (await client.get(stated.headers["location"], headers=PAGE)).text
    assert "The case is being graded." in waiting
    await work_off(tmp_path)
    graded = (await client.get(stated.headers["location"], headers=PAGE)).text
    assert "Important benefit" in graded
    assert "rules that change nothing" in graded
    assert "Approve the assessment" not in graded
    assert "A second evaluator, who made neither the analysis nor the assessment" in graded
    await signed_in(client, await a_second_evaluator(cast))
    assert "Approve the assessment" in (await client.get(stated.headers["location"], headers=PAGE)).text
    approved = await client.post(f"{stated.headers['location']}/approve", headers=PAGE)
    assert approved.status_code == 303
    assert "The assessment is approved." in (await client.get(stated.headers["location"], headers=PAGE)).text


async def test_wrong_facts_are_all_shown_with_what_was_typed(client: httpx.AsyncClient) -> None:
    cast, analysis_id = await a_written_analysis()
    await signed_in(client, cast.evaluator)
    wrong = {**FORM, "dose": "1.4", "attrition_treated": "some", "blinded": "perhaps", "remark": "<i>kept</i>"}
    answer = await client.post(f"/analyses/{analysis_id}/assess", data=wrong, headers=PAGE)
    assert answer.status_code == 422
    for where in ("f-dose", "f-attrition_treated", "f-blinded"):
        assert f'href="#{where}"' in answer.text
    assert 'value="1.4"' in answer.text
    assert 'value="some"' in answer.text
    assert "&lt;i&gt;kept&lt;/i&gt;" in answer.text
    assert 'value="no" checked' in answer.text
    assert await Assessment.count() == 0


async def test_the_same_in_json(client: httpx.AsyncClient, tmp_path: Path) -> None:
    cast, analysis_id = await a_written_analysis()
    await signed_in(client, cast.evaluator)
    path = f"/analyses/{analysis_id}/assess"
    made = await client.post(path, json={"blinded": "yes", "dose": 0.9})
    assert made.status_code == 201
    assert made.json()["facts"]["self_report"] == "unknown"
    assert (await client.post(path, json={"blinded": True})).status_code == 422
    assert (await client.post(path, json={"approved_by": 1})).status_code == 400
    await work_off(tmp_path)
    body = (await client.get(made.headers["location"], headers=JSON)).json()
    assert body["grade"]["verdicts"] == {"Language known": "important_benefit", "Strain": None}
    listed = (await client.get(f"/pilots/{cast.pilot}/evidence", headers=JSON)).json()
    assert (listed["results"], listed["assessments"][0]["graded"]) == ([], True)


async def test_a_published_trial_is_entered_by_form_and_shown_with_its_source(
    client: httpx.AsyncClient, tmp_path: Path
) -> None:
    cast = await a_cast()
    await signed_in(client, cast.evaluator)
    path = f"/pilots/{cast.pilot}/evidence/published"
    assert "Case file" in (await client.get(path, headers=PAGE)).text
    form = {"case": published().case, "source": SOURCE, "remark": ""}
    made = await client.post(path, data=form, headers=PAGE)
    assert made.status_code == 303
    await work_off(tmp_path)
    shown = (await client.get(made.headers["location"], headers=PAGE)).text
    assert SOURCE in shown
    assert "potential bias, in standard deviations: 0.0801" in shown
    assert "What would raise this:" in shown


async def test_a_wrong_case_file_is_kept_in_the_form_with_the_key_of_every_finding(client: httpx.AsyncClient) -> None:
    cast = await a_cast()
    await signed_in(client, cast.evaluator)
    case = published().case.replace('role = "primary"', 'role = "leading"', 1)
    form = {"case": case, "source": "", "remark": ""}
    path = f"/pilots/{cast.pilot}/evidence/published"
    both = await client.post(path, data=form, headers=PAGE)
    assert both.status_code == 422
    assert 'href="#f-source"' in both.text
    answer = await client.post(path, data={**form, "source": SOURCE}, headers=PAGE)
    assert answer.status_code == 422
    assert "indicator[0].role" in answer.text
    assert "role = &#34;leading&#34;" in answer.text


async def test_the_case_file_is_what_the_command_reads(client: httpx.AsyncClient) -> None:
    cast, assessment_id = await an_assessment()
    await signed_in(client, cast.lead)
    answer = await client.get(f"/assessments/{assessment_id}/case.toml")
    assert answer.headers["content-type"].startswith("application/toml")
    case = case_from_mapping(tomllib.loads(answer.text))
    assert [indicator.name for indicator in case.indicators] == ["Language known", "Strain"]


async def test_a_grading_that_failed_says_why_and_what_to_do(client: httpx.AsyncClient) -> None:
    cast, assessment_id = await an_assessment()
    note = written(Message("The calculation was stopped by the machine. Try again later."))
    failed: dict[Any, Any] = {Job.state: JobState.FAILED, Job.note: note}
    await Job.update(failed).where(Job.subject == SUBJECT.format(assessment_id))
    await signed_in(client, cast.evaluator)
    path = f"/assessments/{assessment_id}"
    shown = (await client.get(path, headers=PAGE)).text
    assert "The calculation was stopped by the machine." in shown
    assert "State the facts again; this assessment stays as it is." in shown
    await signed_in(client, cast.lead)
    assert "The evaluator states the facts again." in (await client.get(path, headers=PAGE)).text
    assert "The grading failed" in (await client.get(f"/pilots/{cast.pilot}/evidence", headers=PAGE)).text


async def test_a_private_pilots_evidence_does_not_exist_for_others(client: httpx.AsyncClient, tmp_path: Path) -> None:
    cast, assessment_id = await a_graded_assessment(tmp_path)
    analysis_id = (await Assessment.select(Assessment.analysis).first() or {})["analysis"]
    await signed_in(client, await an_account(Role.EVALUATOR))
    reads = (
        f"/pilots/{cast.pilot}/evidence",
        f"/pilots/{cast.pilot}/evidence/published",
        f"/assessments/{assessment_id}",
        f"/assessments/{assessment_id}/case.toml",
        f"/analyses/{analysis_id}/assess",
        "/assessments/999",
    )
    for headers in (PAGE, JSON):
        for path in reads:
            assert (await client.get(path, headers=headers)).status_code == 404
        assert (await client.post(f"/assessments/{assessment_id}/approve", headers=headers)).status_code == 404
    assert (await client.post(f"/analyses/{analysis_id}/assess", json={})).status_code == 404


async def test_who_sees_but_may_not_assess_or_approve_is_told_so(client: httpx.AsyncClient, tmp_path: Path) -> None:
    cast, assessment_id = await a_graded_assessment(tmp_path, visibility=Visibility.PROGRAMME)
    analysis_id = (await Assessment.select(Assessment.analysis).first() or {})["analysis"]
    await signed_in(client, cast.lead)
    assert (await client.get(f"/analyses/{analysis_id}/assess", headers=JSON)).status_code == 403
    await signed_in(client, await an_account(Role.EVALUATOR))
    for path in (f"/analyses/{analysis_id}/assess", f"/pilots/{cast.pilot}/evidence/published"):
        assert (await client.get(path, headers=JSON)).status_code == 403
    assert (await client.post(f"/analyses/{analysis_id}/assess", json={})).status_code == 403
    assert (await client.post(f"/assessments/{assessment_id}/approve", headers=JSON)).status_code == 403
    assert "Enter a published trial" not in (await client.get(f"/pilots/{cast.pilot}/evidence", headers=PAGE)).text


async def test_nobody_approves_their_own_and_nothing_is_approved_twice(
    client: httpx.AsyncClient, tmp_path: Path
) -> None:
    cast, own = await a_graded_assessment(tmp_path)
    await signed_in(client, cast.evaluator)
    assert (await client.post(f"/assessments/{own}/approve", headers=JSON)).status_code == 403
    cast, approved = await an_approved_assessment(tmp_path)
    await signed_in(client, await a_second_evaluator(cast))
    assert (await client.post(f"/assessments/{approved}/approve", headers=JSON)).status_code == 409


async def test_an_empty_page_says_how_evidence_comes_about(client: httpx.AsyncClient) -> None:
    cast = await a_cast()
    await signed_in(client, cast.lead)
    shown = (await client.get(f"/pilots/{cast.pilot}/evidence", headers=PAGE)).text
    assert "No evidence yet" in shown
    assert f"/pilots/{cast.pilot}/analyses" in shown


async def test_the_grade_is_in_the_readers_language(client: httpx.AsyncClient, tmp_path: Path) -> None:
    cast = await a_cast()
    assessment_id = await a_published_assessment(tmp_path, cast)
    await signed_in(client, cast.lead)
    client.cookies.set("language", "da")
    shown = (await client.get(f"/assessments/{assessment_id}", headers=PAGE)).text
    assert "Lille eller ingen effekt" in shown
    assert "0,0801" in shown


async def test_an_open_certainty_is_a_range_with_the_facts_it_waits_for(
    client: httpx.AsyncClient, tmp_path: Path
) -> None:
    cast, assessment_id = await a_graded_assessment(tmp_path, facts(dose=None, contamination=None))
    await signed_in(client, cast.evaluator)
    told = (await client.get(f"/assessments/{assessment_id}", headers=JSON)).json()
    assert {"dose", "contamination"} <= {fact["input"] for fact in told["missing"]}
    certainty = told["grade"]["indicators"][0]["certainty"]
    assert certainty["lowest"] < certainty["highest"]
    shown = (await client.get(f"/assessments/{assessment_id}", headers=PAGE)).text
    assert f"({certainty['lowest']}–{certainty['highest']} of 4)" in shown
    assert "These facts leave the certainty open." in shown
    assert "the project lead" in shown


async def test_an_outdated_assessment_says_so_leads_to_the_newer_and_cannot_be_approved(
    client: httpx.AsyncClient, tmp_path: Path
) -> None:
    cast, old = await a_graded_assessment(tmp_path)
    newer = await a_published_assessment(tmp_path, cast)
    second = await a_second_evaluator(cast)
    await approve(newer, by=second)
    await signed_in(client, second)
    shown = (await client.get(f"/assessments/{old}", headers=PAGE)).text
    assert "This assessment is outdated" in shown and f'href="/assessments/{newer}"' in shown
    assert "Approve the assessment" not in shown
    assert "What the evidence shows" in shown, "it stays readable"
    assert (await client.post(f"/assessments/{old}/approve", headers=JSON)).status_code == 409
    listed = (await client.get(f"/pilots/{cast.pilot}/evidence", headers=PAGE)).text
    assert listed.count("Outdated") == 1 and "/evidence" in listed
    body = (await client.get(f"/assessments/{old}", headers=JSON)).json()["assessment"]
    assert (body["replaced_by"], body["outdated"]["template"]) == (newer, REPLACED.template)


async def test_what_would_raise_the_certainty_stands_with_its_rule(client: httpx.AsyncClient, tmp_path: Path) -> None:
    cast = await a_cast()
    assessment_id = await a_published_assessment(tmp_path, cast)
    await signed_in(client, cast.evaluator)
    shown = (await client.get(f"/assessments/{assessment_id}", headers=PAGE)).text
    section = shown[shown.index("<h2>What would raise this") : shown.index("<h2>Why the certainty")]
    assert "A Attrition: potential bias from those lost" in section
    assert "Collect the outcome from those lost" in section and "every indicator" in section
    client.cookies.set("language", "da")
    danish = (await client.get(f"/assessments/{assessment_id}", headers=PAGE)).text
    assert "Hvad der ville hæve sikkerheden" in danish
