"""pandas checks and stores the register, or it is said that it cannot write Parquet here."""

from pathlib import Path

from registry.benchmarks.readings import Reading, Task
from registry.benchmarks.registers import generate
from registry.benchmarks.running import measure
from tests.registry.benchmarks.peers_story import measured_or_missing


def test_every_row_is_counted_where_it_is_installed(tmp_path: Path) -> None:
    task = Task(folder=str(tmp_path), rows=700)
    generate(task)
    outcome = measure("registry.benchmarks.peers.pandas_ingest:checked", task)
    assert measured_or_missing(outcome, "pyarrow")
    if isinstance(outcome, Reading):
        assert outcome.count == 700
