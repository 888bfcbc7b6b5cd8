"""What a job handler is given: the payload, processes to compute in, and the one way to store a result."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar, TypeVarTuple

from effects.message import Message
from registry.kit import leasing, pool
from registry.kit.database import transaction
from registry.kit.leasing import Lease
from registry.kit.pool import Pool

Arguments = TypeVarTuple("Arguments")
Result = TypeVar("Result")


class Work:
    """One attempt at one job. A handler that returns without `finishing` has finished too, with nothing to store."""

    def __init__(self, lease: Lease, processes: Pool, state: Path = Path("var")) -> None:
        self.state = state
        """The folder of all files the service keeps."""
        self._lease = lease
        self._processes = processes
        self._finished = False

    @property
    def job_id(self) -> int:
        """The job's row."""
        return self._lease.job_id

    @property
    def subject(self) -> str:
        """What the job is about, as it was enqueued."""
        return self._lease.subject

    @property
    def payload(self) -> Mapping[str, Any]:
        """What was enqueued with the job."""
        return self._lease.payload

    @property
    def attempt(self) -> int:
        """1 the first time."""
        return self._lease.attempt

    async def compute(self, function: Callable[[*Arguments], Result], /, *arguments: *Arguments) -> Result:
        """The function's value from a process of the pool; see `Pool.run`."""
        return await self._processes.run(function, *arguments)

    async def limited(
        self,
        function: Callable[[*Arguments], Result],
        /,
        *arguments: *Arguments,
        seconds: float,
        megabytes: int,
    ) -> Result:
        """The function's value from a child with limits, for what strangers sent; see `pool.limited`."""
        return await pool.limited(function, *arguments, seconds=seconds, megabytes=megabytes)

    async def progress(self, share: float, message: Message | None = None) -> None:
        """Tell people how far it is, from 0 to 1. Raises LeaseLost when the job is no longer ours."""
        await leasing.report(self._lease, share, message)

    @asynccontextmanager
    async def finishing(self) -> AsyncIterator[None]:
        """The transaction that stores the result and marks the job done, both or neither.

        Raises LeaseLost before the block runs when another worker has the job or it was cancelled.
        """
        async with transaction():
            await leasing.finish(self._lease)
            yield
        self._finished = True

    async def end(self) -> None:
        """What the worker calls when the handler has returned: a job that stored nothing is done as well."""
        if not self._finished:
            await leasing.finish(self._lease)


Handler = Callable[[Work], Awaitable[None]]
