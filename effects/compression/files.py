"""Moments as a file: JSON of schema `virkning-moments/1`, what an authority shares instead of rows.

The upper triangle of each cluster's cross-products stands row by row; every number is written so that it reads back as
the same double.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from effects.codes import DropReason
from effects.errors import DataError, Finding
from effects.moments import STATISTICS, Grams, Moments, OutcomeMoments
from effects.results import Dropped
from effects.serialize import document, fingerprint, plain
from effects.version import EFFECTS_VERSION

SCHEMA: Final = "virkning-moments/1"


def to_bytes(moments: Moments) -> bytes:
    """The file, ending in a newline; `check` is the hash of all the rest, so that an altered file is noticed."""
    content: dict[str, object] = {
        "schema": SCHEMA,
        "effects_version": EFFECTS_VERSION,
        "plan": moments.plan,
        "sha256": list(moments.sha256),
        "rows": moments.rows,
        "rows_used": moments.rows_used,
        "dropped": plain(moments.dropped),
        "outcomes": [_outcome(outcome) for outcome in moments.outcomes],
    }
    return document({**content, "check": fingerprint(content)})


def from_file(path: Path) -> Moments:
    """Read a moments file; raises DataError where it is none, of another version, cut off or altered."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise _refused(path, "unreadable_file", "{file} cannot be opened.", "Check the path.") from error
    except (ValueError, RecursionError) as error:
        raise _refused(path, "not_moments", "{file} is no moments file, or is cut off.", _AGAIN) from error
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        raise _refused(path, "not_moments", "{file} is no moments file, or is cut off.", _AGAIN)
    if content.get("effects_version") != EFFECTS_VERSION:
        remedy = "Make it with the version that is installed here."
        raise _refused(path, "other_version", "{file} was made by another version of the method.", remedy)
    check = content.pop("check", None)
    if check != fingerprint(content):
        raise _refused(path, "altered", "{file} was altered after it was made.", _AGAIN)
    return Moments(
        plan=content["plan"],
        outcomes=tuple(_read_outcome(outcome) for outcome in content["outcomes"]),
        sha256=tuple(content["sha256"]),
        rows=content["rows"],
        rows_used=content["rows_used"],
        dropped=_read_dropped(content["dropped"]),
    )


def _outcome(moments: OutcomeMoments) -> dict[str, object]:
    grams = moments.grams
    upper = np.triu_indices(len(grams.names))
    return {
        "outcome": moments.outcome,
        "statistic": moments.statistic,
        "columns": list(grams.names),
        "base": list(grams.base),
        "origin": grams.origin.tolist(),
        "demeaned": grams.demeaned,
        "squared": grams.squared,
        "clusters": [
            {
                "cluster": cluster,
                "rows": int(grams.rows[place]),
                "treated": int(grams.treated[place]),
                "units": int(grams.units[place]),
                "products": grams.products[place][upper].tolist(),
            }
            for place, cluster in enumerate(grams.clusters)
        ],
        "dropped": plain(moments.dropped),
        "people": list(moments.people),
        "rows_in_arm": list(moments.rows_in_arm),
        "missing_in_arm": list(moments.missing_in_arm),
        "missing": moments.missing,
        "cells": moments.cells,
        "reversals": moments.reversals,
    }


def _read_outcome(content: Mapping[str, Any]) -> OutcomeMoments:
    if content["statistic"] not in STATISTICS:
        raise ValueError(content["statistic"])
    return OutcomeMoments(
        outcome=content["outcome"],
        statistic=content["statistic"],
        grams=_read_grams(content),
        dropped=_read_dropped(content["dropped"]),
        people=(content["people"][0], content["people"][1]),
        rows_in_arm=(content["rows_in_arm"][0], content["rows_in_arm"][1]),
        missing_in_arm=(content["missing_in_arm"][0], content["missing_in_arm"][1]),
        missing=content["missing"],
        cells=content["cells"],
        reversals=content["reversals"],
    )


def _read_grams(content: Mapping[str, Any]) -> Grams:
    width, clusters = len(content["columns"]), content["clusters"]
    upper = np.triu_indices(width)
    products = np.zeros((len(clusters), width, width))
    for place, cluster in enumerate(clusters):
        products[place][upper] = cluster["products"]
        products[place].T[upper] = cluster["products"]
    return Grams(
        clusters=tuple(cluster["cluster"] for cluster in clusters),
        names=tuple(content["columns"]),
        products=products,
        rows=np.array([cluster["rows"] for cluster in clusters], dtype=np.int64),
        treated=np.array([cluster["treated"] for cluster in clusters], dtype=np.int64),
        units=np.array([cluster["units"] for cluster in clusters], dtype=np.int64),
        demeaned=content["demeaned"],
        squared=content["squared"],
        base=tuple(content["base"]),
        origin=np.array(content["origin"], dtype=np.float64),
    )


def _read_dropped(content: list[Mapping[str, Any]]) -> tuple[Dropped, ...]:
    return tuple(Dropped(DropReason(item["reason"]), item["rows"]) for item in content)


def _refused(path: Path, code: str, message: str, remedy: str) -> DataError:
    return DataError([Finding(path.name, code, message, remedy, {"file": path.name})])


_AGAIN: Final = "Ask for the file again, from where it was made."
