"""RO-Crate 1.1: every file described, people by role alone."""

import json
from dataclasses import replace
from hashlib import sha256

import pytest

from effects.bundle.metadata import FILES, metadata_of
from effects.bundle.parts import MANIFEST, METADATA, Basis, contents
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


@pytest.mark.parametrize("basis", list(Basis))
def test_every_basis_has_words_of_its_own(basis: Basis) -> None:
    """What a reader may expect to find of the rows, for every way in which a bundle can hold them."""
    graph = metadata_of({}, {"pilots": [{"folder": "pilots/1", "basis": basis.value}]})["@graph"]
    (pilot,) = (entity for entity in graph if entity["@id"] == "pilots/1/")
    assert pilot["description"].endswith(".")
    others = [metadata_of({}, {"pilots": [{"folder": "p", "basis": one.value}]})["@graph"][2] for one in Basis]
    assert [one["description"] for one in others].count(pilot["description"]) == 1


def test_files_of_a_pilot_are_listed_with_it_and_with_no_other() -> None:
    files = {f"pilots/{number}/case.toml": b"" for number in (1, 2, 11)}
    pilots = [{"folder": f"pilots/{number}"} for number in (1, 11)]
    graph = {entity["@id"]: entity for entity in metadata_of(files, {"pilots": pilots})["@graph"]}
    assert graph["pilots/1/"]["hasPart"] == [{"@id": "pilots/1/case.toml"}]
    assert graph["pilots/11/"]["hasPart"] == [{"@id": "pilots/11/case.toml"}]


def test_one_changed_byte_changes_the_hash_and_nothing_else_of_the_description() -> None:
    one, other = (metadata_of({"case.toml": content}, {})["@graph"][2] for content in (b"a", b"b"))
    assert one["sha256"] != other["sha256"]
    assert {name for name in one if one[name] != other[name]} == {"sha256"}


def test_the_same_files_give_the_same_metadata_in_the_same_order() -> None:
    manifest = json.loads(the_files()[MANIFEST])
    files = {name: content for name, content in the_files().items() if name != METADATA}
    assert json.dumps(metadata_of(files, manifest)) == json.dumps(metadata_of(dict(files), manifest))
    laid = [entity["@id"] for entity in metadata_of(files, manifest)["@graph"] if entity["@type"] == "File"]
    assert laid == list(files)


def test_rows_that_are_included_are_described_as_rows() -> None:
    pilot = replace(the_parts().pilots[1], rows=("rows.csv", b"home\n"))
    laid = contents(replace(the_parts(), pilots=(pilot,)))
    (rows,) = (entity for entity in metadata_of(laid, {})["@graph"] if entity["@id"] == "pilots/1/rows.csv")
    assert (rows["encodingFormat"], rows["contentSize"]) == ("text/csv", "5")
