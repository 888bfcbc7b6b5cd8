"""The schema as fields of a form."""

from msgspec.structs import replace

from registry.datasets.schema import Column, ColumnType, Part
from registry.datasets.schemas import Reading, proposal
from tests.registry.datasets.story import a_schema


def test_the_schema_fills_the_form() -> None:
    reading = proposal(a_schema(missing=("", "NA", "mangler")))
    assert (reading.missing, reading.one_row) == ("NA, mangler", "yes")
    assert [row.name for row in reading.columns] == [column.name for column in a_schema().columns]
    assert [row.required for row in reading.columns[:2]] == ["yes", "yes"]


def test_codes_are_listed_and_no_key_means_several_rows() -> None:
    coded = Column("size", ColumnType.TEXT, Part.SUBGROUP, codes=("small", "large"))
    reading = proposal(replace(a_schema(), columns=(coded,), key=()))
    assert (reading.columns[0].codes, reading.one_row) == ("small, large", "no")


def test_nothing_stated_is_the_plans_own_file_format() -> None:
    assert proposal(a_schema()) == Reading(columns=proposal(a_schema()).columns)
