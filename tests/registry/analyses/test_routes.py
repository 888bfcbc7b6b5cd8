"""Pages and JSON of analyses as a browser and a program see them."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from effects.message import Message
from registry.analyses.actions import request
from registry.analyses.rules import SUBJECT
from registry.kit.jobs import JobState, written
from registry.kit.tables import Job
from registry.people.rules import Role
from registry.pilots.rules import Visibility
from tests.registry.analyses.story import (
    a_check,
    a_finished_analysis,
    a_result,
    a_written_analysis,
    a_written_cast,
    an_estimate,
    no_estimate,
    the_result,
    work_off,
)
from tests.registry.people.story import an_account, signed_in
from tests.registry.plans.story import a_cast

PAGE = {"accept": "text/html"}
JSON = {"accept": "application/json"}


@pytest.fixture
def slices() -> Sequence[str]:
    return ("people", "analyses")


async def test_an_evaluator_runs_the_plan_and_reads_the_result(client: httpx.AsyncClient, tmp_path: Path) -> None:
    cast, _ = await a_finished_analysis(tmp_path)
    await signed_in(client, cast.evaluator)
    listed = await client.get(f"/pilots/{cast.pilot}/analyses", headers=PAGE)
    assert "Run the analysis" in listed.text
    started = await client.post(f"/pilots/{cast.pilot}/analyses", headers=PAGE)
    assert started.status_code == 303
    running = await client.get(started.headers["location"], headers=PAGE)
    assert "<progress" in running.text
    await work_off(tmp_path)
    shown = (await client.get(started.headers["location"], headers=PAGE)).text
    assert "Every check that applies is in order." in shown
    assert "Language known" in shown
    assert "Better, and distinguishable from no effect" in shown
    assert 'viewBox="' in shown[shown.index("<svg") :]
    for method in ("Least squares with fixed effects", "CR2", "Satterthwaite", "Level of the interval", "95%"):
        assert method in shown, method
    assert "Runs that gave the same bytes" in shown


async def test_the_table_the_plot_and_the_json_hold_the_same_figures(client: httpx.AsyncClient, tmp_path: Path) -> None:
    cast, analysis_id = await a_finished_analysis(tmp_path)
    await signed_in(client, cast.evaluator)
    body = (await client.get(f"/analyses/{analysis_id}", headers=JSON)).json()
    file = json.loads((await client.get(f"/analyses/{analysis_id}/result.json")).content)
    assert body["result"] == file
    language = body["effects"][0]
    assert language["estimate"] == file["estimates"][0]["estimate"]
    shown = (await client.get(f"/analyses/{analysis_id}", headers=PAGE)).text
    assert f"{language['estimate']:.4f}" in shown
    assert f"{language['figure']['estimate']:.2f}" in shown


async def test_permutation_and_bootstrap_stand_beside_the_p_value_of_the_model(client: httpx.AsyncClient) -> None:
    resampled = an_estimate("language", 0.2, 0.05, 0.001, p_permutation=0.0217, p_bootstrap=0.0345)
    cast, analysis_id = await a_written_analysis(a_result(resampled, an_estimate("strain", 0.1, 0.4, 0.6)))
    await signed_in(client, cast.evaluator)
    shown = (await client.get(f"/analyses/{analysis_id}", headers=PAGE)).text
    assert shown.count("permutation 0.022") == shown.count("bootstrap 0.03") == 1
    body = (await client.get(f"/analyses/{analysis_id}", headers=JSON)).json()
    assert [effect["p_permutation"] for effect in body["effects"]] == [0.0217, None]


async def test_the_result_file_is_given_out_to_the_byte(client: httpx.AsyncClient) -> None:
    cast, analysis_id = await a_written_analysis()
    await signed_in(client, cast.lead)
    answer = await client.get(f"/analyses/{analysis_id}/result.json")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.json() == the_result()


async def test_before_the_pilot_is_ready_the_page_says_what_is_missing_and_the_api_lists_it(
    client: httpx.AsyncClient,
) -> None:
    cast = await a_cast()
    await signed_in(client, cast.evaluator)
    page = (await client.get(f"/pilots/{cast.pilot}/analyses", headers=PAGE)).text
    assert "No analysis plan is locked yet." in page
    assert "No analysis has been run" in page
    refused = await client.post(f"/pilots/{cast.pilot}/analyses", headers=JSON)
    assert refused.status_code == 409
    assert [found["code"] for found in refused.json()["findings"]] == ["no_plan", "no_rows"]


async def test_diagnostics_that_are_not_in_order_are_named_with_their_indicator(client: httpx.AsyncClient) -> None:
    checks = (a_check("balance", "pass", "strain"), a_check("balance", "warn", "language"), a_check("cells", "pass"))
    cast, analysis_id = await a_written_analysis(the_result(*checks))
    await signed_in(client, cast.evaluator)
    shown = (await client.get(f"/analyses/{analysis_id}", headers=PAGE)).text
    assert "Every check that applies is in order." not in shown
    assert "Language known: detail of balance" in shown
    assert shown.index("Diagnostics") < shown.index("Effects")


async def test_what_cannot_be_estimated_says_why_and_what_it_would_take(client: httpx.AsyncClient) -> None:
    result = a_result(no_estimate("language"), an_estimate("strain", 0.1, 0.4, 0.6))
    cast, analysis_id = await a_written_analysis(result)
    await signed_in(client, cast.evaluator)
    shown = (await client.get(f"/analyses/{analysis_id}", headers=PAGE)).text
    assert "1 treated cluster" in shown
    assert "What it would take:" in shown


async def test_a_failed_run_shows_the_reason_and_lets_the_evaluator_try_again(client: httpx.AsyncClient) -> None:
    cast = await a_written_cast()
    analysis_id = await request(cast.pilot, by=cast.evaluator)
    note = written(Message("{file} cannot be opened: {reason}.", {"file": "rows", "reason": "gone"}))
    failed: dict[Any, Any] = {Job.state: JobState.FAILED, Job.note: note}
    await Job.update(failed).where(Job.subject == SUBJECT.format(analysis_id))
    await signed_in(client, cast.evaluator)
    shown = (await client.get(f"/analyses/{analysis_id}", headers=PAGE)).text
    assert "rows cannot be opened: gone." in shown
    assert "Try again" in shown
    await signed_in(client, cast.lead)
    assert "Try again" not in (await client.get(f"/analyses/{analysis_id}", headers=PAGE)).text


async def test_a_rerun_is_started_by_form_and_by_program(client: httpx.AsyncClient) -> None:
    cast, analysis_id = await a_written_analysis()
    await signed_in(client, cast.evaluator)
    assert (await client.post(f"/analyses/{analysis_id}/rerun", headers=PAGE)).status_code == 303
    again = await client.post(f"/analyses/{analysis_id}/rerun", headers=JSON)
    assert (again.status_code, again.json()["type"]) == (
        409,
        "/problems/conflict",
    )


async def test_a_private_pilots_analyses_do_not_exist_for_others(client: httpx.AsyncClient) -> None:
    cast, analysis_id = await a_written_analysis()
    await signed_in(client, await an_account(Role.EVALUATOR))
    paths = (f"/pilots/{cast.pilot}/analyses", f"/analyses/{analysis_id}", f"/analyses/{analysis_id}/result.json")
    for headers in (PAGE, JSON):
        for path in (*paths, "/analyses/999"):
            assert (await client.get(path, headers=headers)).status_code == 404
        for path in (f"/pilots/{cast.pilot}/analyses", f"/analyses/{analysis_id}/rerun"):
            assert (await client.post(path, headers=headers)).status_code == 404


async def test_who_sees_but_may_not_run_is_told_so(client: httpx.AsyncClient) -> None:
    cast, analysis_id = await a_written_analysis(visibility=Visibility.PROGRAMME)
    await signed_in(client, cast.lead)
    assert (await client.post(f"/pilots/{cast.pilot}/analyses", headers=JSON)).status_code == 403
    await signed_in(client, await an_account(Role.EVALUATOR))
    page = (await client.get(f"/pilots/{cast.pilot}/analyses", headers=PAGE)).text
    assert "Run the analysis" not in page
    assert (await client.post(f"/analyses/{analysis_id}/rerun", headers=JSON)).status_code == 403


async def test_nobody_who_is_not_signed_in_sees_a_result(client: httpx.AsyncClient) -> None:
    _, analysis_id = await a_written_analysis()
    assert (await client.get(f"/analyses/{analysis_id}", headers=JSON)).status_code == 401


async def test_the_page_is_in_the_readers_language(client: httpx.AsyncClient) -> None:
    cast, analysis_id = await a_written_analysis()
    await signed_in(client, cast.evaluator)
    client.cookies.set("language", "da")
    shown = (await client.get(f"/analyses/{analysis_id}", headers=PAGE)).text
    assert '<html lang="da">' in shown
    assert "Effekter" in shown
