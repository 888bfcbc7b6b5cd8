"""Work is done here unless a scheduler is set, and only then is Dask loaded."""

import subprocess
import sys

import pytest

from effects.spread import spread
from registry.kit.cluster import over_dask
from registry.kit.cluster_state import ClusterAway
from registry.kit.spreading import spreading_over
from tests.registry import clusters
from tests.registry.clusters import Running


def test_without_a_scheduler_work_is_done_here() -> None:
    with spreading_over(""):
        assert spread(clusters.add, 1, [1, 2]) == [2, 3]


def test_without_a_scheduler_dask_is_not_even_loaded() -> None:
    probe = (
        "import sys; from registry.kit.pool import spreading_over\n"
        "with spreading_over(''): print(sorted({'dask', 'distributed'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_with_one_it_is_done_there_and_only_within_the_block(cluster: Running) -> None:
    with spreading_over(cluster.address):
        there = set(spread(clusters.worked_by, None, [0.0, 0.0]))
    assert there <= set(cluster.nodes("worker"))
    assert not there & set(spread(clusters.worked_by, None, [0.0, 0.0]))


def test_what_a_cluster_refuses_comes_through() -> None:
    with over_dask("tcp://127.0.0.1:1", patience=0.1) as over, pytest.raises(ClusterAway):
        over(clusters.add, 1, [1, 2])
