"""The worker process: takes jobs, runs their handlers, keeps their leases. Kill it at any moment; nothing is lost."""

import asyncio
import os
import secrets
import signal
import socket
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path

from effects.errors import EffectsError
from effects.message import Message
from registry.analyses import jobs as analyses_jobs
from registry.analyses import rules as analyses_rules
from registry.business_cases import rules as business_cases_rules
from registry.datasets import actions as datasets_actions
from registry.datasets import jobs as datasets_jobs
from registry.datasets import retention
from registry.deliveries import jobs as deliveries_jobs
from registry.deliveries import retention as deliveries_retention
from registry.deliveries import rules as deliveries_rules
from registry.evidence import jobs as evidence_jobs
from registry.evidence import rules as evidence_rules
from registry.evidence import valuing as evidence_valuing
from registry.kit import leasing, sessions
from registry.kit.cluster_state import ClusterAway
from registry.kit.database import connected
from registry.kit.errors import RegistryError, Unavailable
from registry.kit.jobs import beat, forget_dead_workers
from registry.kit.leasing import Lease, LeaseLost
from registry.kit.logs import bug, configure, log
from registry.kit.pool import Pool
from registry.kit.work import Handler, Work
from registry.plans import jobs as plans_jobs
from registry.plans import simulating as plans_simulating
from registry.recommendations import actions as recommendations_actions
from registry.recommendations import jobs as recommendations_jobs
from registry.seeding import jobs as seeding_jobs
from registry.seeding import programme
from registry.settings import Settings

HANDLERS: dict[str, Handler] = {
    datasets_actions.CHECK: datasets_jobs.run,
    deliveries_rules.CHECK: deliveries_jobs.look,
    deliveries_rules.POOL: deliveries_jobs.gather,
    retention.FORSAKE: deliveries_jobs.forsake,
    plans_simulating.JOB: plans_jobs.run,
    analyses_rules.JOB: analyses_jobs.run,
    business_cases_rules.JOB: evidence_valuing.run,
    evidence_rules.JOB: evidence_jobs.run,
    evidence_rules.LOOK: evidence_jobs.look,
    recommendations_actions.KIND: recommendations_jobs.issue,
    programme.CARRY: seeding_jobs.carry,
}
"""Every kind of job and what runs it."""


async def forget(_: Path) -> None:
    """Delete the rows of sessions that ended and of workers that did."""
    await sessions.sweep()
    await forget_dead_workers()


CHORES: tuple[Callable[[Path], Awaitable[None]], ...] = (retention.sweep, deliveries_retention.sweep, forget)
"""What is done over database and state folder at the start and then once an hour."""

CHORE_SECONDS = 3600.0
LANES = 2  # jobs at a time
POLL_SECONDS = 0.5
HEARTBEAT_SECONDS = 2.0

_BUG = "Something in the programme failed. Tell the operator this reference: {reference}."


class WorkerProcess:
    """Runs jobs until `stop` is set; then gives back what it was doing, so that another worker can take it at once."""

    def __init__(
        self,
        stop: asyncio.Event,
        handlers: Mapping[str, Handler] = HANDLERS,
        state: Path = Path("var"),
        scheduler: str = "",
    ) -> None:
        self.name = f"{socket.gethostname()}:{os.getpid()}"
        self._stop = stop
        self._handlers = handlers
        self._state = state
        self._pool = Pool(scheduler=scheduler)
        self._running: dict[int, tuple[Lease, asyncio.Task[None]]] = {}

    async def run(self) -> None:
        """Work; needs a bound database with an open pool."""
        log.info("worker started", worker=self.name)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._heartbeat())
                tasks.create_task(self._end())
                tasks.create_task(self._chores())
                for _ in range(LANES):
                    tasks.create_task(self._lane())
        finally:
            self._pool.kill()
            self._pool.close()
        log.info("worker stopped", worker=self.name)

    async def _lane(self) -> None:
        """One job after another."""
        while not self._stop.is_set():
            lease = None
            with suppress(Unavailable):
                lease = await leasing.claim(self.name)
            if lease is None:
                await self._pause(POLL_SECONDS)
            else:
                task = asyncio.create_task(self._attempt(lease))
                self._running[lease.job_id] = lease, task
                await asyncio.wait({task})
                del self._running[lease.job_id]

    async def _attempt(self, lease: Lease) -> None:
        """Run the handler and write down how it ended; without a database the lease lapses and it is tried again."""
        log.info("job started", job=lease.job_id, kind=lease.kind, attempt=lease.attempt)
        try:
            with suppress(Unavailable):
                await self._handle(lease)
        except asyncio.CancelledError:
            with suppress(Unavailable):
                await leasing.acknowledge_cancel(lease)
                await leasing.release(lease)
        log.info("job left", job=lease.job_id, kind=lease.kind)

    async def _handle(self, lease: Lease) -> None:
        work = Work(lease, self._pool, self._state)
        try:
            await self._handlers[lease.kind](work)
            await work.end()
        except LeaseLost:
            await leasing.acknowledge_cancel(lease)
        except ClusterAway as away:
            await _put_back(lease, away)
        except Unavailable:
            raise
        except (RegistryError, EffectsError) as error:
            await leasing.fail(lease, *_reason(error))
        except Exception as error:  # noqa: BLE001 - the edge of the process: one job's bug must not end the others
            reference = secrets.token_hex(4)
            bug(error, reference, job=lease.job_id, kind=lease.kind)
            await leasing.fail(lease, "bug", Message(_BUG, {"reference": reference}))

    async def _heartbeat(self) -> None:
        """Keep the leases; let go of jobs that were cancelled or that another worker took over."""
        while not self._stop.is_set():
            with suppress(Unavailable):
                await beat(self.name, os.getpid())
                for lease, task in list(self._running.values()):
                    try:
                        await leasing.extend(lease)
                    except LeaseLost:
                        if not task.cancelling() and task.cancel():
                            self._pool.kill()
            await self._pause(HEARTBEAT_SECONDS)

    async def _chores(self) -> None:
        """Keep the house in order; without a database, or a folder that lets us, the next time."""
        while not self._stop.is_set():
            for chore in CHORES:
                try:
                    await chore(self._state)
                except (Unavailable, OSError) as error:
                    log.warning("chore put off", chore=chore.__name__, error=type(error).__name__)
            await self._pause(CHORE_SECONDS)

    async def _end(self) -> None:
        await self._stop.wait()
        for _, task in list(self._running.values()):
            task.cancel()

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), seconds)


async def _put_back(lease: Lease, away: ClusterAway) -> None:
    """Begin again when the cluster is back; people read why it waits, and it does not count as an attempt."""
    with suppress(LeaseLost):
        await leasing.report(lease, 0.0, away.message)
    await leasing.release(lease)


def _reason(error: RegistryError | EffectsError) -> tuple[str, Message]:
    """What a person is told: the error's own message, and its first finding in full."""
    if error.findings:
        first = error.findings[0]
        return first.code, Message(f"{first.message}\n{first.remedy}".strip(), first.params)
    if isinstance(error, RegistryError):
        return error.code, error.message
    return "effects", Message("The data cannot carry the plan.")


async def serve(settings: Settings, handlers: Mapping[str, Handler] = HANDLERS) -> None:
    """Work until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with connected(settings.database_url):
        await WorkerProcess(stop, handlers, settings.state, settings.dask_scheduler).run()


def run(settings: Settings) -> int:
    """The main of `virkning worker`."""
    configure(settings.log_level)
    asyncio.run(serve(settings))
    return 0
