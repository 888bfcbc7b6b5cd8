"""A bundle as bytes: the same parts give the same ZIP file on any machine."""

from io import BytesIO
from typing import Final
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from effects.bundle.manifest import manifest_of
from effects.bundle.metadata import metadata_of
from effects.bundle.parts import MANIFEST, METADATA, Parts, contents
from effects.serialize import document

EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""The first moment a ZIP file can state; the day of issue stands in the metadata."""

UNIX: Final = 3
READABLE: Final = 0o100644 << 16


def files_of(parts: Parts) -> dict[str, bytes]:
    """Every file of the bundle by name, the metadata first, then the manifest."""
    manifest = manifest_of(parts)
    files = {MANIFEST: document(manifest), **contents(parts)}
    return {METADATA: document(metadata_of(files, manifest)), **files}


def write_bundle(parts: Parts) -> bytes:
    """The ZIP file; stored, not deflated, since deflation differs between versions of zlib."""
    return zipped(files_of(parts))


def zipped(files: dict[str, bytes]) -> bytes:
    """Files as a ZIP file with fixed times and rights, in their order."""
    target = BytesIO()
    with ZipFile(target, "w", ZIP_STORED) as archive:
        for name, content in files.items():
            entry = ZipInfo(name, EPOCH)
            entry.create_system, entry.external_attr = UNIX, READABLE
            archive.writestr(entry, content)
    return target.getvalue()
