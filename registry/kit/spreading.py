"""Whether work is done here or on a cluster: one question, asked by everything that computes."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from effects.spread import spreading
from registry.kit.cluster_state import Presence


def presence(scheduler: str) -> Presence:
    """Who is there to work. Raises ClusterAway where no scheduler answers within 5 seconds, and ClusterUnfit."""
    found: Presence = import_module("registry.kit.cluster").presence(scheduler)
    return found


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
