"""Whether work is done here or on a cluster: one question, asked by everything that computes."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from effects.spread import spreading


@contextmanager
def spreading_over(scheduler: str) -> Iterator[None]:
    """Within the block parts of work go to the cluster of that scheduler; without an address all is done here.

    Only with an address is Dask loaded, and only work that has parts connects to it; see `cluster.over_dask`.
    """
    if not scheduler:
        yield
        return
    with import_module("registry.kit.cluster").over_dask(scheduler) as over, spreading(over):
        yield
