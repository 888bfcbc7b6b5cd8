"""Parts of work done by a Dask cluster; whatever dies there, every part has one answer in the end, or a reason.

What is sent is pickled here and opened where it is used: the scheduler passes on bytes, and neither its log nor a
worker's can tell what is in them.
"""

import logging
import pickle
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NoReturn
from uuid import uuid4

from dask import config
from distributed import Client, Future, KilledWorker, as_completed
from distributed.client import ClosedClientError
from threadpoolctl import threadpool_limits

from effects.message import Message
from effects.spread import Spread
from registry.kit.cluster_state import ClusterAway, ClusterUnfit, Presence
from registry.kit.outcomes import Refusal, Value, outcome_of
from registry.kit.versions import differing, versions

PATIENCE: Final = 600.0
"""Seconds without a scheduler, or without any worker, after which it is given up."""

DEATHS: Final = 3
"""How many times the cluster may say of a part that it kills its workers."""

MOST_CARRIED: Final = 16 * 1024 * 1024
"""Bytes of what parts have in common that they carry themselves; Dask gives few parts that wait for a common result to
the one worker that has it."""

_CONNECT_SECONDS: Final = 5.0
_LOOK_SECONDS: Final = 2.0
_POLL_SECONDS: Final = 0.005
_LONGEST_PAUSE: Final = 5.0
_LOST: Final = (CancelledError, ClosedClientError, OSError)
"""What a client raises whose scheduler is gone; the closed connection of Dask is an OSError."""

_LOGGERS: Final = ("distributed", "distributed.client", "distributed.gc", "tornado.application")


def quiet() -> None:
    """Dask's log names what it works on; whoever uses it says for himself what went wrong."""
    for name in _LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL)


@contextmanager
def over_dask(address: str, patience: float = PATIENCE) -> Iterator[Spread]:
    """Work in parts done by the cluster at `address` (`tcp://host:port`, or `tls://…` with Dask's own settings).

    Connects when there is something to do. A part whose worker is lost is done by another one, and what a lost
    scheduler was doing by the next one; only parts without an answer are done again.
    Raises, besides what a part raises, ClusterAway after `patience` seconds without a scheduler or any worker, and
    ClusterUnfit where versions differ or a part kills every worker.
    """
    quiet()
    cluster = _Cluster(address, patience)
    try:
        yield cluster
    finally:
        cluster.close()


def _client(address: str, seconds: float) -> Client:
    """Raises an OSError where nobody answers in that time, and ClusterUnfit where TLS is not set up here."""
    if address.startswith("tls:") and not config.get("distributed.comm.tls.ca-file", None):
        raise ClusterUnfit(
            Message(
                "The computing cluster asks for TLS, which is not set up here: DASK_DISTRIBUTED__COMM__TLS__CA_FILE."
            )
        )
    return Client(address, set_as_default=False, timeout=seconds)


def presence(address: str) -> Presence:
    """Who is there to work. Raises ClusterAway where no scheduler answers within 5 seconds, and ClusterUnfit."""
    quiet()
    try:
        with _client(address, _CONNECT_SECONDS) as client:
            found = client.run(differing_here, versions(), on_error="return")
    except _LOST:
        raise ClusterAway from None
    told = {answer if isinstance(answer, str) else type(answer).__name__ for answer in found.values()}
    return Presence(len(found), tuple(sorted(told - {""})))


def differing_here(wanted: Mapping[str, str]) -> str:
    """On a worker: what `versions` has that is not as wanted, by name."""
    return differing(versions(), wanted)


@dataclass(frozen=True)
class Held:
    """What the parts of a call have in common, opened once in each process that works on them."""

    content: bytes

    @cached_property
    def opened(self) -> tuple[Callable[[Any, Any], Any], Any]:
        """The function and what is shared."""
        function, shared = pickle.loads(self.content)
        return function, shared

    def __reduce__(self) -> tuple[type["Held"], tuple[bytes]]:
        """From worker to worker it goes as it came, closed."""
        return Held, (self.content,)


@dataclass(frozen=True)
class Raised:
    """An error that is a bug, on its way."""

    error: Exception

    def value(self) -> NoReturn:
        """Raises it."""
        raise self.error


@dataclass(frozen=True)
class OtherVersions:
    """A worker that would give other bytes."""

    names: str

    def value(self) -> NoReturn:
        """Raises ClusterUnfit."""
        template = "A machine of the computing cluster has other versions: {names}. Install the same on all of them."
        raise ClusterUnfit(Message(template, {"names": self.names}))


Outcome = Value[Any] | Refusal | Raised | OtherVersions


def done(part: bytes, held: Held, wanted: dict[str, str]) -> bytes:
    """On a worker: the pickled outcome of a pickled part. Versions that differ from `wanted` are refused."""
    found: Outcome
    names = differing_here(wanted)
    if names:
        return pickle.dumps(OtherVersions(names))
    try:
        function, shared = held.opened
        threadpool_limits(limits=1)  # for good: undone while another part runs beside, it would change that one's bytes
        found = outcome_of(function, shared, pickle.loads(part))
    except Exception as error:  # noqa: BLE001 - whatever it is belongs to the caller; a worker would log its values
        found = Raised(error)
    return pickle.dumps(found)


class _Cluster:
    """A client that is opened when it is needed and again when it is lost."""

    def __init__(self, address: str, patience: float) -> None:
        self._address = address
        self._patience = patience
        self._connect_seconds = min(patience, _CONNECT_SECONDS)
        self._client: Client | None = None
        self._alive = 0.0

    def __call__(self, function: Callable[[Any, Any], Any], shared: Any, parts: Sequence[Any]) -> list[Any]:
        call = Call(Held(pickle.dumps((function, shared))), [pickle.dumps(part) for part in parts])
        self._alive = time.monotonic()
        while not call.over:
            try:
                self._send(call)
            except _LOST:
                self.close()
        return [outcome.value() for outcome in call.outcomes()]

    def close(self) -> None:
        """Forget the client; the cluster drops what it was doing for it."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(*_LOST):
                client.close(timeout=_CONNECT_SECONDS)

    def _send(self, call: "Call") -> None:
        """Have the parts without an answer done. Raises one of _LOST when the scheduler goes."""
        client = self._connected()
        token = uuid4().hex
        with config.set({"distributed.admin.large-graph-warning-threshold": "1 TB"}):
            places = {(f"part-{token}", place): place for place in call.missing}
            pieces = [call.parts[place] for place in places.values()]
            held: Held | Future[Held] = call.held
            if len(call.held.content) * len(pieces) > MOST_CARRIED:
                held = client.submit(Held, call.held.content, key=f"held-{token}", pure=False)
            futures = client.map(done, pieces, [held] * len(pieces), key=list(places), wanted=versions(), pure=False)
        try:
            self._collect(call, places, as_completed(futures, loop=client.loop, with_results=True, raise_errors=False))
        finally:
            with suppress(*_LOST):
                client.cancel(futures)

    def _collect(self, call: "Call", places: Mapping[Any, int], arriving: as_completed) -> None:
        looked = time.monotonic()
        while not call.over:
            batch: list[tuple[Future[Any], Any]] = arriving.next_batch(block=False)
            for future, result in batch:
                if future.status == "cancelled":
                    raise CancelledError
                call.take(places[future.key], result)
            if not batch:
                time.sleep(_POLL_SECONDS)
            if time.monotonic() - looked > _LOOK_SECONDS:
                self._look()
                looked = time.monotonic()

    def _look(self) -> None:
        """Whether anybody is there to work."""
        if self._client is not None and self._client.scheduler_info(n_workers=1)["n_workers"]:
            self._alive = time.monotonic()
        self._lose_patience()

    def _connected(self) -> Client:
        pause = 0.1
        while self._client is None:
            try:
                self._client = _client(self._address, self._connect_seconds)
            except OSError:
                self._lose_patience()
                time.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
        return self._client

    def _lose_patience(self) -> None:
        if time.monotonic() - self._alive > self._patience:
            raise ClusterAway


class Call:
    """The parts of one call and the answers so far; a part that was refused makes those behind it needless."""

    def __init__(self, held: Held, parts: Sequence[bytes]) -> None:
        self.held = held
        self.parts = parts
        self._found: dict[int, Outcome] = {}
        self._deaths = 0
        self._needed = len(parts)

    @property
    def missing(self) -> list[int]:
        """The places of parts that need an answer and have none."""
        return [place for place in range(self._needed) if place not in self._found]

    @property
    def over(self) -> bool:
        """Nothing more is needed."""
        return not self.missing

    def outcomes(self) -> list[Outcome]:
        """In the order of the parts, up to the first that was refused."""
        return [self._found[place] for place in range(self._needed)]

    def take(self, place: int, result: Any) -> None:
        """An answer, or what Dask says in place of one. Raises ClusterUnfit, or CancelledError to do it again."""
        if isinstance(result, KilledWorker) and self._deaths < DEATHS:
            self._deaths += 1
            raise CancelledError
        if not isinstance(result, bytes):
            raise unfit(result)
        outcome: Outcome = pickle.loads(result)
        self._found[place] = outcome
        if not isinstance(outcome, Value):
            self._needed = min(self._needed, place + 1)


def unfit(error: object) -> ClusterUnfit:
    """What to tell of an error of the cluster itself."""
    if isinstance(error, KilledWorker):
        return ClusterUnfit(Message("The computing cluster was stopped several times by the same work."))
    template = "The computing cluster cannot do this work ({kind}). Install this programme on all of its machines."
    return ClusterUnfit(Message(template, {"kind": type(error).__name__}))
