"""The manifest: what is advised about which technology, by which versions, and what lies behind each pilot.

All of it but titles, names of studies, sources, versions and the place and day of issue follows from the other files.
"""

from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from typing import Any

from effects.bundle.documents import Unreadable, read_table, record_of
from effects.bundle.parts import SCHEMA, Parts, PilotPart, folder_of
from effects.errors import PlanError
from effects.plan import AnalysisPlan


def manifest_of(parts: Parts) -> dict[str, Any]:
    """The manifest as JSON-ready values in a fixed order; what cannot be read is null."""
    advice = record_of(parts.advice)
    return {
        "schema": SCHEMA,
        "technology": advice.get("technology"),
        "advice": {name: advice.get(name) for name in ("recommendation", "rule", "rules_version")},
        "case_sha256": sha256(parts.case).hexdigest(),
        "issued": {"on": parts.issued_on, "at": parts.issued_at},
        "versions": dict(parts.versions),
        "pilots": [_pilot(place, pilot) for place, pilot in enumerate(parts.pilots)],
    }


@lru_cache(maxsize=32)
def fingerprint_of(plan: bytes) -> str | None:
    """The fingerprint of a plan file; None where it cannot be read."""
    try:
        return AnalysisPlan.from_mapping(read_table(plan)).fingerprint
    except (Unreadable, PlanError):
        return None


def _pilot(place: int, pilot: PilotPart) -> dict[str, Any]:
    about: dict[str, Any] = {
        "folder": folder_of(place),
        "title": pilot.title,
        "study": pilot.study,
        "basis": pilot.basis.value,
        "case_sha256": sha256(pilot.case).hexdigest(),
    }
    if pilot.source:
        about["source"] = pilot.source
    if pilot.plan is not None:
        about["plan"] = fingerprint_of(pilot.plan)
    if pilot.result is not None:
        about |= _run(pilot.result)
    return about


def _run(result: bytes) -> dict[str, Any]:
    """The identity of a run: the hash of its result is what the registry shows beside the analysis."""
    found = record_of(result)
    rows = found.get("data")
    identity: Mapping[str, Any] = rows if isinstance(rows, dict) else {}
    return {
        "rows_sha256": identity.get("sha256"),
        "rows_content": identity.get("content"),
        "effects_version": found.get("effects_version"),
        "seed": found.get("seed"),
        "result_sha256": sha256(result).hexdigest(),
    }
