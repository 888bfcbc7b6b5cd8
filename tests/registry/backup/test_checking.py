"""A backup is whole to the last byte, or everything that is wrong with it is said."""

import random
import shutil
from pathlib import Path

import msgspec
import pytest

from registry.backup import archive, manifest
from registry.backup.archive import MARK, Writer
from registry.backup.checking import examine, understood
from registry.backup.manifest import NAME, FileFacts, Refused, TableFacts, sealed, written
from registry.kit import migrating
from tests.registry.backup.test_manifest import a_manifest

ROWS = b'["a",1]\n' * 300
FILE = b"PAR1" * 999


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    return made(tmp_path / "whole.backup")


def made(path: Path, mark: bytes = b"1\n", again: bool = False, **changes: object) -> Path:
    with path.open("wb") as stream:
        writer = Writer(stream)
        writer.add(MARK, [mark])
        rows, file = writer.add("tables/job.jsonl", [ROWS]), writer.add("datasets/x", [FILE])
        if again:
            writer.add("datasets/x", [FILE])
        tables = (TableFacts("job", (), 300, rows.sha256, 300),)
        stated = sealed(a_manifest(tables=tables, files=(FileFacts("datasets/x", file.size, file.sha256),)))
        writer.add(NAME, [written(msgspec.structs.replace(stated, **changes))])
        writer.end()
    return path


def problems(path: Path) -> str:
    with pytest.raises(Refused) as caught:
        examine(path)
    return "\n".join(caught.value.problems)


def test_a_whole_one_says_what_is_in_it_and_where(whole: Path) -> None:
    found = examine(whole)
    assert found.manifest.rows == 300 and found.members.keys() == {"tables/job.jsonl", "datasets/x"}
    member = found.members["datasets/x"]
    assert whole.read_bytes()[member.start : member.start + member.size] == FILE


def test_no_flipped_bit_anywhere_goes_unnoticed(whole: Path) -> None:
    content = whole.read_bytes()
    choice = random.Random(6)
    for at in (*range(0, 1200, 13), *(choice.randrange(len(content)) for _ in range(300))):
        whole.write_bytes(content[:at] + bytes([content[at] ^ (1 << choice.randrange(8))]) + content[at + 1 :])
        assert problems(whole), at


def test_no_shorter_or_longer_one_goes_unnoticed(whole: Path) -> None:
    content = whole.read_bytes()
    for left in range(0, len(content), 487):
        whole.write_bytes(content[:left])
        assert problems(whole)
    whole.write_bytes(content + content)
    assert "more follows behind its end" in problems(whole)


def test_what_was_altered_is_named_all_at_once(whole: Path) -> None:
    members = examine(whole).members
    content = bytearray(whole.read_bytes())
    for member in members.values():
        content[member.start] ^= 1
    whole.write_bytes(content)
    said = problems(whole)
    assert "tables/job.jsonl was altered" in said and "datasets/x was altered" in said
    assert str(whole) in said


def test_an_altered_manifest_and_a_member_twice_are_named(tmp_path: Path) -> None:
    assert "does not carry its own seal" in problems(made(tmp_path / "a", version="9"))
    assert "datasets/x is in it twice" in problems(made(tmp_path / "b", again=True))


def test_one_that_was_cut_off_says_so(whole: Path) -> None:
    whole.write_bytes(whole.read_bytes()[:3000])
    said = problems(whole)
    assert "cut off or overwritten from byte" in said and "it has no manifest" in said


def test_another_file_is_no_backup(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("just words\n" * 100, "utf-8")
    (tmp_path / "empty").touch()
    (tmp_path / "inner").mkdir()
    shutil.make_archive(str(tmp_path / "other"), "tar", tmp_path / "inner")
    for name in ("text", "empty", "other.tar"):
        assert "is no backup of Virkning" in problems(tmp_path / name)
    with pytest.raises(FileNotFoundError):
        examine(tmp_path / "none")


def test_a_later_format_is_refused_by_its_number(tmp_path: Path) -> None:
    assert "format 2 and this version reads up to 1: install a newer" in problems(made(tmp_path / "x", mark=b"2\n"))
    assert "its beginning was altered" in problems(made(tmp_path / "y", mark=b"x\n"))


def test_a_schema_of_a_later_version_is_refused_by_name() -> None:
    known = tuple(migrating.known())
    understood(a_manifest(migrations=known))
    understood(a_manifest(migrations=known[:2]))
    with pytest.raises(Refused, match=r"virkning 0\.1\.0 with migrations .*\(registry_9999\)"):
        understood(a_manifest(migrations=(*known, "registry_9999")))
    with pytest.raises(Refused, match="not the first ones"):
        understood(a_manifest(migrations=known[1:]))


def test_a_link_in_it_is_refused(whole: Path) -> None:
    member = examine(whole).members["datasets/x"]
    with whole.open("r+b") as stream:
        stream.seek(member.start - archive.BLOCK + 156)
        stream.write(b"2")
    assert "cut off or overwritten" in problems(whole)  # its header does not add up
    assert manifest.NAME == "manifest.json"


@pytest.mark.parametrize(
    "change",
    [
        {"version": "0.0.9"},
        {"migrations": ("registry_0002",)},
        {"engine": "postgres"},
        {"chain": (2, "cc")},
        {"chain": (3, "cd")},
        {"tables": ()},
        {"files": ()},
        {"unkept": ("account",)},
        {"missing": ("datasets/y",)},
        {"changed": ("datasets/x",)},
        {"strangers": ("spatial",)},
        {"seal": ""},
    ],
    ids=lambda change: "-".join(change),
)
def test_nothing_that_a_manifest_says_can_be_changed_alone(tmp_path: Path, change: dict[str, object]) -> None:
    assert "its manifest was altered" in problems(made(tmp_path / "x", **change))


def test_problems_without_end_are_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "many"
    with path.open("wb") as stream:
        writer = Writer(stream)
        writer.add(MARK, [b"1\n"])
        for number in range(200):
            writer.add(f"datasets/{number}", [b""])
        writer.add(NAME, [written(sealed(a_manifest(tables=(), files=())))])
        writer.end()
    assert problems(path).count("belongs to no backup") == 50


def test_a_table_and_a_file_that_are_not_there_are_named(tmp_path: Path) -> None:
    path = tmp_path / "few"
    with path.open("wb") as stream:
        writer = Writer(stream)
        writer.add(MARK, [b"1\n"])
        stated = a_manifest(tables=(TableFacts("job", (), 1, "aa", 1),), files=(FileFacts("datasets/x", 1, "bb"),))
        writer.add(NAME, [written(sealed(stated))])
        writer.end()
    said = problems(path)
    assert "tables/job.jsonl is missing" in said and "datasets/x is missing" in said
