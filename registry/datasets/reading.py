"""From the bytes that were sent to UTF-8 text with one header, or the findings that say why it is none."""

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from effects.errors import DataError, Finding
from effects.message import Message
from registry.datasets.cells import SPACES, UNSOUND
from registry.datasets.schema import DELIMITERS, Dialect, Encoding

CHUNK: Final = 1 << 20
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
    """UTF-8 text in a file.

    `blank` says that some line may be empty; `plain` that no cell is quoted, has white space around it or hidden signs.
    """

    path: Path
    blank: bool
    plain: bool = False


def is_workbook(path: Path) -> bool:
    """Whether the bytes begin as those of an XLSX workbook, whatever the file is called."""
    return _beginning(path).startswith(WORKBOOK)


def seems_delimited(head: bytes) -> bool:
    """Whether the first bytes are those of none of the other kinds of file that people send."""
    return not head.startswith((WORKBOOK, *_FOREIGN))


def as_utf8(path: Path, target: Path, dialect: Dialect) -> Text:
    """The text of a CSV file: where it stands when it is UTF-8, at `target` otherwise. Raises DataError."""
    _refuse_foreign(path)
    if dialect.encoding is Encoding.UTF_16:
        _transcode(path, target)
        return _seen(target, DELIMITERS[dialect.delimiter])
    if dialect.encoding is Encoding.CP1252:
        with target.open("wb") as written:
            for number, block in _blocks(path):
                written.write(_text(block, number, dialect.encoding.value).encode())
        return _seen(target, DELIMITERS[dialect.delimiter])
    return _seen(path, DELIMITERS[dialect.delimiter])


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


def _transcode(path: Path, target: Path) -> None:
    """Write a UTF-16 file as UTF-8. Raises DataError at the first byte that is none."""
    decoder = codecs.getincrementaldecoder("utf-16")("strict")
    lines, chunk = 1, b" "
    with path.open("rb") as file, target.open("wb") as written:
        while chunk:
            chunk = file.read(CHUNK)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                line = lines + error.object[: error.start].count(b"\n")
                raise DataError([_wrong_encoding(line, "utf-16")]) from error
            lines += text.count("\n")
            written.write(text.encode())


def _blocks(path: Path) -> Iterator[tuple[int, bytes]]:
    """Whole lines in blocks, each with the number of its first. Raises DataError at NUL and at an endless line."""
    number, rest = 1, b""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            if b"\0" in chunk:
                line = number + chunk[: chunk.index(b"\0")].count(b"\n")
                raise DataError([_at_line(line, "nul_character", "There is a NUL character in this line.")])
            end = chunk.rfind(b"\n") + 1
            if end:
                yield number, rest + chunk[:end]
                number += chunk.count(b"\n")
                rest = b""
            rest += chunk[end:]
            if len(rest) > LONGEST_LINE:
                raise DataError([_at_line(number, "endless_line", "This line does not end.")])
    if rest:
        yield number, rest


def _text(block: bytes, number: int, encoding: str) -> str:
    try:
        return block.decode(encoding)
    except UnicodeDecodeError as error:
        raise DataError([_wrong_encoding(number + block[: error.start].count(b"\n"), encoding)]) from error


def _seen(path: Path, delimiter: str) -> Text:
    """What kind of UTF-8 text this is. Raises DataError where it is none."""
    signs = _Signs(delimiter)
    for number, block in _blocks(path):
        _text(block, number, "utf-8")
        signs.see(block.removeprefix(codecs.BOM_UTF8) if number == 1 else block)
    return Text(path, signs.blank, signs.plain)


class _Signs:
    """What stands in blocks of whole lines, by counting bytes: looking at each cell would take far longer."""

    def __init__(self, delimiter: str) -> None:
        sign = delimiter.encode()
        self.blank = False
        self._sound = True
        self._ordinary = bytes(range(0x20, 0x7F)) + b"\r\n" + sign
        self._padded = (sign + b" ", b" " + sign, b"\n ", b" \n", b" \r")
        self._newlines = self._returns = 0

    @property
    def plain(self) -> bool:
        """Whether every cell may be taken as it stands; lines that end now so, now so may leave a sign in a cell."""
        return self._sound and self._returns in (0, self._newlines)

    def see(self, block: bytes) -> None:
        """Take one block into account."""
        returns = block.count(b"\r") if b"\r" in block else 0
        self.blank = (
            self.blank or block.startswith((b"\n", b"\r\n")) or b"\n\n" in block or (returns > 0 and b"\n\r\n" in block)
        )
        if self._sound:
            self._newlines += block.count(b"\n")
            self._returns += returns
            self._sound = b'"' not in block and self._all_sound(block, returns)

    def _all_sound(self, block: bytes, returns: int) -> bool:
        if returns and returns != block.count(b"\r\n"):
            return False
        if b" " in block and (block[:1] == b" " or block[-1:] == b" " or any(pair in block for pair in self._padded)):
            return False
        return UNSOUND.search(block.translate(None, self._ordinary).decode()) is None


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
