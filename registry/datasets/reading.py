"""From the bytes that were sent to UTF-8 text with one header, or the findings that say why it is none."""

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from effects.errors import DataError, Finding
from effects.message import Message
from registry.datasets.cells import SPACES
from registry.datasets.schema import DELIMITERS, Dialect, Encoding

CHUNK: Final = 1 << 18
LONGEST_LINE: Final = 1_000_000
"""Characters; a longer line is not a table but a broken quote."""

WORKBOOK: Final = b"PK\x03\x04"
_FOREIGN: Final = {
    b"\xd0\xcf\x11\xe0": Message("an old Excel workbook (.xls)"),
    b"PAR1": Message("a Parquet file"),
    b"%PDF": Message("a PDF document"),
    b"\x1f\x8b": Message("a compressed file"),
}


@dataclass(frozen=True, slots=True)
class Text:
    """UTF-8 text in a file. `blank` says that some line may be empty."""

    path: Path
    blank: bool


def is_workbook(path: Path) -> bool:
    """Whether the bytes begin as those of an XLSX workbook, whatever the file is called."""
    return _beginning(path).startswith(WORKBOOK)


def seems_delimited(head: bytes) -> bool:
    """Whether the first bytes are those of none of the other kinds of file that people send."""
    return not head.startswith((WORKBOOK, *_FOREIGN))


def as_utf8(path: Path, target: Path, encoding: Encoding) -> Text:
    """The text of a CSV file: where it stands when it is UTF-8, at `target` otherwise. Raises DataError."""
    _refuse_foreign(path)
    blank = False
    before = "\n"
    if encoding in (Encoding.UTF_8, Encoding.UTF_8_SIG):
        for text in _decoded(path, "utf-8-sig"):
            blank = blank or _has_blank(before + text)
            before = text[-2:]
        return Text(path, blank)
    with target.open("w", encoding="utf-8", newline="") as written:
        for text in _decoded(path, encoding.value):
            blank = blank or _has_blank(before + text)
            before = text[-2:]
            written.write(text)
    return Text(target, blank)


def header_of(text: Text, dialect: Dialect) -> list[str]:
    """The names in the first line, without white space around them. Raises DataError."""
    csv.field_size_limit(LONGEST_LINE)
    try:
        header = next(_records(text, dialect), None)
    except csv.Error as error:
        raise DataError([_at_line(1, "broken_header", "The first line cannot be read as column names.")]) from error
    if header is None:
        raise DataError([_EMPTY])
    if not header:
        raise DataError([_BLANK])
    return [name.strip(SPACES) for name in header]


def blank_records(text: Text, dialect: Dialect) -> list[int]:
    """Numbers of the empty lines, counting records from 1 and the header as the first."""
    if not text.blank:
        return []
    csv.field_size_limit(LONGEST_LINE)
    try:
        return [number for number, record in enumerate(_records(text, dialect), start=1) if not record]
    except csv.Error:
        return []


def _records(text: Text, dialect: Dialect) -> Iterator[list[str]]:
    with text.path.open(encoding="utf-8-sig", newline="") as lines:
        yield from csv.reader(lines, delimiter=DELIMITERS[dialect.delimiter])


def _beginning(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(8)


def _refuse_foreign(path: Path) -> None:
    beginning = _beginning(path)
    for magic, kind in _FOREIGN.items():
        if beginning.startswith(magic):
            raise DataError([_foreign(kind.template)])


def _decoded(path: Path, encoding: str) -> Iterator[str]:
    """The text chunk by chunk. Raises DataError at the first byte that is none, at NUL and at an endless line."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    lines, since_newline = 1, 0
    with path.open("rb") as file:
        while True:
            chunk = file.read(CHUNK)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                line = lines + error.object[: error.start].count(b"\n")
                raise DataError([_wrong_encoding(line, encoding)]) from error
            if "\0" in text:
                line = lines + text[: text.index("\0")].count("\n")
                raise DataError([_at_line(line, "nul_character", "There is a NUL character in this line.")])
            since_newline = since_newline + len(text) if "\n" not in text else len(text) - text.rfind("\n")
            if since_newline > LONGEST_LINE:
                raise DataError([_at_line(lines + text.count("\n"), "endless_line", "This line does not end.")])
            lines += text.count("\n")
            yield text
            if not chunk:
                return


def _has_blank(text: str) -> bool:
    return "\n\n" in text or "\n\r\n" in text


def _foreign(kind: str) -> Finding:
    return Finding(
        where="file",
        code="not_a_table",
        message="This is {kind}, not a CSV file or an XLSX workbook.",
        remedy="Open it in its program and save it as CSV or XLSX.",
        params={"kind": kind},
    )


def _wrong_encoding(line: int, encoding: str) -> Finding:
    return Finding(
        where="file",
        code="wrong_encoding",
        message="This line has bytes that are no {encoding} text.",
        remedy="Save the file as UTF-8, or state the encoding it has.",
        params={"encoding": encoding.removesuffix("-sig")},
        row=line,
    )


def _at_line(line: int, code: str, message: str) -> Finding:
    return Finding(where="file", code=code, message=message, remedy="Save the file as CSV again.", row=line)


_EMPTY: Final = Finding("file", "empty_file", "The file is empty.", "Choose the file with the column names.")
_BLANK: Final = Finding(
    "file", "no_header", "The first row is empty.", "Put the column names in the first row, with nothing above.", row=1
)
