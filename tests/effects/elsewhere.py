"""A place where parts of work are done by other processes, the last one first."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any

from threadpoolctl import threadpool_limits


class Elsewhere:
    """Gives the parts to the pool backwards and answers in their order; remembers how many it was given each time."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self.pool = pool
        self.given: list[int] = []

    def __call__(self, function: Callable[[Any, Any], Any], shared: Any, parts: Sequence[Any]) -> list[Any]:
        self.given.append(len(parts))
        futures = [self.pool.submit(_done, function, shared, part) for part in parts[::-1]]
        return [future.result() for future in futures][::-1]


def _done(function: Callable[[Any, Any], Any], shared: Any, part: Any) -> Any:
    threadpool_limits(limits=1)
    return function(shared, part)


@contextmanager
def elsewhere() -> Iterator[Elsewhere]:
    """One process of its own with one BLAS thread, started afresh, that is gone afterwards."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        yield Elsewhere(pool)
