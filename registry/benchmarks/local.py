"""Parts of work done by processes of this machine, where nobody else offered to do them."""

import os
import pickle
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from multiprocessing import get_context
from typing import Any, Final

from threadpoolctl import threadpool_limits

from effects.spread import offered, spreading

CORES: Final = 2
"""Processes at most, so that simulations leave the rest of a machine alone."""


@contextmanager
def spread_locally() -> Iterator[None]:
    """Within the block, parts are done by processes of one BLAS thread each, no more than there are cores.

    Nothing changes where somebody else offered to do them, or with one core.
    """
    processes = min(CORES, len(os.sched_getaffinity(0)))
    if offered() or processes < 2:
        yield
        return
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:

        def over(function: Callable[[Any, Any], Any], shared: Any, parts: Sequence[Any]) -> list[Any]:
            task = pickle.dumps((function, shared))
            return list(pool.map(_done, [task] * len(parts), parts))

        with spreading(over):
            yield


def _done(task: bytes, part: Any) -> Any:
    function, shared = _opened(task)
    return function(shared, part)


@lru_cache(maxsize=1)
def _opened(task: bytes) -> tuple[Callable[[Any, Any], Any], Any]:
    """What the parts of a call have in common, once in each process; one thread for all that was loaded with it."""
    function, shared = pickle.loads(task)
    threadpool_limits(limits=1)
    return function, shared
