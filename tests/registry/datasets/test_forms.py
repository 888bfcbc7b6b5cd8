"""Templates to fill in."""

import csv
import io
from pathlib import Path
from typing import Any

import msgspec
from python_calamine import CalamineWorkbook

from registry.datasets.forms import csv_template, template_rows, xlsx_template
from registry.datasets.schema import Delimiter, FileSchema
from registry.pilots.schemas import SiteView
from tests.registry.datasets.story import HEADER, a_schema

NAMES = HEADER.strip().split(",")


def a_site(code: str, kind: str = "municipality") -> SiteView:
    stated: dict[str, Any] = {
        "organisation": 1,
        "part": "intervention",
        "code": code,
        "name": f"Testkøbing {code}",
        "kind": kind,
        "region": "",
        "size_class": None,
        "size_class_year": None,
    }
    return msgspec.convert(stated, SiteView)


def test_a_template_has_the_columns_of_the_plan_and_the_codes_of_the_sites() -> None:
    header, rows = template_rows(a_schema(), [a_site("0101"), a_site("0751"), a_site("280001", "school")])
    assert header == NAMES
    assert [row[0] for row in rows] == ["0101", "0751"]
    assert all(cell == "" for row in rows for cell in row[1:])


def test_without_a_level_of_assignment_there_is_only_the_header() -> None:
    bare = FileSchema(columns=a_schema().columns[3:5])
    assert template_rows(bare, [a_site("0101")]) == (["n", "language"], [])


def test_the_csv_template_is_written_as_the_schema_reads() -> None:
    content = csv_template(a_schema(delimiter=Delimiter.SEMICOLON), [a_site("0101")])
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
    assert rows[0] == NAMES and rows[1][0] == "0101"


def test_the_workbook_keeps_the_zeros_of_codes(tmp_path: Path) -> None:
    path = tmp_path / "template.xlsx"
    path.write_bytes(xlsx_template(a_schema(), [a_site("0101")]))
    sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    assert sheet[0] == NAMES and sheet[1][0] == "0101"
