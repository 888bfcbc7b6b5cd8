"""Whether work is done here or on a cluster: one question, asked by everything that computes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module

from effects.message import Message
from effects.spread import spreading
from registry.kit.errors import RegistryError, Unavailable


class ClusterAway(Unavailable):
    """There was no scheduler, or no worker, for too long; nothing is lost, and it can be asked again."""

    def __init__(self) -> None:
        super().__init__(Message("The computing cluster does not answer. The work goes on when it is back."))


class ClusterUnfit(RegistryError):
    """The cluster answers and cannot do this work."""

    def __init__(self, message: Message) -> None:
        super().__init__(503, "cluster_unfit", message)


@dataclass(frozen=True)
class Presence:
    """How many workers a cluster has, and what is wrong with those that cannot work for us, each thing once."""

    workers: int
    unfit: tuple[str, ...]


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
