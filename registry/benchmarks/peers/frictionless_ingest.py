"""frictionless with the same schema and a check for CPR-like values, on the beginning of the register."""

from collections.abc import Iterator
from typing import Any

import frictionless
from frictionless.formats import CsvControl

from registry.benchmarks.readings import Absent, Meter, Outcome, Task
from registry.benchmarks.registers import SCHEMA, SHORT_REGISTER
from registry.datasets.schema import Column, ColumnType
from registry.kit.cpr import looks_like_cpr

TYPES: dict[ColumnType, dict[str, Any]] = {
    ColumnType.TEXT: {"type": "string"},
    ColumnType.INTEGER: {"type": "integer"},
    ColumnType.NUMBER: {"type": "number", "decimalChar": ",", "groupChar": "."},
    ColumnType.DATE: {"type": "date", "format": "%d-%m-%Y"},
    ColumnType.BOOLEAN01: {"type": "boolean", "trueValues": ["1"], "falseValues": ["0"]},
}


class NoCprLikeValues(frictionless.Check):  # type: ignore[misc]  # the peer is not installed where types are checked
    """The rule that ours applies to every cell as it stands in the file."""

    type = "no-cpr-like-values"
    Errors = (frictionless.errors.RowError,)

    def validate_row(self, row: frictionless.Row) -> Iterator[frictionless.errors.RowError]:
        """One error for a row with such a value."""
        if any(looks_like_cpr(str(cell)) for cell in row.cells):
            yield frictionless.errors.RowError.from_row(row, note="a value looks like a CPR number")


def validated(task: Task) -> Outcome:
    """Validate; nothing is stored."""
    fields = [
        {"name": column.name, **TYPES[column.type], "constraints": dict(_limits(column))} for column in SCHEMA.columns
    ]
    described = {"fields": fields, "primaryKey": list(SCHEMA.key), "missingValues": ["", "NA"]}
    resource = frictionless.Resource(
        path=SHORT_REGISTER,
        basepath=task.folder,
        schema=frictionless.Schema.from_descriptor(described),
        dialect=frictionless.Dialect(controls=[CsvControl(delimiter=";")]),
        encoding="utf-8",
    )
    with Meter() as meter:
        report = resource.validate(frictionless.Checklist(checks=[NoCprLikeValues()]))
    if not report.valid:
        return Absent(f"it found {report.stats['errors']} errors")
    rows = report.tasks[0].stats["rows"]
    return meter.reading(rows, {"rows": float(rows)})


def _limits(column: Column) -> Iterator[tuple[str, Any]]:
    stated = {"minimum": column.minimum, "maximum": column.maximum, "enum": list(column.codes) or None}
    yield "required", column.required
    yield from ((name, value) for name, value in stated.items() if value is not None)
