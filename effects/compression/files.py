"""Moments as a file: JSON of schema `virkning-moments/1`, what an authority shares instead of rows.

The upper triangle of each cluster's cross-products stands row by row; every number is written so that it reads back as
the same double.
"""

import json
from pathlib import Path
from typing import Final

import numpy as np

from effects.codes import DropReason
from effects.compression.checked import Unsound, Value
from effects.compression.file_parts import changes_content, read_changes, read_starts, read_waves, waves_content
from effects.errors import DataError, Finding, Parameter
from effects.moments import OUTCOME, STATISTICS, Grams, Moments, OutcomeMoments
from effects.results import Dropped
from effects.rows.columns import Codes
from effects.serialize import document, fingerprint, plain
from effects.version import EFFECTS_VERSION

SCHEMA: Final = "virkning-moments/1"
LARGEST: Final = 64 * 2**20
"""Bytes of one file; a hundred real ones are half a megabyte together."""
AGAIN: Final = "Ask for the file again, from where it was made."


def to_bytes(moments: Moments) -> bytes:
    """The file, ending in a newline; `check` is the hash of all the rest, so that an altered file is noticed."""
    content: dict[str, object] = {
        "schema": SCHEMA,
        "effects_version": EFFECTS_VERSION,
        "plan": moments.plan,
        "authority": moments.authority,
        "merged": plain(moments.merged),
        "shared": list(moments.shared),
        "sha256": list(moments.sha256),
        "rows": moments.rows,
        "rows_used": moments.rows_used,
        "dropped": plain(moments.dropped),
        "outcomes": [_outcome(outcome) for outcome in moments.outcomes],
    }
    return document({**content, "check": fingerprint(content)})


def from_file(path: Path) -> Moments:
    """Read a moments file; raises DataError where it cannot be opened, and what `from_bytes` raises."""
    return from_bytes(content_of(path, path.name), path.name)


def content_of(path: Path, name: str) -> bytes:
    """The bytes of a file that will be called `name`, one more than the most where it is too large.

    Raises DataError where it cannot be opened.
    """
    try:
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except OSError as error:
        named: dict[str, Parameter] = {"file": name, "reason": error.strerror or "unknown"}
        message = "{file} cannot be opened: {reason}."
        raise DataError([Finding(name, "unreadable_file", message, "Check the path.", named)]) from error


def from_bytes(content: bytes, name: str) -> Moments:
    """Read the bytes of a moments file called `name`.

    Raises DataError where they are too many or none, of another version, cut off, altered, or no figures that rows
    could have.
    """
    if len(content) > LARGEST:
        named: dict[str, Parameter] = {"file": name, "size": LARGEST // 2**20}
        message, remedy = "{file} is larger than {size} MB.", "Ask for sums: a file of them is small."
        raise DataError([Finding(name, "too_large", message, remedy, named)])
    try:
        found = json.loads(content.decode("utf-8"), parse_constant=_no_number, object_pairs_hook=_each_once)
    except (ValueError, RecursionError) as error:
        raise _refused(name, "not_moments", "{file} is no moments file, or is cut off.", AGAIN) from error
    if not isinstance(found, dict) or found.get("schema") != SCHEMA:
        raise _refused(name, "not_moments", "{file} is no moments file, or is cut off.", AGAIN)
    if found.get("effects_version") != EFFECTS_VERSION:
        remedy = "Make it with the version that is installed here."
        raise _refused(name, "other_version", "{file} was made by another version of the method.", remedy)
    check = found.pop("check", None)
    if check != _check(found):
        raise _refused(name, "altered", "{file} was altered after it was made.", AGAIN)
    try:
        return _read(Value(found))
    except Unsound as error:
        message = "{file} holds figures that no rows have: {where}."
        raise _refused(name, "not_moments", message, AGAIN, str(error)) from error


def _check(content: object) -> str | None:
    try:
        return fingerprint(content)
    except ValueError:
        return None


def _no_number(text: str) -> float:
    raise ValueError(text)


def _each_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object; raises ValueError where a key stands twice, of which readers see one or the other."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("duplicate key")
    return found


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
        "waves": None if moments.waves is None else waves_content(moments.waves),
        "starts": plain(moments.starts),
        "changes": None if moments.changes is None else changes_content(moments.changes),
        "people_by_cluster": plain(moments.people_by_cluster),
        "least": plain(moments.least),
    }


def _read(file: Value) -> Moments:
    rows, used, dropped = file.at("rows").count(), file.at("rows_used").count(), _read_dropped(file.at("dropped"))
    if rows != used + sum(found.rows for found in dropped):
        raise Unsound(file.at("rows").where)
    merged = [pair.texts() for pair in file.at("merged").each()]
    if any(len(pair) != 2 for pair in merged):
        raise Unsound(file.at("merged").where)
    outcomes = file.at("outcomes").each()
    if not outcomes:
        raise Unsound(file.at("outcomes").where)
    found = tuple(_read_outcome(outcome) for outcome in outcomes)
    if not any(outcome.grams.clusters for outcome in found):
        raise Unsound(outcomes[0].at("clusters").where)
    return Moments(
        plan=file.at("plan").text(),
        outcomes=found,
        sha256=file.at("sha256").texts(distinct=True),
        rows=rows,
        rows_used=used,
        dropped=dropped,
        authority=file.at("authority").text(),
        merged=tuple((pair[0], pair[1]) for pair in merged),
        shared=file.at("shared").texts(distinct=True),
    )


def _read_outcome(outcome: Value) -> OutcomeMoments:
    grams = _read_grams(outcome)
    people = outcome.at("people").numbers(2, least=0.0)
    return OutcomeMoments(
        outcome=outcome.at("outcome").text(),
        statistic=outcome.at("statistic").text(STATISTICS),
        grams=grams,
        dropped=_read_dropped(outcome.at("dropped")),
        people=(float(people[0]), float(people[1])),
        rows_in_arm=outcome.at("rows_in_arm").pair(),
        missing_in_arm=outcome.at("missing_in_arm").pair(),
        missing=outcome.at("missing").count(),
        cells=outcome.at("cells").count_if_any(),
        reversals=outcome.at("reversals").count_if_any(),
        waves=read_waves(outcome.at("waves")),
        starts=read_starts(outcome.at("starts")),
        changes=read_changes(outcome.at("changes")),
        people_by_cluster=_by_cluster(outcome.at("people_by_cluster"), grams),
        least=_by_cluster(outcome.at("least"), grams),
    )


def _by_cluster(figures: Value, grams: Grams) -> tuple[float, ...] | None:
    return None if figures.content is None else tuple(figures.numbers(len(grams.clusters), least=0.0).tolist())


def _read_grams(outcome: Value) -> Grams:
    names, clusters = outcome.at("columns").texts(distinct=True), outcome.at("clusters").each()
    base = outcome.at("base").texts()
    if names[-1:] != (OUTCOME,) or len(base) != len(names) or not set(base) <= set(names):
        raise Unsound(outcome.at("columns").where)
    upper = np.triu_indices(len(names))
    products = np.zeros((len(clusters), len(names), len(names)))
    for place, cluster in enumerate(clusters):
        values = cluster.at("products").numbers(len(upper[0]))
        products[place][upper] = values
        products[place].T[upper] = values
    if np.any(np.diagonal(products, axis1=1, axis2=2) < -_ROUNDING * np.abs(products).max(initial=0.0)):
        raise Unsound(outcome.at("clusters").where)
    rows, treated, units = (_counts(clusters, name) for name in ("rows", "treated", "units"))
    called = tuple(cluster.at("cluster").text() for cluster in clusters)
    if np.any(treated > rows) or np.any(units > rows) or len(set(called)) < len(called):
        raise Unsound(outcome.at("clusters").where)
    return Grams(
        clusters=called,
        names=names,
        products=products,
        rows=rows,
        treated=treated,
        units=units,
        demeaned=outcome.at("demeaned").flag(),
        squared=outcome.at("squared").flag(),
        base=base,
        origin=outcome.at("origin").numbers(len(names)),
    )


def _counts(clusters: list[Value], name: str) -> Codes:
    return np.array([cluster.at(name).count() for cluster in clusters], dtype=np.int64)


def _read_dropped(dropped: Value) -> tuple[Dropped, ...]:
    reasons = [reason.value for reason in DropReason]
    return tuple(
        Dropped(DropReason(item.at("reason").text(reasons)), item.at("rows").count()) for item in dropped.each()
    )


def _refused(name: str, code: str, message: str, remedy: str, where: str = "") -> DataError:
    params = {"file": name, "where": where} if where else {"file": name}
    return DataError([Finding(name, code, message, remedy, params)])


_ROUNDING: Final = 1e-9
