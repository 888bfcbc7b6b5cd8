"""The form of a decision as it is shown again. Pure."""

from collections.abc import Mapping
from itertools import zip_longest
from typing import Any, Final

CELLS: Final = ("text", "owner", "due")
LEAST_ROWS: Final = 3


def condition_rows(values: Mapping[str, Any]) -> list[dict[str, str]]:
    """The conditions that were typed, as the findings count them: without empty rows, spare ones at the end."""
    columns = [_many(values.get(f"conditions.{name}", [])) for name in CELLS]
    typed = [row for row in zip_longest(*columns, fillvalue="") if any(row)]
    spare = max(1, LEAST_ROWS - len(typed))
    return [dict(zip(CELLS, row, strict=True)) for row in [*typed, *[("", "", "")] * spare]]


def _many(given: Any) -> list[Any]:
    return given if isinstance(given, list) else [given]
