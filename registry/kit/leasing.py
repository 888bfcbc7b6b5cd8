"""Who may work on a job: a lease with a fence, so that a worker that was thought dead cannot write any more."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import msgspec
from piccolo.columns.combination import And

from effects.message import Message
from registry.kit.clock import now
from registry.kit.database import engine, transaction
from registry.kit.jobs import JobState, written
from registry.kit.tables import Job

LEASE = timedelta(seconds=30)

INTERRUPTED = "interrupted"
"""Why a job failed that others closed, because its worker fell silent."""

GAVE_UP = Message("The work was interrupted several times and was given up. Start it again, or ask the operator.")


class LeaseLost(Exception):
    """Another worker has the job now, or it was cancelled: whatever this one found out must not be stored."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on a job, for as long as `fence` is the job's newest."""

    job_id: int
    kind: str
    subject: str
    payload: dict[str, Any]
    fence: int
    attempt: int


async def claim(worker: str) -> Lease | None:
    """Take the oldest job that waits or whose worker fell silent; None when there is none.

    No two workers get the same lease, on either database. A job that lapsed on its last attempt is failed instead.
    """
    async with transaction():
        await _give_up_on_lapsed()
        due = (Job.state == JobState.QUEUED) | ((Job.state == JobState.RUNNING) & (Job.leased_until < now()))
        query = Job.select().where(due).order_by(Job.id).first()
        if engine().engine_type == "postgres":
            query = query.lock_rows("UPDATE", skip_locked=True)
        row = await query
        return None if row is None else await _lease(row, worker)


async def extend(lease: Lease) -> None:
    """Keep the lease for another 30 seconds. Raises LeaseLost when it is gone or the job is to be cancelled.

    Nothing for a job that this very lease has just ended: its worker still has to clear up behind it.
    """
    held = Job.update({Job.leased_until: now() + LEASE}).where(_still(lease))
    if not await held.returning(Job.id) and not await Job.exists().where(_ended(lease)):
        raise LeaseLost


async def report(lease: Lease, share: float, message: Message | None) -> None:
    """Show progress, a share from 0 to 1. Raises LeaseLost."""
    values: dict[Any, Any] = {Job.progress: min(max(share, 0.0), 1.0)}
    if message is not None:
        values[Job.note] = written(message)
    if not await Job.update(values).where(_still(lease)).returning(Job.id):
        raise LeaseLost


async def finish(lease: Lease) -> None:
    """Mark the job done; in the transaction that stores its result. Raises LeaseLost, which rolls that back."""
    values: dict[Any, Any] = {Job.state: JobState.DONE, Job.progress: 1.0, Job.note: "", Job.finished_at: now()}
    if not await Job.update(values).where(_still(lease)).returning(Job.id):
        raise LeaseLost


async def fail(lease: Lease, code: str, message: Message) -> None:
    """Mark the job failed with what a person can do about it; nothing when the lease is gone."""
    values: dict[Any, Any] = {
        Job.state: JobState.FAILED,
        Job.error_code: code,
        Job.note: written(message),
        Job.finished_at: now(),
    }
    await Job.update(values).where(_still(lease))


async def release(lease: Lease) -> None:
    """Put the job back in the line: its worker stops in good order. Does not count as an attempt."""
    values: dict[Any, Any] = {Job.state: JobState.QUEUED, Job.attempts: lease.attempt - 1}
    await Job.update(values).where(_still(lease))


async def acknowledge_cancel(lease: Lease) -> None:
    """Mark the job cancelled if that was asked for."""
    asked = (Job.id == lease.job_id) & (Job.fence == lease.fence) & (Job.cancel_requested.eq(True))
    values: dict[Any, Any] = {Job.state: JobState.CANCELLED, Job.finished_at: now()}
    await Job.update(values).where(asked & (Job.state == JobState.RUNNING))


def _still(lease: Lease) -> And:
    return (
        (Job.id == lease.job_id)
        & (Job.fence == lease.fence)
        & (Job.state == JobState.RUNNING)
        & (Job.cancel_requested.eq(False))
    )


def _ended(lease: Lease) -> And:
    failed = (Job.state == JobState.FAILED) & (Job.error_code != INTERRUPTED)
    return (Job.id == lease.job_id) & (Job.fence == lease.fence) & ((Job.state == JobState.DONE) | failed)


async def _lease(row: dict[str, Any], worker: str) -> Lease:
    moment = now()
    values: dict[Any, Any] = {
        Job.state: JobState.RUNNING,
        Job.fence: row["fence"] + 1,
        Job.attempts: row["attempts"] + 1,
        Job.leased_until: moment + LEASE,
        Job.worker: worker,
        Job.started_at: row["started_at"] or moment,
    }
    await Job.update(values).where(Job.id == row["id"])
    payload = msgspec.json.decode(row["payload"])
    return Lease(row["id"], row["kind"], row["subject"], payload, row["fence"] + 1, row["attempts"] + 1)


async def _give_up_on_lapsed() -> None:
    """Close jobs whose worker fell silent and that must not be tried again."""
    lapsed = (Job.state == JobState.RUNNING) & (Job.leased_until < now())
    cancelled: dict[Any, Any] = {Job.state: JobState.CANCELLED, Job.finished_at: now()}
    await Job.update(cancelled).where(lapsed & (Job.cancel_requested.eq(True)))
    failed: dict[Any, Any] = {
        Job.state: JobState.FAILED,
        Job.error_code: INTERRUPTED,
        Job.note: written(GAVE_UP),
        Job.finished_at: now(),
    }
    await Job.update(failed).where(lapsed & (Job.attempts >= Job.max_attempts))
