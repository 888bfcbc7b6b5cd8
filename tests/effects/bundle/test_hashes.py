"""The files are those that metadata and manifest describe."""

import json
from hashlib import sha256

import pytest

from effects.bundle.hashes import described
from effects.bundle.parts import ADVICE, CASE, MANIFEST, METADATA, parts_from
from tests.effects.bundle.forging import Files, renewed
from tests.effects.bundle.story import bundle_of, the_files


def places(files: Files) -> list[tuple[str, str, str]]:
    bundle = bundle_of(files)
    found = described(bundle, parts_from(bundle.files, bundle.manifest))
    return [(one.file, one.where, one.source) for one in found]


def without(name: str) -> dict[str, bytes]:
    return {other: content for other, content in the_files().items() if other != name}


def test_what_was_written_is_described() -> None:
    assert places(the_files()) == []


def test_another_content_is_named_by_size_hash_and_what_the_manifest_says() -> None:
    found = places({**the_files(), CASE: b"schema = 3\n"})
    assert found[:2] == [(CASE, "sha256", METADATA), (CASE, "contentSize", METADATA)] or found[:2] == [
        (CASE, "contentSize", METADATA),
        (CASE, "sha256", METADATA),
    ]
    assert (MANIFEST, "$.case_sha256", CASE) in found


def test_a_file_that_nobody_described_is_named() -> None:
    found = places({**the_files(), "extra.txt": b"x"})
    assert ("extra.txt", "$", METADATA) in found
    assert ("extra.txt", "$", MANIFEST) in found


def test_a_file_too_many_is_all_that_is_said() -> None:
    assert places({"a first.txt": b"x", **the_files()}) == [
        ("a first.txt", "$", METADATA),
        ("a first.txt", "$", MANIFEST),
    ]


@pytest.mark.parametrize("name", [ADVICE, "pilots/1/grade.json", "pilots/2/result.json", "pilots/1/moments.json"])
def test_a_file_that_is_described_and_not_there_is_named(name: str) -> None:
    assert (name, "$", "the bundle") in places(without(name))


@pytest.mark.parametrize(
    ("name", "was", "now", "where", "source"),
    [
        ("pilots/2/result.json", b'"seed": 7', b'"seed": 8', "$.pilots[1].seed", "pilots/2/result.json"),
        ("pilots/1/plan.toml", b"Night", b"Light", "$.pilots[0].plan", "pilots/1/plan.toml"),
        ("pilots/3/case.toml", b"0.9", b"0.8", "$.pilots[2].case_sha256", "pilots/3/case.toml"),
        (ADVICE, b'"rules_version": "1"', b'"rules_version": "2"', "$.advice.rules_version", ADVICE),
        (ADVICE, b"Night sensors", b"Day sensors", "$.technology", ADVICE),
    ],
)
def test_what_the_manifest_takes_from_a_file_is_named_with_that_file(
    name: str, was: bytes, now: bytes, where: str, source: str
) -> None:
    forged = renewed(the_files(), name, the_files()[name].replace(was, now))
    assert (MANIFEST, where, source) in places(forged)


def test_every_other_word_of_the_metadata_follows_from_the_files() -> None:
    metadata = json.loads(the_files()[METADATA])
    metadata["@graph"][1]["datePublished"] = "2020-01-01"
    metadata["@graph"][3]["name"] = "Another"
    found = places({**the_files(), METADATA: json.dumps(metadata).encode()})
    assert [where for _, where, _ in found] == ["$.@graph[1].datePublished", "$.@graph[3].name"]


@pytest.mark.parametrize("content", [b"{}", b'{"@graph": 3}', b'{"@graph": [3, {"@type": "File"}]}'])
def test_metadata_of_any_form_is_compared_without_a_fault(content: bytes) -> None:
    assert places({**the_files(), METADATA: content})


def test_hashes_are_those_of_the_bytes() -> None:
    (entity,) = (one for one in json.loads(the_files()[METADATA])["@graph"] if one["@id"] == CASE)
    assert entity["sha256"] == sha256(the_files()[CASE]).hexdigest()
