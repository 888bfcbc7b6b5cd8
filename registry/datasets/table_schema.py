"""The schema as a data resource with a Table Schema (Frictionless Data 1.0): what is stored and exchanged.

`virkning analyse --schema` reads the same file.
"""

from collections.abc import Mapping
from typing import Any, Final, TypeVar

import msgspec

from registry.datasets.schema import (
    DATE_FORMATS,
    DECIMAL_MARKS,
    DELIMITERS,
    GROUP_MARKS,
    Column,
    ColumnType,
    Dialect,
    Encoding,
    FileSchema,
    Part,
)

Name = TypeVar("Name")

_TYPES: Final = {
    ColumnType.TEXT: "string",
    ColumnType.INTEGER: "integer",
    ColumnType.NUMBER: "number",
    ColumnType.DATE: "date",
    ColumnType.BOOLEAN01: "boolean",
}
_NUMERIC: Final = (ColumnType.INTEGER, ColumnType.NUMBER)


def written(schema: FileSchema) -> dict[str, Any]:
    """The schema as plain JSON values; the marks that every column shares stand in the dialect too."""
    dialect = schema.dialect
    return {
        "encoding": dialect.encoding.value,
        "layout": {"name": "wide" if schema.periods else "long", "periods": list(schema.periods)},
        "dialect": {
            "delimiter": DELIMITERS[dialect.delimiter],
            "quoteChar": '"',
            "doubleQuote": True,
            "header": True,
            "decimalChar": DECIMAL_MARKS[dialect.decimal],
            "groupChar": GROUP_MARKS[dialect.group],
            "dateFormat": DATE_FORMATS[dialect.date_format],
        },
        "schema": {
            "fields": [_field(column, dialect) for column in schema.columns],
            "missingValues": list(dialect.missing),
            "primaryKey": list(schema.key),
        },
    }


def encoded(schema: FileSchema) -> str:
    """The schema as JSON text."""
    return msgspec.json.encode(written(schema)).decode()


def decoded(text: str) -> FileSchema:
    """The schema that `encoded` wrote; what anybody else wrote may raise KeyError, ValueError or DecodeError."""
    return of(msgspec.json.decode(text))


def of(resource: Mapping[str, Any]) -> FileSchema:
    """The schema that `written` made plain."""
    signs = resource["dialect"]
    dialect = Dialect(
        delimiter=_named(DELIMITERS, signs["delimiter"]),
        encoding=Encoding(resource["encoding"]),
        decimal=_named(DECIMAL_MARKS, signs["decimalChar"]),
        group=_named(GROUP_MARKS, signs["groupChar"]),
        date_format=_named(DATE_FORMATS, signs["dateFormat"]),
        missing=tuple(resource["schema"]["missingValues"]),
    )
    columns = tuple(_column(field) for field in resource["schema"]["fields"])
    return FileSchema(
        columns=columns,
        dialect=dialect,
        key=tuple(resource["schema"]["primaryKey"]),
        periods=tuple(resource.get("layout", {}).get("periods", ())),
    )


def _field(column: Column, dialect: Dialect) -> dict[str, Any]:
    field: dict[str, Any] = {"name": column.name, "type": _TYPES[column.type], "part": column.part.value}
    if column.type in _NUMERIC:
        field |= {"decimalChar": DECIMAL_MARKS[dialect.decimal], "groupChar": GROUP_MARKS[dialect.group]}
    if column.type is ColumnType.DATE:
        field["format"] = DATE_FORMATS[dialect.date_format]
    if column.type is ColumnType.BOOLEAN01:
        field |= {"trueValues": ["1"], "falseValues": ["0"]}
    limits = {
        "required": column.required or None,
        "minimum": column.minimum,
        "maximum": column.maximum,
        "enum": list(column.codes) or None,
    }
    return {**field, "constraints": {name: limit for name, limit in limits.items() if limit is not None}}


def _column(field: Mapping[str, Any]) -> Column:
    limits = field["constraints"]
    return Column(
        name=field["name"],
        type=_named(_TYPES, field["type"]),
        part=Part(field["part"]),
        required=limits.get("required", False),
        minimum=limits.get("minimum"),
        maximum=limits.get("maximum"),
        codes=tuple(limits.get("enum", ())),
    )


def _named(signs: Mapping[Name, str], sign: str) -> Name:
    return {meant: name for name, meant in signs.items()}[sign]
