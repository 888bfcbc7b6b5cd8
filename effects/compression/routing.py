"""Which way the rows of a plan go: as they are, or as moments."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from effects.compression.compress import compress
from effects.errors import DataError, Finding
from effects.federation.gathering import gather
from effects.message import Message
from effects.moments import Moments
from effects.plan import AnalysisPlan
from effects.planning.settings import Settings
from effects.sources import Tabular

LARGE: Final = 100_000
"""Fewer rows are read as they are: that costs little, and the result then names their content too."""

MOMENTS: Final = ".moments"


def given_moments(data: "Tabular | Moments", plan: AnalysisPlan) -> Moments | None:
    """The moments that stand for the rows, where moments or files of them were given.

    Raises DataError for moments of another plan or beside rows, and what `gather` raises.
    """
    if isinstance(data, Moments):
        return _of_plan(data, plan)
    paths = _paths(data)
    kept = [path for path in paths if path.suffix.lower() == MOMENTS]
    if not kept:
        return None
    if len(kept) < len(paths):
        raise DataError(
            [
                Finding(
                    "data",
                    "rows_and_moments",
                    "Some files hold rows and some moments.",
                    "Make moments of the rows first, or give rows alone.",
                )
            ]
        )
    return gather(paths, plan)


def compressed(data: Tabular, schema: Path | None, plan: AnalysisPlan, settings: Settings) -> Moments | Message | None:
    """Moments of many rows in Parquet, or why all of them must be read; None where the rows are few or no Parquet."""
    paths = _paths(data)
    if schema is not None or not paths or any(path.suffix.lower() not in (".parquet", ".pq") for path in paths):
        return None
    return compress(paths, plan, settings, LARGE)


def _paths(data: object) -> list[Path]:
    """The files that were given; empty where rows were given in another form."""
    if isinstance(data, str | Path):
        return [Path(data)]
    if isinstance(data, Sequence) and all(isinstance(item, str | Path) for item in data):
        return [Path(item) for item in data]
    return []


def _of_plan(moments: Moments, plan: AnalysisPlan) -> Moments:
    if moments.plan == plan.fingerprint:
        return moments
    remedy = "Make them with the plan that is to be carried out."
    raise DataError([Finding("data", "other_plan", "The moments were made for another plan.", remedy)])
