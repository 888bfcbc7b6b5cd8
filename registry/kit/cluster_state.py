"""What can be said of a computing cluster without loading Dask."""

from dataclasses import dataclass

from effects.message import Message
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
