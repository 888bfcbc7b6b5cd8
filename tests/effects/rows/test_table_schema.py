import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from effects.errors import DataError
from effects.rows.table_schema import FieldFormat, TableFormat, convert, read_table_format

Mapping = dict[str, object]


def written(folder: Path, document: object) -> Path:
    path = folder / "schema.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def codes(raised: pytest.ExceptionInfo[DataError]) -> list[str]:
    return [finding.code for finding in raised.value.findings]


def test_without_a_schema_files_are_comma_separated_utf8() -> None:
    form = TableFormat()
    assert (form.delimiter, form.encoding, form.missing) == (",", "utf-8-sig", frozenset({"", "NA"}))


def test_a_danish_resource_is_read(tmp_path: Path) -> None:
    resource: Mapping = {
        "encoding": "cp1252",
        "dialect": {"delimiter": ";", "quoteChar": "'"},
        "schema": {
            "missingValues": ["", "-"],
            "fields": [
                {"name": "kommune", "type": "string"},
                {"name": "beløb", "type": "number", "decimalChar": ",", "groupChar": "."},
                {"name": "dato", "type": "date", "format": "%d-%m-%Y"},
                {"name": "ja", "type": "boolean", "trueValues": ["ja"], "falseValues": ["nej"]},
            ],
        },
    }
    form = read_table_format(written(tmp_path, resource))
    assert (form.delimiter, form.quote, form.encoding, form.missing) == (";", "'", "cp1252", frozenset({"", "-"}))
    assert form.fields["beløb"] == FieldFormat("number", decimal=",", group=".")
    assert form.fields["dato"].pattern == "%d-%m-%Y"
    assert form.fields["ja"].true_values == {"ja"}


def test_a_bare_table_schema_is_read(tmp_path: Path) -> None:
    form = read_table_format(written(tmp_path, {"fields": [{"name": "a", "type": "integer", "format": "default"}]}))
    assert form.fields == {"a": FieldFormat("integer")}


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({}, "schema_without_fields"),
        ([], "schema_without_fields"),
        ({"fields": [{"name": "a", "type": "geopoint"}]}, "unknown_field_type"),
        ({"fields": [{"type": "number"}]}, "unknown_field_type"),
        ({"fields": ["a"]}, "unknown_field_type"),
        ({"fields": [], "dialect": {"delimiter": "||"}}, "not_one_character"),
        ({"fields": [], "dialect": {"quoteChar": "\n"}}, "not_one_character"),
        ({"fields": [], "encoding": "klingon"}, "unknown_encoding"),
        ({"fields": [], "encoding": "base64"}, "unknown_encoding"),
        ({"fields": [], "encoding": "utf\0"}, "unknown_encoding"),
        ({"fields": [{"name": "a", "type": "number", "decimalChar": ""}]}, "not_one_character"),
        ({"fields": [{"name": "a", "type": "number", "groupChar": ".."}]}, "not_one_character"),
        ({"fields": [{"name": "a", "type": "date", "format": "%d%d"}]}, "unknown_pattern"),
        ({"fields": [{"name": "a", "type": "datetime", "format": "%Q"}]}, "unknown_pattern"),
    ],
)
def test_a_schema_that_cannot_be_meant_is_a_finding(tmp_path: Path, document: object, code: str) -> None:
    with pytest.raises(DataError) as raised:
        read_table_format(written(tmp_path, document))
    assert codes(raised) == [code]


def test_a_schema_that_is_not_json_or_not_there_is_a_finding(tmp_path: Path) -> None:
    path = tmp_path / "schema.json"
    for text in (None, "{", "[" * 100_000, "\xff"):
        if text is not None:
            path.write_text(text, encoding="latin-1")
        with pytest.raises(DataError) as raised:
            read_table_format(path)
        assert codes(raised) == ["unreadable_schema"]


@pytest.mark.parametrize(
    ("form", "values", "expected"),
    [
        (FieldFormat("number", decimal=",", group="."), ["1.234,5", "7", None], [1234.5, 7.0, None]),
        (FieldFormat("number"), ["1.5", " 2 "], [1.5, 2.0]),
        (FieldFormat("integer"), ["0012"], [12.0]),
        (FieldFormat("boolean"), ["true", "0"], [1.0, 0.0]),
        (FieldFormat("string"), ["0101", "12"], ["0101", "12"]),
        (FieldFormat("date", pattern="%d-%m-%Y"), ["31-12-2016"], ["2016-12-31"]),
        (FieldFormat("date"), ["2016-12-31", None], ["2016-12-31", None]),
        (FieldFormat("datetime"), ["2016-12-31T10:00:00"], ["2016-12-31 10:00:00"]),
        (FieldFormat("datetime", pattern="%d/%m/%y %H"), ["31/12/16 10"], ["2016-12-31 10:00:00"]),
    ],
)
def test_a_value_written_as_declared_is_converted(
    form: FieldFormat, values: list[str | None], expected: list[object]
) -> None:
    column, findings = convert(values, "a", form)
    assert [None if value != value else value for value in column.tolist()] == expected
    assert findings == []


@pytest.mark.parametrize(
    ("form", "value"),
    [
        (FieldFormat("number", decimal=","), "1.5"),
        (FieldFormat("number", decimal=",", group="."), "1.5"),
        (FieldFormat("number", decimal=",", group="."), "1.2345,0"),
        (FieldFormat("number"), "1,5"),
        (FieldFormat("integer"), "1.5"),
        (FieldFormat("boolean"), "maybe"),
        (FieldFormat("date"), "31-12-2016"),
        (FieldFormat("date", pattern="%d-%m-%Y"), "2016-12-31"),
        (FieldFormat("date"), "2016-02-30"),
        (FieldFormat("number"), "NaN"),
    ],
)
def test_a_value_written_otherwise_is_a_finding_with_its_row(form: FieldFormat, value: str) -> None:
    _, findings = convert([None, value], "a", form)
    assert [(finding.code, finding.row, finding.column) for finding in findings] == [("not_as_declared", 2, "a")]
    assert value not in findings[0].text()


@given(st.floats(-1e9, 1e9).map(lambda number: round(number, 3)))
def test_a_number_written_the_danish_way_is_that_number(number: float) -> None:
    written_out = f"{number:,.3f}".translate(str.maketrans({",": ".", ".": ","}))
    column, findings = convert([written_out], "a", FieldFormat("number", decimal=",", group="."))
    assert (column.tolist(), findings) == ([number], [])


@given(st.dates(min_value=date(1900, 1, 1)), st.sampled_from(["%d-%m-%Y", "%Y%m%d", "%d/%m/%Y", "%Y-%m-%d"]))
def test_a_date_in_any_declared_pattern_is_the_iso_date(day: date, pattern: str) -> None:
    column, findings = convert([day.strftime(pattern)], "a", FieldFormat("date", pattern=pattern))
    assert (column.tolist(), findings) == ([day.isoformat()], [])


KEYS = [
    "fields",
    "schema",
    "dialect",
    "encoding",
    "missingValues",
    "name",
    "type",
    "delimiter",
    "quoteChar",
    "format",
    "decimalChar",
]
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=4)
    | st.sampled_from(["number", "date", "utf-8", "base64", "%d", "%d%d", ";"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=8,
)


@given(JSON)
@settings(max_examples=60)
def test_any_json_is_a_format_or_findings(tmp_path_factory: pytest.TempPathFactory, document: object) -> None:
    path = written(tmp_path_factory.getbasetemp(), document)
    try:
        form = read_table_format(path)
    except DataError as error:
        assert all(finding.text() for finding in error.findings)
    else:
        assert len(form.delimiter) == len(form.quote) == 1
        for name, field in form.fields.items():
            assert convert([None, "1"], name, field)[0].shape == (2,)


def test_everything_wrong_with_a_schema_is_said_at_once(tmp_path: Path) -> None:
    document = {
        "encoding": "klingon",
        "dialect": {"delimiter": "||", "quoteChar": ""},
        "schema": {"fields": [{"name": "a", "type": "geopoint"}, {"type": "number"}]},
    }
    with pytest.raises(DataError) as raised:
        read_table_format(written(tmp_path, document))
    assert sorted(finding.where for finding in raised.value.findings) == [
        "dialect.delimiter",
        "dialect.quoteChar",
        "encoding",
        "schema.fields[0]",
        "schema.fields[1]",
    ]
