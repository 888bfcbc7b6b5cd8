"""Whether the files of a bundle are those that its metadata and manifest describe."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from effects.bundle.differences import ABSENT, Difference, differences, shown
from effects.bundle.manifest import manifest_of
from effects.bundle.metadata import metadata_of
from effects.bundle.parts import ADVICE, CASE, MANIFEST, METADATA, Parts, contents, folder_of, in_order
from effects.bundle.reading import Bundle

MEASURED: Final = ("sha256", "contentSize")
PRESENT: Final = "a file"
THE_FILES: Final = "the other files"


def described(bundle: Bundle, parts: Parts) -> Iterator[Difference]:
    """Every file that is not the one described, that nobody described, or that is not there; and every other word of
    metadata and manifest that does not follow from the files. The order of files in the archive says nothing.
    """
    files = {name: content for name, content in in_order(bundle.files, parts).items() if name != METADATA}
    stated = {str(entity.get("@id")): entity for entity in _graph(bundle.metadata) if entity.get("@type") == "File"}
    known = {name: content for name, content in files.items() if name in stated}
    expected = metadata_of(known, bundle.manifest)
    found = {entity["@id"]: entity for entity in expected["@graph"] if entity["@type"] == "File"}
    for name in sorted(stated.keys() - found.keys()):
        yield Difference(name, "$", PRESENT, ABSENT, "the bundle")
    for name in (name for name in files if name not in found):
        yield Difference(name, "$", PRESENT, ABSENT, METADATA)
    for name, entity in found.items():
        about = stated[name]
        for field in MEASURED:
            if about.get(field) != entity[field]:
                yield Difference(name, field, shown(entity[field]), shown(about.get(field)), METADATA)
                entity[field] = about.get(field)
    yield from differences(METADATA, bundle.metadata, expected, source=THE_FILES)
    for difference in differences(MANIFEST, bundle.manifest, manifest_of(parts), source=THE_FILES):
        yield replace(difference, source=_source(difference.where))
    for name in sorted(files.keys() - {MANIFEST, *contents(parts)}):
        yield Difference(name, "$", PRESENT, ABSENT, MANIFEST)
    for name, content in contents(parts).items():
        if name not in files and not content:
            yield Difference(name, "$", ABSENT, PRESENT, MANIFEST)


def _source(where: str) -> str:
    """The file that a place of the manifest is taken from."""
    found = _OF_A_PILOT.fullmatch(where)
    if found is None:
        return _OF_THE_ADVICE.get(where.split(".")[1].partition("[")[0] if "." in where else where, THE_FILES)
    folder, name = folder_of(int(found[1])), found[2]
    return f"{folder}/{_OF_A_RUN.get(name, 'result.json')}"


_OF_A_PILOT: Final = re.compile(
    r"\$\.pilots\[(\d+)\]\.(plan|case_sha256|rows_\w+|effects_version|seed|result_sha256)\W?.*"
)
_OF_A_RUN: Final = {"plan": "plan.toml", "case_sha256": "case.toml"}
_OF_THE_ADVICE: Final = {"technology": ADVICE, "advice": ADVICE, "case_sha256": CASE}


def _graph(metadata: Mapping[str, Any]) -> list[dict[str, Any]]:
    graph = metadata.get("@graph")
    return [entity for entity in graph if isinstance(entity, dict)] if isinstance(graph, list) else []
