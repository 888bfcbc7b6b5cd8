"""What a bundle is made of, and where each part lies in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

METADATA: Final = "ro-crate-metadata.json"
MANIFEST: Final = "bundle.json"
CASE: Final = "case.toml"
ADVICE: Final = "recommendation.json"
SYNTHESIS: Final = "synthesis.json"
BUSINESS_CASE: Final = "business-case.toml"
VALUATION: Final = "valuation.json"
PLACES: Final = "places.json"
SCHEMA: Final = "virkning-bundle/1"
SYNTHESIS_SCHEMA: Final = "virkning-bundle-synthesis/1"
FIGURES: Final = (
    *("pilots", "mean", "standard_error", "low", "high", "p_value", "tau"),
    *("predictive_low", "predictive_high", "predictive_sd"),
)
"""What the pooling model says of an indicator, as `effects.synthesis.Pooled` names it."""

ROWS: Final = ("rows.csv", "rows.parquet")


class Basis(StrEnum):
    """What a bundle holds of the rows behind a result."""

    ROWS = "rows"
    MOMENTS = "moments"
    HASH_ONLY = "hash_only"
    PUBLISHED = "published"


@dataclass(frozen=True, slots=True, kw_only=True)
class PilotPart:
    """One pilot: its plan, its result and what was concluded from it, each to the byte.

    `study` is the name under which the pooled case lists the pilot. A published trial has a `source` and neither plan
    nor result. `moments` or `rows` (file name, bytes) only where they may leave; else the hash in the result stands.
    """

    title: str
    study: str
    case: bytes
    grade: bytes
    plan: bytes | None = None
    result: bytes | None = None
    moments: bytes | None = None
    rows: tuple[str, bytes] | None = None
    source: str = ""

    @property
    def basis(self) -> Basis:
        """What the result can be recomputed from."""
        if self.rows is not None:
            return Basis.ROWS
        if self.moments is not None:
            return Basis.MOMENTS
        return Basis.PUBLISHED if self.result is None else Basis.HASH_ONLY


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """A recommendation and all it rests on; `issued_on` is an ISO date, `issued_at` its address in the registry.

    `case` is what the advice is drawn from: the pooled case, or that of the only pilot. `places` are the municipalities
    that the business case was valued in.
    """

    issued_on: str
    issued_at: str
    versions: Mapping[str, str]
    case: bytes
    advice: bytes
    pilots: tuple[PilotPart, ...]
    synthesis: bytes | None = None
    business_case: bytes | None = None
    valuation: bytes | None = None
    places: bytes | None = None


def folder_of(place: int) -> str:
    """The folder of a pilot, counted from 0."""
    return f"pilots/{place + 1}"


def contents(parts: Parts) -> dict[str, bytes]:
    """Every file but the manifest and the metadata, in the order in which they are written."""
    found: dict[str, bytes | None] = {
        ADVICE: parts.advice,
        CASE: parts.case,
        SYNTHESIS: parts.synthesis,
        BUSINESS_CASE: parts.business_case,
        PLACES: parts.places,
        VALUATION: parts.valuation,
    }
    for place, pilot in enumerate(parts.pilots):
        folder = folder_of(place)
        found |= {
            f"{folder}/plan.toml": pilot.plan,
            f"{folder}/result.json": pilot.result,
            f"{folder}/moments.json": pilot.moments,
            f"{folder}/case.toml": pilot.case,
            f"{folder}/grade.json": pilot.grade,
        }
        if pilot.rows is not None:
            found[f"{folder}/{pilot.rows[0]}"] = pilot.rows[1]
    return {name: content for name, content in found.items() if content is not None}


def in_order(files: Mapping[str, bytes], parts: Parts) -> dict[str, bytes]:
    """The files in the order in which they were written, whatever archive or folder they came from; others last."""
    written = dict.fromkeys((METADATA, MANIFEST, *contents(parts)))
    return {name: files[name] for name in (*written, *sorted(files.keys() - written.keys())) if name in files}


def parts_from(files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> Parts:
    """The parts of a bundle that was read; a file that is missing is empty, so that whatever reads it says so."""
    listed = manifest.get("pilots")
    stated = [pilot if isinstance(pilot, dict) else {} for pilot in listed] if isinstance(listed, list) else []
    issued, versions = _mapping(manifest, "issued"), _mapping(manifest, "versions")
    return Parts(
        issued_on=str(issued.get("on", "")),
        issued_at=str(issued.get("at", "")),
        versions={str(name): str(version) for name, version in versions.items()},
        case=files.get(CASE, b""),
        advice=files.get(ADVICE, b""),
        pilots=tuple(_pilot_from(files, folder_of(place), pilot) for place, pilot in enumerate(stated)),
        synthesis=files.get(SYNTHESIS),
        business_case=files.get(BUSINESS_CASE),
        valuation=files.get(VALUATION),
        places=files.get(PLACES),
    )


def _pilot_from(files: Mapping[str, bytes], folder: str, stated: Mapping[str, Any]) -> PilotPart:
    rows = next(((name, files[f"{folder}/{name}"]) for name in ROWS if f"{folder}/{name}" in files), None)
    return PilotPart(
        title=str(stated.get("title", "")),
        study=str(stated.get("study", "")),
        case=files.get(f"{folder}/case.toml", b""),
        grade=files.get(f"{folder}/grade.json", b""),
        plan=files.get(f"{folder}/plan.toml"),
        result=files.get(f"{folder}/result.json"),
        moments=files.get(f"{folder}/moments.json"),
        rows=rows,
        source=str(stated.get("source", "")),
    )


def _mapping(record: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = record.get(name)
    return found if isinstance(found, dict) else {}
