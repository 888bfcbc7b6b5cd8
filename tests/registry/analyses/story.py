"""Result files and analyses for the tests of this slice and later ones."""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest

from effects.codes import Better, Domain, Role
from effects.plan import AnalysisPlan
from effects.planning.sections import Outcome
from effects.results import SCHEMA
from registry.analyses.actions import request, store
from registry.analyses.compute import charts_of
from registry.analyses.rules import SUBJECT
from registry.datasets.actions import approve
from registry.datasets.checking import check
from registry.datasets.facts import ColumnFacts
from registry.datasets.schema import proposed
from registry.datasets.tables import DatasetVersion, Upload
from registry.kit import jobs
from registry.kit.clock import now, today
from registry.kit.database import transaction
from registry.kit.jobs import JobState
from registry.kit.leasing import claim
from registry.kit.pool import Pool
from registry.kit.tables import Job
from registry.kit.work import Work
from registry.plans.queries import current_plan, parsed
from registry.worker import HANDLERS
from tests.conftest import ROOT
from tests.registry.datasets.story import an_upload, checked_once
from tests.registry.plans.story import LANGUAGE, PLAN, STRAIN, Cast, a_cast, a_locked_plan, agree

CONTENT = "sha256:" + "c" * 64
FALLS = Outcome(column="falls", role=Role.PRIMARY, domain=Domain.SAFETY, better=Better.LOWER, minimal_important=0.5)
SLEEP = Outcome(
    column="sleep",
    name="Hours of sleep",
    role=Role.PRIMARY,
    domain=Domain.CITIZEN,
    better=Better.HIGHER,
    minimal_important=0.25,
)
STRESS = Outcome(column="stress", role=Role.GUARDRAIL, domain=Domain.STAFF, better=Better.LOWER)


def an_estimate(outcome: str, estimate: float, half_width: float, p_adjusted: float | None, **changed: Any) -> Any:
    """An entry of a result file."""
    return {
        "kind": "estimate",
        "outcome": outcome,
        "aggregation": "overall",
        "analysis": "primary",
        "subgroup": None,
        "estimate": estimate,
        "standard_error": half_width / 2,
        "standard_error_kind": "cr2",
        "df": 12.5,
        "interval": {"level": 0.95, "low": estimate - half_width, "high": estimate + half_width, "method": "t"},
        "p_value": 0.04,
        "p_adjusted": p_adjusted,
        "p_permutation": None,
        "p_bootstrap": None,
        "rows": 231,
        "units": 29,
        "clusters": 29,
        "estimator": "wls_fixed_effects",
        "note": None,
        **changed,
    }


def no_estimate(outcome: str) -> Any:
    """An entry that says why there is no answer."""
    return {
        "kind": "not_estimable",
        "outcome": outcome,
        "aggregation": "overall",
        "analysis": "primary",
        "subgroup": None,
        "reason": "too_few_clusters",
        "detail": "1 treated cluster",
        "needs": "at least 2 treated clusters",
        "messages": {
            "detail": [{"template": "{treated} treated cluster", "params": {"treated": 1}}],
            "needs": [{"template": "at least 2 treated clusters", "params": {}}],
        },
    }


def a_result(*entries: Any) -> dict[str, Any]:
    """A result file with these entries, about the rows of `a_written_version`."""
    told = {"sha256": ["c" * 64], "content": "sha256:" + "d" * 64, "rows": 231, "rows_used": 231, "dropped": []}
    plan = {"fingerprint": "sha256:0", "title": "A plan"}
    return {"schema": SCHEMA, "plan": plan, "data": told, "estimates": list(entries), "diagnostics": []}


def a_check(name: str, verdict: str, outcome: str | None = None) -> Any:
    """A diagnostic of a result file."""
    said = {field: [{"template": f"{field} of {name}", "params": {}}] for field in ("question", "null", "detail")}
    return {
        "name": name,
        "statistic": 0.5,
        "p_value": None,
        "verdict": verdict,
        "outcome": outcome,
        "messages": said,
        **{field: f"{field} of {name}" for field in said},
    }


def the_result(*checks: Any) -> dict[str, Any]:
    """A result of the plan of the plans' story: language improved, strain did not move."""
    entries = (
        an_estimate("language", 0.2, 0.05, 0.001),
        an_estimate("strain", 0.1, 0.4, 0.6),
    )
    return {**a_result(*entries), "diagnostics": list(checks)}


REFERENCE = ROOT.parent / "shared" / "data" / "reference"
TRIAL = "plans/cict_indicators.toml"


def the_trial() -> dict[str, Any]:
    """The reference case of a real stepped-wedge trial: its plan, its rows and what independent software found.

    Where the folder is not at hand the test is skipped, and says so.
    """
    if not (REFERENCE / "reference.toml").exists():
        pytest.skip("the reference data are not here: the real trial is NOT checked")
    cases = tomllib.loads((REFERENCE / "reference.toml").read_text("utf-8"))["case"]
    found: dict[str, Any] = next(case for case in cases if case["plan"] == TRIAL)
    return found


async def a_real_analysis(state: Path) -> tuple[Cast, int]:
    """The eleven indicators of the real trial, agreed, planned, uploaded, approved and analysed."""
    case = the_trial()
    toml = (REFERENCE / case["plan"]).read_text("utf-8")
    indicators = [
        {
            **LANGUAGE,
            "code": outcome.column,
            "name": outcome.column,
            "wording": outcome.column,
            "role": outcome.role,
            "domain": outcome.domain,
            "better": outcome.better,
            "minimal_important": outcome.minimal_important,
            "margin": outcome.margin,
        }
        for outcome in AnalysisPlan.from_text(toml).outcomes
    ]
    return await a_finished_analysis(
        state, await a_ready_cast(state, (REFERENCE / case["data"]).read_bytes(), toml, indicators)
    )


ROWS = "area,week,digital,n,language,strain,age,season\n"


def rows(areas: int = 8, weeks: int = 6, effect: float = 0.2) -> str:
    """A file for the plan of the plans' story, in which the digital service raises `language` by `effect`."""
    draw = Random(20211215)
    lines = []
    for area in range(areas):
        for week in range(weeks):
            digital = int(week > area % (weeks - 1))
            language = 0.5 + 0.02 * area + 0.01 * week + effect * digital + draw.gauss(0, 0.03)
            strain = 3.0 + draw.gauss(0, 0.5)
            cells = (f"{area + 1:04d}", f"2026-W{week + 1:02d}", digital, 12, f"{language:.6f}", f"{strain:.6f}")
            season = "winter" if draw.random() < 0.5 else "summer"
            lines.append(",".join(map(str, (*cells, f"{draw.uniform(60, 80):.1f}", season))))
    return ROWS + "\n".join(lines) + "\n"


class Here(Work):
    """An attempt that computes in the process of the test instead of in a pool; equal files and plots come once."""

    async def compute(self, function: Callable[..., Any], /, *arguments: Any) -> Any:
        return _charts(*arguments) if function is charts_of else function(*arguments)

    async def limited(self, function: Callable[..., Any], /, *arguments: Any, seconds: float, megabytes: int) -> Any:
        assert seconds and megabytes
        return checked_once(*arguments) if function is check else function(*arguments)


_charts = cache(charts_of)


async def work_off(state: Path) -> None:
    """Do every waiting job, the oldest first, as the worker would, here and now; what a handler raises is raised."""
    while lease := await claim("worker of a test"):
        work = Here(lease, Pool(1), state)
        await HANDLERS[lease.kind](work)
        await work.end()


def ends_while_read(patch: pytest.MonkeyPatch, state: Path) -> None:
    """Whoever asks how far a job is hears it of the moment in which the worker has just done it."""
    asked = jobs.latest

    async def latest(subject: str, kind: str | None = None) -> jobs.JobView | None:
        await work_off(state)
        return await asked(subject, kind)

    patch.setattr(jobs, "latest", latest)


async def a_ready_cast(
    state: Path,
    content: str | bytes | None = None,
    toml: str = PLAN,
    indicators: Sequence[Mapping[str, Any]] = (LANGUAGE, STRAIN),
    **about: Any,
) -> Cast:
    """A pilot whose plan is locked and whose rows are approved, with the people around it."""
    cast = await a_cast(**about)
    await agree(cast.pilot, indicators)
    await a_locked_plan(cast, toml)
    await an_upload(cast, state, rows() if content is None else content)
    await work_off(state)
    await approve(await newest_version(cast.pilot), by=cast.second)
    return cast


async def newest_version(pilot_id: int) -> int:
    """The id of the version stored last."""
    query = DatasetVersion.select(DatasetVersion.id).where(DatasetVersion.pilot == pilot_id)
    found = await query.order_by(DatasetVersion.id, ascending=False).first()
    assert found is not None, "the upload was refused"
    return int(found["id"])


async def a_finished_analysis(state: Path, cast: Cast | None = None) -> tuple[Cast, int]:
    """A pilot (a ready one by default) and the run of its plan, which has its result."""
    ready = cast or await a_ready_cast(state)
    analysis_id = await request(ready.pilot, by=ready.evaluator)
    await work_off(state)
    return ready, analysis_id


async def a_written_version(cast: Cast, content: str = CONTENT) -> int:
    """An approved version as rows of the database alone: no file lies behind it."""
    plan = await current_plan(cast.pilot)
    assert plan is not None
    schema = proposed(parsed(plan))
    upload = Upload(
        pilot=cast.pilot,
        plan=plan.id,
        filename="rows.csv",
        sha256="0" * 64,
        schema="{}",
        state="stored",
        purpose="Evaluation",
        legal_basis="Serviceloven § 83",
        retain_until=today() + timedelta(days=365),
        uploaded_by=cast.lead.id,
        uploaded_at=now(),
    )
    await upload.save()
    facts = [ColumnFacts(column.name, column.type, column.part, 231) for column in schema.columns]
    version = DatasetVersion(
        pilot=cast.pilot,
        plan=plan.id,
        upload=upload.id,
        number=await DatasetVersion.count().where(DatasetVersion.pilot == cast.pilot) + 1,
        sha256="0" * 64,
        content=content,
        stored="nothing.parquet",
        rows=231,
        columns=msgspec.json.encode(facts).decode(),
        completeness="null",
        uploaded_by=cast.lead.id,
        stored_at=now(),
        approved_by=cast.second.id,
        approved_at=now(),
    )
    await version.save()
    return int(version.id)


async def a_written_cast(**about: Any) -> Cast:
    """A pilot that is ready to run as far as the database knows."""
    cast = await a_cast(**about)
    await agree(cast.pilot)
    await a_locked_plan(cast)
    await a_written_version(cast)
    return cast


async def a_written_analysis(result: dict[str, Any] | None = None, **about: Any) -> tuple[Cast, int]:
    """A pilot with a run whose result (`the_result` by default) was not computed but written here."""
    cast = await a_written_cast(**about)
    analysis_id = await request(cast.pilot, by=cast.evaluator)
    async with transaction():
        await store(analysis_id, msgspec.json.encode(result or the_result()), {"da": "<svg/>", "en": "<svg/>"})
    await Job.update({Job.state: JobState.DONE}).where(Job.subject == SUBJECT.format(analysis_id))
    return cast, analysis_id
