"""The metadata of a bundle by RO-Crate 1.1 (https://w3id.org/ro/crate/1.1): a function of its files."""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any, Final

from effects.bundle.parts import METADATA, SCHEMA, Basis
from effects.message import Message

CONTEXT: Final = ("https://w3id.org/ro/crate/1.1/context", {"sha256": "https://schema.org/sha256"})
ROLES: Final = {
    "#evaluator": "Evaluator: locked the plan, ran it and stated the facts behind the grade",
    "#second-evaluator": "Second evaluator: approved the assessment",
}
"""Who made it, by role; no person is named."""

JSON: Final = "application/json"
TOML: Final = "application/toml"
FILES: Final[Mapping[str, tuple[Message, Message, str]]] = {
    METADATA: (Message("Metadata"), Message("Every file with its hash, by RO-Crate 1.1"), "application/ld+json"),
    "bundle.json": (
        Message("Manifest"),
        Message("What is advised, by which versions, and what lies behind each pilot"),
        JSON,
    ),
    "recommendation.json": (
        Message("Recommendation"),
        Message("The advice with every reason: virkning grade on the case"),
        JSON,
    ),
    "case.toml": (Message("Case"), Message("The stated facts that verdicts, certainty and advice follow from"), TOML),
    "synthesis.json": (Message("Synthesis"), Message("The pilots' effects pooled"), JSON),
    "business-case.toml": (
        Message("Business case"),
        Message("Costs and benefits as stated, each with its source"),
        TOML,
    ),
    "places.json": (Message("Municipalities"), Message("Where the business case was valued: public figures"), JSON),
    "valuation.json": (Message("Valuation"), Message("What the business case and the effects come to"), JSON),
    "plan.toml": (Message("Analysis plan"), Message("The plan as it was locked before the rows were seen"), TOML),
    "result.json": (Message("Result"), Message("What the plan found in the rows, to the byte"), JSON),
    "moments.json": (
        Message("Moments"),
        Message("Sums and cross-products by cluster, from which the result is recomputed"),
        JSON,
    ),
    "grade.json": (Message("Grade"), Message("Verdict and certainty of each indicator of this pilot alone"), JSON),
    "rows.csv": (Message("Rows"), Message("The rows behind the result"), "text/csv"),
    "rows.parquet": (Message("Rows"), Message("The rows behind the result"), "application/vnd.apache.parquet"),
}
OTHER: Final = (Message("File"), Message("Not part of a bundle"), "application/octet-stream")
BASES: Final = {
    Basis.ROWS: Message("The rows are included."),
    Basis.MOMENTS: Message("The rows stay where they are; their moments are included."),
    Basis.HASH_ONLY: Message("The rows stay where they are; the result states their hash."),
    Basis.PUBLISHED: Message("The figures were published elsewhere."),
}


def metadata_of(files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The metadata of these files (manifest included, itself not), as JSON-ready values in a fixed order."""
    listed = manifest.get("pilots")
    pilots = [pilot for pilot in listed if isinstance(pilot, dict)] if isinstance(listed, list) else []
    issued = manifest.get("issued")
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": f"Recommendation: {manifest.get('technology')}",
        "description": "A recommendation and all it rests on; `virkning verify` recomputes it offline.",
        "datePublished": issued.get("on") if isinstance(issued, dict) else None,
        "license": "No licence is stated. Ask whoever gave you this file before you pass it on.",
        "version": SCHEMA,
        "author": [{"@id": name} for name in ROLES],
        "hasPart": [*({"@id": name} for name in files), *({"@id": f"{pilot.get('folder')}/"} for pilot in pilots)],
    }
    descriptor = {
        "@id": METADATA,
        "@type": "CreativeWork",
        "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
        "about": {"@id": "./"},
    }
    entities = (*_files(files), *_pilots(files, pilots), *_roles(), *_software(manifest))
    return {"@context": list(CONTEXT), "@graph": [descriptor, root, *entities]}


def _files(files: Mapping[str, bytes]) -> Iterator[dict[str, Any]]:
    for name, content in files.items():
        title, description, form = FILES.get(name.rpartition("/")[2], OTHER)
        yield {
            "@id": name,
            "@type": "File",
            "name": str(title),
            "description": str(description),
            "encodingFormat": form,
            "contentSize": str(len(content)),
            "sha256": sha256(content).hexdigest(),
        }


def _pilots(files: Mapping[str, bytes], pilots: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for pilot in pilots:
        folder = f"{pilot.get('folder')}/"
        basis = str(pilot.get("basis"))
        yield {
            "@id": folder,
            "@type": "Dataset",
            "name": pilot.get("title"),
            "description": str(BASES[Basis(basis)]) if basis in set(Basis) else None,
            "hasPart": [{"@id": name} for name in files if name.startswith(folder)],
        }


def _roles() -> Iterator[dict[str, Any]]:
    for name, role in ROLES.items():
        yield {"@id": name, "@type": "Role", "roleName": role.partition(":")[0], "description": role}


def _software(manifest: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    versions = manifest.get("versions")
    for name, version in (versions if isinstance(versions, dict) else {}).items():
        yield {"@id": f"#{name}", "@type": "SoftwareApplication", "name": name, "version": version}
