"""Background work as the rest of the registry sees it: ask for it, look at it, stop it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import msgspec

from effects.message import Message
from registry.kit.clock import now
from registry.kit.database import transaction
from registry.kit.tables import Job, Worker

HEARTBEAT_LIMIT = timedelta(seconds=15)
"""A worker silent for longer counts as gone."""

REMEMBERED = timedelta(hours=1)
"""A worker silent for longer is forgotten; one that wakes up after all is known again by its next sign of life."""


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class JobView(msgspec.Struct, frozen=True, kw_only=True):
    """A job as pages show it. `progress` is a share from 0 to 1; `note` says what is going on, or what went wrong."""

    id: int
    kind: str
    subject: str
    state: JobState
    progress: float
    note: Message | None
    error_code: str
    attempts: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def over(self) -> bool:
        """Nothing more will happen."""
        return self.broke_off or self.state is JobState.DONE

    @property
    def broke_off(self) -> bool:
        """It ended without storing anything."""
        return self.state in {JobState.FAILED, JobState.CANCELLED}


async def enqueue(
    kind: str, *, subject: str, payload: Mapping[str, object] | None = None, max_attempts: int = 3
) -> int:
    """Ask for work, inside the caller's transaction: it exists exactly if the caller's own rows do.

    `subject` is what it is about ("analysis:12"), `payload` whatever JSON the handler needs. Returns the job's id.
    """
    job = Job(
        kind=kind,
        subject=subject,
        payload=msgspec.json.encode(payload or {}).decode(),
        state=JobState.QUEUED,
        max_attempts=max_attempts,
        created_at=now(),
    )
    await job.save()
    key: int = job.id
    return key


async def find(job_id: int) -> JobView | None:
    """The job, or None."""
    row = await Job.select().where(Job.id == job_id).first()
    return None if row is None else view(row)


async def latest(subject: str, kind: str | None = None) -> JobView | None:
    """The newest job about a subject, of one kind or of any; None when there was none."""
    query = Job.select().where(Job.subject == subject).order_by(Job.id, ascending=False)
    row = await (query if kind is None else query.where(Job.kind == kind)).first()
    return None if row is None else view(row)


async def cancel(job_id: int) -> bool:
    """Stop a job: at once while it waits, at the worker's next heartbeat while it runs. False when it was over."""
    async with transaction():
        waiting = (Job.id == job_id) & (Job.state == JobState.QUEUED)
        stopped: dict[Any, Any] = {Job.state: JobState.CANCELLED, Job.finished_at: now()}
        if await Job.update(stopped).where(waiting).returning(Job.id):
            return True
        running = (Job.id == job_id) & (Job.state == JobState.RUNNING)
        return bool(await Job.update({Job.cancel_requested: True}).where(running).returning(Job.id))


async def waiting() -> int:
    """How many jobs nobody has begun."""
    number: int = await Job.count().where(Job.state == JobState.QUEUED)
    return number


async def beat(name: str, pid: int) -> None:
    """Note that a worker is alive."""
    row = Worker(name=name, pid=pid, seen_at=now())
    seen = [Worker.pid, Worker.seen_at]
    await Worker.insert(row).on_conflict(target=Worker.name, action="DO UPDATE", values=seen)


async def forget_dead_workers() -> None:
    """Delete the rows of workers that gave no sign of life for an hour."""
    await Worker.delete().where(Worker.seen_at <= now() - REMEMBERED)


async def worker_alive() -> bool:
    """Whether any worker gave a sign of life within 15 seconds; pages tell people when nothing would be worked on."""
    return await Worker.exists().where(Worker.seen_at > now() - HEARTBEAT_LIMIT)


def view(row: Mapping[str, Any]) -> JobView:
    """A row of the job table as pages see it."""
    shown = {name: row[name] for name in JobView.__struct_fields__ if name not in {"state", "note"}}
    note = msgspec.json.decode(row["note"], type=Message) if row["note"] else None
    return JobView(state=JobState(row["state"]), note=note, **shown)


def written(message: Message) -> str:
    """A message as the note column keeps it."""
    return msgspec.json.encode({"template": message.template, "params": dict(message.params)}).decode()
