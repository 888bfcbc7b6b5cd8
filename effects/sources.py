"""A source of rows: a data frame, or CSV and Parquet files that together are one table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import file_digest
from os.path import realpath
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from effects.errors import DataError, Finding
from effects.rows.canonical import canonical_order, content_hash
from effects.rows.columns import Codes, Column, as_texts, is_numeric, label
from effects.rows.delimited import read_delimited, typed_columns
from effects.rows.frames import read_frame
from effects.rows.parquet import read_parquet
from effects.rows.table_schema import TableFormat, read_table_format

if TYPE_CHECKING:
    from pandas import DataFrame

Tabular: TypeAlias = "DataFrame | str | Path | Sequence[str | Path] | Source"
_PARQUET: Final = frozenset({".parquet", ".pq"})


@dataclass(frozen=True, slots=True)
class Source:
    """Typed columns (rows,) in canonical order.

    `given` (rows,) is each row's number in the input, from 1; `sha256` are the digests of the files, sorted; `content`
    is the hash of the typed rows, equal for the same rows in any format and order.
    """

    columns: Mapping[str, Column]
    rows: int
    given: Codes
    sha256: tuple[str, ...]
    content: str


@dataclass(frozen=True, slots=True)
class _Table:
    path: Path
    texts: Mapping[str, list[str | None]]


def open_source(data: Tabular, schema: Path | None = None) -> Source:
    """Read whatever holds the rows; raises DataError with every finding."""
    if isinstance(data, Source):
        return data
    if isinstance(data, str | Path):
        return _from_files([Path(data)], schema)
    if isinstance(data, Sequence):
        return _from_files([Path(item) for item in data], schema)
    return _ordered(read_frame(data), ())


def _from_files(paths: Sequence[Path], schema: Path | None) -> Source:
    form = read_table_format(schema) if schema is not None else TableFormat()
    findings: list[Finding] = []
    digests: list[str] = []
    written: list[_Table] = []
    typed: list[dict[str, Column]] = []
    for path in paths:
        try:
            digests.append(_new_digest(path, digests))
            if path.suffix.lower() in _PARQUET:
                typed.append(read_parquet(path))
            else:
                written.append(_Table(path, read_delimited(path, form)))
        except DataError as error:
            findings.extend(error.findings)
    findings.extend(_differing(written))
    if findings:
        raise DataError(findings)
    if written:
        typed.append(typed_columns(_stacked(written), form))
    return _ordered(_joined(typed), tuple(sorted(digests)))


def _new_digest(path: Path, earlier: Sequence[str]) -> str:
    digest = digest_of(path)
    if digest in earlier:
        raise DataError([_repeated(path.name)])
    return digest


def given_once(paths: Sequence[Path]) -> tuple[list[Path], list[Finding]]:
    """The files without those that an earlier path leads to, however it is written, and what is said of these."""
    once: dict[str, Path] = {}
    repeated = []
    for path in paths:
        if once.setdefault(realpath(path), path) is not path:
            repeated.append(_repeated(str(path)))
    return list(once.values()), repeated


def refuse_copies(paths: Sequence[Path]) -> None:
    """Raise DataError for every file whose bytes an earlier one has already, or that cannot be opened."""
    digests = [digest_of(path) for path in paths]
    copies = [_repeated(path.name) for place, path in enumerate(paths) if digests[place] in digests[:place]]
    if copies:
        raise DataError(copies)


def _repeated(name: str) -> Finding:
    message = "{file} holds the same as a file given before it."
    return Finding(name, "repeated_file", message, "Give every file once.", {"file": name})


def digest_of(path: Path) -> str:
    """SHA-256 of a file's bytes; raises DataError where it cannot be opened."""
    try:
        with path.open("rb") as stream:
            return file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: OSError) -> DataError:
    """What is said of a file that cannot be opened."""
    finding = Finding(
        where=path.name,
        code="unreadable_file",
        message="{file} cannot be opened: {reason}.",
        remedy="Check the path.",
        params={"file": path.name, "reason": error.strerror or "unknown"},
    )
    return DataError([finding])


def _differing(tables: Sequence[_Table]) -> list[Finding]:
    return [
        Finding(
            where=table.path.name,
            code="differing_columns",
            message="{file} has other columns than {first}.",
            remedy="Files given together must have the same columns.",
            params={"file": table.path.name, "first": tables[0].path.name},
        )
        for table in tables
        if set(table.texts) != set(tables[0].texts)
    ]


def _stacked(tables: Sequence[_Table]) -> dict[str, list[str | None]]:
    return {name: [value for table in tables for value in table.texts[name]] for name in tables[0].texts}


def _joined(tables: Sequence[Mapping[str, Column]]) -> dict[str, Column]:
    names = list(dict.fromkeys(name for table in tables for name in table))
    incomplete = [name for name in names if not all(name in table for table in tables)]
    if incomplete:
        raise DataError(
            [
                Finding(
                    where=name,
                    code="differing_columns",
                    message="Not every file has the column {column}.",
                    remedy="Files given together must have the same columns.",
                    params={"column": name},
                    column=name,
                )
                for name in incomplete
            ]
        )
    return {name: _concatenated([table[name] for table in tables]) for name in names}


def _concatenated(parts: Sequence[Column]) -> Column:
    if all(is_numeric(part) for part in parts):
        return np.concatenate([part.astype(np.float64, copy=False) for part in parts])
    texts = [None if _absent(value) else label(value) for part in parts for value in part.tolist()]
    return as_texts(texts)


def _absent(value: float | str | None) -> bool:
    return value is None or value != value


def _ordered(columns: Mapping[str, Column], digests: tuple[str, ...]) -> Source:
    order = canonical_order(columns)
    content = content_hash(columns, order)
    ordered = {name: column[order] for name, column in columns.items()}
    return Source(ordered, len(order), order + 1, digests, content)
