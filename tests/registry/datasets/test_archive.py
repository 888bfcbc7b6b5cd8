"""Workbooks whose archive would fill the disk."""

import io
import struct
import zipfile
from pathlib import Path

import pytest

from effects.errors import DataError
from registry.datasets import archive
from registry.kit.tabular import xlsx_file


def packed(folder: Path, entries: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    path = folder / "sent.xlsx"
    with zipfile.ZipFile(path, "w", method) as made:
        for name, content in entries.items():
            made.writestr(name, content)
    return path


def refused(path: Path) -> str:
    with pytest.raises(DataError) as error:
        archive.guard(path)
    return error.value.findings[0].code


def test_an_ordinary_workbook_passes(tmp_path: Path) -> None:
    path = tmp_path / "sent.xlsx"
    path.write_bytes(xlsx_file(["a", "b"], [["0101", 1.5]] * 5_000, "data"))
    archive.guard(path)


def test_what_unpacks_to_a_hundred_times_its_size_is_refused(tmp_path: Path) -> None:
    path = packed(tmp_path, {"xl/worksheets/sheet1.xml": bytes(64 * 1024 * 1024)})
    assert path.stat().st_size < 100_000
    assert refused(path) == "excessive_workbook"


def test_many_entries_are_refused(tmp_path: Path) -> None:
    assert refused(packed(tmp_path, {f"{place}.xml": b"" for place in range(1_001)})) == "excessive_workbook"


def test_a_directory_that_lies_about_sizes_is_not_believed(tmp_path: Path) -> None:
    """The directory says ten bytes; the entry holds sixteen million."""
    path = packed(tmp_path, {"sheet.xml": bytes(16_000_000)})
    content = bytearray(path.read_bytes())
    at = content.rindex(b"PK\x01\x02") + 24
    content[at : at + 4] = struct.pack("<I", 10)
    path.write_bytes(content)
    assert refused(path) == "broken_workbook"


def test_an_encrypted_entry_is_refused(tmp_path: Path) -> None:
    path = packed(tmp_path, {"sheet.xml": b"x"})
    content = bytearray(path.read_bytes())
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    assert refused(path) == "excessive_workbook"


@pytest.mark.parametrize("cut", [4, 30, -30])
def test_a_cut_off_workbook_is_refused(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "sent.xlsx"
    path.write_bytes(xlsx_file(["a"], [["1"]], "data")[:cut])
    assert refused(path) == "broken_workbook"


def test_a_broken_stream_is_refused(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("sheet.xml", b"abc" * 1_000)
    content = bytearray(stream.getvalue())
    content[40:60] = b"\xff" * 20
    path = tmp_path / "sent.xlsx"
    path.write_bytes(content)
    assert refused(path) == "broken_workbook"
