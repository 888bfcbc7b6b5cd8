"""What a person says about a file, laid over what the plan proposes."""

import pytest
from msgspec.structs import replace

from registry.datasets.reading_forms import column_rows, fields, schema_of
from registry.datasets.schema import ColumnType, DecimalMark, Delimiter, Part
from registry.datasets.schemas import ColumnRow, Reading, proposal
from registry.kit.errors import BadRequest
from tests.registry.datasets.story import a_schema

RANGED = replace(
    a_schema(),
    columns=tuple(
        replace(column, minimum=0.5, maximum=10.0, codes=("1", "2")) if column.part is Part.OUTCOME else column
        for column in a_schema().columns
    ),
)


def test_what_was_proposed_and_confirmed_is_the_same_schema() -> None:
    assert schema_of(proposal(RANGED), RANGED) == RANGED
    assert schema_of(Reading(), a_schema()) == a_schema()


def test_a_person_decides_on_marks_types_ranges_and_codes() -> None:
    row = ColumnRow(name="week", type=ColumnType.INTEGER, minimum=1.0, codes=" 1, 2 ,1,")
    reading = Reading(delimiter=Delimiter.TAB, decimal=DecimalMark.COMMA, missing="-, mangler", columns=(row,))
    schema = schema_of(reading, a_schema())
    week = schema.columns[1]
    assert (schema.dialect.delimiter, schema.dialect.missing) == (Delimiter.TAB, ("", "-", "mangler"))
    assert (week.type, week.minimum, week.codes) == (ColumnType.INTEGER, 1.0, ("1", "2"))
    assert schema.columns[0] == a_schema().columns[0]


def test_what_names_a_row_is_always_filled() -> None:
    rows = (
        ColumnRow(name="area", type=ColumnType.TEXT, required="no"),
        ColumnRow(name="n", type=ColumnType.NUMBER, required="no"),
    )
    schema = schema_of(Reading(columns=rows), a_schema())
    assert {column.name: column.required for column in schema.columns if column.name in ("area", "n")} == {
        "area": True,
        "n": False,
    }


def test_a_person_may_allow_several_rows_of_a_key() -> None:
    assert schema_of(Reading(one_row="no"), a_schema()).key == ()


def test_the_plan_alone_decides_which_columns_there_are() -> None:
    with pytest.raises(BadRequest):
        schema_of(Reading(columns=(ColumnRow(name="secret", type=ColumnType.TEXT),)), a_schema())


@pytest.mark.parametrize(("language", "shown"), [("da", "0,5"), ("en", "0.5")])
def test_the_form_shows_numbers_as_the_language_writes_them(language: str, shown: str) -> None:
    values = fields(RANGED, language)
    assert values["reading.delimiter"] == "comma"
    assert values["reading.columns.minimum"][4] == shown
    assert values["reading.columns.maximum"][4] == "10"
    assert values["reading.columns.minimum"][0] == ""


def test_rows_of_the_form_know_what_each_column_is_for() -> None:
    rows = column_rows(fields(RANGED, "en"), RANGED)
    assert [(row["name"], row["column"].part) for row in rows[:2]] == [("area", Part.UNIT), ("week", Part.PERIOD)]
    typed = {f"reading.columns.{name}": "n" if name == "name" else "x" for name in ColumnRow.__struct_fields__}
    assert [row["minimum"] for row in column_rows(typed, RANGED)] == ["x"]
    assert column_rows({**typed, "reading.columns.name": "secret"}, RANGED) == []


def test_a_person_confirms_or_empties_the_periods_of_a_wide_file() -> None:
    wide = replace(a_schema(), periods=("2025", "2026"))
    assert fields(wide, "en")["reading.periods"] == "2025, 2026"
    assert schema_of(proposal(wide), a_schema()) == wide
    assert schema_of(Reading(), wide) == a_schema()
