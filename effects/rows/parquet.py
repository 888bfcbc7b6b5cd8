"""Parquet files to typed columns, through DuckDB."""

from pathlib import Path
from typing import Final

import duckdb
import numpy as np

from effects.errors import DataError, Finding
from effects.rows.columns import Column, Numbers, as_texts, infer

_FLOATING: Final = ("DOUBLE", "FLOAT", "DECIMAL", "TINYINT", "SMALLINT", "INTEGER", "UTINYINT", "USMALLINT", "BOOLEAN")
_LARGE: Final = ("BIGINT", "HUGEINT", "UBIGINT", "UHUGEINT", "UINTEGER")
_MIDNIGHT: Final = " 00:00:00"


def read_parquet(path: Path) -> dict[str, Column]:
    """Columns by name; numbers and booleans become floats, dates ISO texts; raises DataError."""
    try:
        with duckdb.connect(":memory:", config={"threads": 1}) as connection:
            relation = connection.from_parquet(str(path))
            kinds = [str(kind) for kind in relation.types]
            names = list(relation.columns)
            wanted = ", ".join(
                f"CAST({quoted(name)} AS {'DOUBLE' if kind.startswith(_FLOATING) else 'VARCHAR'}) AS c{place}"
                for place, (name, kind) in enumerate(zip(names, kinds, strict=True))
            )
            fetched = relation.project(wanted).fetchnumpy()
    except duckdb.Error as error:
        finding = Finding(
            where=path.name,
            code="not_parquet",
            message="{file} cannot be read as Parquet.",
            remedy="Save it again, or as CSV.",
            params={"file": path.name},
        )
        raise DataError([finding]) from error
    return {
        name: _column(np.ma.asarray(fetched[f"c{place}"]), kind)
        for place, (name, kind) in enumerate(zip(names, kinds, strict=True))
    }


def _column(values: "np.ma.MaskedArray[tuple[int, ...], np.dtype[np.generic]]", kind: str) -> Column:
    if kind.startswith(_FLOATING):
        numbers: Numbers = values.filled(np.nan).astype(np.float64)
        return numbers
    texts = [None if value is None or value != value else str(value) for value in values.tolist()]
    if kind.startswith(_LARGE):
        return infer(texts)
    if kind.startswith("TIMESTAMP") and all(text is None or text.endswith(_MIDNIGHT) for text in texts):
        return as_texts([None if text is None else text.removesuffix(_MIDNIGHT) for text in texts])
    return as_texts(texts)


def quoted(name: str) -> str:
    """A column's name as SQL takes it."""
    return '"' + name.replace('"', '""') + '"'
