"""What the database, the audit and the doctor say when an endurance run is over."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from registry import doctor
from registry.audit.queries import count, verify_chain
from registry.benchmarks.endurance_judgement import Found, Work
from registry.kit.database import connected, engine
from registry.kit.jobs import JobState
from registry.settings import Settings

DRAIN_SECONDS: Final = 600.0

_ROWS: Final[Mapping[str, str]] = {
    "pilot": "SELECT id, replace(title, 'Pilot ', '') AS name, 'pilots.register' AS action FROM pilot",
    "indicator": "SELECT id, code AS name, 'indicators.propose' AS action FROM indicator",
    "upload": "SELECT id, replace(filename, '.csv', '') AS name, 'datasets.receive' AS action FROM upload",
}
_PLACES: Final = {"pilot": "/pilots/{}/facts", "indicator": "", "upload": "/uploads/{}"}
_COUNTED: Final = """
SELECT made.id, made.name, count(audit_entry.id) AS entries FROM ({rows}) AS made
LEFT JOIN audit_entry ON audit_entry.object_id = made.id AND audit_entry.action = made.action
GROUP BY made.id, made.name ORDER BY made.id
"""
_JOBS: Final = "SELECT kind, subject, state, attempts FROM job ORDER BY id"
_RESULTS: Final = """
SELECT 'upload:' || upload AS subject, count(*) AS results FROM dataset_version GROUP BY upload
UNION ALL SELECT 'analysis:' || id, CASE WHEN result IS NULL THEN 0 ELSE reruns + 1 END FROM analysis
"""
_ENDS: Final = """
SELECT CASE action WHEN 'datasets.stored' THEN 'upload:' ELSE 'analysis:' END || object_id AS subject,
count(*) AS entries FROM audit_entry WHERE action IN ('datasets.stored', 'analyses.store') GROUP BY 1
"""
_ANALYSES: Final = "SELECT count(*) AS number FROM audit_entry WHERE action = 'analyses.request'"


@dataclass(frozen=True, slots=True)
class Remains:
    """The end of a run. `broken` is the first entry of the audit that does not follow; `ill` are the doctor's lines."""

    found: tuple[Found, ...]
    work: tuple[Work, ...]
    analyses: int
    jobs: int
    retried: int
    entries: int
    broken: int | None
    ill: tuple[str, ...]


async def drained(url: str, seconds: float = DRAIN_SECONDS) -> bool:
    """Wait until no job waits or runs; False when some still do at the end of so many seconds."""
    unfinished = f"SELECT count(*) AS number FROM job WHERE state IN ('{JobState.QUEUED}', '{JobState.RUNNING}')"
    deadline = time.monotonic() + seconds
    async with connected(url):
        while time.monotonic() < deadline:
            if (await engine().run_ddl(unfinished))[0]["number"] == 0:
                return True
            time.sleep(0.5)
    return False


async def running_on(url: str) -> str | None:
    """The worker that has a job just now, or None."""
    async with connected(url):
        rows = await engine().run_ddl(f"SELECT worker FROM job WHERE state = '{JobState.RUNNING}' ORDER BY id DESC")
    return str(rows[0]["worker"]) if rows else None


async def remains(settings: Settings) -> Remains:
    """Look at everything, while the processes still run."""
    ill = tuple(str(line) for line in await doctor.examine(settings) if line.state != "ok")
    async with connected(settings.database_url):
        found = [_found(kind, row) for kind in _ROWS for row in await _rows(_COUNTED.format(rows=_ROWS[kind]))]
        jobs = await _rows(_JOBS)
        results = {row["subject"]: row["results"] for row in await _rows(_RESULTS)}
        ends = {row["subject"]: row["entries"] for row in await _rows(_ENDS)}
        return Remains(
            found=tuple(found),
            work=tuple(_work(subject, jobs, results, ends) for subject in sorted({row["subject"] for row in jobs})),
            analyses=(await _rows(_ANALYSES))[0]["number"],
            jobs=len(jobs),
            retried=sum(row["attempts"] > 1 for row in jobs),
            entries=await count(),
            broken=await verify_chain(),
            ill=ill,
        )


async def _rows(query: str) -> list[dict[str, Any]]:
    return list(await engine().run_ddl(query))


def _found(kind: str, row: Mapping[str, Any]) -> Found:
    return Found(kind, row["name"], _PLACES[kind].format(row["id"]), row["entries"])


def _work(subject: str, jobs: list[dict[str, Any]], results: Mapping[str, int], ends: Mapping[str, int]) -> Work:
    states = [row["state"] for row in jobs if row["subject"] == subject]
    others = tuple(f"{state}" for state in states if state != JobState.DONE)
    return Work(subject, states.count(JobState.DONE), others, results.get(subject, 0), ends.get(subject, 0))
