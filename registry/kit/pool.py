"""Processes for what costs processor time: a pool for our own work, and a child with limits for what strangers send."""

import asyncio
import multiprocessing
import os
import resource
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import Connection
from typing import Any, Literal, TypeVar, TypeVarTuple

from effects.message import Message
from registry.kit.errors import RegistryError
from registry.kit.outcomes import Refusal, Value, outcome_of
from registry.kit.spreading import spreading_over

Arguments = TypeVarTuple("Arguments")
Result = TypeVar("Result")

_SPAWN = multiprocessing.get_context("spawn")
_WATCH_SECONDS = 0.5
NUMERIC_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
_TRIES = 3


class LimitExceeded(RegistryError):
    """Work in a child went over its time or memory, or brought the child down."""

    def __init__(self, limit: Literal["time", "memory", "crash"]) -> None:
        texts = {
            "time": Message("The file takes too long to read. Send a smaller or simpler one."),
            "memory": Message("The file takes too much memory to read. Send a smaller or simpler one."),
            "crash": Message("The file cannot be read. Save it again in its original program, or as CSV."),
        }
        super().__init__(422, f"limit_{limit}", texts[limit])
        self.limit = limit


class PoolBroken(RegistryError):
    """The processes of the pool died again and again under the same work."""

    def __init__(self) -> None:
        super().__init__(503, "pool_broken", Message("The calculation was stopped by the machine. Try again later."))


class Pool:
    """Spawned processes, each with one numeric thread; they end when their maker does, however it ends.

    What a call spreads is done by the cluster of the `scheduler`, where there is one.
    """

    def __init__(self, processes: int | None = None, scheduler: str = "") -> None:
        self._scheduler = scheduler
        self.processes = processes or os.cpu_count() or 1
        self._executor: ProcessPoolExecutor | None = None
        self._killed: ProcessPoolExecutor | None = None

    async def run(self, function: Callable[[*Arguments], Result], /, *arguments: *Arguments) -> Result:
        """The function's value, computed in a process; function and arguments must be picklable.

        When a process is killed a new pool takes over and the call is made again. Raises what the function raises,
        and PoolBroken when it brought the pool down three times; `kill` is not laid to the account of those who stay.
        """
        tries = 0
        while tries < _TRIES:
            executor = self._open()
            try:
                outcome = await asyncio.wrap_future(executor.submit(_call, self._scheduler, function, arguments))
            except BrokenProcessPool:
                tries += executor is not self._killed
                self._drop(executor)
            else:
                return outcome.value()
        raise PoolBroken

    def kill(self) -> None:
        """End the processes at once; what they did is done again in a new pool unless its caller was cancelled."""
        self._killed = self._executor
        for process in list((getattr(self._executor, "_processes", None) or {}).values()):
            process.kill()

    def close(self) -> None:
        """End the processes and wait for them."""
        executor, self._executor = self._executor, None
        if executor is not None:
            executor.shutdown(wait=True, cancel_futures=True)

    def _open(self) -> ProcessPoolExecutor:
        if self._executor is None:
            self._executor = ProcessPoolExecutor(
                self.processes, mp_context=_SPAWN, initializer=settle, initargs=(os.getpid(),)
            )
        return self._executor

    def _drop(self, executor: ProcessPoolExecutor) -> None:
        if self._executor is executor:
            self._executor = None
        executor.shutdown(wait=False, cancel_futures=True)


async def limited(
    function: Callable[[*Arguments], Result], /, *arguments: *Arguments, seconds: float, megabytes: int
) -> Result:
    """The function's value, computed in a child of its own that may use so much time and address space and no more.

    Raises LimitExceeded, and what the function raises.
    """
    return await asyncio.to_thread(_supervise, function, arguments, seconds, megabytes)


def _call(scheduler: str, function: Callable[..., Result], arguments: tuple[Any, ...]) -> Value[Result] | Refusal:
    with spreading_over(scheduler):
        return outcome_of(function, *arguments)


def settle(parent: int) -> None:
    """First call in a child: one numeric thread, and no life without the parent."""
    for name in NUMERIC_THREADS:
        os.environ[name] = "1"
    threading.Thread(target=_follow, args=(parent,), daemon=True).start()


def _follow(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_WATCH_SECONDS)
    os._exit(1)


def _supervise(function: Callable[..., Result], arguments: tuple[Any, ...], seconds: float, megabytes: int) -> Result:
    receiver, sender = _SPAWN.Pipe(duplex=False)
    child = _SPAWN.Process(target=_child, args=(sender, os.getpid(), megabytes, function, arguments), daemon=True)
    child.start()
    sender.close()
    try:
        if not receiver.poll(seconds):
            raise LimitExceeded("time")
        outcome: Value[Result] | Refusal = receiver.recv()
    except EOFError:
        raise LimitExceeded("crash") from None
    finally:
        child.kill()
        child.join()
        child.close()
        receiver.close()
    return outcome.value()


def _child(
    sender: Connection, parent: int, megabytes: int, function: Callable[..., Result], arguments: tuple[Any, ...]
) -> None:
    settle(parent)
    resource.setrlimit(resource.RLIMIT_AS, (megabytes * 1024 * 1024,) * 2)
    try:
        outcome = outcome_of(function, *arguments)
    except MemoryError:
        outcome = Refusal(LimitExceeded, (), vars(LimitExceeded("memory")))
    sender.send(outcome)
