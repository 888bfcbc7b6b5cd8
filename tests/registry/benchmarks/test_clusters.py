"""A cluster beside the process that measures it: warm before the clock starts, disturbed while it runs, gone after."""

import time

from registry.benchmarks.clusters import cluster_of, disturbed, loaded, warm
from registry.benchmarks.readings import cpu_of
from tests.processes import alive
from tests.registry import clusters
from tests.registry.clusters import until

KILLS = (("worker", 0.3), ("scheduler", 0.3))


def test_it_is_warm_disturbed_and_gone() -> None:
    with cluster_of(2) as cluster:
        with warm(cluster) as over:
            before = cluster.workers
            assert len(before) == 2 and cluster.cpu > sum(cpu_of(pid) for pid in before) - 1.0
            assert cluster.peak > 50_000_000
            with disturbed(cluster, KILLS) as killed:
                over(clusters.worked_by, None, [0.2] * 8)
                until(lambda: killed == ["worker", "scheduler"])
            assert over(clusters.add, 1, [1, 2]) == [2, 3]
        nodes = [child.process.pid for child in cluster.nodes if child.process is not None]
    assert not any(alive(pid) for pid in {*before, *nodes})


def test_work_that_is_over_before_the_kills_is_not_disturbed() -> None:
    with cluster_of(1) as cluster:
        started = time.monotonic()
        with disturbed(cluster, (("worker", 60.0),)) as killed:
            assert loaded(None, 0) > 0
        assert killed == []
        assert time.monotonic() - started < 60
