"""The schema as a Table Schema file."""

import json
from pathlib import Path

import pytest
from msgspec import DecodeError
from msgspec.structs import replace

from effects.rows.table_schema import read_table_format
from registry.datasets import table_schema
from registry.datasets.schema import (
    Column,
    ColumnType,
    DateFormat,
    DecimalMark,
    Delimiter,
    Encoding,
    GroupMark,
    Part,
)
from tests.registry.datasets.story import a_schema

DANISH = a_schema(
    delimiter=Delimiter.SEMICOLON,
    encoding=Encoding.CP1252,
    decimal=DecimalMark.COMMA,
    group=GroupMark.POINT,
    date_format=DateFormat.DASHES,
    missing=("", "mangler"),
)
DATED = Column("seen", ColumnType.DATE, Part.COVARIATE, required=True)
COUNTED = Column("steps", ColumnType.INTEGER, Part.OUTCOME, minimum=0.0, maximum=9.0)
CODED = Column("size", ColumnType.TEXT, Part.SUBGROUP, codes=("small", "large"))


def test_what_was_written_is_read_back() -> None:
    schema = replace(DANISH, columns=(*DANISH.columns, DATED, COUNTED, CODED))
    assert table_schema.decoded(table_schema.encoded(schema)) == schema
    assert table_schema.of(table_schema.written(a_schema())) == a_schema()


def test_it_is_a_table_schema() -> None:
    resource = table_schema.written(replace(DANISH, columns=(DATED, COUNTED, CODED)))
    assert resource["dialect"]["delimiter"] == ";"
    assert resource["schema"]["primaryKey"] == ["area", "week"]
    seen, steps, size = resource["schema"]["fields"]
    assert (seen["type"], seen["format"], seen["constraints"]) == ("date", "%d-%m-%Y", {"required": True})
    assert (steps["decimalChar"], steps["constraints"]) == (",", {"minimum": 0.0, "maximum": 9.0})
    assert size["constraints"] == {"enum": ["small", "large"]}


def test_the_command_line_reads_the_same_file(tmp_path: Path) -> None:
    path = tmp_path / "schema.json"
    path.write_text(table_schema.encoded(DANISH))
    form = read_table_format(path)
    assert (form.delimiter, form.encoding, form.missing) == (";", "cp1252", {"", "mangler"})
    assert (form.fields["language"].decimal, form.fields["language"].group) == (",", ".")
    assert form.fields["digital"].kind == "boolean"


@pytest.mark.parametrize("text", ["{", "{}", json.dumps({**table_schema.written(DANISH), "encoding": "ebcdic"})])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises((DecodeError, KeyError, ValueError)):
        table_schema.decoded(text)


def test_a_wide_layout_is_written_and_an_older_schema_without_one_is_long() -> None:
    wide = replace(a_schema(), periods=("2025", "2026"))
    resource = table_schema.written(wide)
    assert resource["layout"] == {"name": "wide", "periods": ["2025", "2026"]}
    assert table_schema.decoded(table_schema.encoded(wide)) == wide
    del resource["layout"]
    assert table_schema.of(resource) == a_schema()
