"""The bare page answers, or it is said that FastAPI is missing."""

from pathlib import Path

from registry.benchmarks.pilot_list import generate
from registry.benchmarks.readings import Reading, Task
from registry.benchmarks.running import measure
from tests.registry.benchmarks.peers_story import measured_or_missing


def test_the_list_is_served_where_it_is_installed(tmp_path: Path) -> None:
    task = Task(folder=str(tmp_path), requests=3, database=f"sqlite:///{tmp_path / 'benchmark.sqlite'}")
    generate(task)
    outcome = measure("registry.benchmarks.peers.fastapi_pages:listed", task)
    assert measured_or_missing(outcome, "fastapi")
    if isinstance(outcome, Reading):
        assert outcome.count == 3
