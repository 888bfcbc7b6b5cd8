"""What a backup says of itself cannot be changed unnoticed, and everything that differs from it is named."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from registry.backup.archive import Member
from registry.backup.manifest import (
    FORMAT,
    FileFacts,
    Manifest,
    Refused,
    TableFacts,
    differences,
    read,
    sealed,
    written,
)
from registry.backup.values import Column, Kind

TABLE = TableFacts("job", (Column("id", Kind.WHOLE),), 2, "aa", 7)
FILE = FileFacts("datasets/1-ab.parquet", 10, "bb")


def a_manifest(**changes: Any) -> Manifest:
    stated: dict[str, Any] = {
        "version": "0.1.0",
        "migrations": ("registry_0001",),
        "engine": "sqlite",
        "taken_at": datetime(2026, 11, 22, 20, tzinfo=UTC),
        "tables": (TABLE,),
        "files": (FILE,),
        "chain": (3, "cc"),
    }
    return Manifest(**{**stated, **changes})


def members(**changes: Member | None) -> dict[str, Member]:
    found: dict[str, Member | None] = {
        TABLE.member: Member(TABLE.member, 0, 8, "aa"),
        FILE.name: Member(FILE.name, 0, 10, "bb"),
        **changes,
    }
    return {name: member for name, member in found.items() if member is not None}


def test_it_comes_back_as_it_was_sealed() -> None:
    stated = sealed(a_manifest())
    assert read(written(stated)) == stated
    assert (stated.rows, stated.with_secret) == (2, False)
    assert a_manifest(files=(FILE, FileFacts("secret", 32, "dd"))).with_secret


@pytest.mark.parametrize(
    "change", [{"chain": (4, "cc")}, {"tables": ()}, {"missing": ("datasets/x",)}, {"version": "9"}]
)
def test_a_changed_statement_does_not_carry_its_seal(change: dict[str, Any]) -> None:
    changed = msgspec.structs.replace(sealed(a_manifest()), **change)
    with pytest.raises(Refused, match="seal"):
        read(written(changed))


@pytest.mark.parametrize("content", [b"", b"{}", b'{"format": 1}', b'{"format": "1"}', b"\xff", b"[]"])
def test_what_is_no_manifest_is_said_to_be_altered(content: bytes) -> None:
    with pytest.raises(Refused, match="cannot be read"):
        read(content)


def test_a_space_more_is_an_alteration_too() -> None:
    with pytest.raises(Refused, match="altered"):
        read(written(sealed(a_manifest())) + b" ")


def test_a_later_format_asks_for_a_later_version_whatever_else_it_says() -> None:
    with pytest.raises(Refused, match=f"format {FORMAT + 1} .* install a newer"):
        read(msgspec.json.encode({"format": FORMAT + 1, "tables": "elsewhere"}))


def test_an_archive_that_is_as_stated_has_no_differences() -> None:
    assert differences(a_manifest(), members()) == []


def test_every_difference_is_named() -> None:
    stated = a_manifest(files=(FILE, FileFacts("uploads/1.upload", 1, "ee")))
    wrong = {FILE.name: Member(FILE.name, 0, 11, "bx"), "extra": Member("extra", 0, 0, ""), TABLE.member: None}
    assert differences(stated, members(**wrong)) == sorted(
        [
            f"{TABLE.member} is missing",
            "uploads/1.upload is missing",
            f"{FILE.name} was altered",
            f"{FILE.name} has another size",
            "extra belongs to no backup",
        ]
    )


@pytest.mark.parametrize(
    "name", ["../secret", "/etc/x", "datasets/../x", "datasets/.x", "datasets/a/b", "registry.sqlite"]
)
def test_a_file_with_a_place_elsewhere_is_refused(name: str) -> None:
    found = {TABLE.member: Member(TABLE.member, 0, 8, "aa"), name: Member(name, 0, 10, "bb")}
    assert differences(a_manifest(files=(FileFacts(name, 10, "bb"),)), found) == [f"{name!r} is no place for a file"]


def test_a_table_whose_name_is_more_than_a_name_is_refused() -> None:
    table = msgspec.structs.replace(TABLE, name='job"; DROP TABLE job')
    assert any("is no table" in text for text in differences(a_manifest(tables=(table,)), members()))


@pytest.mark.parametrize(
    "change",
    [
        {"migrations": ()},
        {"migrations": ("registry_0001\n  audit chain: whole",)},
        {"version": "1\x1b[2J"},
        {"engine": ""},
        {"chain": (-1, "cc")},
        {"chain": (3, "cc\nrestored")},
        {"unkept": ("session\n",)},
        {"taken_at": datetime(2026, 11, 22, 20, tzinfo=UTC).replace(tzinfo=None)},
        {"tables": (TableFacts("job", (), 2, "aa", -5),)},
        {"tables": (TableFacts("job", (), 2, "aa", 2**63 - 1),)},
        {"tables": (TableFacts("job", (), -2, "aa", 7),)},
        {"files": (FileFacts("secret", -1, "bb"),)},
    ],
)
def test_what_no_registry_says_is_refused_whatever_its_seal(change: dict[str, Any]) -> None:
    with pytest.raises(Refused, match="cannot be read"):
        read(written(sealed(a_manifest(**change))))


@pytest.mark.parametrize("content", [b'{"\xf4":1}', b"[" * 100_000, b'{"format":1,"x":' + b"[" * 100_000, b"\xff", b""])
def test_what_is_no_json_is_refused(content: bytes) -> None:
    with pytest.raises(Refused, match="cannot be read"):
        read(content)


def test_every_flipped_bit_is_refused() -> None:
    content = bytearray(written(sealed(a_manifest(unkept=("session",)))))
    for at in range(len(content)):
        for bit in range(8):
            content[at] ^= 1 << bit
            with pytest.raises(Refused):
                read(bytes(content))
            content[at] ^= 1 << bit


def test_a_number_that_no_key_can_be_is_refused_by_its_place() -> None:
    content = written(sealed(a_manifest())).replace(b'"highest": 7', b'"highest": %d' % 2**70)
    with pytest.raises(Refused, match=r"cannot be read \(.*highest"):
        read(content)


def test_what_is_listed_twice_is_named() -> None:
    said = differences(a_manifest(tables=(TABLE, TABLE), files=(FILE, FILE, FILE)), members())
    assert said == ["'datasets/1-ab.parquet' is listed 3 times", "'job' is listed 2 times"]
