"""The measured jobs give the same bytes wherever their parts are done."""

import pytest

from effects.compression import parts
from effects.inference import draw_blocks
from effects.spread import Spread, spreading
from registry.benchmarks.distributed_jobs import generate
from registry.benchmarks.ours import distributed as ours
from registry.benchmarks.readings import Task
from registry.kit.cluster import over_dask
from tests.registry.clusters import Running


class Counted:
    """A way to a cluster that counts the parts that went it."""

    def __init__(self, over: Spread) -> None:
        self._over = over
        self.parts = 0

    def __call__(self, function: object, shared: object, cut: list[object]) -> list[object]:
        self.parts += len(cut)
        return self._over(function, shared, cut)  # type: ignore[arg-type]


@pytest.fixture
def task(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Task:
    """Small jobs, of rows just enough to be summed, cut as large ones are."""
    monkeypatch.setattr(draw_blocks, "BLOCK", 10_000_000)
    monkeypatch.setattr(parts, "PART_BYTES", 2_000_000)
    made = Task(folder=str(tmp_path_factory.mktemp("jobs")), rows=100_000, draws=99)
    generate(made)
    return made


def test_parts_done_by_workers_give_the_bytes_of_one_process(task: Task, cluster: Running) -> None:
    for job in (ours.resampled_here, ours.summed_here):
        with over_dask(cluster.address) as over:
            counted = Counted(over)
            with spreading(counted):
                there = job(task)
        assert counted.parts > 8
        assert there.answer == job(task).answer


def test_a_run_on_a_cluster_of_its_own_measures_the_worker_too(task: Task) -> None:
    reading = ours.resampled_by_one(task)
    assert reading.answer == {**ours.resampled_here(task).answer, ours.KILLED: 0.0}
    assert reading.cpu > 0.0 and reading.peak > 50_000_000
