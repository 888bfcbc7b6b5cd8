"""RO-Crate 1.1: every file described, people by role alone."""

import json
from hashlib import sha256

from effects.bundle.metadata import FILES, metadata_of
from effects.bundle.parts import MANIFEST, METADATA, contents
from tests.effects.bundle.story import the_files, the_parts

GRAPH = {entity["@id"]: entity for entity in json.loads(the_files()[METADATA])["@graph"]}


def test_the_descriptor_and_the_root_are_those_that_the_standard_asks_for() -> None:
    described = json.loads(the_files()[METADATA])
    assert described["@context"][0] == "https://w3id.org/ro/crate/1.1/context"
    assert GRAPH[METADATA]["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    assert GRAPH[METADATA]["about"] == {"@id": "./"}
    root = GRAPH["./"]
    assert root["@type"] == "Dataset"
    assert all(root[name] for name in ("name", "description", "datePublished", "license"))


def test_every_file_has_name_description_form_size_and_hash() -> None:
    for name, content in the_files().items():
        if name == METADATA:
            continue
        entity = GRAPH[name]
        assert entity["sha256"] == sha256(content).hexdigest()
        assert entity["contentSize"] == str(len(content))
        assert all(entity[field] for field in ("name", "description", "encodingFormat"))
        assert {"@id": name} in GRAPH["./"]["hasPart"]


def test_every_kind_of_file_has_its_own_words() -> None:
    kinds = {name.rpartition("/")[2] for name in (*contents(the_parts()), MANIFEST, METADATA)}
    assert kinds <= set(FILES)
    assert len({str(title) for title, _, form in FILES.values() if "rows" not in str(title).lower()}) >= len(FILES) - 2


def test_authors_are_roles_and_pilots_say_what_is_there_of_their_rows() -> None:
    authors = [GRAPH[author["@id"]] for author in GRAPH["./"]["author"]]
    assert {author["@type"] for author in authors} == {"Role"}
    assert [GRAPH[f"pilots/{number}/"]["description"] for number in (1, 2, 3)] == [
        "The rows stay where they are; their moments are included.",
        "The rows stay where they are; the result states their hash.",
        "The figures were published elsewhere.",
    ]


def test_every_reference_leads_to_an_entity() -> None:
    parts = [part["@id"] for entity in GRAPH.values() for part in entity.get("hasPart", [])]
    assert set(parts) <= set(GRAPH)


def test_a_manifest_of_anything_is_described_without_a_fault() -> None:
    for manifest in ({}, {"pilots": [3], "issued": 4, "versions": []}, {"pilots": [{"basis": "none"}]}):
        assert metadata_of({"x.bin": b""}, manifest)["@graph"][2]["name"] == "File"
