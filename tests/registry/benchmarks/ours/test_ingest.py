"""The measured check stores what was generated."""

from pathlib import Path

from registry.benchmarks.ours.ingest import checked, checked_short
from registry.benchmarks.readings import Absent, Reading, Task
from registry.benchmarks.registers import REGISTER, generate


def test_every_row_is_stored_and_counted(tmp_path: Path) -> None:
    task = Task(folder=str(tmp_path), rows=700)
    generate(task)
    for found in (checked(task), checked_short(task)):
        assert isinstance(found, Reading)
        assert (found.count, found.answer) == (700, {"rows": 700.0})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["register.csv", "short_register.csv"]


def test_a_file_with_a_fault_is_no_measurement(tmp_path: Path) -> None:
    task = Task(folder=str(tmp_path), rows=700)
    generate(task)
    path = task.path(REGISTER)
    path.write_text(path.read_text("utf-8").replace(";lille", ";enorm"), "utf-8")
    assert isinstance(checked(task), Absent)
