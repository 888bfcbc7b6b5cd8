"""Changing one number in one file, as a forger would, with or without renewing the hashes that name the file."""

import json
import re
from collections.abc import Iterator, Mapping
from hashlib import sha256

from effects.bundle.metadata import metadata_of
from effects.bundle.parts import MANIFEST, METADATA
from effects.serialize import fingerprint

Span = tuple[int, int]
Files = Mapping[str, bytes]
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|(?<![\w.+-])[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.:-])')


def numbers(text: str) -> Iterator[Span]:
    """Where the numbers of a JSON or TOML text stand, also those that are written as texts, such as sizes."""
    for found in _TOKEN.finditer(text):
        if not found[0].startswith('"'):
            yield found.span()
        elif found[0][1:-1].isdecimal():
            yield found.start() + 1, found.end() - 1


def with_another(text: str, span: Span) -> bytes:
    """The text with a number close by in place of one of its numbers."""
    start, end = span
    was = text[start:end]
    now = str(int(was) + 1) if was.lstrip("+-").isdecimal() else repr(float(was) * 0.997 or 0.003)
    return (text[:start] + now + text[end:]).encode()


def stale(files: Files, name: str, content: bytes) -> dict[str, bytes]:
    """The file replaced and nothing else."""
    return {**files, name: content}


def renewed(files: Files, name: str, content: bytes) -> dict[str, bytes]:
    """The file replaced, and the metadata's hash and size of it."""
    forged = {**files, name: content}
    if name == METADATA:
        return forged
    metadata = json.loads(files[METADATA])
    entity = next(entity for entity in metadata["@graph"] if entity["@id"] == name)
    entity |= {"sha256": sha256(content).hexdigest(), "contentSize": str(len(content))}
    return {**forged, METADATA: json.dumps(metadata).encode()}


def all_renewed(files: Files, name: str, content: bytes) -> dict[str, bytes]:
    """The file replaced, and every hash of it anywhere: in itself, in the manifest and in the metadata."""
    if name == METADATA:
        return {**files, name: content}
    if name.endswith("moments.json"):
        stated = {key: item for key, item in json.loads(content).items() if key != "check"}
        content = json.dumps({**stated, "check": fingerprint(stated)}).encode()
    forged = {**files, name: content}
    manifest = json.loads(forged[MANIFEST])
    for about in (manifest, *manifest["pilots"]):
        folder = f"{about['folder']}/" if "folder" in about else ""
        for kind in ("case", "result"):
            if name in (f"{folder}{kind}.toml", f"{folder}{kind}.json"):
                about[f"{kind}_sha256"] = sha256(content).hexdigest()
    forged[MANIFEST] = json.dumps(manifest).encode()
    described = {other: held for other, held in forged.items() if other != METADATA}
    return {**forged, METADATA: json.dumps(metadata_of(described, manifest)).encode()}
