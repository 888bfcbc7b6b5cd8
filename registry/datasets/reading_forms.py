"""How a person says a file is to be read, laid over what the plan proposes. Pure."""

from collections.abc import Mapping
from typing import Any

import msgspec

from effects.message import Message
from registry.datasets.rules import ALWAYS_FILLED
from registry.datasets.schema import Column, Dialect, FileSchema
from registry.datasets.schemas import ColumnRow, Reading, proposal
from registry.kit.errors import BadRequest


def schema_of(reading: Reading, plan: FileSchema) -> FileSchema:
    """The schema as stated; the plan alone decides which columns there are. Raises BadRequest for any other column."""
    said = {row.name: row for row in reading.columns}
    if unknown := set(said) - {column.name for column in plan.columns}:
        raise BadRequest(Message("The plan has no column {column}.", {"column": min(unknown)[:60]}))
    dialect = Dialect(
        delimiter=reading.delimiter,
        encoding=reading.encoding,
        decimal=reading.decimal,
        group=reading.group,
        date_format=reading.date_format,
        missing=("", *_listed(reading.missing)),
    )
    columns = tuple(_column(column, said.get(column.name)) for column in plan.columns)
    key = plan.key if reading.one_row == "yes" else ()
    return FileSchema(columns=columns, dialect=dialect, key=key, periods=tuple(_listed(reading.periods)))


def fields(schema: FileSchema, language: str) -> dict[str, Any]:
    """The schema as the fields of the form, numbers as the language writes them; columns as lists."""
    shown: dict[str, Any] = msgspec.to_builtins(proposal(schema))
    rows: list[dict[str, Any]] = shown.pop("columns")
    values = {f"reading.{name}": value for name, value in shown.items()}
    for name in ColumnRow.__struct_fields__:
        values[f"reading.columns.{name}"] = [_written(row[name], language) for row in rows]
    return values


def column_rows(values: Mapping[str, Any], schema: FileSchema) -> list[dict[str, Any]]:
    """The form's rows of columns with what each is for: what was typed, else the schema."""
    typed = {name: _many(values.get(f"reading.columns.{name}", [])) for name in ColumnRow.__struct_fields__}
    rows = [dict(zip(typed, row, strict=False)) for row in zip(*typed.values(), strict=False)]
    by_name = {column.name: column for column in schema.columns}
    return [{**row, "column": by_name[row["name"]]} for row in rows if row["name"] in by_name]


def _column(column: Column, row: ColumnRow | None) -> Column:
    if row is None:
        return column
    return msgspec.structs.replace(
        column,
        type=row.type,
        required=row.required == "yes" or column.part in ALWAYS_FILLED,
        minimum=row.minimum,
        maximum=row.maximum,
        codes=tuple(_listed(row.codes)),
    )


def _listed(text: str) -> list[str]:
    return list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def _written(value: Any, language: str) -> str:
    if isinstance(value, float):
        plain = repr(value).removesuffix(".0")
        return plain.replace(".", ",") if language == "da" else plain
    return "" if value is None else str(value)


def _many(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
