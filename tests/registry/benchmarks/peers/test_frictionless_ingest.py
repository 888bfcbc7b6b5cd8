"""frictionless validates the register, or it is said that it is missing."""

from pathlib import Path

from registry.benchmarks.readings import Reading, Task
from registry.benchmarks.registers import generate
from registry.benchmarks.running import measure
from tests.registry.benchmarks.peers_story import measured_or_missing


def test_every_row_is_counted_where_it_is_installed(tmp_path: Path) -> None:
    task = Task(folder=str(tmp_path), rows=700)
    generate(task)
    outcome = measure("registry.benchmarks.peers.frictionless_ingest:validated", task)
    assert measured_or_missing(outcome, "frictionless")
    if isinstance(outcome, Reading):
        assert outcome.count == 700
