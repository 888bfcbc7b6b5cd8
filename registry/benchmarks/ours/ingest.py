"""A file checked against its schema and stored as typed Parquet, as the worker does with an upload."""

import tempfile
from pathlib import Path

from registry.benchmarks.readings import Absent, Meter, Outcome, Task
from registry.benchmarks.registers import REGISTER, SCHEMA, SHORT_REGISTER
from registry.datasets.checking import check


def checked(task: Task) -> Outcome:
    """The whole register."""
    return _checked(task, REGISTER)


def checked_short(task: Task) -> Outcome:
    """Its beginning, beside those who take too long on the whole."""
    return _checked(task, SHORT_REGISTER)


def _checked(task: Task, name: str) -> Outcome:
    with tempfile.TemporaryDirectory(dir=task.folder) as folder, Meter() as meter:
        found = check(task.path(name), Path(folder), SCHEMA)
    if found.stored is None:
        return Absent(f"nothing was stored: {found.findings[0].text()}")
    return meter.reading(found.stored.rows, {"rows": float(found.stored.rows)})
