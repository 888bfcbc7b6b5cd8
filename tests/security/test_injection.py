"""What people type is text everywhere: on the page, in a chart, a file, a header and the log."""

import ast
import io
import json
import re
from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest
from python_calamine import CalamineWorkbook

from effects.errors import PlanError
from effects.plan import AnalysisPlan
from effects.serialize import canonical_json
from registry.analyses.compute import charts_of
from registry.datasets.forms import csv_template, xlsx_template
from registry.datasets.schema import proposed
from registry.kit import logs
from registry.kit.pages import download
from registry.settings import Settings
from tests.house.source import HOUSE, modules
from tests.registry.analyses.story import a_result, an_estimate
from tests.registry.datasets.story import an_upload
from tests.registry.people.story import an_account, signed_in
from tests.registry.pilots.story import a_lead, a_pilot
from tests.registry.plans.story import PLAN, a_cast, a_locked_plan, agree
from tests.security.routes import Call
from tests.security.story import somebody_with_every_role

HTML = {"accept": "text/html"}
MARKUP = "\"><img src=x onerror=alert(1)>'{{7*7}}</script>"
RAW = ("<img src=x", "49'", "onerror=alert(1)>")
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://elsewhere.example")')

EXECUTES = {"eval", "exec", "compile", "__import__", "execfile"}
DANGEROUS = {"pickle", "marshal", "shelve", "yaml", "patsy", "xml", "lxml"}
OWN_PROCESSES = {"registry/benchmarks/local.py", "registry/kit/cluster.py"}
"""Where work in parts goes to processes of ours and comes back; nothing that a stranger sent is opened there."""
REACHES_OUT = {"requests", "httpx", "aiohttp", "urllib3", "smtplib", "ftplib", "telnetlib", "http"}


async def test_markup_in_what_people_type_is_shown_as_text(
    client: httpx.AsyncClient, settings: Settings, calls: Sequence[Call]
) -> None:
    cast = await a_cast(title=MARKUP, target_group=MARKUP, description=MARKUP, legal_basis=MARKUP, source=MARKUP)
    await agree(cast.pilot)
    await a_locked_plan(cast, PLAN.replace("Two indicators of a digital service", MARKUP.replace('"', '\\"')))
    upload_id = await an_upload(cast, settings.state, purpose=MARKUP, legal_basis=MARKUP)
    ids = {"pilot_id": cast.pilot, "plan_id": 1, "upload_id": upload_id, "technology_id": 1}
    await signed_in(client, await somebody_with_every_role(everywhere=True))
    shown = 0
    for call in calls:
        if call.method == "GET":
            page = (await client.get(call.address(ids), headers=HTML)).text
            assert [raw for raw in RAW if raw in page and "<!DOCTYPE" in page] == [], str(call)
            shown += "&lt;img src=x" in page
    assert shown >= 8


async def test_markup_in_a_refused_form_and_in_a_search_is_shown_as_text(client: httpx.AsyncClient) -> None:
    await signed_in(client, await a_lead())
    for answer in (
        await client.post("/pilots", data={"title": MARKUP, "kind": MARKUP}, headers=HTML),
        await client.get("/pilots", params={"q": MARKUP}, headers=HTML),
        await client.get("/login", params={"next": MARKUP}, headers=HTML),
        await client.get(f"/{MARKUP}", headers=HTML),
    ):
        assert [raw for raw in RAW if raw in answer.text] == []


def test_markup_in_the_name_of_an_outcome_stays_text_in_the_chart() -> None:
    plan = PLAN.replace('name = "Language known"', 'name = "<script>alert(1)</script>"')
    result = canonical_json(a_result(an_estimate("language", 0.1, 0.05, 0.04))).encode()
    charts = charts_of(result, AnalysisPlan.from_text(plan).outcomes)
    for svg in charts.values():
        assert "<script" not in svg
        assert not re.search(r"\son\w+=|javascript:|<foreignObject", svg)


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_column_name_that_is_a_formula_is_refused_or_guarded_in_templates(formula: str) -> None:
    written = json.dumps(formula)
    try:
        schema = proposed(AnalysisPlan.from_text(PLAN.replace('unit = "area"', f"unit = {written}")))
    except PlanError:
        return
    first = csv_template(schema, ()).decode("utf-8-sig").lstrip('"')
    assert not first.startswith(("=", "+", "-", "@", "\t", "\r"))
    book = CalamineWorkbook.from_filelike(io.BytesIO(xlsx_template(schema, ())))
    assert formula.strip() in str(book.get_sheet_by_index(0).to_python()[0][0])


async def test_the_code_of_an_indicator_is_a_plain_name(client: httpx.AsyncClient) -> None:
    lead = await a_lead()
    pilot = await a_pilot(lead)
    await signed_in(client, lead)
    stated = {"name": "Visits", "domain": "citizen", "role": "primary", "better": "lower"}
    for code in (*FORMULAS, "a;b", "a b", "1a", "a" * 61, "../a", "a\nb", "__proto__()"):
        answer = await client.post(f"/pilots/{pilot}/indicators", json={**stated, "code": code})
        assert (code, answer.status_code) == (code, 422)


@pytest.mark.parametrize(
    "name", ['a".csv', "a\r\nset-cookie: x=1", "../../etc/passwd", "æ\u202egnp.exe", "", "x" * 500]
)
def test_a_file_name_cannot_leave_its_header_or_its_folder(name: str) -> None:
    header = download(b"", name, "text/csv").headers["content-disposition"]
    assert re.fullmatch(r"attachment; filename=\"[^\"\r\n/\\]*\"; filename\*=UTF-8''[\w.%~-]*", header)
    assert len(header) < 1_000


async def test_no_typed_value_reaches_the_log_and_a_request_is_one_line(
    client: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    lead = await a_lead()
    pilot = await a_pilot(lead)
    logs.configure("debug")
    await client.post("/login", json={"email": 'a@b.dk\n{"event": "forged"}', "password": "never-in-a-log"})
    await signed_in(client, lead)
    await client.post("/pilots", json={"title": "never-in-a-log"})
    await client.get(f"/pilots/{pilot}?q=never-in-a-log", headers={"user-agent": "never-in-a-log", **HTML})
    await client.get("/never-in-a-log")
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["request"] * 4
    for secret in ("never-in-a-log", "forged", lead.name, lead.email, client.cookies["session"]):
        assert secret not in "\n".join(lines)


async def test_lists_are_sorted_by_known_keys_only(client: httpx.AsyncClient) -> None:
    await signed_in(client, await an_account())
    for key in ("password_hash", "title; DROP TABLE pilot", "registered_by", "-id", "title,id"):
        assert (await client.get("/pilots", params={"sort": key})).status_code == 400


def test_nothing_executes_unpickles_or_parses_markup() -> None:
    found = [
        f"{module.path}:{node.lineno}"
        for module in modules("registry", "effects")
        for node in ast.walk(module.tree)
        if (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in EXECUTES)
        or (isinstance(node, ast.Attribute) and node.attr in {"read_pickle", "eval", "from_string"})
        or _imports(node) & DANGEROUS
    ]
    assert [place for place in found if place.partition(":")[0] not in OWN_PROCESSES] == []


def test_nothing_calls_out_of_the_service() -> None:
    """No request to elsewhere exists; the day one does, its address is checked against private ranges.

    The demo, the worker, the cluster's port and the benchmarks ask this machine itself.
    """
    ours = {"registry/cluster.py", "registry/demo.py", "registry/worker.py"}
    benchmarks = {"registry/benchmarks/serving.py", "registry/benchmarks/endurance_client.py"}
    found = {
        module.path
        for module in modules("registry", "effects")
        for node in ast.walk(module.tree)
        if _imports(node) & REACHES_OUT - {"http"} or _modules(node) & {"urllib.request", "http.client", "socket"}
    }
    assert found <= ours | benchmarks


def test_templates_escape_and_carry_no_script_or_style() -> None:
    safe, inline = [], []
    for path in sorted((HOUSE / "templates").rglob("*.html")):
        text = path.read_text("utf-8")
        name = path.relative_to(HOUSE / "templates").as_posix()
        safe += [name for _ in re.findall(r"\|\s*safe|autoescape", text)]
        inline += [name for _ in re.findall(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", text)]
    ours = ["analyses/analysis.html", "components.html", "evidence/technology.html"]  # our charts, a quotation mark
    assert sorted(set(safe)) == ours
    assert inline == []


def _imports(node: ast.AST) -> set[str]:
    return {name.partition(".")[0] for name in _modules(node)}


def _modules(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    return {node.module or ""} if isinstance(node, ast.ImportFrom) and node.level == 0 else set()


def test_state_lies_where_the_settings_say_and_nowhere_else(settings: Settings) -> None:
    assert Path(settings.database_url.removeprefix("sqlite:///")).parent == settings.state
